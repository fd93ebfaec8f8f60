/// Reads JSON piece by piece, for callers that know what they expect. Says at which byte something else stands.
struct JSONReader {
  private let bytes: UnsafeBufferPointer<UInt8>
  private(set) var position = 0
  private static let greatestDepth = 64

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  struct Mistake: Error { let text: String }

  private func mistake(_ expected: String) -> Mistake {
    Mistake(text: "expected \(expected) at byte \(position) of the JSON text")
  }

  private mutating func skipSpaces() {
    while position < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[position]) { position += 1 }
  }

  /// Whether this character comes next; steps over it.
  mutating func takes(_ character: UInt8) -> Bool {
    skipSpaces()
    guard position < bytes.count, bytes[position] == character else { return false }
    position += 1
    return true
  }

  mutating func expect(_ character: Unicode.Scalar) throws(Mistake) {
    guard takes(UInt8(ascii: character)) else { throw mistake("'\(character)'") }
  }

  mutating func end() throws(Mistake) {
    skipSpaces()
    guard position == bytes.count else { throw mistake("the end") }
  }

  /// Calls `member` behind every name of an object.
  mutating func object(_ member: (inout JSONReader, String) throws(Mistake) -> Void) throws(Mistake) {
    try expect("{")
    if takes(UInt8(ascii: "}")) { return }
    repeat {
      let name = try string()
      try expect(":")
      try member(&self, name)
    } while takes(UInt8(ascii: ","))
    try expect("}")
  }

  /// Calls `element` before every element of an array.
  mutating func array(_ element: (inout JSONReader) throws(Mistake) -> Void) throws(Mistake) {
    try expect("[")
    if takes(UInt8(ascii: "]")) { return }
    repeat { try element(&self) } while takes(UInt8(ascii: ","))
    try expect("]")
  }

  /// A whole number that is not negative.
  mutating func integer() throws(Mistake) -> Int {
    skipSpaces()
    let start = position
    var value = 0
    while position < bytes.count, (0x30...0x39).contains(bytes[position]) {
      let (tens, first) = value.multipliedReportingOverflow(by: 10)
      let (sum, second) = tens.addingReportingOverflow(Int(bytes[position] - 0x30))
      guard !first, !second else { throw mistake("a number below 2^63") }
      value = sum
      position += 1
    }
    let hasLeadingZero = position > start + 1 && bytes[start] == 0x30
    guard position > start, !hasLeadingZero else { throw mistake("a whole number that is not negative") }
    return value
  }

  mutating func string() throws(Mistake) -> String {
    try expect("\"")
    var text: [UInt8] = []
    while true {
      guard position < bytes.count, bytes[position] >= 0x20 else { throw mistake("the end of a string") }
      let byte = bytes[position]
      position += 1
      if byte == UInt8(ascii: "\"") { break }
      if byte == UInt8(ascii: "\\") { try appendEscape(to: &text) } else { text.append(byte) }
    }
    guard let string = String(validating: text, as: UTF8.self) else {
      throw mistake("UTF-8 before the end of a string")
    }
    return string
  }

  private static let escapes: [UInt8: UInt8] = [
    0x22: 0x22, 0x5C: 0x5C, 0x2F: 0x2F, 0x62: 0x08, 0x66: 0x0C, 0x6E: 0x0A, 0x72: 0x0D, 0x74: 0x09,
  ]

  private mutating func appendEscape(to text: inout [UInt8]) throws(Mistake) {
    guard position < bytes.count else { throw mistake("an escape") }
    let letter = bytes[position]
    position += 1
    if let plain = Self.escapes[letter] { return text.append(plain) }
    guard letter == UInt8(ascii: "u") else { throw mistake("an escape") }
    var code = try hexadecimal()
    if (0xD800...0xDBFF).contains(code) {
      guard position + 1 < bytes.count, bytes[position] == 0x5C, bytes[position + 1] == 0x75 else {
        throw mistake("the second half of a character")
      }
      position += 2
      let low = try hexadecimal()
      guard (0xDC00...0xDFFF).contains(low) else { throw mistake("the second half of a character") }
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else { throw mistake("a character") }
    text.append(contentsOf: UTF8.encode(scalar).unsafelyUnwrapped)
  }

  private mutating func hexadecimal() throws(Mistake) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard position < bytes.count else { throw mistake("four hexadecimal digits") }
      let byte = bytes[position]
      let digit: UInt8
      switch byte {
      case 0x30...0x39: digit = byte - 0x30
      case 0x41...0x46: digit = byte - 0x37
      case 0x61...0x66: digit = byte - 0x57
      default: throw mistake("four hexadecimal digits")
      }
      code = code << 4 | UInt32(digit)
      position += 1
    }
    return code
  }

  /// Steps over any value.
  mutating func skip(depth: Int = 0) throws(Mistake) {
    guard depth < Self.greatestDepth else { throw mistake("at most \(Self.greatestDepth) levels") }
    skipSpaces()
    guard position < bytes.count else { throw mistake("a value") }
    switch bytes[position] {
    case UInt8(ascii: "{"):
      try object { (reader, _) throws(Mistake) in try reader.skip(depth: depth + 1) }
    case UInt8(ascii: "["):
      try array { (reader) throws(Mistake) in try reader.skip(depth: depth + 1) }
    case UInt8(ascii: "\""): _ = try string()
    default: _ = try word()
    }
  }

  /// Whether this character comes next.
  mutating func next(is character: Unicode.Scalar) -> Bool {
    skipSpaces()
    return position < bytes.count && bytes[position] == UInt8(ascii: character)
  }

  /// A number, or a word as `true`, as it is written.
  mutating func word() throws(Mistake) -> String {
    skipSpaces()
    let start = position
    while position < bytes.count, ![0x2C, 0x5D, 0x7D, 0x20, 0x0A, 0x0D, 0x09].contains(bytes[position]) {
      position += 1
    }
    guard position > start else { throw mistake("a value") }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }
}
