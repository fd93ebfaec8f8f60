/// What schedules and stopping rules remember, as JSON.
extension Value {
  /// The values of all of these fields, in their order, from a JSON object.
  static func read(_ state: String, _ fields: [Field], of owner: String) throws(SNNError) -> [Value] {
    var text = state
    var values: [Value?] = Array(repeating: nil, count: fields.count)
    var mistake: String?
    text.withUTF8 { bytes in
      var reader = JSONReader(bytes)
      do throws(JSONReader.Mistake) {
        try reader.object { (reader, name) throws(JSONReader.Mistake) in
          let value = try reader.value()
          guard let place = fields.firstIndex(where: { $0.name == name }) else {
            throw JSONReader.Mistake(text: "remembers no '\(name)'")
          }
          values[place] = value
        }
        try reader.end()
      } catch { mistake = error.text }
    }
    if let mistake { throw .argument("\(owner): \(mistake)") }
    var all: [Value] = []
    for (field, value) in zip(fields, values) { all.append(try field.resolve(value, of: owner)) }
    return all
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
