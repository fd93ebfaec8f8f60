import CKernels

/// A file of rows and columns of text, of which any rows can be read: it is looked through once, and then read piece by piece, so
/// that it may be larger than memory.
public final class CSVFile: @unchecked Sendable {
  /// A column, as the whole file makes it.
  public struct Column: Sendable {
    public let name: String
    public let type: CSVOptions.ColumnType
    /// Rows without a value.
    public let missing: Int
    /// Different words of a column of texts.
    public let wordCount: Int

    /// Of the tensor that is made of it.
    public var dtype: DType {
      switch type {
      case .int, .text: .int64
      case .bool: .bool
      case .float, .any: .float64
      }
    }
  }

  public private(set) var columns: [Column] = []
  public var rowCount: Int { Int(table.row_count) }

  let name: String
  @exclusivity(unchecked) var table = ck_csv_table()
  /// Of a file that is in memory.
  private var bytes: FileBytes?

  public init(_ source: DataSource, _ options: CSVOptions = CSVOptions()) throws(SNNError) {
    name = source.name
    table.text.file = -1
    try open(source)
    try set(options)
    let (start, names) = try readHeader(options)
    try choose(names, options)
    var problem = ck_csv_problem()
    guard ck_csv_survey(&table, start, &problem) else { throw error(problem) }
    columns = columns.enumerated().map { (i, column) in
      let found = table.columns[i]
      return Column(
        name: column.name, type: CSVOptions.ColumnType(rawValue: Int32(found.type.rawValue)) ?? .float,
        missing: Int(found.missing), wordCount: Int(found.words.count))
    }
  }

  public convenience init(path: String, _ options: CSVOptions = CSVOptions()) throws(SNNError) {
    try self.init(DataSource(path: path), options)
  }

  deinit { ck_csv_table_release(&table) }

  /// A file is read where it lies; what is packed, or in memory, stays in memory.
  private func open(_ source: DataSource) throws(SNNError) {
    if case .path(let path) = source.place {
      let code = ck_csv_text_open(path, &table.text)
      guard code == 0 else { throw FileBytes.error(path, code) }
      guard beginning(2) == [0x1F, 0x8B] else { return }
      ck_csv_text_close(&table.text)
    }
    let bytes = try source.unpacked()
    self.bytes = bytes
    table.text = ck_csv_text(
      file: -1, data: bytes.start.map { UnsafePointer($0.assumingMemoryBound(to: CChar.self)) },
      size: UInt64(bytes.count))
  }

  private func beginning(_ count: Int) -> [UInt8] {
    var start = [CChar](repeating: 0, count: count)
    let size = ck_csv_peek(&table.text, &start, count)
    return start.prefix(size).map { UInt8(bitPattern: $0) }
  }

  private func set(_ options: CSVOptions) throws(SNNError) {
    func letter(_ scalar: Unicode.Scalar?, _ what: String) throws(SNNError) -> CChar {
      guard let scalar else { return 0 }
      guard scalar.isASCII, scalar.value > 0, scalar != "\n", scalar != "\r" else {
        throw .argument("read_csv: the \(what) must be one ASCII character, got '\(scalar)'")
      }
      return CChar(scalar.value)
    }
    table.format = ck_csv_format(
      delimiter: try letter(options.delimiter, "delimiter"), quote: try letter(options.quote, "quote"),
      comment: try letter(options.comment, "comment"), decimal: try letter(options.decimal, "decimal point"),
      skip_spaces: options.skipsSpaces, longest: options.longestRow)
    guard table.format.delimiter != table.format.quote, table.format.delimiter != table.format.comment else {
      throw .argument("read_csv: the delimiter '\(options.delimiter)' cannot be the quote or begin a comment")
    }
    guard (1...1 << 30).contains(options.longestRow), options.skippedLines >= 0 else {
      throw .argument(
        "read_csv: a row can have 1 to 2^30 bytes, got a limit of \(options.longestRow); lines to skip cannot be "
          + "negative, got \(options.skippedLines)"
      )
    }
    guard (1...Int(Int32.max) / 4).contains(options.mostWords) else {
      throw .argument("read_csv: a column can have 1 to 2^29 words, got a limit of \(options.mostWords)")
    }
    table.most_words = Int32(options.mostWords)
    for word in options.missingWords { _ = table.missing.add(word.utf8) }
    switch options.missing {
    case .nan: break
    case .error: table.refuses_missing = true
    case .fill(let number): (table.fills, table.filling) = (true, number)
    }
  }

  /// Where the rows of data begin, and the names of all columns.
  private func readHeader(_ options: CSVOptions) throws(SNNError) -> (ck_csv_place, [String]) {
    var reader = ck_csv_reader()
    var problem = ck_csv_problem()
    guard ck_csv_reader_begin(&reader, &table.text, &table.format, 1 << 16) else {
      throw SNNError(.memory, "\(name): no memory to read with")
    }
    defer { ck_csv_reader_end(&reader) }
    if beginning(3) == [0xEF, 0xBB, 0xBF] { ck_csv_reader_seek(&reader, 3, 1) }
    guard ck_csv_skip_lines(&reader, Int64(options.skippedLines), &problem) else { throw error(problem) }
    let start = ck_csv_place(offset: reader.chunk_offset + UInt64(reader.position), line: reader.line)
    guard ck_csv_reader_next(&reader, 1, &problem) else { throw error(problem) }
    guard reader.row_count == 1 else { throw .file(name, "has no columns: there is no row in it") }
    let fields = Int(reader.rows[0].count)
    guard fields <= 1 << 20 else { throw .file(name, "the first row has \(fields) fields, more than 2^20") }
    if !options.hasHeader { return (start, (0..<fields).map { "\($0)" }) }
    var names: [String] = []
    var seen: [String: Int] = [:]
    for i in 0..<fields {
      let field = reader.fields[i]
      let text = UnsafeBufferPointer(start: reader.chunk + Int(field.start), count: Int(field.size))
      guard let word = String(validating: text.lazy.map { UInt8(bitPattern: $0) }, as: UTF8.self), !text.contains(0)
      else {
        throw .file(name, "\(reader.rows[0].line): the name of column \(i + 1) is not UTF-8")
      }
      names.append(CSVFile.unique(word.isEmpty ? "Unnamed: \(i)" : word, &seen))
    }
    return (ck_csv_place(offset: reader.chunk_offset + UInt64(reader.position), line: reader.line), names)
  }

  /// As pandas tells columns of one name apart: a, a.1, a.2.
  private static func unique(_ word: String, _ seen: inout [String: Int]) -> String {
    guard let times = seen[word] else {
      seen[word] = 0
      return word
    }
    var number = times + 1
    while seen["\(word).\(number)"] != nil { number += 1 }
    seen[word] = number
    seen["\(word).\(number)"] = 0
    return "\(word).\(number)"
  }

  private func choose(_ names: [String], _ options: CSVOptions) throws(SNNError) {
    func position(_ column: CSVOptions.Column) throws(SNNError) -> Int {
      switch column {
      case .number(let number):
        guard names.indices.contains(number) else {
          throw .index("\(name): there is no column \(number) of \(names.count)")
        }
        return number
      case .name(let word):
        guard let number = names.firstIndex(of: word) else {
          throw SNNError(.name, "\(name): there is no column '\(word)' among \(names.prefix(20))")
        }
        return number
      }
    }
    var chosen = Array(names.indices)
    if let columns = options.columns {
      chosen = []
      for column in columns { chosen.append(try position(column)) }
    }
    table.columns = UnsafeMutablePointer<ck_csv_column>.allocate(capacity: max(chosen.count, 1))
    table.columns.initialize(repeating: ck_csv_column(), count: chosen.count)
    table.column_count = Int32(chosen.count)
    table.width = UInt32(names.count)
    for (i, place) in chosen.enumerated() {
      table.columns[i].position = UInt32(place)
      columns.append(Column(name: names[place], type: .any, missing: 0, wordCount: 0))
    }
    for (column, type) in options.types {
      let place = try position(column)
      for (i, other) in chosen.enumerated() where other == place {
        table.columns[i].type = ck_csv_type(rawValue: UInt32(type.rawValue))
      }
    }
  }

  /// The bytes of a word of a column of texts, good while the file is open; words are numbered in alphabetical order.
  package func wordBytes(_ column: Int, _ number: Int) -> UnsafeRawBufferPointer? {
    guard columns.indices.contains(column), (0..<columns[column].wordCount).contains(number) else { return nil }
    var size = 0
    let start = ck_words_at(&table.columns[column].words, Int32(number), &size)
    return UnsafeRawBufferPointer(start: start, count: size)
  }

  /// All words of a column of texts.
  public func words(_ column: Int) -> [String]? {
    guard columns.indices.contains(column), columns[column].type == .text else { return nil }
    return (0..<columns[column].wordCount).map {
      wordBytes(column, $0).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
  }

  func error(_ problem: ck_csv_problem) -> SNNError {
    let column = Int(problem.column)
    var told = problem.text
    var text = withUnsafeBytes(of: &told) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    if text.hasSuffix("\u{FFFD}") { text.removeLast() }
    func at(_ what: String) -> SNNError { .file("\(name):\(problem.line)", what) }
    func inColumn(_ what: String) -> SNNError {
      let place = columns.indices.contains(column) ? Int(table.columns[column].position) + 1 : column + 1
      let title = columns.indices.contains(column) ? columns[column].name : ""
      return at("column \(place) '\(title)': \(what)")
    }
    switch problem.code {
    case Int32(CK_CSV_CUT): return .file(name, "became shorter, or changed, while it was read")
    case Int32(CK_CSV_MEMORY):
      let words = columns.indices.contains(column) ? Int(table.columns[column].words.count) : 0
      if words > Int(table.most_words) { return inColumn("has more than \(table.most_words) different texts") }
      return SNNError(.memory, "\(name): no memory to read with")
    case Int32(CK_CSV_LONG): return at("a row is longer than the limit of \(table.format.longest) bytes")
    case Int32(CK_CSV_QUOTE): return at("a quote that is opened in this row is never closed")
    case Int32(CK_CSV_WIDE): return at("expects \(table.width) fields, got \(problem.count)")
    case Int32(CK_CSV_MISSING): return inColumn("has no value: '\(text)'")
    case Int32(CK_CSV_ENCODING): return inColumn("the text is not UTF-8, or has a zero byte")
    case Int32(CK_CSV_VALUE):
      let wanted =
        switch table.columns[column].type {
        case CK_CSV_INT: "a whole number"
        case CK_CSV_BOOL: "True or False"
        case CK_CSV_TEXT: "a known text"
        default: "a number"
        }
      return inColumn("expects \(wanted), got '\(text)'")
    default: return FileBytes.error(name, problem.code)
    }
  }
}
