import CKernels

extension Operation {
  static let sums: [Operation] = [sum, nansum, mean, nanmean, prod, all, any, countNonzero]

  private static let dims = Field("dim", .ints, "The axes to reduce; all without them.").optional
  private static let keepDim = Field.bool("keepdim", default: false, "Keeps the reduced axes with size 1.")

  static let sum = Operation(
    "sum", "The sum over axes.", [.tensor("input"), dims, keepDim, .dtype().keyword]
  ) { try $0.tensor(0).sum($0.optionalInts(1), keepDim: $0.bool(2), dtype: $0.dtype(3)) }

  static let mean = Operation(
    "mean", "The mean over axes.", [.tensor("input"), dims, keepDim, .dtype().keyword]
  ) { try $0.tensor(0).mean($0.optionalInts(1), keepDim: $0.bool(2), dtype: $0.dtype(3)) }

  static let nansum = Operation(
    "nansum", "The sum over axes with NaN as 0.", [.tensor("input"), dims, keepDim, .dtype().keyword]
  ) { try $0.tensor(0).nansum($0.optionalInts(1), keepDim: $0.bool(2), dtype: $0.dtype(3)) }

  static let nanmean = Operation(
    "nanmean", "The mean over axes of the elements that are not NaN.",
    [.tensor("input"), dims, keepDim, .dtype().keyword]
  ) { try $0.tensor(0).nanmean($0.optionalInts(1), keepDim: $0.bool(2), dtype: $0.dtype(3)) }

  static let prod = Operation(
    "prod", "The product over an axis, or of all elements.",
    [.tensor("input"), Field("dim", .int, "All axes without one.").optional, keepDim, .dtype().keyword]
  ) { try $0.tensor(0).prod($0.optionalInt(1).map { [$0] }, keepDim: $0.bool(2), dtype: $0.dtype(3)) }

  static let countNonzero = Operation(
    "count_nonzero", "The number of non-zero elements over axes.", [.tensor("input"), dims], differentiable: false
  ) { try $0.tensor(0).countNonzero($0.optionalInts(1)) }

  static let all = Operation(
    "all", "Whether all elements are non-zero.", [.tensor("input"), dims, keepDim], differentiable: false
  ) { try $0.tensor(0).all($0.optionalInts(1), keepDim: $0.bool(2)) }

  static let any = Operation(
    "any", "Whether any element is non-zero.", [.tensor("input"), dims, keepDim], differentiable: false
  ) { try $0.tensor(0).any($0.optionalInts(1), keepDim: $0.bool(2)) }
}

extension Tensor {
  public func sum(_ dims: [Int]? = nil, keepDim: Bool = false, dtype: DType? = nil) throws(SNNError) -> Tensor {
    let axes = try ReducedAxes(dims, of: shape, keepDim: keepDim, operation: "sum")
    return try Reduce(name: "sum", kernel: ck_reduce_sum, axes: axes)(cast(to: dtype ?? self.dtype.sumType))
  }

  /// The mean; of no elements NaN, as in PyTorch.
  public func mean(_ dims: [Int]? = nil, keepDim: Bool = false, dtype: DType? = nil) throws(SNNError) -> Tensor {
    let result = dtype ?? self.dtype
    guard result.isFloatingPoint else {
      throw .dtype("mean: could not infer output dtype. Input dtype must be a floating point dtype, got \(result.name)")
    }
    let axes = try ReducedAxes(dims, of: shape, keepDim: keepDim, operation: "mean")
    let total = try Reduce(name: "mean", kernel: ck_reduce_sum, axes: axes)(cast(to: result))
    return try total / .int(axes.count(in: shape))
  }

  /// The sum with NaN as 0.
  public func nansum(_ dims: [Int]? = nil, keepDim: Bool = false, dtype: DType? = nil) throws(SNNError) -> Tensor {
    let x = try cast(to: dtype ?? self.dtype)
    guard x.dtype.isFloatingPoint else { return try sum(dims, keepDim: keepDim, dtype: dtype) }
    let axes = try ReducedAxes(dims, of: shape, keepDim: keepDim, operation: "nansum")
    return try Reduce(name: "nansum", kernel: ck_reduce_nansum, axes: axes)(x)
  }

  /// The mean of the elements that are not NaN.
  public func nanmean(_ dims: [Int]? = nil, keepDim: Bool = false, dtype: DType? = nil) throws(SNNError) -> Tensor {
    let x = try cast(to: dtype ?? self.dtype)
    guard x.dtype.isFloatingPoint else {
      throw .dtype("nanmean: expected input to have floating point dtype but got \(x.dtype.name)")
    }
    let counted = try x.detach().isNaN().logicalNot().sum(dims, keepDim: keepDim).cast(to: x.dtype)
    return try x.nansum(dims, keepDim: keepDim) / counted
  }

  public func prod(_ dims: [Int]? = nil, keepDim: Bool = false, dtype: DType? = nil) throws(SNNError) -> Tensor {
    let axes = try ReducedAxes(dims, of: shape, keepDim: keepDim, operation: "prod")
    return try Reduce(name: "prod", kernel: ck_reduce_prod, axes: axes)(cast(to: dtype ?? self.dtype.sumType))
  }

  /// For each element the product of the others that it is multiplied with.
  func productOfOthers(_ axes: ReducedAxes) throws(SNNError) -> Tensor {
    guard axes.list.count == 1 else {
      guard rank > 0 else { return try Tensor.full(shape, 1, dtype) }
      // Reduced axes stand behind the others and are read as one.
      let kept = (0..<rank).filter { !axes.contains($0) }
      let order = kept + axes.list
      let moved = try permute(order)
      let flat = try moved.flatten(kept.count)
      let products = try flat.productOfOthers(ReducedAxes([-1], of: flat.shape, keepDim: true, operation: "prod"))
      var inverse = order
      for (i, axis) in order.enumerated() { inverse[axis] = i }
      return try products.reshaped(to: moved.shape).permute(inverse)
    }
    let axis = axes.list[0]
    return try productsBefore(axis) * reversed(axis).productsBefore(axis).reversed(axis)
  }

  public func countNonzero(_ dims: [Int]? = nil) throws(SNNError) -> Tensor {
    let axes = try ReducedAxes(dims, of: shape, keepDim: false, operation: "count_nonzero")
    return try Reduce(name: "count_nonzero", kernel: ck_reduce_count_nonzero, axes: axes)(detach())
  }

  public func all(_ dims: [Int]? = nil, keepDim: Bool = false) throws(SNNError) -> Tensor {
    try test("all", ck_reduce_all, dims, keepDim)
  }

  public func any(_ dims: [Int]? = nil, keepDim: Bool = false) throws(SNNError) -> Tensor {
    try test("any", ck_reduce_any, dims, keepDim)
  }

  private func test(_ name: String, _ kernel: ck_reduce_op, _ dims: [Int]?, _ keepDim: Bool) throws(SNNError) -> Tensor
  {
    let axes = try ReducedAxes(dims, of: shape, keepDim: keepDim, operation: name)
    let result = try Reduce(name: name, kernel: kernel, axes: axes)(detach())
    return dtype == .uint8 ? try result.cast(to: .uint8) : result
  }

  /// The sum over the axes along which a value of shape `target` was repeated.
  func sum(to target: Dimensions) throws(SNNError) -> Tensor {
    guard try Dimensions.broadcast(shape, target, operation: "sum") == shape else {
      throw .shape("sum: a value of shape \(shape) is no repetition of one of shape \(target)")
    }
    let extra = rank - target.count
    var dims: [Int] = []
    for i in 0..<rank where i < extra || (target[i - extra] == 1 && shape[i] != 1) { dims.append(i) }
    let total = dims.isEmpty ? self : try sum(dims, keepDim: true, dtype: dtype)
    return try total.reshaped(to: target)
  }
}
