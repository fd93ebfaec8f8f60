/// A message in the encoding of protocol buffers. Zeros are left out, as in their third version.
struct ProtocolBuffer {
  private(set) var bytes: [UInt8] = []

  private mutating func add(varint value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private mutating func add(key field: Int, _ type: Int) { add(varint: UInt64(field << 3 | type)) }

  mutating func add(_ field: Int, int value: Int) {
    guard value != 0 else { return }
    add(key: field, 0)
    add(varint: UInt64(bitPattern: Int64(value)))
  }

  mutating func add(_ field: Int, double value: Double) {
    guard value.bitPattern != 0 else { return }
    add(key: field, 1)
    bytes.append(Int(bitPattern: UInt(value.bitPattern)), bytes: 8)
  }

  /// A member of a choice: it says by being there which one it is.
  mutating func add(_ field: Int, chosen value: Float) {
    add(key: field, 5)
    bytes.append(Int(value.bitPattern), bytes: 4)
  }

  mutating func add(_ field: Int, _ value: [UInt8]) {
    add(key: field, 2)
    add(varint: UInt64(value.count))
    bytes += value
  }

  mutating func add(_ field: Int, _ text: String) { add(field, Array(text.utf8)) }

  mutating func add(_ field: Int, _ message: ProtocolBuffer) { add(field, message.bytes) }

  mutating func add(_ field: Int, doubles: [Double]) {
    guard !doubles.isEmpty else { return }
    var packed: [UInt8] = []
    for value in doubles { packed.append(Int(bitPattern: UInt(value.bitPattern)), bytes: 8) }
    add(field, packed)
  }

  mutating func add(_ field: Int, floats: [Float]) {
    var packed: [UInt8] = []
    for value in floats { packed.append(Int(value.bitPattern), bytes: 4) }
    add(field, packed)
  }
}
