import CKernels

/// What a zip file contains, as far as its entries are stored as they are or deflated.
struct ZipDirectory {
  struct Entry {
    /// Of the data when they are unpacked.
    let size: Int
    let packedSize: Int
    let isDeflated: Bool
    let checksum: UInt32
    /// Of the header before the data.
    let offset: Int
    let name: String
  }

  private let bytes: FileBytes
  private var entries: [String: Entry] = [:]
  /// In the order of the directory.
  private(set) var names: [String] = []

  private static let localHeader = 0x0403_4B50
  private static let directoryHeader = 0x0201_4B50
  private static let endRecord = 0x0605_4B50
  private static let wideEndRecord = 0x0606_4B50
  private static let wideEndLocator = 0x0706_4B50

  init(_ bytes: FileBytes) throws(SNNError) {
    self.bytes = bytes
    var (position, count) = try ZipDirectory.directory(bytes)
    while count > 0 {
      position = try add(at: position)
      count -= 1
    }
  }

  func find(_ name: String) -> Entry? { entries[name] }

  /// Where the data of an entry are that is stored as it is.
  func range(of entry: Entry) throws(SNNError) -> Range<Int> {
    guard !entry.isDeflated else {
      throw bytes.broken("the zip entry '\(entry.name)' is compressed by method 8; only stored entries are read")
    }
    return try packedRange(of: entry)
  }

  /// Where the data of an entry are, packed or not.
  func packedRange(of entry: Entry) throws(SNNError) -> Range<Int> {
    let at = entry.offset
    guard bytes.integer(at: at, bytes: 4) == ZipDirectory.localHeader, let name = bytes.integer(at: at + 26, bytes: 2),
      let extra = bytes.integer(at: at + 28, bytes: 2), bytes.contains(at + 30 + name + extra, entry.packedSize)
    else { throw bytes.broken("the zip entry at byte \(at) of \(entry.packedSize) bytes is not within the file") }
    let start = at + 30 + name + extra
    return start..<start + entry.packedSize
  }

  /// The record at the end stands behind at most 64 KiB of comment.
  private static func directory(_ bytes: FileBytes) throws(SNNError) -> (position: Int, count: Int) {
    var at = bytes.count - 22
    while at >= max(0, bytes.count - 22 - 0xFFFF), bytes.integer(at: at, bytes: 4) != endRecord { at -= 1 }
    guard at >= 0, bytes.integer(at: at, bytes: 4) == endRecord, let count = bytes.integer(at: at + 10, bytes: 2),
      let position = bytes.integer(at: at + 16, bytes: 4)
    else { throw bytes.broken("the zip file has no directory: it may have been cut off") }
    guard count == 0xFFFF || position == 0xFFFF_FFFF else { return (position, count) }
    guard at >= 20, bytes.integer(at: at - 20, bytes: 4) == wideEndLocator else { return (position, count) }
    guard let wide = bytes.integer(at: at - 12, bytes: 8), bytes.contains(wide, 56),
      bytes.integer(at: wide, bytes: 4) == wideEndRecord, let count = bytes.integer(at: wide + 32, bytes: 8),
      let position = bytes.integer(at: wide + 48, bytes: 8)
    else { throw bytes.broken("the zip64 record of the directory is not within the file") }
    return (position, count)
  }

  /// Adds the entry whose directory header is at `at`, and returns the place of the next.
  private mutating func add(at: Int) throws(SNNError) -> Int {
    guard bytes.contains(at, 46), bytes.integer(at: at, bytes: 4) == ZipDirectory.directoryHeader,
      let flags = bytes.integer(at: at + 8, bytes: 2), let method = bytes.integer(at: at + 10, bytes: 2),
      let nameLength = bytes.integer(at: at + 28, bytes: 2), let extraLength = bytes.integer(at: at + 30, bytes: 2),
      let commentLength = bytes.integer(at: at + 32, bytes: 2),
      bytes.contains(at + 46, nameLength + extraLength + commentLength)
    else { throw bytes.broken("the zip directory is not whole at byte \(at)") }
    let name = String(decoding: bytes.part(at + 46..<at + 46 + nameLength), as: UTF8.self)
    guard method == 0 || method == 8, flags & 1 == 0 else {
      let how = flags & 1 == 1 ? "encrypted" : "compressed by method \(method)"
      throw bytes.broken("the zip entry '\(name)' is \(how); only stored and deflated entries are read")
    }
    let extra = at + 46 + nameLength
    let wide = wideFields(at, extra..<extra + extraLength)
    guard let size = wide.size, let stored = wide.stored, let offset = wide.offset,
      size == stored || method == 8 && size <= ck_inflate_bound(stored)
    else { throw bytes.broken("the zip entry '\(name)' has no right sizes") }
    let entry = Entry(
      size: size, packedSize: stored, isDeflated: method == 8,
      checksum: UInt32(bytes.integer(at: at + 16, bytes: 4) ?? 0), offset: offset, name: name)
    guard entries.updateValue(entry, forKey: name) == nil else {
      throw bytes.broken("the zip file has '\(name)' twice")
    }
    names.append(name)
    return at + 46 + nameLength + extraLength + commentLength
  }

  /// Sizes and offset of a directory header; where they do not fit into 4 bytes, they stand in the zip64 field in this order.
  private func wideFields(_ at: Int, _ extra: Range<Int>) -> (size: Int?, stored: Int?, offset: Int?) {
    var next = extra.lowerBound
    var wide: Range<Int> = extra.lowerBound..<extra.lowerBound
    while let tag = bytes.integer(at: next, bytes: 2), let length = bytes.integer(at: next + 2, bytes: 2),
      next + 4 + length <= extra.upperBound
    {
      if tag == 1 { wide = next + 4..<next + 4 + length }
      next += 4 + length
    }
    var position = wide.lowerBound
    func field(_ offset: Int) -> Int? {
      guard let narrow = bytes.integer(at: at + offset, bytes: 4), narrow == 0xFFFF_FFFF else {
        return bytes.integer(at: at + offset, bytes: 4)
      }
      defer { position += 8 }
      return position + 8 <= wide.upperBound ? bytes.integer(at: position, bytes: 8) : nil
    }
    let size = field(24)
    let stored = field(20)
    return (size, stored, field(42))
  }
}

extension ZipDirectory {
  /// At least the first `count` bytes of an entry, or all of it.
  func beginning(of entry: Entry, named name: String, atLeast count: Int) throws(SNNError) -> FileBytes {
    let range = try packedRange(of: entry)
    guard entry.isDeflated else {
      return try FileBytes(copying: UnsafeRawBufferPointer(bytes.part(range.prefix(count))), name: name)
    }
    var (read, written) = (0, 0)
    let room = try Storage(byteCount: min(count, entry.size), operation: name)
    let part = bytes.part(range)
    let result = ck_inflate(part.baseAddress, part.count, room.pointer, room.byteCount, &read, &written)
    guard result != CK_INFLATE_WRONG else { throw .file(name, "the packed data are broken at byte \(read)") }
    return try FileBytes(copying: UnsafeRawBufferPointer(start: room.pointer, count: written), name: name)
  }
}

extension ZipDirectory.Entry {
  /// All of a deflated entry, whose packed data stand at `offset`.
  func unpacked(from bytes: FileBytes, at offset: Int) throws(SNNError) -> Storage {
    let whole = try Storage(byteCount: size, operation: bytes.name)
    let packed = bytes.part(offset..<offset + packedSize)
    var (read, written) = (0, 0)
    let result = ck_inflate(packed.baseAddress, packed.count, whole.pointer, size, &read, &written)
    guard result == CK_INFLATE_END, written == size else {
      let how = result == CK_INFLATE_FULL ? "more than \(size) bytes" : "\(written) of \(size) bytes"
      throw bytes.broken("the zip entry '\(name)' unpacks to \(how)")
    }
    guard ck_crc32(0, whole.pointer, size) == checksum else {
      throw bytes.broken("the zip entry '\(name)' was changed: its checksum is not \(checksum)")
    }
    return whole
  }
}

/// Writes a zip file of stored entries, each beginning at a multiple of 64 bytes.
struct ZipWriter {
  private let writer: FileWriter
  private var directory: [UInt8] = []
  private var count = 0
  private static let alignment = 64
  private static let narrowLimit = 0xFFFF_FFFF

  init(_ writer: FileWriter) { self.writer = writer }

  /// `body` adds exactly `size` bytes, whose checksum is `checksum`.
  mutating func add(
    _ name: String, size: Int, checksum: UInt32, _ body: (FileWriter) throws(SNNError) -> Void
  ) throws(SNNError) {
    let offset = writer.count
    let isWide = size >= Self.narrowLimit
    var header: [UInt8] = []
    header.append(0x0403_4B50, bytes: 4)
    Self.appendDescription(&header, isWide: isWide, size: size, checksum)
    let text = Array(name.utf8)
    // PyTorch's own filler: an extra field "FB" up to the next multiple.
    let before = offset + 30 + text.count + (isWide ? 20 : 0) + 4
    let filler = (Self.alignment - before % Self.alignment) % Self.alignment
    header.append(text.count, bytes: 2)
    header.append((isWide ? 20 : 0) + 4 + filler, bytes: 2)
    header += text
    if isWide { Self.appendWide(&header, [size, size]) }
    header += [UInt8(ascii: "F"), UInt8(ascii: "B")]
    header.append(filler, bytes: 2)
    header += [UInt8](repeating: UInt8(ascii: "Z"), count: filler)
    try writer.add(header)
    try body(writer)
    addToDirectory(text, size: size, checksum, offset: offset)
  }

  mutating func add(_ name: String, _ bytes: [UInt8]) throws(SNNError) {
    try add(name, size: bytes.count, checksum: ck_crc32(0, bytes, bytes.count)) { (writer) throws(SNNError) in
      try writer.add(bytes)
    }
  }

  /// Version, flags, method, time, checksum and sizes, as they stand in both headers of an entry.
  private static func appendDescription(_ header: inout [UInt8], isWide: Bool, size: Int, _ checksum: UInt32) {
    header.append(isWide ? 45 : 20, bytes: 2)
    header.append(0x0800, bytes: 2)
    header.append(0, bytes: 2)
    // The first day that the format knows, so that the same content makes the same file.
    header.append(0x0021_0000, bytes: 4)
    header.append(Int(checksum), bytes: 4)
    header.append(isWide ? narrowLimit : size, bytes: 4)
    header.append(isWide ? narrowLimit : size, bytes: 4)
  }

  private static func appendWide(_ header: inout [UInt8], _ numbers: [Int]) {
    header.append(1, bytes: 2)
    header.append(8 * numbers.count, bytes: 2)
    for number in numbers { header.append(number, bytes: 8) }
  }

  private mutating func addToDirectory(_ name: [UInt8], size: Int, _ checksum: UInt32, offset: Int) {
    let isWide = size >= Self.narrowLimit
    let isFar = offset >= Self.narrowLimit
    let wide = (isWide ? [size, size] : []) + (isFar ? [offset] : [])
    directory.append(0x0201_4B50, bytes: 4)
    directory.append(wide.isEmpty ? 20 : 45, bytes: 2)
    Self.appendDescription(&directory, isWide: isWide, size: size, checksum)
    directory.append(name.count, bytes: 2)
    directory.append(wide.isEmpty ? 0 : 4 + 8 * wide.count, bytes: 2)
    directory.append(0, bytes: 10)
    directory.append(isFar ? Self.narrowLimit : offset, bytes: 4)
    directory += name
    if !wide.isEmpty { Self.appendWide(&directory, wide) }
    count += 1
  }

  /// The directory and the record at the end.
  func finish() throws(SNNError) {
    let start = writer.count
    var end: [UInt8] = []
    if start >= Self.narrowLimit || count >= 0xFFFF {
      end.append(0x0606_4B50, bytes: 4)
      end.append(44, bytes: 8)
      end.append(45, bytes: 2)
      end.append(45, bytes: 2)
      end.append(0, bytes: 8)
      for number in [count, count, directory.count, start] { end.append(number, bytes: 8) }
      end.append(0x0706_4B50, bytes: 4)
      end.append(0, bytes: 4)
      end.append(start + directory.count, bytes: 8)
      end.append(1, bytes: 4)
    }
    end.append(0x0605_4B50, bytes: 4)
    end.append(0, bytes: 4)
    end.append(min(count, 0xFFFF), bytes: 2)
    end.append(min(count, 0xFFFF), bytes: 2)
    end.append(min(directory.count, Self.narrowLimit), bytes: 4)
    end.append(min(start, Self.narrowLimit), bytes: 4)
    end.append(0, bytes: 2)
    try writer.add(directory)
    try writer.add(end)
  }
}
