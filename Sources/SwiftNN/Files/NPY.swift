import CKernels

/// NumPy's files of one array: a header in Python's words, and the elements.
public enum NPY {
  static let start: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]
  /// NumPy itself refuses more than 10,000 unless it is told to trust a file.
  static let longestHeader = 1 << 20

  /// What a header says.
  struct Header {
    let type: ElementType
    /// The type in NumPy's words: "<f4".
    let typeName: String
    let shape: [Int]
    let isFortran: Bool
    /// Where the elements begin.
    let dataStart: Int
  }

  /// How many bytes the header of a file has, as its first twelve say; nil for other files.
  static func headerSize(_ bytes: FileBytes) throws(SNNError) -> Int? {
    guard bytes.contains(0, 10), bytes.part(0..<6).elementsEqual(start) else { return nil }
    let version = bytes.integer(at: 6, bytes: 1) ?? 0
    guard (1...3).contains(version) else { throw bytes.broken("version \(version) of NPY is unknown") }
    let width = version == 1 ? 2 : 4
    guard let length = bytes.integer(at: 8, bytes: width), length <= longestHeader else {
      throw bytes.broken("the NPY header is longer than \(longestHeader) bytes")
    }
    return 8 + width + length
  }

  /// The header of a file of `count` bytes, of which `bytes` has at least the beginning.
  static func header(_ bytes: FileBytes, count: Int) throws(SNNError) -> Header {
    guard let size = try headerSize(bytes) else { throw bytes.broken("does not begin as a NPY file does") }
    guard bytes.contains(0, size) else {
      throw bytes.broken("the NPY header of \(size) bytes does not fit into \(bytes.count)")
    }
    let textStart = bytes.integer(at: 6, bytes: 1) == 1 ? 10 : 12
    var reader = LiteralReader(bytes.part(textStart..<size))
    let (typeName, isFortran, shape): (String, Bool, [Int])
    do throws(LiteralReader.Mistake) {
      (typeName, isFortran, shape) = try reader.header()
    } catch {
      throw bytes.broken(
        "the NPY header is not what NumPy writes: \(error.text) at byte \(textStart + reader.position)")
    }
    let dimensions = try Dimensions.shape(shape, operation: bytes.name)
    let type = try elementType(typeName, bytes)
    let needed = dimensions.product * type.size
    guard needed <= count - size else {
      throw bytes.broken(
        "shape \(dimensions) of '\(typeName)' needs \(needed) bytes behind the header, the file has \(count - size)")
    }
    return Header(type: type, typeName: typeName, shape: shape, isFortran: isFortran, dataStart: size)
  }

  private static func elementType(_ name: String, _ bytes: FileBytes) throws(SNNError) -> ElementType {
    let letters = Array(name.utf8)
    var size = 0
    for digit in letters.dropFirst(2) where (0x30...0x39).contains(digit) && size < 10_000 {
      size = 10 * size + Int(digit - 0x30)
    }
    if letters.count >= 3, [0x3C, 0x3E, 0x7C, 0x3D].contains(letters[0]),
      let type = ElementType(kind: letters[1], size: size, isSwapped: letters[0] == 0x3E)
    {
      return type
    }
    let what =
      switch letters.count > 1 ? letters[1] : 0 {
      case UInt8(ascii: "O"): "Python objects, which are pickled and never run here"
      case UInt8(ascii: "V"): "records"
      case UInt8(ascii: "c"): "complex numbers"
      case UInt8(ascii: "S"), UInt8(ascii: "U"), UInt8(ascii: "a"): "text"
      case UInt8(ascii: "M"), UInt8(ascii: "m"): "times"
      case UInt8(ascii: "f"): "floats of \(size) bytes"
      default: "an unknown type"
      }
    throw SNNError(.unsupported, "\(bytes.name): has elements of type '\(name)', \(what); no tensor holds those")
  }

  static func read(_ bytes: FileBytes) throws(SNNError) -> Archive.Content {
    let header = try header(bytes, count: bytes.count)
    var content = Archive.Content()
    content.add(header, named: "array", at: 0, packed: nil)
    content.nameTensors()
    return content
  }
}

extension NPY {
  /// The array of a file. Mapped: it shows the pages of the file where they are aligned.
  public static func load(path: String, mapped: Bool = false) throws(SNNError) -> Tensor {
    let archive = try Archive(path: path, mapped: mapped)
    guard archive.entries.count == 1 else {
      throw .file(path, "is not a NPY file: it has \(archive.entries.count) tensors")
    }
    return try archive.tensor(at: 0)
  }

  public static func save(_ tensor: Tensor, to path: String) throws(SNNError) {
    let writer = try FileWriter(path: path)
    try add(tensor, to: writer)
    try writer.finish()
  }

  public static func bytes(of tensor: Tensor) throws(SNNError) -> [UInt8] {
    let writer = FileWriter()
    try add(tensor, to: writer)
    return writer.memory
  }

  private static func add(_ tensor: Tensor, to writer: FileWriter) throws(SNNError) {
    try writer.add(headerBytes(of: tensor))
    try tensor.addBytes(to: writer)
  }

  /// Up to the elements, which begin at a multiple of 64 bytes.
  static func headerBytes(of tensor: Tensor) throws(SNNError) -> [UInt8] {
    let type =
      switch tensor.dtype {
      case .float32: "<f4"
      case .float64: "<f8"
      case .float16: "<f2"
      case .int64: "<i8"
      case .int32: "<i4"
      case .uint8: "|u1"
      case .bool: "|b1"
      case .bfloat16: ""
      }
    guard !type.isEmpty else { throw SNNError(.dtype, "save_npy: NumPy has no type for \(tensor.dtype.name)") }
    let sizes = tensor.shape.map { "\($0)" }.joined(separator: ", ") + (tensor.rank == 1 ? "," : "")
    var text = Array("{'descr': '\(type)', 'fortran_order': False, 'shape': (\(sizes)), }".utf8)
    let whole = (10 + text.count + 1 + 63) / 64 * 64
    text += [UInt8](repeating: 0x20, count: whole - 10 - text.count - 1)
    text.append(0x0A)
    var header = start + [1, 0]
    header.append(text.count, bytes: 2)
    return header + text
  }
}

/// Reads the dict of a NPY header: strings, truth values and tuples of sizes.
private struct LiteralReader {
  private let text: UnsafeBufferPointer<UInt8>
  private(set) var position = 0

  struct Mistake: Error { let text: String }

  init(_ text: UnsafeBufferPointer<UInt8>) { self.text = text }

  mutating func header() throws(Mistake) -> (String, Bool, [Int]) {
    var (type, order, shape): (String?, Bool?, [Int]?)
    try expect("{")
    while !takes("}") {
      let key = try string()
      try expect(":")
      switch key {
      case "descr" where type == nil:
        guard !takes("[") else { throw Mistake(text: "records of several fields, which no tensor holds,") }
        type = try string()
      case "fortran_order" where order == nil: order = try truth()
      case "shape" where shape == nil: shape = try sizes()
      default: throw Mistake(text: "unexpected '\(key)'")
      }
      guard takes(",") || peek == UInt8(ascii: "}") else { throw Mistake(text: "expected ','") }
    }
    guard let type, let order, let shape else { throw Mistake(text: "descr, fortran_order or shape is missing") }
    guard peek == nil else { throw Mistake(text: "more text") }
    return (type, order, shape)
  }

  private var peek: UInt8? {
    mutating get {
      while position < text.count, [0x20, 0x0A, 0x09].contains(text[position]) { position += 1 }
      return position < text.count ? text[position] : nil
    }
  }

  private mutating func takes(_ character: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(Mistake) {
    guard takes(character) else { throw Mistake(text: "expected '\(character)'") }
  }

  private mutating func string() throws(Mistake) -> String {
    guard let quote = peek, quote == 0x27 || quote == 0x22 else { throw Mistake(text: "expected a word in quotes") }
    let start = position + 1
    position = start
    while position < text.count, text[position] != quote { position += 1 }
    guard position < text.count else { throw Mistake(text: "expected the end of a word") }
    position += 1
    return String(decoding: text[start..<position - 1], as: UTF8.self)
  }

  private mutating func truth() throws(Mistake) -> Bool {
    for (word, value) in [("True", true), ("False", false)] {
      _ = peek
      guard text[position...].starts(with: word.utf8) else { continue }
      position += word.utf8.count
      return value
    }
    throw Mistake(text: "expected True or False")
  }

  private mutating func sizes() throws(Mistake) -> [Int] {
    var sizes: [Int] = []
    try expect("(")
    while !takes(")") {
      var size = 0
      _ = peek
      let start = position
      while position < text.count, (0x30...0x39).contains(text[position]) {
        let (tens, first) = size.multipliedReportingOverflow(by: 10)
        let (sum, second) = tens.addingReportingOverflow(Int(text[position] - 0x30))
        guard !first, !second else { throw Mistake(text: "expected a size below 2^63") }
        size = sum
        position += 1
      }
      guard position > start else { throw Mistake(text: "expected a size") }
      // As Python 2 wrote long numbers.
      _ = takes("L")
      sizes.append(size)
      guard takes(",") || peek == UInt8(ascii: ")") else { throw Mistake(text: "expected ','") }
    }
    return sizes
  }
}
