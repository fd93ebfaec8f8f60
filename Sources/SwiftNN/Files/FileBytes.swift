import CKernels

/// The bytes of a file, in memory as long as anything shows a part of them.
///
/// A mapped file costs no memory until it is read, and changes of its bytes stay in this program. It follows the file on the
/// disk, however: when somebody else cuts that shorter, touching the lost bytes ends the program. Files that are replaced, as
/// this library does when it writes, leave a mapping alone.
final class FileBytes: @unchecked Sendable {
  private var file = ck_file()
  /// Of memory that is larger than its bytes.
  private var capacity: Int?
  /// What messages call it.
  let name: String

  init(path: String, mapped: Bool) throws(SNNError) {
    name = path
    let code = ck_file_read(path, mapped, &file)
    guard code == 0 else { throw FileBytes.error(path, code) }
  }

  /// A copy of bytes in memory.
  init(copying bytes: UnsafeRawBufferPointer, name: String) throws(SNNError) {
    self.name = name
    guard let source = bytes.baseAddress, bytes.count > 0 else { return }
    guard let copy = ck_alloc(bytes.count) else {
      throw SNNError(.memory, "\(name): cannot allocate \(bytes.count) bytes")
    }
    copy.copyMemory(from: source, byteCount: bytes.count)
    file = ck_file(data: copy, size: bytes.count, is_mapped: false)
  }

  /// Bytes that were unpacked.
  init(_ block: ck_block, name: String) {
    self.name = name
    file = ck_file(data: block.data, size: block.size, is_mapped: false)
    capacity = block.capacity
  }

  deinit {
    if let capacity { ck_free(file.data, capacity) } else { ck_file_release(&file) }
  }

  var count: Int { file.size }
  /// NULL where there are no bytes.
  var start: UnsafeMutableRawPointer? { file.data }

  /// An unsigned number, least byte first; nil outside of the file and above `Int.max`.
  func integer(at offset: Int, bytes: Int) -> Int? {
    guard contains(offset, bytes), let start else { return nil }
    var result: UInt64 = 0
    for i in 0..<bytes { result |= UInt64(start.load(fromByteOffset: offset + i, as: UInt8.self)) << (8 * UInt64(i)) }
    return Int(exactly: result)
  }

  func contains(_ offset: Int, _ count: Int) -> Bool {
    offset >= 0 && count >= 0 && offset <= self.count && count <= self.count - offset
  }

  /// A part that lies within the file.
  func part(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
    guard let start else { return UnsafeBufferPointer(start: nil, count: 0) }
    return UnsafeBufferPointer(
      start: UnsafePointer((start + range.lowerBound).assumingMemoryBound(to: UInt8.self)), count: range.count)
  }

  func broken(_ what: String) -> SNNError { .file(name, what) }

  static func error(_ path: String, _ code: Int32) -> SNNError {
    let reason = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 160) { text in
      let start = text.baseAddress.unsafelyUnwrapped
      ck_file_reason(code, start, text.count)
      return String(cString: start)
    }
    return .file(path, reason)
  }
}

extension SNNError {
  static func file(_ name: String, _ what: String) -> SNNError { SNNError(.file, "\(name): \(what)") }
}
