import CSwiftNN
import SwiftNN

/// A report, and its rows as C reads them.
final class Report: @unchecked Sendable {
  let report: ModelReport
  fileprivate let rows: UnsafeMutablePointer<snn_report_row>
  private var texts: [UnsafeMutablePointer<CChar>] = []
  private var lists: [UnsafeMutablePointer<Int64>] = []

  init(_ report: ModelReport) {
    self.report = report
    rows = UnsafeMutablePointer.allocate(capacity: max(report.rows.count, 1))
    for (i, row) in report.rows.enumerated() { (rows + i).initialize(to: entry(row)) }
  }

  deinit {
    rows.deallocate()
    for text in texts { text.deallocate() }
    for list in lists { list.deallocate() }
  }

  private func entry(_ row: ModelReport.Row) -> snn_report_row {
    var entry = snn_report_row()
    entry.size = MemoryLayout<snn_report_row>.size
    entry.name = text(row.name)
    entry.layer = text(row.layer)
    entry.parameters = Int64(row.parameters)
    entry.flops = row.flops
    entry.state_bytes = Int64(row.stateBytes)
    entry.output_bytes = Int64(row.outputBytes)
    entry.rank = Int32(row.shape.count)
    entry.sizes = list(row.shape)
    entry.field_rank = Int32(row.receptiveField.count)
    entry.field = row.receptiveField.isEmpty ? nil : list(row.receptiveField)
    entry.variance = row.signal?.variance ?? .nan
    entry.gradient_variance = row.signal?.gradientVariance ?? .nan
    entry.units = Int64(row.signal?.units ?? 0)
    entry.dead_units = Int64(row.signal?.deadUnits ?? 0)
    entry.verdict = snn_verdict(rawValue: UInt32(row.verdict?.rawValue ?? 0))
    return entry
  }

  private func text(_ word: String) -> UnsafePointer<CChar> {
    texts.append(ownedText(word))
    return UnsafePointer(texts[texts.count - 1])
  }

  private func list(_ numbers: [Int]) -> UnsafePointer<Int64> {
    lists.append(ownedList(numbers))
    return UnsafePointer(lists[lists.count - 1])
  }
}

@_cdecl("snn_module_summary")
@implementation
public func snn_module_summary(
  _ module: OpaquePointer?, _ inputs: UnsafePointer<OpaquePointer?>?, _ input_count: Int,
  _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let module: Module = try required(module, "snn_module_summary", "module")
    let out = try required(out, "snn_module_summary", "out")
    let inputs = try tensors(inputs, input_count, "snn_module_summary", "inputs")
    out.pointee = handle(Report(try module.layer.summary(inputs)))
  }
}

@_cdecl("snn_observe")
@implementation
public func snn_observe(
  _ layer: UnsafePointer<CChar>?, _ names: UnsafePointer<UnsafePointer<CChar>?>?,
  _ tensors: UnsafePointer<OpaquePointer?>?, _ are_parameters: UnsafePointer<Bool>?, _ count: Int, _ signals: Bool,
  _ run: snn_run?,
  _ user: UnsafeMutableRawPointer?, _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let model = String(cString: try required(layer, "snn_observe", "layer"))
    let run = try required(run, "snn_observe", "run")
    let out = try required(out, "snn_observe", "out")
    let handles = try SwiftNNExports.tensors(tensors, count, "snn_observe", "tensors")
    let words = try words(names, count, "snn_observe", "names")
    let state = handles.indices.map { (name: words[$0], tensor: handles[$0], isParameter: are_parameters?[$0] ?? true) }
    let report = try Observation.report(model, state, signals: signals) {
      let status = run(user)
      guard status == 0 else { throw SNNError(.callback, "snn_observe: the callback returned status \(status)") }
    }
    out.pointee = handle(Report(report))
  }
}

@_cdecl("snn_observe_enter")
@implementation
public func snn_observe_enter(_ name: UnsafePointer<CChar>?, _ layer: UnsafePointer<CChar>?) {
  guard let observation = Observation.ofThread, let name, let layer else { return }
  observation.enter(String(cString: name), String(cString: layer))
}

@_cdecl("snn_observe_leave")
@implementation
public func snn_observe_leave(_ output: OpaquePointer?) {
  Observation.ofThread?.leave(object(output, Tensor.self).map { [$0] } ?? [])
}

@_cdecl("snn_report_retain")
@implementation
public func snn_report_retain(_ report: OpaquePointer?) -> OpaquePointer? { retain(report, Report.self) }

@_cdecl("snn_report_release")
@implementation
public func snn_report_release(_ report: OpaquePointer?) { release(report, Report.self) }

@_cdecl("snn_report_count")
@implementation
public func snn_report_count(_ report: OpaquePointer?) -> Int32 {
  Int32(object(report, Report.self)?.report.rows.count ?? 0)
}

@_cdecl("snn_report_at")
@implementation
public func snn_report_at(_ report: OpaquePointer?, _ index: Int32) -> UnsafePointer<snn_report_row>? {
  guard let report = object(report, Report.self), report.report.rows.indices.contains(Int(index)) else { return nil }
  return UnsafePointer(report.rows + Int(index))
}

@_cdecl("snn_report_text")
@implementation
public func snn_report_text(
  _ report: OpaquePointer?, _ out: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let report: Report = try required(report, "snn_report_text", "report")
    try required(out, "snn_report_text", "out").pointee = ownedText(report.report.description)
  }
}
