/// Columns of the same length under names. A column of texts has numbers of words, -1 for none.
public struct Table {
  public let names: [String]
  public let columns: [Tensor]
  /// Of each column of texts its words.
  public let words: [[String]?]

  public init(names: [String], columns: [Tensor], words: [[String]?]? = nil) {
    (self.names, self.columns) = (names, columns)
    self.words = words ?? names.map { _ in nil }
  }

  /// The column of a name.
  public subscript(name: String) -> Tensor? { names.firstIndex(of: name).map { columns[$0] } }

  /// All columns as numbers: [rows, columns].
  public func matrix(_ dtype: DType = .float32) throws(SNNError) -> Tensor {
    guard let first = columns.first else { throw .argument("matrix: the table has no columns") }
    let shape = try Dimensions.shape([first.count, columns.count], operation: "matrix")
    let result = try Tensor(uninitialized: shape, dtype, operation: "matrix")
    for (i, column) in columns.enumerated() {
      guard column.rank == 1, column.count == first.count else {
        throw .shape("matrix: column '\(names[i])' has shape \(column.shape), the first one \(first.shape)")
      }
      try column.requireElements("matrix")
      let view = Tensor(
        storage: result.storage, offset: result.offset + i, shape: [first.count], strides: [columns.count], dtype: dtype
      )
      view.fill(copying: column)
    }
    return result
  }

  /// The text of the table, which `CSVFile` reads back to the same numbers.
  public func write(csv path: String, delimiter: Unicode.Scalar = ",", header: Bool = true) throws(SNNError) {
    let writer = try FileWriter(path: path)
    try write(to: writer, delimiter, header)
    try writer.finish()
  }

  public func csvBytes(delimiter: Unicode.Scalar = ",", header: Bool = true) throws(SNNError) -> [UInt8] {
    let writer = FileWriter()
    try write(to: writer, delimiter, header)
    return writer.memory
  }

  private func write(to writer: FileWriter, _ delimiter: Unicode.Scalar, _ header: Bool) throws(SNNError) {
    guard delimiter.isASCII, delimiter.value > 0, !["\"", "\n", "\r"].contains(delimiter) else {
      throw .argument("write_csv: the delimiter must be one ASCII character, got '\(delimiter)'")
    }
    guard names.count == columns.count, words.count == columns.count else {
      throw .argument("write_csv: \(names.count) names for \(columns.count) columns")
    }
    let separator = UInt8(delimiter.value)
    var cells: [(Int) -> String] = []
    var kept: [Tensor] = []
    for (i, column) in columns.enumerated() {
      guard column.rank == 1, column.count == columns[0].count else {
        throw .shape(
          "write_csv: column '\(names[i])' has shape \(column.shape), the first one \(columns[0].shape); all must be [rows]"
        )
      }
      let numbers = try column.detach().copied(to: column.dtype.isFloatingPoint ? column.dtype : .int64)
      kept.append(numbers)
      cells.append(try Table.cells(numbers, words[i], isTruth: column.dtype == .bool, names[i]))
    }
    try withExtendedLifetime(kept) { () throws(SNNError) in
      var text: [UInt8] = []
      func add(_ row: (Int) -> String) {
        for i in columns.indices {
          if i > 0 { text.append(separator) }
          Table.append(row(i), to: &text, separator, isAlone: columns.count == 1)
        }
        text.append(0x0A)
      }
      if header { add { names[$0] } }
      for row in 0..<(columns.first?.count ?? 0) {
        add { cells[$0](row) }
        if text.count > 1 << 20 {
          try writer.add(text)
          text.removeAll(keepingCapacity: true)
        }
      }
      try writer.add(text)
    }
  }

  /// The shortest text that reads back to the same number; nothing for NaN.
  private static func cells(
    _ numbers: Tensor, _ words: [String]?, isTruth: Bool, _ name: String
  ) throws(SNNError) -> (Int) -> String {
    let data = numbers.data
    if let words {
      guard numbers.dtype == .int64 else { throw .dtype("write_csv: column '\(name)' has words but no whole numbers") }
      let codes = data.assumingMemoryBound(to: Int.self)
      for i in 0..<numbers.count where !(-1..<words.count).contains(codes[i]) {
        throw .index("write_csv: column '\(name)' has no word \(codes[i]) of \(words.count)")
      }
      return { codes[$0] < 0 ? "" : words[codes[$0]] }
    }
    switch numbers.dtype {
    case .int64:
      let values = data.assumingMemoryBound(to: Int.self)
      return isTruth ? { values[$0] != 0 ? "True" : "False" } : { "\(values[$0])" }
    case .float32:
      let values = data.assumingMemoryBound(to: Float.self)
      return { values[$0].isNaN ? "" : "\(values[$0])" }
    case .float64:
      let values = data.assumingMemoryBound(to: Double.self)
      return { values[$0].isNaN ? "" : "\(values[$0])" }
    default:
      let wider = try numbers.array(of: Float.self)
      return { wider[$0].isNaN ? "" : "\(wider[$0])" }
    }
  }

  private static func append(_ word: String, to text: inout [UInt8], _ separator: UInt8, isAlone: Bool) {
    let isPlain = !word.utf8.contains { $0 == separator || $0 == 0x22 || $0 == 0x0A || $0 == 0x0D }
    // An empty line would be no row.
    if isPlain, !(isAlone && word.isEmpty) { return text.append(contentsOf: word.utf8) }
    text.append(0x22)
    for byte in word.utf8 {
      if byte == 0x22 { text.append(byte) }
      text.append(byte)
    }
    text.append(0x22)
  }
}
