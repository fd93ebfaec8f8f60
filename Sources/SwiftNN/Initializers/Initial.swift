/// What initial values of weights follow from: the number of connections, and the nonlinearity behind them.
enum Initial {
  /// The numbers of connections into and out of a unit.
  static func fans(_ tensor: Tensor, _ operation: String) throws(SNNError) -> (in: Int, out: Int) {
    guard tensor.rank >= 2 else {
      throw .argument(
        "\(operation): Fan in and fan out can not be computed for tensor with fewer than 2 dimensions, got shape "
          + "\(tensor.shape)")
    }
    let field = tensor.shape.dropFirst(2).reduce(1, *)
    return (tensor.shape[1] * field, tensor.shape[0] * field)
  }

  static func xavier(_ tensor: Tensor, gain: Double, _ operation: String) throws(SNNError) -> Double {
    let (into, outOf) = try fans(tensor, operation)
    // Without connections there is nothing to fill.
    return gain * (2 / Double(max(into + outOf, 1))).squareRoot()
  }

  /// The standard deviation from `a`, `mode` and `nonlinearity`; nil where there is nothing to fill.
  static func kaiming(_ tensor: Tensor, _ arguments: Arguments, _ operation: String) throws(SNNError) -> Double? {
    guard tensor.count > 0 else {
      Log.warning("\(operation): Initializing zero-element tensors is a no-op")
      return nil
    }
    let mode = arguments.string(2)
    let lowercase = String(decoding: mode.utf8.map { (0x41...0x5A).contains($0) ? $0 + 32 : $0 }, as: UTF8.self)
    guard lowercase == "fan_in" || lowercase == "fan_out" else {
      throw .argument("\(operation): Mode \(mode) not supported, please use one of ['fan_in', 'fan_out']")
    }
    let (into, outOf) = try fans(tensor, operation)
    let gain = try gain(arguments.string(3), .float(arguments.float(1)))
    return gain / Double(lowercase == "fan_in" ? into : outOf).squareRoot()
  }

  static func gain(_ nonlinearity: String, _ parameter: Scalar?) throws(SNNError) -> Double {
    switch nonlinearity {
    case "linear", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "sigmoid":
      return 1
    case "tanh": return 5.0 / 3
    case "relu": return 2.0.squareRoot()
    case "selu": return 0.75
    case "leaky_relu":
      if case .bool(let truth) = parameter {
        throw .argument("calculate_gain: negative_slope \(truth ? "True" : "False") not a valid number")
      }
      let slope = parameter?.double ?? 0.01
      return (2 / (1 + slope * slope)).squareRoot()
    default: throw .argument("calculate_gain: Unsupported nonlinearity \(nonlinearity)")
    }
  }
}

extension Tensor {
  /// The identity of a convolution with a kernel of this shape.
  func dirac(groups: Int, operation: String) throws(SNNError) -> Tensor {
    guard (3...5).contains(rank) else {
      throw .argument("\(operation): Only tensors with 3, 4, or 5 dimensions are supported, got shape \(shape)")
    }
    guard groups > 0, shape[0] % groups == 0 else {
      throw .argument("\(operation): dim 0 must be divisible by groups, got \(shape[0]) and \(groups)")
    }
    let kernel = try zerosLike()
    guard count > 0 else { return kernel }
    let channels = shape[0] / groups
    let middle = (2..<rank).reduce(0) { $0 + shape[$1] / 2 * kernel.strides[$1] }
    let one = try Tensor.full([], 1, dtype)
    for group in 0..<groups {
      for channel in 0..<Swift.min(channels, shape[1]) {
        let position = (group * channels + channel) * kernel.strides[0] + channel * kernel.strides[1] + middle
        (kernel.data + position * dtype.size).copyMemory(from: one.data, byteCount: dtype.size)
      }
    }
    return kernel
  }

  /// A tensor of this shape whose rows, or columns where there are fewer, are orthogonal: uniformly among all of them.
  func orthogonal(gain: Double, _ generator: Generator?) throws(SNNError) -> Tensor {
    guard rank >= 2 else {
      throw .argument("orthogonal_: Only tensors with 2 or more dimensions are supported, got shape \(shape)")
    }
    guard dtype.isFloatingPoint else { throw .dtype("orthogonal_: not defined for \(dtype.name)") }
    guard count > 0 else { return self }
    let (rows, columns) = (shape[0], count / shape[0])
    let isWide = rows < columns
    let drawn = try Tensor.normal([rows, columns], dtype.working, generator)
    let (q, r) = try (isWide ? drawn.matrixTransposed() : drawn).qr()
    let signs = try r.diagonal().sign()
    let uniform = try q * signs
    return try ((isWide ? uniform.matrixTransposed() : uniform) * .float(gain)).reshape(Array(shape))
  }

  /// Normal numbers between two bounds, by the inverse of their distribution, so that each takes one draw.
  static func truncatedNormal(
    _ shape: Dimensions, mean: Double, std: Double, _ low: Double, _ high: Double, _ dtype: DType,
    _ generator: Generator?
  ) throws(SNNError) -> Tensor {
    guard low <= high else { throw .argument("trunc_normal_: expects a to be at most b, got a=\(low) and b=\(high)") }
    guard dtype.isFloatingPoint else { throw .dtype("trunc_normal_: not defined for \(dtype.name)") }
    if mean < low - 2 * std || mean > high + 2 * std {
      Log.warning(
        "trunc_normal_: mean is more than 2 std from [a, b]. The distribution of values may be incorrect.")
    }
    guard std > 0 else { return try full(shape, .float(Swift.min(Swift.max(mean, low), high)), dtype) }
    var bounds = [(low - mean) / std, (high - mean) / std]
    // In the lower tail small probabilities are exact; the distribution is symmetrical.
    let isMirrored = bounds[0] > 0
    if isMirrored { bounds = [-bounds[1], -bounds[0]] }
    let ends = try probability(Tensor(bounds)).array(of: Double.self)
    let uniform = try Tensor.uniform(Array(shape), ends[0], Swift.max(ends[0], ends[1]), .float64, generator)
    let standard = try quantile(uniform, bounds[0], bounds[1], isInTail: ends[1] < 1e-9)
    return try ((isMirrored ? standard * -1 : standard) * .float(std) + .float(mean)).clamp(
      min: .float(low), max: .float(high)
    ).cast(to: dtype)
  }
  private static func probability(_ x: Tensor) throws(SNNError) -> Tensor {
    try (x * .float(-0.5.squareRoot())).erfc() * 0.5
  }

  /// Where the standard normal distribution reaches a probability. In the tail the inverse has no digits left, so that the place
  /// is found by halves.
  private static func quantile(_ p: Tensor, _ low: Double, _ high: Double, isInTail: Bool) throws(SNNError) -> Tensor {
    guard isInTail else {
      return try ((p * 2.0 - 1.0).erfinv() * .float(2.0.squareRoot())).clamp(min: .float(low), max: .float(high))
    }
    var below = try full(p.shape, .float(Swift.max(low, -40)), .float64)
    var above = try full(p.shape, .float(high), .float64)
    for _ in 0..<60 {
      let middle = try (below + above) * 0.5
      let isBelow = try probability(middle) < p
      (below, above) = (try Tensor.where(isBelow, middle, below), try Tensor.where(isBelow, above, middle))
    }
    return above
  }
}
