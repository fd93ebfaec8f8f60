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
