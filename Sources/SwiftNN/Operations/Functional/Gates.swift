/// Functions over a whole axis that are formulas of others.
extension Operation {
  static let gates: [Operation] = [glu, softmin, gumbelSoftmax, normalize]

  static let glu = Operation(
    "glu", "The first half of an axis times the sigmoid of the second.", [.tensor("input"), .int("dim", default: -1)],
    places: .functional
  ) { try $0.tensor(0).glu($0.int(1)) }

  static let softmin = Operation(
    "softmin", "exp(-input), scaled to sum to 1 along dim.",
    [.tensor("input"), .int("dim"), .dtype("dtype", "Converts the input first.")], places: .functional
  ) { try (-$0.tensor(0)).softmax($0.int(1), dtype: $0.dtype(2)) }

  static let gumbelSoftmax = Operation(
    "gumbel_softmax", "A sample of the softmax distribution that has a derivative.",
    [
      .tensor("logits"), .float("tau", default: 1, "The temperature."),
      .bool("hard", default: false, "Rounds the sample to one 1 and zeros; the derivative stays."),
      .float("eps", default: 1e-10, "Accepted; not used."), .int("dim", default: -1), .generator,
    ], places: .functional
  ) { try $0.tensor(0).gumbelSoftmax($0.float(1), hard: $0.bool(2), $0.int(4), $0.generator(5)) }

  static let normalize = Operation(
    "normalize", "input divided by its p-norm along dim, or by eps where that is greater.",
    [
      .tensor("input"), .float("p", default: 2), .ints("dim", default: [1]), .float("eps", default: 1e-12),
    ], places: .functional
  ) { try $0.tensor(0).normalize(p: $0.float(1), $0.ints(2), epsilon: $0.float(3)) }
}

extension Tensor {
  /// The first half of an axis times the sigmoid of the second.
  public func glu(_ dim: Int = -1) throws(SNNError) -> Tensor {
    guard rank > 0 else { throw .shape("glu: does not support 0-dimensional tensors") }
    let axis = try shape.axis(dim, operation: "glu")
    guard shape[axis] % 2 == 0 else {
      throw .shape("glu: Halving dimension must be even, but dimension \(axis) is size \(shape[axis])")
    }
    let half = shape[axis] / 2
    return try narrow(axis, 0, half) * narrow(axis, half, half).sigmoid()
  }

  /// A sample of the softmax distribution of these scores; `hard` rounds it and keeps its derivative.
  public func gumbelSoftmax(
    _ temperature: Double = 1, hard: Bool = false, _ dim: Int = -1, _ generator: Generator? = nil
  ) throws(SNNError) -> Tensor {
    let axis = try shape.axis(dim, operation: "gumbel_softmax")
    let noise = try -Tensor.exponential(shape, 1, dtype, generator, operation: "gumbel_softmax").log()
    let soft = try ((self + noise) / .float(temperature)).softmax(axis)
    guard hard, rank > 0, shape[axis] > 0 else { return soft }
    var along = Dimensions(repeating: 1, count: rank)
    along[axis] = shape[axis]
    let positions = try Tensor.arange(0, .int(shape[axis])).reshaped(to: along)
    let chosen = try (positions == soft.argmax(axis, keepDim: true)).cast(to: dtype)
    return try chosen - soft.detach() + soft
  }

  /// This tensor divided by its p-norm along axes, or by epsilon where that is greater.
  public func normalize(p: Double = 2, _ dims: [Int] = [1], epsilon: Double = 1e-12) throws(SNNError) -> Tensor {
    try self / norm(.float(p), dims, keepDim: true).clamp(min: .float(epsilon))
  }
}
