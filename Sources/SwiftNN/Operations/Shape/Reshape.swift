extension Operation {
  static let reshaping: [Operation] = [reshape, view, viewDType, flatten, squeeze, unsqueeze]

  static let reshape = Operation(
    "reshape", "The same elements in another shape; one size may be -1. A view where the memory allows it.",
    [.tensor("input"), .ints("shape")]
  ) { try $0.tensor(0).reshape($0.ints(1)) }

  static let view = Operation(
    "view", "The same memory in another shape; an error where that needs a copy.", [.tensor("input"), .ints("shape")],
    places: .method
  ) { try $0.tensor(0).view($0.ints(1)) }

  static let viewDType = Operation(
    "view.dtype", "The same memory, its bytes read as elements of another dtype.",
    [.tensor("input"), Field("dtype", .dtype)], places: .method, differentiable: false
  ) { try $0.tensor(0).reinterpreted(as: $0.dtype(1).unsafelyUnwrapped) }

  static let flatten = Operation(
    "flatten", "Joins the axes from start_dim to end_dim into one.",
    [.tensor("input"), .int("start_dim", default: 0), .int("end_dim", default: -1)]
  ) { try $0.tensor(0).flatten($0.int(1), $0.int(2)) }

  static let squeeze = Operation(
    "squeeze", "Drops axes of size 1: all, or those named.", [.tensor("input"), Field("dim", .ints).optional]
  ) { try $0.tensor(0).squeeze($0.optionalInts(1)) }

  static let unsqueeze = Operation("unsqueeze", "Adds an axis of size 1 at dim.", [.tensor("input"), .int("dim")]) {
    try $0.tensor(0).unsqueeze($0.int(1))
  }
}

/// The same memory in another shape.
struct Reshape: ViewPrimitive {
  let name: String
  let shape: Dimensions
  let strides: Dimensions

  func geometry(of input: Tensor) throws(SNNError) -> Geometry { Geometry(shape, strides, offset: input.offset) }

  func derivative(_ p: Pass) throws -> Few<Tensor?> { Few(try p.g.reshaped(to: p.inputSpec(0).shape)) }
}

extension Tensor {
  /// The same elements in another shape; one size may be -1. A view where the memory allows it, else a copy.
  public func reshape(_ sizes: [Int]) throws(SNNError) -> Tensor {
    try reshaped(to: try completed(sizes, operation: "reshape"))
  }

  /// The same memory in another shape; an error where that needs a copy.
  public func view(_ sizes: [Int]) throws(SNNError) -> Tensor {
    let target = try completed(sizes, operation: "view")
    guard let strides = strides(viewedAs: target) else {
      throw .shape(
        "view: size \(target) is not compatible with input tensor's size \(shape) and stride \(strides) (at least one "
          + "dimension spans across two contiguous subspaces). Use .reshape(...) instead.")
    }
    return try Reshape(name: "view", shape: target, strides: strides)(self)
  }

  /// The same bytes as elements of another dtype; where that has another size, the last axis grows or shrinks.
  public func reinterpreted(as target: DType) throws(SNNError) -> Tensor {
    guard target != .bool || dtype == .bool else {
      throw .dtype("view: the bytes of \(dtype.name) need not be truth values")
    }
    if let batch, rank > 0 || target.size == dtype.size {
      return Tensor(each: try batch.all.reinterpreted(as: target), level: batch.level)
    }
    guard target.size != dtype.size else {
      return Tensor(storage: storage, offset: offset, shape: shape, strides: strides, dtype: target)
    }
    let (old, new) = (dtype.size, target.size)
    func resized(_ count: Int) -> Int? { count * old % new == 0 ? count * old / new : nil }
    guard rank > 0, strides[rank - 1] == 1, let length = resized(shape[rank - 1]), let start = resized(offset) else {
      throw .shape(
        "view: \(dtype.name) of shape \(shape) and strides \(strides) cannot be read as \(target.name): the bytes of the "
          + "last axis have to lie next to each other and divide evenly")
    }
    var steps = strides
    for axis in 0..<(rank - 1) {
      guard let step = resized(steps[axis]) else {
        throw .shape("view: stride \(steps[axis]) of dimension \(axis) does not divide by the size of \(target.name)")
      }
      steps[axis] = step
    }
    var sizes = shape
    sizes[rank - 1] = length
    return Tensor(storage: storage, offset: start, shape: sizes, strides: steps, dtype: target)
  }

  /// The reshape of a shape that is known to fit.
  func reshaped(to target: Dimensions) throws(SNNError) -> Tensor {
    if let strides = strides(viewedAs: target) {
      return try Reshape(name: "reshape", shape: target, strides: strides)(self)
    }
    return try Reshape(name: "reshape", shape: target, strides: target.contiguousStrides)(clone())
  }

  public func flatten(_ start: Int = 0, _ end: Int = -1) throws(SNNError) -> Tensor {
    let first = try shape.axis(start, operation: "flatten")
    let last = try shape.axis(end, operation: "flatten")
    guard first <= last else {
      throw .index("flatten: start_dim (\(start)) cannot come after end_dim (\(end))")
    }
    if rank == 0 { return try reshaped(to: [1]) }
    let joined = shape[first...last].reduce(1, *)
    return try reshaped(to: Dimensions(Array(shape[..<first]) + [joined] + Array(shape[(last + 1)...])))
  }

  public func unsqueeze(_ dim: Int) throws(SNNError) -> Tensor {
    let axis = try shape.axis(dim, operation: "unsqueeze", extra: 1)
    guard rank < Dimensions.maximumRank else {
      throw .shape("unsqueeze: at most \(Dimensions.maximumRank) dimensions are supported")
    }
    var target = shape
    var steps = strides
    target.insert(1, at: axis)
    steps.insert(axis < rank ? strides[axis] &* Swift.max(shape[axis], 1) : 1, at: axis)
    return try Reshape(name: "unsqueeze", shape: target, strides: steps)(self)
  }

  public func squeeze(_ dims: [Int]? = nil) throws(SNNError) -> Tensor {
    var isDropped = Array(repeating: dims == nil, count: Swift.max(rank, 1))
    for dim in dims ?? [] { isDropped[try shape.axis(dim, operation: "squeeze")] = true }
    let kept = shape.indices.filter { !(isDropped[$0] && shape[$0] == 1) }
    return try Reshape(
      name: "squeeze", shape: Dimensions(kept.map { shape[$0] }), strides: Dimensions(kept.map { strides[$0] }))(self)
  }

  /// A shape from outside in which one size may be -1.
  private func completed(_ sizes: [Int], operation: String) throws(SNNError) -> Dimensions {
    var sizes = sizes
    if let unknown = sizes.firstIndex(of: -1) {
      sizes[unknown] = 1
      let rest = try Dimensions.shape(sizes, operation: operation).product
      guard !sizes.contains(-1) else { throw .shape("\(operation): only one dimension can be inferred") }
      guard rest > 0 else {
        throw .shape(
          "\(operation): cannot reshape tensor of \(count) elements into shape with an unspecified size among zeros")
      }
      sizes[unknown] = count % rest == 0 ? count / rest : 0
    }
    let target = try Dimensions.shape(sizes, operation: operation)
    guard target.product == count else {
      throw .shape("\(operation): shape '\(target)' is invalid for input of size \(count) (of shape \(shape))")
    }
    return target
  }

  /// The strides that show this tensor's memory in another shape of as many elements, nil where there are none.
  func strides(viewedAs target: Dimensions) -> Dimensions? {
    if isContiguous || batch != nil && Tensor.isContiguous(shape, strides) { return target.contiguousStrides }
    var result = Dimensions(repeating: 0, count: target.count)
    var next = target.count - 1
    var axis = rank - 1
    while axis >= 0 {
      // A block of axes that lie in memory like one.
      let step = strides[axis]
      var block = shape[axis]
      while axis > 0, shape[axis - 1] == 1 || strides[axis - 1] == strides[axis] &* shape[axis] || shape[axis] == 1 {
        if shape[axis] == 1, shape[axis - 1] != 1, block == 1 { break }
        guard shape[axis - 1] == 1 || strides[axis - 1] == step &* block else { break }
        axis -= 1
        block *= shape[axis]
      }
      var covered = 1
      while next >= 0, covered < block || target[next] == 1 {
        result[next] = covered &* step
        covered *= target[next]
        next -= 1
      }
      guard covered == block else { return nil }
      axis -= 1
    }
    return next < 0 ? result : nil
  }
}
