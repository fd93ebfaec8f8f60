/// Writes a history while it grows: each row is in the file when `add` returns, and a program that dies leaves whole lines.
public final class HistoryWriter: @unchecked Sendable {
  private let path: String
  private let format: History.Format
  private var file: LogFile?
  /// Those of a table so far; nil before its first row.
  private var columns: [String]?

  /// - Parameters:
  ///   - format: nil: by the ending of the name.
  ///   - appends: Rows follow those in the file; else it starts anew.
  public init(_ path: String, format: History.Format? = nil, appends: Bool = false) throws(SNNError) {
    self.path = path
    self.format = format ?? .of(path)
    file = try LogFile(path, keeps: appends)
    guard appends else { return }
    let bytes = try FileBytes(path: path, mapped: false)
    guard bytes.count > 0 else { return }
    // Written anew without what a dying program left behind.
    try rewrite(History(bytes, self.format))
  }

  public func add(_ row: History.Row) throws(SNNError) {
    guard let file else { throw .argument("history: the writer of '\(path)' is closed") }
    try row.check()
    guard format == .csv else { return try file.add(Array(row.jsonLine.utf8)) }
    let names = row.values.map(\.name)
    if let columns, names.allSatisfy(columns.contains) { return try file.add(Array(row.csvLine(columns).utf8)) }
    // A name that is new widens the table.
    var history = columns == nil ? History() : try History(path: path, format: .csv)
    history.rows.append(row)
    try rewrite(history)
  }

  private func rewrite(_ history: History) throws(SNNError) {
    try history.save(to: path, format: format)
    file = try LogFile(path, keeps: true)
    columns = format == .csv && !history.rows.isEmpty ? history.names : nil
  }

  /// Afterwards nothing can be added. A writer that is given up closes by itself.
  public func close() { file = nil }
}
