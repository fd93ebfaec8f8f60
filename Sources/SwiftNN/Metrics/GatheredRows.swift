/// Rows of one tensor after the other, in memory that grows by doubling.
struct GatheredRows {
  private var buffer: Tensor?
  private(set) var count = 0

  /// All rows. What comes later is written behind them, so they stay as they are.
  var all: Tensor? {
    guard let buffer else { return nil }
    var shape = buffer.shape
    shape[0] = count
    return Tensor(storage: buffer.storage, offset: 0, shape: shape, strides: buffer.strides, dtype: buffer.dtype)
  }

  /// How many numbers each row has.
  var width: Int? { buffer.map { $0.shape.dropFirst().reduce(1, *) } }

  /// The memory with room for more rows; rows of float32 become float64 where such come.
  func reserved(_ rows: Tensor) throws(SNNError) -> Tensor {
    let total = count + rows.shape[0]
    let dtype = buffer.map { DType.promoted($0.dtype, rows.dtype) } ?? rows.dtype
    if let buffer, buffer.dtype == dtype, total <= buffer.shape[0] { return buffer }
    var shape = rows.shape
    shape[0] = buffer == nil ? total : max(total, 2 * count)
    let next = try Tensor(uninitialized: shape, dtype, operation: "gather")
    if let all { try all.read(into: next.data, as: dtype) }
    return next
  }

  /// Adds rows behind those in memory that has room for them.
  mutating func append(_ rows: Tensor, in memory: Tensor) throws(SNNError) {
    let place = memory.data + count * (rows.count / max(rows.shape[0], 1)) * memory.dtype.size
    if rows.count > 0 { try rows.read(into: place, as: memory.dtype) }
    (buffer, count) = (memory, count + rows.shape[0])
  }

  mutating func append(_ rows: Tensor) throws(SNNError) { try append(rows, in: reserved(rows)) }
}
