import CKernels

/// Text as numbers and back. Numbers go from 0 to below `count`.
public protocol Tokenizer: AnyObject, Sendable {
  var count: Int { get }

  func encode(_ text: UnsafeRawBufferPointer) throws(SNNError) -> [Int]
  /// The bytes of a token.
  func token(_ number: Int) -> [UInt8]?
  func number(of token: [UInt8]) -> Int?

  /// Its files: the vocabulary, and what stands beside it.
  func files() -> (vocabulary: [UInt8], merges: [UInt8]?)
}

extension Tokenizer {
  public func encode(_ text: String) throws(SNNError) -> [Int] {
    let bytes = Array(text.utf8)
    do { return try bytes.withUnsafeBytes { try encode($0) } } catch { throw SNNError.from(error) }
  }

  /// The bytes that were encoded, whatever they are.
  public func decode(_ numbers: [Int]) throws(SNNError) -> [UInt8] {
    var bytes: [UInt8] = []
    for (i, number) in numbers.enumerated() {
      guard let token = token(number) else {
        throw .index("decode: there is no token \(number) of \(count), at place \(i)")
      }
      bytes += token
    }
    return bytes
  }

  public func decodeText(_ numbers: [Int]) throws(SNNError) -> String {
    String(decoding: try decode(numbers), as: UTF8.self)
  }

  /// Writes the vocabulary, and the merges of a byte-level tokenizer.
  public func save(vocabulary path: String, merges: String? = nil) throws(SNNError) {
    let contents = files()
    guard (contents.merges == nil) == (merges == nil) else {
      throw .argument(
        "save: a tokenizer \(contents.merges == nil ? "of characters has no merges" : "of bytes needs a file for its merges")"
      )
    }
    for (path, bytes) in [(path, contents.vocabulary)] + (merges.map { [($0, contents.merges ?? [])] } ?? []) {
      let writer = try FileWriter(path: path)
      try writer.add(bytes)
      try writer.finish()
    }
  }
}

extension ck_words {
  func word(_ number: Int) -> [UInt8]? {
    guard (0..<Int(count)).contains(number) else { return nil }
    return withUnsafePointer(to: self) { words in
      var size = 0
      let start = ck_words_at(words, Int32(number), &size)
      return Array(UnsafeRawBufferPointer(start: start, count: size))
    }
  }

  func number(_ word: [UInt8]) -> Int? {
    let found = withUnsafePointer(to: self) { words in
      // A zero behind it, so that an empty word has an address, too.
      (word + [0]).withUnsafeBytes {
        ck_words_find(words, $0.baseAddress?.assumingMemoryBound(to: CChar.self), word.count)
      }
    }
    return found < 0 ? nil : Int(found)
  }

  /// nil without memory.
  mutating func add(_ word: some Sequence<UInt8>) -> Int? {
    let bytes = Array(word) + [0]
    let number = bytes.withUnsafeBytes {
      ck_words_add(&self, $0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count - 1)
    }
    return number < 0 ? nil : Int(number)
  }
}

extension ck_numbers {
  var array: [Int] { data.map { Array(UnsafeBufferPointer(start: $0, count: count).lazy.map { Int($0) }) } ?? [] }
}

func noMemory(_ operation: String) -> SNNError { SNNError(.memory, "\(operation): no memory") }
