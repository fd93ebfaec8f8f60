extension Operation {
  static let windows: [Operation] = [unfold, asStrided, asStridedScatter]

  static let unfold = Operation(
    "unfold", "Windows of an axis, step apart, as a new last axis; a view.",
    [.tensor("input"), .int("dimension"), .int("size"), .int("step")], places: .method
  ) { try $0.tensor(0).unfold($0.int(1), $0.int(2), $0.int(3)) }

  static let asStrided = Operation(
    "as_strided", "Any view of the tensor's memory.",
    [
      .tensor("input"), .ints("size"), .ints("stride"),
      Field("storage_offset", .int, "The first element's position; that of input without it.").optional,
    ]
  ) { try $0.tensor(0).asStrided($0.ints(1), $0.ints(2), offset: $0.optionalInt(3)) }

  static let asStridedScatter = Operation(
    "as_strided_scatter", "A copy of input with any view of its memory replaced by src.",
    [.tensor("input"), .tensor("src")] + asStrided.fields.dropFirst()
  ) {
    let (x, source) = ($0.tensor(0), $0.tensor(1))
    let view = try x.geometry($0.ints(2), $0.ints(3), offset: $0.optionalInt(4), operation: "as_strided_scatter")
    guard source.shape == view.shape else {
      throw SNNError.shape("as_strided_scatter: expected src of shape \(view.shape), got \(source.shape)")
    }
    try x.refuseExamples("as_strided_scatter")
    try source.refuseExamples("as_strided_scatter")
    return try ViewUpdate(view: view, base: Geometry(x))(x, source.cast(to: x.dtype))
  }
}

/// Windows of an axis, as a new last axis.
struct SlidingView: ViewPrimitive {
  let axis: Int
  let size: Int
  let step: Int
  let length: Int
  let name = "unfold"

  func geometry(of x: Tensor) throws(SNNError) -> Geometry {
    var shown = Geometry(x)
    shown.shape[axis] = length
    shown.strides[axis] *= step
    shown.shape.append(size)
    shown.strides.append(x.strides[axis])
    return shown
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    Few(try Placed(view: self, shape: p.inputSpec(0).shape, overlaps: step < size)(p.g))
  }
}

extension Tensor {
  /// Windows of an axis, `step` apart, as a new last axis; a view.
  public func unfold(_ dim: Int, _ size: Int, _ step: Int) throws(SNNError) -> Tensor {
    guard rank > 0 else { return try unsqueeze(0).unfold(dim, size, step).select(0, 0) }
    let axis = try shape.axis(dim, operation: "unfold")
    guard rank < Dimensions.maximumRank else {
      throw .shape("unfold: at most \(Dimensions.maximumRank - 1) dimensions are supported, got \(rank)")
    }
    guard size >= 0, size <= shape[axis] else {
      throw .argument("unfold: maximum size for tensor at dimension \(axis) is \(shape[axis]) but size is \(size)")
    }
    guard step > 0 else { throw .argument("unfold: step is \(step) but must be > 0") }
    let length = (shape[axis] - size) / step + 1
    return try SlidingView(axis: axis, size: size, step: length > 1 ? step : 1, length: length)(self)
  }

  /// Any view of the tensor's memory.
  public func asStrided(_ size: [Int], _ stride: [Int], offset: Int? = nil) throws(SNNError) -> Tensor {
    let view = try geometry(size, stride, offset: offset, operation: "as_strided")
    return try AsStrided(view: view, base: Geometry(self))(self)
  }

  /// A view of the memory, checked.
  fileprivate func geometry(_ size: [Int], _ stride: [Int], offset: Int?, operation: String) throws(SNNError)
    -> Geometry
  {
    let target = try Dimensions.shape(size, operation: operation)
    guard stride.count == size.count else {
      throw .argument("\(operation): mismatch in length of strides and shape: \(stride) and \(size)")
    }
    let first = offset ?? self.offset
    var last = first
    var fits = first >= 0 && first < 1 << 46
    for (length, step) in zip(size, stride) where target.product > 0 && fits {
      let (reach, overflow) = step.multipliedReportingOverflow(by: length - 1)
      fits = step >= 0 && !overflow && reach <= 1 << 45
      if fits { last &+= reach }
    }
    guard fits, last < 1 << 46, target.product == 0 || last < storage.byteCount / dtype.size else {
      throw .index(
        "\(operation): size \(size), stride \(stride) and storage offset \(first) are out of bounds for storage of "
          + "\(storage.byteCount / dtype.size) elements")
    }
    return Geometry(target, Dimensions(stride), offset: first)
  }
}
