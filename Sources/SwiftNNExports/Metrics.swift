import CSwiftNN
import SwiftNN

/// What a handle of a metric stands for.
final class MetricHandle: @unchecked Sendable {
  let metric: any Metric

  init(_ metric: any Metric) { self.metric = metric }
}

func metric(_ handle: OpaquePointer?, _ function: StaticString) throws(SNNError) -> any Metric {
  let found: MetricHandle = try required(handle, function, "metric")
  return found.metric
}

@_cdecl("snn_metric_new")
@implementation
public func snn_metric_new(
  _ metric: Int32, _ arguments: UnsafePointer<snn_value>?, _ argument_count: Int,
  _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let out = try required(out, "snn_metric_new", "out")
    guard Registry.metrics.indices.contains(Int(metric)) else {
      throw SNNError(.name, "snn_metric_new: there is no metric number \(metric)")
    }
    let declaration = Registry.metrics[Int(metric)]
    out.pointee = handle(MetricHandle(try declaration(values(arguments, argument_count, declaration.name))))
  }
}

@_cdecl("snn_metric_retain")
@implementation
public func snn_metric_retain(_ metric: OpaquePointer?) -> OpaquePointer? { retain(metric, MetricHandle.self) }

@_cdecl("snn_metric_release")
@implementation
public func snn_metric_release(_ metric: OpaquePointer?) { release(metric, MetricHandle.self) }

@_cdecl("snn_metric_update")
@implementation
public func snn_metric_update(
  _ metric: OpaquePointer?, _ outputs: OpaquePointer?, _ targets: OpaquePointer?, _ weights: OpaquePointer?,
  _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let metric = try SwiftNNExports.metric(metric, "snn_metric_update")
    let outputs: Tensor = try required(outputs, "snn_metric_update", "outputs")
    let targets: Tensor = try required(targets, "snn_metric_update", "targets")
    try metric.update(outputs, targets, weights: object(weights, Tensor.self))
  }
}

@_cdecl("snn_metric_compute")
@implementation
public func snn_metric_compute(
  _ metric: OpaquePointer?, _ results: UnsafeMutablePointer<OpaquePointer?>?, _ capacity: Int,
  _ result_count: UnsafeMutablePointer<Int>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let metric = try SwiftNNExports.metric(metric, "snn_metric_compute")
    try write(metric.compute(), results, capacity, result_count, "snn_metric_compute")
  }
}

@_cdecl("snn_metric_reset")
@implementation
public func snn_metric_reset(_ metric: OpaquePointer?) { object(metric, MetricHandle.self)?.metric.reset() }

@_cdecl("snn_metric_gathered")
@implementation
public func snn_metric_gathered(
  _ metric: OpaquePointer?, _ results: UnsafeMutablePointer<OpaquePointer?>?, _ capacity: Int,
  _ result_count: UnsafeMutablePointer<Int>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let metric = try SwiftNNExports.metric(metric, "snn_metric_gathered")
    try write(metric.gathered, results, capacity, result_count, "snn_metric_gathered")
  }
}

@_cdecl("snn_metric_load")
@implementation
public func snn_metric_load(
  _ metric: OpaquePointer?, _ gathered: UnsafePointer<OpaquePointer?>?, _ count: Int, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let metric = try SwiftNNExports.metric(metric, "snn_metric_load")
    try metric.load(gathered: tensors(gathered, count, "snn_metric_load", "gathered"))
  }
}

@_cdecl("snn_metric_prefers_more")
@implementation
public func snn_metric_prefers_more(_ metric: OpaquePointer?) -> Bool {
  object(metric, MetricHandle.self)?.metric.prefersMore ?? false
}

/// Gives tensors to an array of the caller, and how many there are.
func write(
  _ tensors: [Tensor], _ out: UnsafeMutablePointer<OpaquePointer?>?, _ capacity: Int,
  _ count: UnsafeMutablePointer<Int>?, _ function: StaticString
) throws(SNNError) {
  guard capacity >= tensors.count else {
    count?.pointee = tensors.count
    throw SNNError(.capacity, "\(function): has \(tensors.count) results, and room for \(capacity)")
  }
  let results = tensors.isEmpty ? nil : try required(out, function, "results")
  for (i, tensor) in tensors.enumerated() { results?[i] = handle(tensor) }
  count?.pointee = tensors.count
}
