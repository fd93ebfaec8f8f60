import Synchronization

/// Words and lists that C may keep: each is stored once and never freed.
enum Interned {
  private static let words = Mutex<[String: UInt]>([:])
  private static let lists = Mutex<[[Double]: UInt]>([:])

  static func word(_ text: String) -> UnsafePointer<CChar> {
    stored(text, in: words) { immortal($0) }
  }

  static func list(_ numbers: [Double]) -> UnsafePointer<Double> {
    stored(numbers, in: lists) { numbers in
      let memory = UnsafeMutablePointer<Double>.allocate(capacity: numbers.count)
      memory.initialize(from: numbers, count: numbers.count)
      return UnsafePointer(memory)
    }
  }

  private static func stored<Key: Hashable & Sendable, Element>(
    _ key: Key, in table: borrowing Mutex<[Key: UInt]>, _ make: (Key) -> UnsafePointer<Element>
  ) -> UnsafePointer<Element> {
    let address = table.withLock { known in
      if let address = known[key] { return address }
      let address = UInt(bitPattern: make(key))
      known[key] = address
      return address
    }
    return UnsafePointer(bitPattern: address).unsafelyUnwrapped
  }
}
