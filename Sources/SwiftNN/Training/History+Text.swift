/// A history as text, from which the same history comes back.
extension History {
  /// The raw values are those of the C interface.
  public enum Format: Int32, Sendable {
    /// A table of comma-separated values: a column for each name, empty where a row has no value.
    case csv = 1
    /// An object of JSON a row, its numbers spelled as Python's `json` does: NaN, Infinity.
    case jsonLines = 2

    /// What the ending of a file's name says: ".csv", or JSON lines.
    public static func of(_ path: String) -> Format { path.hasSuffix(".csv") ? .csv : .jsonLines }
  }

  /// Names of the columns that every row has.
  static let leading = ["epoch", "step", "seconds"]
  private static let mostNames = 4096

  public func text(_ format: Format) throws(SNNError) -> String {
    for row in rows { try row.check() }
    switch format {
    case .jsonLines: return rows.map(\.jsonLine).joined()
    case .csv:
      let names = names
      try History.check(names: names)
      return History.csvHeader(names) + rows.map { $0.csvLine(names) }.joined()
    }
  }

  /// Replaces a file when all is written.
  /// - Parameter format: nil: by the ending of the name.
  public func save(to path: String, format: Format? = nil) throws(SNNError) {
    let text = try text(format ?? .of(path))
    let writer = try FileWriter(path: path)
    try writer.add(Array(text.utf8))
    try writer.finish()
  }

  static func csvHeader(_ names: [String]) -> String {
    (leading + names).map(csvCell).joined(separator: ",") + "\n"
  }

  private static func csvCell(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") }) else { return text }
    let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
    return "\"" + parts.joined(separator: "\"\"") + "\""
  }

  static func check(names: [String]) throws(SNNError) {
    guard names.count <= mostNames else {
      throw .argument("history: got \(names.count) names of values, expects at most \(mostNames)")
    }
    var found = Set(leading)
    for name in names {
      guard !name.isEmpty, !name.utf8.contains(where: { $0 < 0x20 }) else {
        throw .argument("history: a value needs a name of one line, got \(JSON.string(name))")
      }
      guard found.insert(name).inserted else { throw .argument("history: there are two values '\(name)' in a row") }
    }
  }
}

extension History.Row {
  /// What a file cannot keep is a mistake.
  public func check() throws(SNNError) {
    guard epoch >= 0, step >= 0 else {
      throw .argument("history: expects an epoch and a step from 0, got \(epoch) and \(step)")
    }
    try History.check(names: values.map(\.name))
  }

  var jsonLine: String {
    let members = [("epoch", "\(epoch)"), ("step", "\(step)"), ("seconds", JSON.anyNumber(seconds))]
    return JSON.object(members + values.map { ($0.name, JSON.anyNumber($0.value)) }) + "\n"
  }

  func csvLine(_ names: [String]) -> String {
    let cells = names.map { self[$0].map { JSON.anyNumber($0) } ?? "" }
    return (["\(epoch)", "\(step)", JSON.anyNumber(seconds)] + cells).joined(separator: ",") + "\n"
  }
}
