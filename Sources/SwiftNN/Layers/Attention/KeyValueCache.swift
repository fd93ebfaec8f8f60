/// Keys and values of all positions so far, for decoding one position after another.
///
/// Memory doubles when it is full, so that a position is copied a fixed number of times at most, however many there are. What
/// a call gives are views: they show other numbers when their positions are written again.
public final class KeyValueCache: SeveralInputLayer {
  private var keys: Tensor?
  private var values: Tensor?
  /// The number of positions.
  public private(set) var length = 0

  public init() {}

  /// Keys and values of all positions up to the new ones, which stand behind the last or at `position`.
  public func callAsFunction(
    _ key: Tensor, _ value: Tensor, position: Int? = nil
  ) throws(SNNError) -> (keys: Tensor, values: Tensor) {
    let first = position ?? length
    guard key.rank >= 2, key.shape.dropLast().elementsEqual(value.shape.dropLast()) else {
      throw .shape("KeyValueCache: key \(key.shape) and value \(value.shape) do not fit each other")
    }
    guard first >= 0, first <= length else {
      throw .argument("KeyValueCache: position must be between 0 and the \(length) positions so far, got \(first)")
    }
    guard !Gradients.areRecorded || !(key.requiresGradient || value.requiresGradient) else {
      throw .gradient("KeyValueCache: keeps no gradients: call it inside of no_grad")
    }
    try key.requireElements("KeyValueCache")
    try value.requireElements("KeyValueCache")
    let end = first + key.shape[key.rank - 2]
    let newKeys = try Self.written(key, keys, first, end)
    values = try Self.written(value, values, first, end)
    (keys, length) = (newKeys, end)
    return (try newKeys.narrow(-2, 0, end), try values.unsafelyUnwrapped.narrow(-2, 0, end))
  }

  public func forward(_ inputs: [Tensor]) throws(SNNError) -> [Tensor] {
    guard inputs.count == 2 else { throw .argument("KeyValueCache: expects 2 inputs, got \(inputs.count)") }
    let all = try self(inputs[0], inputs[1])
    return [all.keys, all.values]
  }

  public var members: [(name: String, value: Any)] { [] }

  /// The memory with new rows in it: the old memory, or a larger one with what it held.
  private static func written(
    _ rows: Tensor, _ old: Tensor?, _ first: Int, _ end: Int
  ) throws(SNNError) -> Tensor {
    let axis = rows.rank - 2
    if let old, first > 0 {
      var shape = old.shape
      if shape.count == rows.rank { shape[axis] = rows.shape[axis] }
      guard shape == rows.shape, old.dtype == rows.dtype else {
        throw .shape(
          "KeyValueCache: holds \(old.dtype.name) rows of shape \(old.shape), got \(rows.dtype.name) \(rows.shape)")
      }
    }
    let fits = old.map { $0.rank == rows.rank && $0.shape[axis] >= end && $0.dtype == rows.dtype && $0.matches(rows) }
    if let old, fits == true {
      try old.narrow(-2, first, end - first).fill(copying: rows)
      return old
    }
    var shape = rows.shape
    shape[axis] = Swift.max(16, end, first > 0 ? 2 * (old?.shape[axis] ?? 0) : 0)
    let memory = try Tensor(
      uninitialized: Dimensions.shape(shape, operation: "KeyValueCache"), rows.dtype, operation: "KeyValueCache")
    if let old, first > 0 { try memory.narrow(-2, 0, first).fill(copying: old.narrow(-2, 0, first)) }
    try memory.narrow(-2, first, end - first).fill(copying: rows)
    return memory
  }
}

extension Tensor {
  /// Whether all sizes but that of the rows are the same.
  fileprivate func matches(_ other: Tensor) -> Bool {
    (0..<rank).allSatisfy { $0 == rank - 2 || shape[$0] == other.shape[$0] }
  }
}
