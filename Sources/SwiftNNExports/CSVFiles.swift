import CSwiftNN
import SwiftNN

/// An open file of rows, and the names of its columns for C.
private final class OpenCSV: @unchecked Sendable {
  let file: CSVFile
  let names: [UnsafeMutablePointer<CChar>]

  init(_ file: CSVFile) {
    self.file = file
    names = file.columns.map { ownedText($0.name) }
  }

  deinit { for name in names { name.deallocate() } }
}

private func scalar(_ letter: CChar) -> Unicode.Scalar { Unicode.Scalar(UInt8(bitPattern: letter)) }

private func options(_ given: snn_csv_options) throws(SNNError) -> CSVOptions {
  var options = CSVOptions()
  if given.delimiter != 0 { options.delimiter = scalar(given.delimiter) }
  if given.quote != 0 { options.quote = scalar(given.quote) }
  if given.no_quotes { options.quote = nil }
  if given.comment != 0 { options.comment = scalar(given.comment) }
  if given.decimal != 0 { options.decimal = scalar(given.decimal) }
  (options.hasHeader, options.skipsSpaces) = (!given.no_header, given.skip_spaces)
  options.skippedLines = Int(given.skip_rows)
  if given.longest_row != 0 { options.longestRow = Int(given.longest_row) }
  if given.most_words != 0 { options.mostWords = Int(given.most_words) }
  switch given.on_missing {
  case 0: options.missing = .nan
  case 1: options.missing = .error
  case 2: options.missing = .fill(given.filling)
  default: throw SNNError(.argument, "snn_csv_open: on_missing is 0, 1 or 2, got \(given.on_missing)")
  }
  if given.missing != nil {
    options.missingWords = try words(given.missing, given.missing_count, "snn_csv_open", "missing")
  }
  guard given.pick_count >= 0, given.pick_count <= 1 << 20 else {
    throw SNNError(.argument, "snn_csv_open: got \(given.pick_count) picks")
  }
  var columns: [CSVOptions.Column] = []
  for i in 0..<given.pick_count {
    let pick = try required(given.picks, "snn_csv_open", "picks")[i]
    let column = pick.name.map { CSVOptions.Column.name(String(cString: $0)) } ?? .number(Int(pick.number))
    guard let type = CSVOptions.ColumnType(rawValue: pick.type) else {
      throw SNNError(.argument, "snn_csv_open: there is no type \(pick.type) of columns")
    }
    columns.append(column)
    if type != .any { options.types.append((column, type)) }
  }
  if given.only_picks { options.columns = columns }
  return options
}

@_cdecl("snn_csv_open")
@implementation
public func snn_csv_open(
  _ source: UnsafePointer<snn_source>?, _ options: UnsafePointer<snn_csv_options>?,
  _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let source = try SwiftNNExports.source(source, "snn_csv_open")
    let out = try required(out, "snn_csv_open", "out")
    let chosen = try SwiftNNExports.options(options?.pointee ?? snn_csv_options())
    out.pointee = handle(OpenCSV(try CSVFile(source, chosen)))
  }
}

@_cdecl("snn_csv_retain")
@implementation
public func snn_csv_retain(_ csv: OpaquePointer?) -> OpaquePointer? { retain(csv, OpenCSV.self) }

@_cdecl("snn_csv_release")
@implementation
public func snn_csv_release(_ csv: OpaquePointer?) { release(csv, OpenCSV.self) }

@_cdecl("snn_csv_row_count")
@implementation
public func snn_csv_row_count(_ csv: OpaquePointer?) -> Int64 { Int64(object(csv, OpenCSV.self)?.file.rowCount ?? 0) }

@_cdecl("snn_csv_column_count")
@implementation
public func snn_csv_column_count(_ csv: OpaquePointer?) -> Int32 {
  Int32(object(csv, OpenCSV.self)?.file.columns.count ?? 0)
}

@_cdecl("snn_csv_column_at")
@implementation
public func snn_csv_column_at(
  _ csv: OpaquePointer?, _ column: Int32, _ out: UnsafeMutablePointer<snn_csv_column>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let csv: OpenCSV = try required(csv, "snn_csv_column_at", "csv")
    let out = try required(out, "snn_csv_column_at", "out")
    guard csv.file.columns.indices.contains(Int(column)) else {
      throw SNNError(.index, "snn_csv_column_at: there is no column \(column) of \(csv.file.columns.count)")
    }
    let found = csv.file.columns[Int(column)]
    out.pointee = snn_csv_column(
      name: csv.names[Int(column)], type: snn_csv_type(rawValue: UInt32(found.type.rawValue)),
      dtype: snn_dtype(rawValue: UInt32(found.dtype.rawValue)), missing: Int64(found.missing),
      word_count: Int32(found.wordCount))
  }
}

@_cdecl("snn_csv_word")
@implementation
public func snn_csv_word(
  _ csv: OpaquePointer?, _ column: Int32, _ word: Int32, _ size: UnsafeMutablePointer<Int>?
) -> UnsafePointer<CChar>? {
  guard let file = object(csv, OpenCSV.self)?.file, let bytes = file.wordBytes(Int(column), Int(word)) else {
    return nil
  }
  size?.pointee = bytes.count
  return bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
}

@_cdecl("snn_csv_read")
@implementation
public func snn_csv_read(
  _ csv: OpaquePointer?, _ first: Int64, _ count: Int64, _ columns: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let csv: OpenCSV = try required(csv, "snn_csv_read", "csv")
    let columns = try required(columns, "snn_csv_read", "columns")
    let table = try csv.file.read(rows(csv, first, count, "snn_csv_read"))
    for (i, column) in table.columns.enumerated() { columns[i] = handle(column) }
  }
}

private func rows(
  _ csv: OpenCSV, _ first: Int64, _ count: Int64, _ function: StaticString
) throws(SNNError) -> Range<Int> {
  let all = Int64(csv.file.rowCount)
  guard first >= 0, first <= all, count >= -1, count <= all - first else {
    throw SNNError(.index, "\(function): there are no \(count) rows from \(first) on of \(all)")
  }
  return Int(first)..<Int(count < 0 ? all : first + count)
}

private func columns(
  _ numbers: UnsafePointer<Int32>?, _ count: Int, _ function: StaticString
) throws(SNNError) -> [Int]? {
  guard let numbers else { return nil }
  guard count >= 0, count <= 1 << 20 else { throw SNNError(.argument, "\(function): got \(count) columns") }
  return (0..<count).map { Int(numbers[$0]) }
}

@_cdecl("snn_csv_matrix")
@implementation
public func snn_csv_matrix(
  _ csv: OpaquePointer?, _ columns: UnsafePointer<Int32>?, _ column_count: Int, _ first: Int64, _ count: Int64,
  _ dtype: snn_dtype, _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let csv: OpenCSV = try required(csv, "snn_csv_matrix", "csv")
    let out = try required(out, "snn_csv_matrix", "out")
    out.pointee = handle(
      try csv.file.matrix(
        rows(csv, first, count, "snn_csv_matrix"),
        columns: SwiftNNExports.columns(columns, column_count, "snn_csv_matrix"),
        SwiftNNExports.dtype(dtype, "snn_csv_matrix")))
  }
}

@_cdecl("snn_csv_rows")
@implementation
public func snn_csv_rows(
  _ csv: OpaquePointer?, _ columns: UnsafePointer<Int32>?, _ column_count: Int, _ rows: UnsafePointer<Int64>?,
  _ row_count: Int, _ dtype: snn_dtype, _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let csv: OpenCSV = try required(csv, "snn_csv_rows", "csv")
    let out = try required(out, "snn_csv_rows", "out")
    out.pointee = handle(
      try csv.file.matrix(
        rows: integers(rows, row_count, "snn_csv_rows", "rows"),
        columns: SwiftNNExports.columns(columns, column_count, "snn_csv_rows"),
        SwiftNNExports.dtype(dtype, "snn_csv_rows")))
  }
}

/// An array of numbers from C.
func integers(
  _ numbers: UnsafePointer<Int64>?, _ count: Int, _ function: StaticString, _ name: StaticString
) throws(SNNError) -> [Int] {
  guard count >= 0, count <= 1 << 32 else {
    throw SNNError(.argument, "\(function): got \(count) numbers as '\(name)'")
  }
  if count == 0 { return [] }
  let numbers = try required(numbers, function, name)
  return (0..<count).map { Int(numbers[$0]) }
}

@_cdecl("snn_save_csv")
@implementation
public func snn_save_csv(
  _ path: UnsafePointer<CChar>?, _ names: UnsafePointer<UnsafePointer<CChar>?>?,
  _ columns: UnsafePointer<OpaquePointer?>?, _ count: Int, _ words: UnsafePointer<snn_csv_words>?, _ delimiter: CChar,
  _ header: Bool, _ data: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ size: UnsafeMutablePointer<Int>?,
  _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let tensors = try SwiftNNExports.tensors(columns, count, "snn_save_csv", "columns")
    let titles = try SwiftNNExports.words(names, count, "snn_save_csv", "names")
    var all: [[String]?] = []
    for i in 0..<count {
      guard let words, words[i].words != nil else {
        all.append(nil)
        continue
      }
      all.append(try SwiftNNExports.words(words[i].words, words[i].count, "snn_save_csv", "words"))
    }
    let table = Table(names: titles, columns: tensors, words: all)
    let letter = delimiter == 0 ? "," : scalar(delimiter)
    if let path { return try table.write(csv: String(cString: path), delimiter: letter, header: header) }
    try give(table.csvBytes(delimiter: letter, header: header), data, size, "snn_save_csv")
  }
}
