/// Histories from files. A line that a program had not finished when it died is left out.
extension History {
  /// - Parameter format: nil: by the ending of the name.
  public init(path: String, format: Format? = nil) throws(SNNError) {
    try self.init(FileBytes(path: path, mapped: false), format ?? .of(path))
  }

  /// The same for the bytes of a file.
  public init(_ bytes: UnsafeRawBufferPointer, format: Format) throws(SNNError) {
    try self.init(FileBytes(copying: bytes, name: "history"), format)
  }

  init(_ file: FileBytes, _ format: Format) throws(SNNError) {
    let bytes = file.part(0..<file.count)
    var (start, number) = (0, 0)
    var columns: [String]?
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n"))
      let line = UnsafeBufferPointer(rebasing: bytes[start..<(end ?? bytes.count)])
      start = (end ?? bytes.count) + 1
      number += 1
      // JSON says itself whether it is whole.
      if end == nil, format == .csv || line.last != UInt8(ascii: "}") { break }
      do throws(JSONReader.Mistake) {
        switch (format, columns) {
        case (.jsonLines, _): if let row = try Row(jsonLine: line) { rows.append(row) }
        case (.csv, nil): columns = try History.columns(of: line)
        case (.csv, let names?): rows.append(try Row(cells: try History.cells(of: line), names))
        }
      } catch { throw file.broken("line \(number): \(error.text)") }
    }
  }

  private static func columns(of line: UnsafeBufferPointer<UInt8>) throws(JSONReader.Mistake) -> [String] {
    let cells = try cells(of: line)
    guard Array(cells.prefix(leading.count)) == leading else {
      throw JSONReader.Mistake(text: "expected the columns \(leading.joined(separator: ", ")) first")
    }
    let names = Array(cells.dropFirst(leading.count))
    do throws(SNNError) { try check(names: names) } catch { throw JSONReader.Mistake(text: error.message) }
    return names
  }

  /// The cells of a line; in quotes, two quotes stand for one.
  private static func cells(of line: UnsafeBufferPointer<UInt8>) throws(JSONReader.Mistake) -> [String] {
    let (quote, comma) = (UInt8(ascii: "\""), UInt8(ascii: ","))
    var (cells, cell): ([String], [UInt8]) = ([], [])
    var (isQuoted, previous) = (false, comma)
    for byte in line.last == UInt8(ascii: "\r") ? line.dropLast() : line[...] {
      if byte == quote {
        if !isQuoted, previous == quote { cell.append(quote) }
        isQuoted.toggle()
      } else if byte == comma, !isQuoted {
        cells.append(try text(cell))
        cell = []
      } else {
        cell.append(byte)
      }
      previous = byte
    }
    guard !isQuoted else { throw JSONReader.Mistake(text: "expected another quote") }
    return cells + [try text(cell)]
  }

  private static func text(_ cell: [UInt8]) throws(JSONReader.Mistake) -> String {
    guard let text = String(validating: cell, as: UTF8.self) else { throw JSONReader.Mistake(text: "expected UTF-8") }
    return text
  }
}

extension History.Row {
  /// Nil for an empty line.
  fileprivate init?(jsonLine line: UnsafeBufferPointer<UInt8>) throws(JSONReader.Mistake) {
    if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D }) { return nil }
    var reader = JSONReader(line)
    var found: (epoch: Int?, step: Int?, seconds: Double?) = (nil, nil, nil)
    var values: [(name: String, value: Double)] = []
    try reader.object { (reader, name) throws(JSONReader.Mistake) in
      switch name {
      case "epoch" where found.epoch == nil: found.epoch = try reader.integer()
      case "step" where found.step == nil: found.step = try reader.integer()
      case "seconds" where found.seconds == nil: found.seconds = try History.number(reader.word())
      default: values.append((name, try History.number(reader.word())))
      }
    }
    try reader.end()
    guard let epoch = found.epoch, let step = found.step, let seconds = found.seconds else {
      throw JSONReader.Mistake(text: "expected \(History.leading.joined(separator: ", "))")
    }
    do throws(SNNError) { try History.check(names: values.map(\.name)) } catch {
      throw JSONReader.Mistake(text: error.message)
    }
    self.init(epoch: epoch, step: step, seconds: seconds, values: values)
  }

  fileprivate init(cells: [String], _ names: [String]) throws(JSONReader.Mistake) {
    guard cells.count == names.count + History.leading.count else {
      throw JSONReader.Mistake(text: "expected \(names.count + History.leading.count) cells, got \(cells.count)")
    }
    guard let epoch = Int(cells[0]), let step = Int(cells[1]), epoch >= 0, step >= 0 else {
      throw JSONReader.Mistake(text: "expected an epoch and a step from 0, got '\(cells[0])' and '\(cells[1])'")
    }
    var values: [(name: String, value: Double)] = []
    for (name, cell) in zip(names, cells.dropFirst(3)) where !cell.isEmpty {
      values.append((name, try History.number(cell)))
    }
    self.init(epoch: epoch, step: step, seconds: try History.number(cells[2]), values: values)
  }
}

extension History {
  fileprivate static func number(_ word: String) throws(JSONReader.Mistake) -> Double {
    guard let number = JSON.anyNumber(word) else { throw JSONReader.Mistake(text: "expected a number, got '\(word)'") }
    return number
  }
}
