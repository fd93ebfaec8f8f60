/// Values by name as one JSON object, for what is remembered between runs: doubles come back exactly, and infinities and NaN are
/// spelled as Python's `json` spells them.
enum FlatJSON {
  static func text(_ members: [(name: String, value: Value)]) -> String {
    JSON.object(members.map { ($0.name, $0.value.stateText) })
  }

  /// An array of words.
  static func words(_ text: String, of owner: String) throws(SNNError) -> [String] {
    var text = text
    let result: Result<[String], JSONReader.Mistake> = text.withUTF8 { bytes in
      var reader = JSONReader(bytes)
      var words: [String] = []
      do throws(JSONReader.Mistake) {
        try reader.array { (reader) throws(JSONReader.Mistake) in words.append(try reader.string()) }
        try reader.end()
        return .success(words)
      } catch { return .failure(error) }
    }
    switch result {
    case .success(let words): return words
    case .failure(let mistake): throw .argument("\(owner): \(mistake.text)")
    }
  }

  static func values(_ text: String, of owner: String) throws(SNNError) -> [String: Value] {
    var text = text
    let result: Result<[String: Value], JSONReader.Mistake> = text.withUTF8 { bytes in
      var reader = JSONReader(bytes)
      var values: [String: Value] = [:]
      do throws(JSONReader.Mistake) {
        try reader.object { (reader, name) throws(JSONReader.Mistake) in values[name] = try reader.value() }
        try reader.end()
        return .success(values)
      } catch { return .failure(error) }
    }
    switch result {
    case .success(let values): return values
    case .failure(let mistake): throw .argument("\(owner): \(mistake.text)")
    }
  }
}

extension Value {
  /// As JSON; infinities and NaN are spelled as Python's `json` spells them.
  var stateText: String {
    switch self {
    case .float(let number): JSON.anyNumber(number)
    case .floats(let numbers): JSON.array(numbers.map { JSON.anyNumber($0) })
    default: json
    }
  }
}

extension JSONReader {
  /// A number, a word, a truth value, null or a list of numbers.
  mutating func value() throws(Mistake) -> Value {
    if next(is: "\"") { return .string(try string()) }
    guard next(is: "[") else { return try plain() }
    var numbers: [Value] = []
    try array { (reader) throws(Mistake) in numbers.append(try reader.plain()) }
    let ints = numbers.compactMap { if case .int(let number) = $0 { number } else { nil } }
    if ints.count == numbers.count { return .ints(ints) }
    var floats: [Double] = []
    for number in numbers {
      switch number {
      case .int(let whole): floats.append(Double(whole))
      case .float(let real): floats.append(real)
      default: throw Mistake(text: "expected numbers in the list that ends at byte \(position) of the JSON text")
      }
    }
    return .floats(floats)
  }

  private mutating func plain() throws(Mistake) -> Value {
    let word = try word()
    switch word {
    case "null": return .none
    case "true": return .bool(true)
    case "false": return .bool(false)
    default:
      if let whole = Int(word) { return .int(whole) }
      if let real = JSON.anyNumber(word) { return .float(real) }
      throw Mistake(text: "expected a value before byte \(position) of the JSON text")
    }
  }
}
