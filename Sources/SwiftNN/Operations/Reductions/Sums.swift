import CKernels

extension Operation {
  static let sums: [Operation] = [sum, mean, all, any]

  private static let dims = Field("dim", .ints, "The axes to reduce; all without them.").optional
  private static let keepDim = Field.bool("keepdim", default: false, "Keeps the reduced axes with size 1.")

  static let sum = Operation(
    "sum", "The sum over axes.", [.tensor("input"), dims, keepDim, .dtype().keyword]
  ) { try $0.tensor(0).sum($0.optionalInts(1), keepDim: $0.bool(2), dtype: $0.dtype(3)) }

  static let mean = Operation(
    "mean", "The mean over axes.", [.tensor("input"), dims, keepDim, .dtype().keyword]
  ) { try $0.tensor(0).mean($0.optionalInts(1), keepDim: $0.bool(2), dtype: $0.dtype(3)) }

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

  public func all(_ dims: [Int]? = nil, keepDim: Bool = false) throws(SNNError) -> Tensor {
    try test("all", ck_reduce_all, dims, keepDim)
  }

  public func any(_ dims: [Int]? = nil, keepDim: Bool = false) throws(SNNError) -> Tensor {
    try test("any", ck_reduce_any, dims, keepDim)
  }

  private func test(_ name: String, _ kernel: ck_reduce_op, _ dims: [Int]?, _ keepDim: Bool) throws(SNNError) -> Tensor
  {
    let axes = try ReducedAxes(dims, of: shape, keepDim: keepDim, operation: name)
    return try Reduce(name: name, kernel: kernel, axes: axes)(detach())
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
