import CKernels

/// Where the bytes of data come from: a file, which may be packed by gzip, or memory.
public struct DataSource {
  /// Bytes that packed data unpack to at most, unless something else is said.
  public static let usualLimit = 1 << 32

  enum Place {
    case path(String)
    case memory(UnsafeRawBufferPointer)
  }

  let place: Place
  let mapped: Bool
  let limit: Int

  /// `mapped`: the file is not read but mapped, see `FileBytes`. `limit`: what packed data may unpack to.
  public init(path: String, mapped: Bool = false, limit: Int = usualLimit) {
    (place, self.mapped, self.limit) = (.path(path), mapped, max(limit, 0))
  }

  /// Bytes that are in memory while a reader is called.
  public init(_ data: UnsafeRawBufferPointer, limit: Int = usualLimit) {
    (place, mapped, self.limit) = (.memory(data), false, max(limit, 0))
  }

  /// What messages call it.
  var name: String {
    if case .path(let path) = place { path } else { "the bytes" }
  }

  /// The bytes as they are.
  func bytes() throws(SNNError) -> FileBytes {
    switch place {
    case .path(let path): try FileBytes(path: path, mapped: mapped)
    case .memory(let data): try FileBytes(copying: data, name: name)
    }
  }

  /// The bytes, unpacked where they are packed.
  func unpacked() throws(SNNError) -> FileBytes {
    let packed = try bytes()
    guard packed.integer(at: 0, bytes: 2) == 0x8B1F else { return packed }
    var block = ck_block()
    let code = ck_gunzip(packed.start, packed.count, limit, &block)
    guard code == 0 else {
      let what =
        switch Int(code) {
        case CK_GZIP_TOO_LARGE: "unpacks to more than the limit of \(limit) bytes"
        case CK_GZIP_CHECKSUM: "was changed: the checksum of what gzip packed is another"
        case CK_GZIP_NO_MEMORY: "does not fit into memory when it is unpacked"
        default: "the data that gzip packed are broken or cut off"
        }
      throw packed.broken(what)
    }
    return FileBytes(block, name: name)
  }
}
