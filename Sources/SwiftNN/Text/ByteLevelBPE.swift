import CKernels

/// Byte pair encoding of GPT-2: pieces of text are bytes, of which pairs that come often were joined.
public final class ByteLevelBPE: Tokenizer, @unchecked Sendable {
  @exclusivity(unchecked) private var bpe = ck_bpe()
  /// Pairs of tokens in the order in which they are joined.
  private var merges: [(left: Int, right: Int)] = []
  public let specialTokens: [String]

  /// GPT-2's characters for the bytes, in the order of the bytes.
  private static let letters: [Unicode.Scalar] = {
    var next: UInt32 = 256
    return (0..<256).map { byte in
      let isShown = (33...126).contains(byte) || (161...172).contains(byte) || (174...255).contains(byte)
      if isShown { return Unicode.Scalar(UInt8(byte)) }
      defer { next += 1 }
      return Unicode.Scalar(next) ?? " "
    }
  }()

  private init(specialTokens: [String], addsLeadingSpace: Bool) {
    self.specialTokens = specialTokens
    bpe.leading_space = addsLeadingSpace
  }

  deinit { ck_bpe_release(&bpe) }

  /// Learns from texts until there are `size` tokens, or no pair comes at least `least` times.
  public convenience init(
    training texts: [UnsafeRawBufferPointer], size: Int = 30000, least: Int = 0, specialTokens: [String] = [],
    addsLeadingSpace: Bool = false
  ) throws(SNNError) {
    self.init(specialTokens: specialTokens, addsLeadingSpace: addsLeadingSpace)
    guard size <= Int(Int32.max) / 4, least >= 0 else {
      throw .argument(
        "train: expects a vocabulary of at most 2^29 tokens and a frequency of at least 0, got \(size) and \(least)")
    }
    for token in specialTokens { guard bpe.tokens.add(token.utf8) != nil else { throw noMemory("train") } }
    let order = (0..<256).sorted { Self.letters[$0].value < Self.letters[$1].value }
    for byte in order { guard bpe.tokens.add([UInt8(byte)]) != nil else { throw noMemory("train") } }
    try finishTokens("train")
    var counts = ck_bpe_counts()
    defer { ck_bpe_counts_release(&counts) }
    for text in texts {
      let start = text.baseAddress?.assumingMemoryBound(to: CChar.self)
      guard ck_bpe_count(&counts, start, text.count, addsLeadingSpace) else { throw noMemory("train") }
    }
    var learned = ck_numbers()
    defer { ck_numbers_release(&learned) }
    guard ck_bpe_train(&bpe, &counts, Int32(max(size, 0)), Int64(least), &learned) else { throw noMemory("train") }
    let numbers = learned.array
    for i in stride(from: 0, to: numbers.count, by: 2) {
      // A pair that was joined again later counts there.
      let found = ck_pairs_find(&bpe.merges, Int32(numbers[i]), Int32(numbers[i + 1]))
      if let found, Int(found.pointee.rank) == i / 2 { merges.append((numbers[i], numbers[i + 1])) }
    }
  }

  /// The tokens of the bytes and the special ones.
  private func finishTokens(_ name: String) throws(SNNError) {
    var numbers: [Int32] = []
    for byte in 0..<256 {
      guard let number = bpe.tokens.number([UInt8(byte)]) else {
        throw .file(name, "there is no token '\(Self.letters[byte])' for byte \(byte)")
      }
      numbers.append(Int32(number))
    }
    withUnsafeMutableBytes(of: &bpe.bytes) { bytes in numbers.withUnsafeBytes { bytes.copyMemory(from: $0) } }
    bpe.special = UnsafeMutablePointer<Int32>.allocate(capacity: max(specialTokens.count, 1))
    for (i, token) in specialTokens.enumerated() {
      guard !token.isEmpty, let number = bpe.tokens.number(Array(token.utf8)) else {
        throw .argument("\(name): there is no special token '\(token)' in the vocabulary")
      }
      bpe.special[i] = Int32(number)
      bpe.special_count = Int32(i + 1)
    }
  }

  public var count: Int { Int(bpe.tokens.count) }
  public func token(_ number: Int) -> [UInt8]? { bpe.tokens.word(number) }
  public func number(of token: [UInt8]) -> Int? { bpe.tokens.number(token) }

  public func encode(_ text: UnsafeRawBufferPointer) throws(SNNError) -> [Int] {
    var numbers = ck_numbers()
    defer { ck_numbers_release(&numbers) }
    let start = text.baseAddress?.assumingMemoryBound(to: CChar.self)
    guard ck_bpe_encode(&bpe, start, text.count, &numbers) else { throw noMemory("encode") }
    return numbers.array
  }
}

extension ByteLevelBPE {
  /// A token in GPT-2's letters; special ones as they are.
  private func letters(of number: Int) -> String {
    let bytes = token(number) ?? []
    if let word = String(validating: bytes, as: UTF8.self), specialTokens.contains(word) { return word }
    var text = ""
    for byte in bytes { text.unicodeScalars.append(Self.letters[Int(byte)]) }
    return text
  }

  /// GPT-2's vocab.json and merges.txt.
  public func files() -> (vocabulary: [UInt8], merges: [UInt8]?) {
    let all = (0..<count).map { (letters(of: $0), "\($0)") }
    let lines = merges.map { "\(letters(of: $0.left)) \(letters(of: $0.right))\n" }
    return (Array(JSON.object(all).utf8), Array(("#version: 0.2\n" + lines.joined()).utf8))
  }

  /// Opens GPT-2's vocab.json and merges.txt. Special tokens are those of the vocabulary that stand for themselves.
  public convenience init(
    vocabulary: DataSource, merges: DataSource, specialTokens: [String] = [], addsLeadingSpace: Bool = false
  ) throws(SNNError) {
    self.init(specialTokens: specialTokens, addsLeadingSpace: addsLeadingSpace)
    let bytes = try vocabulary.bytes()
    for word in try Self.words(of: bytes) {
      let token = self.bytes(of: word)
      let before = count
      guard bpe.tokens.add(token) != nil else { throw noMemory(bytes.name) }
      guard count == before + 1 else { throw bytes.broken("the token '\(word)' comes twice") }
    }
    try finishTokens(bytes.name)
    try readMerges(try merges.bytes())
  }

  /// The words of a vocabulary in the order of their numbers, which have no gaps.
  private static func words(of bytes: FileBytes) throws(SNNError) -> [String] {
    var found: [(word: String, number: Int)] = []
    do throws(JSONReader.Mistake) {
      var reader = JSONReader(bytes.part(0..<bytes.count))
      try reader.object { (reader, word) throws(JSONReader.Mistake) in found.append((word, try reader.integer())) }
      try reader.end()
    } catch { throw bytes.broken("is not a vocabulary: \(error.text)") }
    var words = [String?](repeating: nil, count: found.count)
    for (word, number) in found {
      guard number < words.count, words[number] == nil else {
        throw bytes.broken("token '\(word)' has number \(number) of \(words.count), which is taken or too large")
      }
      words[number] = word
    }
    return words.compactMap { $0 }
  }

  /// A word in GPT-2's letters as bytes; one with other letters, or a special one, as it is.
  private func bytes(of word: String) -> [UInt8] {
    guard !specialTokens.contains(word) else { return Array(word.utf8) }
    var bytes: [UInt8] = []
    for scalar in word.unicodeScalars {
      guard let byte = Self.byte(of: scalar) else { return Array(word.utf8) }
      bytes.append(byte)
    }
    return bytes
  }

  private static func byte(of scalar: Unicode.Scalar) -> UInt8? {
    if scalar.value < 256, letters[Int(scalar.value)] == scalar { return UInt8(scalar.value) }
    guard (256..<512).contains(scalar.value) else { return nil }
    return letters.firstIndex(of: scalar).map { UInt8($0) }
  }

  private func readMerges(_ bytes: FileBytes) throws(SNNError) {
    let lines = bytes.part(0..<bytes.count).split(separator: 0x0A, omittingEmptySubsequences: false)
    for (i, whole) in lines.enumerated() {
      let line = whole.last == 0x0D ? whole.dropLast() : whole
      if line.isEmpty || (i == 0 && line.starts(with: "#version".utf8)) { continue }
      let words = line.split(separator: 0x20, omittingEmptySubsequences: false)
      func broken(_ what: String) -> SNNError { .file("\(bytes.name):\(i + 1)", what) }
      guard words.count == 2 else { throw broken("expects two tokens with a space between them") }
      var numbers: [Int] = []
      for word in words {
        let text = String(decoding: word, as: UTF8.self)
        guard let number = number(of: self.bytes(of: text)) else {
          throw broken("the token '\(text)' is not in the vocabulary")
        }
        numbers.append(number)
      }
      let joined = (token(numbers[0]) ?? []) + (token(numbers[1]) ?? [])
      guard let result = number(of: joined) else {
        throw broken("'\(String(decoding: line, as: UTF8.self))' joined is not in the vocabulary")
      }
      guard ck_pairs_set(&bpe.merges, Int32(numbers[0]), Int32(numbers[1]), Int32(i), Int32(result)) else {
        throw noMemory(bytes.name)
      }
      merges.append((numbers[0], numbers[1]))
    }
  }
}
