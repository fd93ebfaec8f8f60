import CKernels

/// A file that grows by whole records while a program runs: one that dies leaves whole ones.
final class LogFile {
  private let file: Int32
  private let path: String

  /// - Parameter keeps: Records follow what is in the file; else it starts empty.
  init(_ path: String, keeps: Bool) throws(SNNError) {
    var file: Int32 = -1
    let code = ck_log_open(path, keeps, &file)
    guard code == 0 else { throw FileBytes.error(path, code) }
    self.file = file
    self.path = path
  }

  deinit { ck_log_close(file) }

  func add(_ record: [UInt8]) throws(SNNError) {
    let code = ck_log_add(file, record, record.count)
    guard code == 0 else { throw FileBytes.error(path, code) }
  }

  /// Returns when all of it is on the disk.
  func synchronize() throws(SNNError) {
    let code = ck_log_sync(file)
    guard code == 0 else { throw FileBytes.error(path, code) }
  }

  static func makeFolders(_ path: String) throws(SNNError) {
    let code = ck_log_make_folders(path)
    guard code == 0 else { throw FileBytes.error(path, code) }
  }
}
