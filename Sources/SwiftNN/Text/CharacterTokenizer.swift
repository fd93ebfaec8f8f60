import CKernels

/// One number for each character of a text, in the order of Unicode.
public final class CharacterTokenizer: Tokenizer, @unchecked Sendable {
  @exclusivity(unchecked) private var characters = ck_words()
  /// The token for characters that are not there; without one they are an error.
  public let unknown: String?

  /// The characters of a text. The unknown token is number 0.
  public convenience init(text: UnsafeRawBufferPointer, unknown: String? = nil) throws(SNNError) {
    self.init(words: unknown.map { [Array($0.utf8)] } ?? [], unknown: unknown)
    var found = ck_words()
    defer { ck_words_release(&found) }
    guard ck_characters_add(&found, text.baseAddress?.assumingMemoryBound(to: CChar.self), text.count) else {
      throw noMemory("CharacterTokenizer")
    }
    // Bytes of UTF-8 sort as the characters do.
    var order = [Int32](repeating: 0, count: Int(found.count))
    ck_words_sort(&found, &order)
    for number in order {
      guard let word = found.word(Int(number)), characters.add(word) != nil else {
        throw noMemory("CharacterTokenizer")
      }
    }
  }

  public convenience init(text: String, unknown: String? = nil) throws(SNNError) {
    let bytes = Array(text.utf8)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    defer { buffer.deallocate() }
    buffer.copyBytes(from: bytes)
    try self.init(text: UnsafeRawBufferPointer(buffer), unknown: unknown)
  }

  private init(words: [[UInt8]], unknown: String?) {
    self.unknown = unknown
    for word in words { _ = characters.add(word) }
  }

  deinit { ck_words_release(&characters) }

  public var count: Int { Int(characters.count) }
  public func token(_ number: Int) -> [UInt8]? { characters.word(number) }
  public func number(of token: [UInt8]) -> Int? { characters.number(token) }

  public func encode(_ text: UnsafeRawBufferPointer) throws(SNNError) -> [Int] {
    var numbers = ck_numbers()
    defer { ck_numbers_release(&numbers) }
    let bytes = text.baseAddress?.assumingMemoryBound(to: CChar.self)
    let place = ck_characters_encode(&characters, unknown == nil ? -1 : 0, bytes, text.count, &numbers)
    guard place != -2 else { throw noMemory("encode") }
    guard place == -1 else {
      let rest = String(decoding: text[Int(place)..<min(Int(place) + 4, text.count)], as: UTF8.self)
      throw .argument(
        "encode: the character '\(rest.unicodeScalars.first ?? " ")' at byte \(place) is not in the vocabulary")
    }
    return numbers.array
  }

  /// {"type": "character", "unknown": null, "characters": ["a", "b"]}
  public func files() -> (vocabulary: [UInt8], merges: [UInt8]?) {
    let first = unknown == nil ? 0 : 1
    let all = (first..<count).map { JSON.string(String(decoding: token($0) ?? [], as: UTF8.self)) }
    let text = JSON.object([
      ("type", JSON.string("character")), ("unknown", unknown.map { JSON.string($0) } ?? "null"),
      ("characters", JSON.array(all)),
    ])
    return (Array(text.utf8), nil)
  }

  /// What `files` gave.
  public convenience init(vocabulary source: DataSource) throws(SNNError) {
    let bytes = try source.bytes()
    var (type, unknown): (String?, String?)
    var words: [[UInt8]] = []
    do throws(JSONReader.Mistake) {
      var reader = JSONReader(bytes.part(0..<bytes.count))
      try reader.object { (reader, name) throws(JSONReader.Mistake) in
        switch name {
        case "type": type = try reader.string()
        case "unknown": if reader.next(is: "\"") { unknown = try reader.string() } else { try reader.skip() }
        case "characters":
          try reader.array { (reader) throws(JSONReader.Mistake) in words.append(Array(try reader.string().utf8)) }
        default: try reader.skip()
        }
      }
      try reader.end()
    } catch { throw bytes.broken("is not a tokenizer of characters: \(error.text)") }
    guard type == "character" else {
      throw bytes.broken("is not a tokenizer of characters but of type '\(type ?? "?")'")
    }
    if let unknown { words.insert(Array(unknown.utf8), at: 0) }
    self.init(words: words, unknown: unknown)
    guard count == words.count else { throw bytes.broken("has a character twice") }
  }
}
