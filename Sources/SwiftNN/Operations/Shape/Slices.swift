extension Operation {
  static let slices: [Operation] = [slice, select, narrow, narrowCopy]

  static let slice = Operation(
    "slice", "Every step-th position of one axis from start up to end.",
    [
      .tensor("input"), .int("dim", default: 0), Field("start", .int).optional, Field("end", .int).optional,
      .int("step", default: 1),
    ], places: []
  ) { try $0.tensor(0).slice($0.int(1), from: $0.optionalInt(2), to: $0.optionalInt(3), step: $0.int(4)) }

  static let select = Operation(
    "select", "One position of an axis; the axis goes.", [.tensor("input"), .int("dim"), .int("index")]
  ) { try $0.tensor(0).select($0.int(1), $0.int(2)) }

  static let narrow = Operation(
    "narrow", "length positions of an axis from start on.",
    [.tensor("input"), .int("dim"), .int("start"), .int("length")]
  ) { try $0.tensor(0).narrow($0.int(1), $0.int(2), $0.int(3)) }

  static let narrowCopy = Operation(
    "narrow_copy", "A copy of length positions of an axis from start on.",
    [.tensor("input"), .int("dim"), .int("start"), .int("length")]
  ) { try $0.tensor(0).narrow($0.int(1), $0.int(2), $0.int(3)).clone() }
}

/// Evenly spaced positions of one axis.
struct Slice: ViewPrimitive {
  let axis: Int
  let start: Int
  let step: Int
  let length: Int
  let name = "slice"

  func geometry(of x: Tensor) throws(SNNError) -> Geometry {
    var shown = Geometry(x)
    shown.offset += start * x.strides[axis]
    shown.shape[axis] = length
    shown.strides[axis] *= step
    return shown
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    Few(try Placed(view: self, shape: p.inputSpec(0).shape)(p.g))
  }
}

extension Tensor {
  public func slice(_ dim: Int, from start: Int? = nil, to end: Int? = nil, step: Int = 1) throws(SNNError) -> Tensor {
    try positions(of: dim, from: start, to: end, step: step)(self)
  }

  /// The part of an axis that a slice takes; what lies outside of the axis is left out.
  func positions(of dim: Int, from start: Int?, to end: Int?, step: Int) throws(SNNError) -> Slice {
    guard rank > 0 else { throw .index("slice: cannot be applied to a 0-dim tensor") }
    let axis = try shape.axis(dim, operation: "slice")
    guard step > 0 else { throw .argument("slice: step must be greater than zero, got \(step)") }
    let size = shape[axis]
    func bounded(_ position: Int) -> Int { Swift.min(Swift.max(position < 0 ? position + size : position, 0), size) }
    let first = bounded(start ?? 0)
    let last = Swift.max(bounded(end ?? size), first)
    let length = (last - first) / step + ((last - first) % step == 0 ? 0 : 1)
    return Slice(axis: axis, start: first, step: length > 1 ? step : 1, length: length)
  }

  public func select(_ dim: Int, _ index: Int) throws(SNNError) -> Tensor {
    let part = try position(of: dim, index)
    return try part(self).squeeze([part.axis])
  }

  /// One position of an axis.
  func position(of dim: Int, _ index: Int) throws(SNNError) -> Slice {
    guard rank > 0 else { throw .index("select: cannot be applied to a 0-dim tensor") }
    let axis = try shape.axis(dim, operation: "select")
    let size = shape[axis]
    guard index >= -size && index < size else {
      throw .index("select: index \(index) is out of bounds for dimension \(dim) with size \(size)")
    }
    let position = index < 0 ? index + size : index
    return Slice(axis: axis, start: position, step: 1, length: 1)
  }

  public func narrow(_ dim: Int, _ start: Int, _ length: Int) throws(SNNError) -> Tensor {
    guard rank > 0 else { throw .index("narrow: cannot be applied to a 0-dim tensor") }
    let axis = try shape.axis(dim, operation: "narrow")
    let size = shape[axis]
    guard start >= -size && start <= size else {
      throw .index("narrow: start (\(start)) is out of range for dimension \(dim) with size \(size)")
    }
    let first = start < 0 ? start + size : start
    guard length >= 0, length <= size - first else {
      throw .argument("narrow: start (\(start)) + length (\(length)) exceeds dimension size (\(size))")
    }
    return try Slice(axis: axis, start: first, step: 1, length: length)(self)
  }
}
