import CKernels

/// Memory that tensors share, and the count of changes made to it in place.
final class Storage: @unchecked Sendable {
  let pointer: UnsafeMutableRawPointer
  let byteCount: Int
  /// Grows with every change in place, so that a graph can tell that a value it saved is no longer there.
  var version = 0
  /// Made in inference mode: no graph may save what is here.
  let isInference: Bool
  private let release: (() -> Void)?

  /// Uninitialised memory from the pool.
  @inline(__always)
  @_optimize(speed)
  init(byteCount: Int, operation: @autoclosure () -> String) throws(SNNError) {
    guard let pointer = ck_alloc(byteCount) else { throw Storage.refusal(byteCount, operation()) }
    self.pointer = pointer
    self.byteCount = byteCount
    isInference = ck_thread().unsafelyUnwrapped.pointee.inference != 0
    release = nil
  }

  /// Somebody else's memory; `release` runs when the last tensor over it is gone.
  @_optimize(speed)
  init(borrowing pointer: UnsafeMutableRawPointer, byteCount: Int, release: @escaping () -> Void) {
    self.pointer = pointer
    self.byteCount = byteCount
    isInference = false
    self.release = release
  }

  deinit {
    if let release { release() } else { ck_free(pointer, byteCount) }
  }

  @inline(never)
  @_optimize(speed)
  private static func refusal(_ byteCount: Int, _ operation: String) -> SNNError {
    let limit = ck_memory_limit()
    let cap = limit == 0 ? "" : " (\(ck_memory().in_use) of the cap of \(limit) bytes are in use)"
    return SNNError(.memory, "\(operation): cannot allocate \(byteCount) bytes\(cap)")
  }
}
