import CKernels

/// Where the bytes of a file go: to memory, or to a file that takes its place when everything is written and on the disk.
///
/// Until `finish`, and after any error, the old file is as it was.
final class FileWriter {
  private var file: ck_writer?
  private let path: String
  /// What was written, of a writer without a path.
  private(set) var memory: [UInt8] = []
  /// Bytes so far.
  private(set) var count = 0

  init() { path = "" }

  init(path: String) throws(SNNError) {
    self.path = path
    var writer = ck_writer()
    let code = ck_writer_open(path, &writer)
    guard code == 0 else { throw FileBytes.error(path, code) }
    file = writer
  }

  deinit { if file != nil { ck_writer_abandon(&file!) } }

  func add(_ bytes: UnsafeRawBufferPointer) throws(SNNError) {
    guard let base = bytes.baseAddress, bytes.count > 0 else { return }
    count += bytes.count
    guard file != nil else { return memory.append(contentsOf: bytes) }
    let code = ck_writer_add(&file!, base, bytes.count)
    guard code == 0 else { throw FileBytes.error(path, code) }
  }

  func add(_ bytes: [UInt8]) throws(SNNError) {
    do { try bytes.withUnsafeBytes { try add($0) } } catch { throw SNNError.from(error) }
  }

  func finish() throws(SNNError) {
    guard file != nil else { return }
    var writer = file.unsafelyUnwrapped
    file = nil
    let code = ck_writer_finish(&writer)
    guard code == 0 else { throw FileBytes.error(path, code) }
  }
}

extension Tensor {
  /// The elements, row-major, as they lie in files.
  func addBytes(to writer: FileWriter) throws(SNNError) {
    let source = isContiguous ? self : try detach().copied(to: dtype)
    try writer.add(UnsafeRawBufferPointer(start: source.data, count: count * dtype.size))
  }
}

extension [UInt8] {
  /// An unsigned number, least byte first.
  mutating func append(_ value: Int, bytes: Int) {
    for i in 0..<bytes { append(UInt8(truncatingIfNeeded: value >> (8 * i))) }
  }
}
