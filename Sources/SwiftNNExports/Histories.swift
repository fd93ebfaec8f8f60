import CSwiftNN
import SwiftNN

/// A history, and its rows in the form that C reads.
final class KeptHistory: @unchecked Sendable {
  private(set) var history: History
  private var names: [String: UnsafeMutablePointer<CChar>] = [:]
  private var rows: [(names: UnsafeMutablePointer<UnsafePointer<CChar>?>, values: UnsafeMutablePointer<Double>)] = []

  init(_ history: History = History()) {
    self.history = history
    for row in history.rows { keep(row) }
  }

  deinit {
    for name in names.values { name.deallocate() }
    for row in rows {
      row.names.deallocate()
      row.values.deallocate()
    }
  }

  func add(_ row: History.Row) throws(SNNError) {
    try row.check()
    history.rows.append(row)
    keep(row)
  }

  private func keep(_ row: History.Row) {
    let count = max(row.values.count, 1)
    let texts = UnsafeMutablePointer<UnsafePointer<CChar>?>.allocate(capacity: count)
    let numbers = UnsafeMutablePointer<Double>.allocate(capacity: count)
    for (i, (name, value)) in row.values.enumerated() {
      let text = names[name] ?? ownedText(name)
      names[name] = text
      (texts[i], numbers[i]) = (UnsafePointer(text), value)
    }
    rows.append((texts, numbers))
  }

  fileprivate func row(at index: Int) -> snn_history_row {
    let (row, kept) = (history.rows[index], rows[index])
    return snn_history_row(
      epoch: Int64(row.epoch), step: Int64(row.step), seconds: row.seconds, names: kept.names, values: kept.values,
      count: row.values.count)
  }
}

private func row(_ given: UnsafePointer<snn_history_row>?, _ function: StaticString) throws(SNNError) -> History.Row {
  let row = try required(given, function, "row").pointee
  let names = try words(row.names, row.count, function, "names")
  let values = try doubles(row.values, row.count, function, "values")
  return History.Row(
    epoch: Int(row.epoch), step: Int(row.step), seconds: row.seconds,
    values: zip(names, values).map { (name: $0, value: $1) })
}

/// Nil: by the ending of the name.
private func format(_ format: snn_history_format, _ function: StaticString) throws(SNNError) -> History.Format? {
  if format == SNN_HISTORY_BY_NAME { return nil }
  guard let known = History.Format(rawValue: Int32(truncatingIfNeeded: format.rawValue)) else {
    throw SNNError(.argument, "\(function): there is no format \(format.rawValue)")
  }
  return known
}

@_cdecl("snn_history_new")
@implementation
public func snn_history_new(_ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer) -> snn_status {
  guarded(error) { () throws(SNNError) in
    try required(out, "snn_history_new", "out").pointee = handle(KeptHistory())
  }
}

@_cdecl("snn_history_retain")
@implementation
public func snn_history_retain(_ history: OpaquePointer?) -> OpaquePointer? { retain(history, KeptHistory.self) }

@_cdecl("snn_history_release")
@implementation
public func snn_history_release(_ history: OpaquePointer?) { release(history, KeptHistory.self) }

@_cdecl("snn_history_add")
@implementation
public func snn_history_add(
  _ history: OpaquePointer?, _ given: UnsafePointer<snn_history_row>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let history: KeptHistory = try required(history, "snn_history_add", "history")
    try history.add(row(given, "snn_history_add"))
  }
}

@_cdecl("snn_history_count")
@implementation
public func snn_history_count(_ history: OpaquePointer?) -> Int64 {
  Int64(object(history, KeptHistory.self)?.history.rows.count ?? 0)
}

@_cdecl("snn_history_at")
@implementation
public func snn_history_at(
  _ history: OpaquePointer?, _ index: Int64, _ out: UnsafeMutablePointer<snn_history_row>?
) -> Bool {
  guard let history = object(history, KeptHistory.self), let out, history.history.rows.indices.contains(Int(index))
  else { return false }
  out.pointee = history.row(at: Int(index))
  return true
}

@_cdecl("snn_history_open")
@implementation
public func snn_history_open(
  _ path: UnsafePointer<CChar>?, _ kind: snn_history_format, _ out: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let path = String(cString: try required(path, "snn_history_open", "path"))
    let out = try required(out, "snn_history_open", "out")
    out.pointee = handle(KeptHistory(try History(path: path, format: format(kind, "snn_history_open"))))
  }
}

@_cdecl("snn_history_parse")
@implementation
public func snn_history_parse(
  _ data: UnsafeRawPointer?, _ size: Int, _ kind: snn_history_format, _ out: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let out = try required(out, "snn_history_parse", "out")
    guard size >= 0, size == 0 || data != nil else {
      throw SNNError(.argument, "snn_history_parse: got \(size) bytes at \(data == nil ? "NULL" : "an address")")
    }
    let bytes = UnsafeRawBufferPointer(start: data, count: size)
    out.pointee = handle(
      KeptHistory(try History(bytes, format: format(kind, "snn_history_parse") ?? .jsonLines)))
  }
}

@_cdecl("snn_history_save")
@implementation
public func snn_history_save(
  _ history: OpaquePointer?, _ path: UnsafePointer<CChar>?, _ kind: snn_history_format,
  _ data: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ size: UnsafeMutablePointer<Int>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let history: KeptHistory = try required(history, "snn_history_save", "history")
    let format = try format(kind, "snn_history_save")
    if let path { return try history.history.save(to: String(cString: path), format: format) }
    try give(Array(history.history.text(format ?? .jsonLines).utf8), data, size, "snn_history_save")
  }
}

@_cdecl("snn_history_writer_open")
@implementation
public func snn_history_writer_open(
  _ path: UnsafePointer<CChar>?, _ kind: snn_history_format, _ appends: Bool,
  _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let path = String(cString: try required(path, "snn_history_writer_open", "path"))
    let out = try required(out, "snn_history_writer_open", "out")
    out.pointee = handle(
      try HistoryWriter(path, format: format(kind, "snn_history_writer_open"), appends: appends))
  }
}

@_cdecl("snn_history_writer_retain")
@implementation
public func snn_history_writer_retain(_ writer: OpaquePointer?) -> OpaquePointer? {
  retain(writer, HistoryWriter.self)
}

@_cdecl("snn_history_writer_release")
@implementation
public func snn_history_writer_release(_ writer: OpaquePointer?) { release(writer, HistoryWriter.self) }

@_cdecl("snn_history_write")
@implementation
public func snn_history_write(
  _ writer: OpaquePointer?, _ given: UnsafePointer<snn_history_row>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let writer: HistoryWriter = try required(writer, "snn_history_write", "writer")
    try writer.add(row(given, "snn_history_write"))
  }
}
