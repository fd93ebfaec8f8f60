/// How a file of rows is written, and what is read of it. The defaults are those of pandas.
public struct CSVOptions: Sendable {
  /// What a column holds; the raw values are those of the C interface.
  public enum ColumnType: Int32, Sendable {
    /// Is found out: whole numbers, numbers, truth values, or else texts.
    case any = 0
    case int, float, bool
    /// Become the places of their words in alphabetical order.
    case text
  }

  public enum Column: Sendable {
    case name(String)
    case number(Int)
  }

  public enum Missing: Sendable {
    /// NaN among numbers, -1 among texts.
    case nan
    /// The first one is an error.
    case error
    /// Another value among numbers.
    case fill(Double)
  }

  public var delimiter: Unicode.Scalar = ","
  public var quote: Unicode.Scalar? = "\""
  /// What follows in a line is passed over.
  public var comment: Unicode.Scalar?
  public var decimal: Unicode.Scalar = "."
  /// The first row has the names of the columns.
  public var hasHeader = true
  /// Lines before the header.
  public var skippedLines = 0
  /// Spaces behind delimiters do not count.
  public var skipsSpaces = false
  /// The columns to read, in this order; all of them without.
  public var columns: [Column]?
  public var types: [(column: Column, type: ColumnType)] = []
  /// Words for no value.
  public var missingWords = CSVOptions.usualMissingWords
  public var missing = Missing.nan
  /// Bytes of a row.
  public var longestRow = 1 << 26
  /// Different words of a column of texts.
  public var mostWords = 1 << 24

  public init() {}

  public static let usualMissingWords = [
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA",
    "NULL", "NaN", "None", "n/a", "nan", "null",
  ]
}
