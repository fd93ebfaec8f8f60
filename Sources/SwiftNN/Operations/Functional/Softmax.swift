extension Operation {
  static let softmaxes: [Operation] = [softmax, logSoftmax, logsumexp]

  private static func fields() -> [Field] {
    [.tensor("input"), .int("dim"), .dtype("dtype", "Converts the input first.")]
  }

  static let softmax = Operation(
    "softmax", "exp(input), scaled to sum to 1 along dim.", fields(),
    places: [.function, .method, .functional, .special]
  ) { try $0.tensor(0).softmax($0.int(1), dtype: $0.dtype(2)) }

  static let logSoftmax = Operation(
    "log_softmax", "The logarithm of softmax, without its overflow.", fields(),
    places: [.function, .method, .functional, .special]
  ) { try $0.tensor(0).logSoftmax($0.int(1), dtype: $0.dtype(2)) }

  static let logsumexp = Operation(
    "logsumexp", "log(sum(exp(input))) over axes, without overflow.",
    [.tensor("input"), .ints("dim"), .bool("keepdim", default: false)],
    places: [.function, .method, .special]
  ) { try $0.tensor(0).logSumExp($0.ints(1), keepDim: $0.bool(2)) }
}

extension Tensor {
  public func softmax(_ dim: Int, dtype: DType? = nil) throws(SNNError) -> Tensor {
    let (x, axis) = try shifted(dim, dtype, operation: "softmax")
    let powers = try x.exp()
    return try powers / powers.sum([axis], keepDim: true)
  }

  public func logSoftmax(_ dim: Int, dtype: DType? = nil) throws(SNNError) -> Tensor {
    let (x, axis) = try shifted(dim, dtype, operation: "log_softmax")
    return try x - x.exp().sum([axis], keepDim: true).log()
  }

  /// This tensor less its maximum along an axis: exponentials of it cannot overflow.
  private func shifted(_ dim: Int, _ dtype: DType?, operation: String) throws(SNNError) -> (Tensor, Int) {
    let axis = try shape.axis(dim, operation: operation)
    let x = try cast(to: dtype ?? self.dtype)
    guard x.dtype.isFloatingPoint else { throw .dtype("\(operation): not implemented for \(x.dtype.name)") }
    guard rank > 0 else { return (try x - x.detach(), 0) }
    guard shape[axis] > 0 else { return (x, axis) }
    return (try x - x.detach().amax([axis], keepDim: true), axis)
  }

  public func logSumExp(_ dims: [Int], keepDim: Bool = false) throws(SNNError) -> Tensor {
    let x = try dtype.isFloatingPoint ? self : cast(to: .default)
    guard count > 0 else { return try x.exp().sum(dims, keepDim: keepDim).log() }
    let axes = try ReducedAxes(dims, of: shape, keepDim: true, operation: "logsumexp")
    // An infinite maximum must not be subtracted from itself.
    let top = try x.detach().amax(axes.list, keepDim: true)
    let shift = try top.masked(where: top.isFinite().logicalNot(), 0)
    let total = try (x - shift).exp().sum(axes.list, keepDim: true).log() + shift
    return keepDim ? total : try total.squeeze(axes.list)
  }
}
