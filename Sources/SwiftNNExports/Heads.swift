import CSwiftNN
import SwiftNN

/// A head as C holds it.
private final class HeadHandle {
  let head: Head
  /// One handle each, so that what is asked for again is the same.
  let activation: Module
  let loss: Module
  let metrics: [MetricHandle]

  init(_ head: Head) {
    self.head = head
    (activation, loss) = (Module(part: head.activation), Module(part: head.loss))
    metrics = head.metrics.map { MetricHandle($0.metric) }
  }
}

@_cdecl("snn_head_new")
@implementation
public func snn_head_new(
  _ head: Int32, _ arguments: UnsafePointer<snn_value>?, _ argument_count: Int,
  _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let out = try required(out, "snn_head_new", "out")
    guard Registry.heads.indices.contains(Int(head)) else {
      throw SNNError(.name, "snn_head_new: there is no head number \(head)")
    }
    let declaration = Registry.heads[Int(head)]
    out.pointee = handle(HeadHandle(try declaration(values(arguments, argument_count, declaration.name))))
  }
}

@_cdecl("snn_head_retain")
@implementation
public func snn_head_retain(_ head: OpaquePointer?) -> OpaquePointer? { retain(head, HeadHandle.self) }

@_cdecl("snn_head_release")
@implementation
public func snn_head_release(_ head: OpaquePointer?) { release(head, HeadHandle.self) }

@_cdecl("snn_head_activation")
@implementation
public func snn_head_activation(
  _ head: OpaquePointer?, _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let head: HeadHandle = try required(head, "snn_head_activation", "head")
    try required(out, "snn_head_activation", "out").pointee = handle(head.activation)
  }
}

@_cdecl("snn_head_loss")
@implementation
public func snn_head_loss(
  _ head: OpaquePointer?, _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let head: HeadHandle = try required(head, "snn_head_loss", "head")
    try required(out, "snn_head_loss", "out").pointee = handle(head.loss)
  }
}

@_cdecl("snn_head_metric_count")
@implementation
public func snn_head_metric_count(_ head: OpaquePointer?) -> Int32 {
  Int32(object(head, HeadHandle.self)?.metrics.count ?? -1)
}

@_cdecl("snn_head_metric")
@implementation
public func snn_head_metric(
  _ head: OpaquePointer?, _ index: Int32, _ name: UnsafeMutablePointer<UnsafePointer<CChar>?>?,
  _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let head: HeadHandle = try required(head, "snn_head_metric", "head")
    guard head.metrics.indices.contains(Int(index)) else {
      throw SNNError(.index, "snn_head_metric: has \(head.metrics.count) metrics, got index \(index)")
    }
    name?.pointee = Interned.word(head.head.metrics[Int(index)].name)
    out?.pointee = handle(head.metrics[Int(index)])
  }
}
