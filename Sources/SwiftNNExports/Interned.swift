import Synchronization

/// Words that C may keep: each is stored once and never freed.
enum Interned {
  private static let words = Mutex<[String: UInt]>([:])

  static func word(_ text: String) -> UnsafePointer<CChar> {
    let address = words.withLock { known in
      if let address = known[text] { return address }
      let address = UInt(bitPattern: immortal(text))
      known[text] = address
      return address
    }
    return UnsafePointer(bitPattern: address).unsafelyUnwrapped
  }
}

/// Numbers that C may read as long as this is held.
final class LentNumbers {
  let memory: UnsafeMutableBufferPointer<Double>

  init(_ numbers: [Double]) {
    memory = .allocate(capacity: numbers.count)
    _ = memory.initialize(from: numbers)
  }

  deinit { memory.deallocate() }
}
