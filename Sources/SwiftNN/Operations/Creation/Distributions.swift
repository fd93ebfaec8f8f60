import CKernels

/// Random numbers of other distributions, and of other tensors' shapes.
extension Operation {
  static let distributions: [Operation] = [
    randLike, randnLike, randintHigh, randintLike, randintLikeLow, normal, multinomial, exponentialInPlace,
    logNormalInPlace, geometricInPlace, cauchyInPlace, bernoulliInPlace, randomInPlace,
  ]

  static let randLike = Operation(
    "rand_like", "Uniform numbers from [0, 1) in input's shape.", [.tensor("input"), .generator, .dtype().keyword],
    places: .function, differentiable: false
  ) { try Tensor.uniform(Array($0.tensor(0).shape), 0, 1, $0.dtype(2) ?? $0.tensor(0).dtype, $0.generator(1)) }

  static let randnLike = Operation(
    "randn_like", "Normal numbers in input's shape.", [.tensor("input"), .generator, .dtype().keyword],
    places: .function, differentiable: false
  ) {
    try Tensor.normal(
      Array($0.tensor(0).shape), mean: 0, std: 1, $0.dtype(2) ?? $0.tensor(0).dtype, $0.generator(1))
  }

  static let randintHigh = Operation(
    "randint.high", "Integers from 0 up to, but without, high.",
    [.int("high"), .ints("size"), .generator, .dtype().keyword], places: .function, differentiable: false
  ) { try Tensor.integers($0.ints(1), 0, $0.int(0), $0.dtype(3) ?? .int64, $0.generator(2), operation: "randint") }

  static let randintLike = Operation(
    "randint_like", "Integers from 0 up to, but without, high in input's shape.",
    [.tensor("input"), .int("high"), .generator, .dtype().keyword], places: .function, differentiable: false
  ) {
    let x = $0.tensor(0)
    return try Tensor.integers(
      Array(x.shape), 0, $0.int(1), $0.dtype(3) ?? x.dtype, $0.generator(2), operation: "randint_like")
  }

  static let randintLikeLow = Operation(
    "randint_like.low", "Integers from low up to, but without, high in input's shape.",
    [.tensor("input"), .int("low"), .int("high"), .generator, .dtype().keyword], places: .function,
    differentiable: false
  ) {
    let x = $0.tensor(0)
    return try Tensor.integers(
      Array(x.shape), $0.int(1), $0.int(2), $0.dtype(4) ?? x.dtype, $0.generator(3), operation: "randint_like")
  }

  static let normal = Operation(
    "normal", "Normal numbers of the given means and standard deviations; of the given size where both are numbers.",
    [
      .operand("mean"), Field("std", .operand, default: .float(1)), Field("size", .ints).optional, .generator,
      .dtype().keyword,
    ], places: .function, differentiable: false
  ) {
    let (mean, std) = (try $0.operand(0), try $0.operand(1))
    guard try !(std >= 0).logicalNot().holdsAnywhere() else {
      throw SNNError.argument("normal: expects all elements of std >= 0.0")
    }
    let common = DType.result(of: mean, std)
    let dtype = $0.dtype(4) ?? (common.isFloatingPoint ? common : .default)
    let shape = try Dimensions.broadcast(mean.shape, std.shape, operation: "normal")
    let size = $0.optionalInts(2) ?? Array(shape)
    let noise = try Tensor.normal(size, mean: 0, std: 1, dtype, $0.generator(3))
    return try Gradients.with(enabled: false) { try (noise * std + mean).cast(to: dtype) }
  }

  static let multinomial = Operation(
    "multinomial", "Positions drawn with the probabilities that rows of weights say.",
    [
      .tensor("input"), .int("num_samples"), .bool("replacement", default: false, "Whether a position may come again."),
      .generator,
    ], differentiable: false
  ) { try $0.tensor(0).multinomial($0.int(1), replacement: $0.bool(2), $0.generator(3)) }

  private static func overwriting(
    _ name: String, _ doc: String, _ fields: [Field],
    _ draw: @escaping @Sendable (Tensor, Arguments) throws -> Tensor
  ) -> Operation {
    Operation(name, doc, [.tensor("input")] + fields + [.generator], places: .method, inPlace: true) { arguments in
      try arguments.tensor(0).update(operation: name) { try draw($0, arguments).cast(to: $0.dtype) }
    }
  }

  private static let aboveZero = Double.leastNonzeroMagnitude...Double.infinity

  static let exponentialInPlace = overwriting(
    "exponential_", "Exponentially distributed numbers.", [.float("lambd", default: 1, in: aboveZero)]
  ) { try Tensor.exponential($0.shape, $1.float(1), $0.dtype, $1.generator(2), operation: "exponential_") }

  static let logNormalInPlace = overwriting(
    "log_normal_", "Exponentials of normal numbers.",
    [.float("mean", default: 1), .float("std", default: 2, in: aboveZero)]
  ) { try Tensor.normal(Array($0.shape), mean: $1.float(1), std: $1.float(2), $0.dtype, $1.generator(3)).exp() }

  static let geometricInPlace = overwriting(
    "geometric_", "The number of trials up to the first success.", [.float("p", "The chance of each trial.")]
  ) {
    let p = $1.float(1)
    guard p > 0, p < 1 else { throw SNNError.argument("geometric_: expects p to be in (0, 1), but got p=\(p)") }
    let uniform = try Tensor.uniform(Array($0.shape), 0, 1, .float64, $1.generator(2))
    return try ((1 - uniform).log() / Tensor(.float(-p), .float64).log1p()).ceil().clamp(min: 1)
  }

  static let cauchyInPlace = overwriting(
    "cauchy_", "Cauchy distributed numbers.",
    [.float("median", default: 0), .float("sigma", default: 1, in: aboveZero)]
  ) {
    guard $0.dtype.isFloatingPoint else { throw SNNError.dtype("cauchy_: not defined for \($0.dtype.name)") }
    let uniform = try Tensor.uniform(Array($0.shape), 0, 1, .float64, $1.generator(3))
    return try ((uniform - 0.5) * .float(.pi)).tan() * .float($1.float(2)) + .float($1.float(1))
  }

  static let bernoulliInPlace = overwriting(
    "bernoulli_", "1 with probability p, else 0.", [Field("p", .operand, default: .float(0.5))]
  ) {
    let p = try $1.operand(1).detach()
    guard try !(p >= 0).logicalAnd(p <= 1).logicalNot().holdsAnywhere() else {
      throw SNNError.argument("bernoulli_: expects p to be in [0, 1]")
    }
    return try Tensor.uniform(Array($0.shape), 0, 1, .float64, $1.generator(2)) < p
  }

  static let randomInPlace = overwriting(
    "random_", "Integers from `from` up to, but without, `to`; one number alone is `to`.",
    [Field("from", .int).optional, Field("to", .int).optional]
  ) {
    let limit = $0.dtype.integerRange
    let low = $1.isNone(2) ? 0 : $1.optionalInt(1) ?? 0
    let high = $1.optionalInt(2) ?? $1.optionalInt(1) ?? limit
    return try Tensor.integers(Array($0.shape), low, high, $0.dtype, $1.generator(3), operation: "random_")
  }
}

extension DType {
  /// One more than the greatest integer up to which all are exact.
  fileprivate var integerRange: Int {
    switch self {
    case .float64: 1 << 53
    case .float32: 1 << 24
    case .float16: 1 << 11
    case .bfloat16: 1 << 8
    case .int64: .max
    case .int32: 1 << 31
    case .uint8: 1 << 8
    case .bool: 2
    }
  }
}

extension Tensor {
  static func exponential(
    _ shape: Dimensions, _ rate: Double, _ dtype: DType, _ generator: Generator?, operation: String
  ) throws(SNNError) -> Tensor {
    guard dtype.isFloatingPoint else { throw .dtype("\(operation): not defined for \(dtype.name)") }
    return try drawn(Array(shape), dtype, operation: operation) { all in
      let state = (generator ?? .default).take(all.count)
      ck_random_exponential(dtype.kernel, state.seed, state.position, Int64(all.count), all.data, rate)
    }
  }

  /// Integers from `low` up to, but without, `high`.
  static func integers(
    _ sizes: [Int], _ low: Int, _ high: Int, _ dtype: DType, _ generator: Generator?, operation: String
  ) throws(SNNError) -> Tensor {
    guard low < high else {
      throw .argument("\(operation): expects 'from' to be less than 'to', got from=\(low) >= to=\(high)")
    }
    return try drawn(sizes, dtype, operation: operation) { all in
      let state = (generator ?? .default).take(all.count)
      ck_random_integers(dtype.kernel, state.seed, state.position, Int64(all.count), all.data, Int64(low), Int64(high))
    }
  }

  /// Positions drawn with the probabilities that rows of weights say.
  public func multinomial(_ samples: Int, replacement: Bool = false, _ generator: Generator? = nil) throws(SNNError)
    -> Tensor
  {
    guard rank == 1 || rank == 2 else { throw .shape("multinomial: prob_dist must be 1 or 2 dim, got shape \(shape)") }
    guard dtype.isFloatingPoint else {
      throw .dtype("multinomial: only supports floating-point dtypes for input, got \(dtype.name)")
    }
    let weights = try detach().cast(to: .float64)
    let categories = shape[rank - 1]
    guard samples > 0, replacement || samples <= categories else {
      throw .argument(
        "multinomial: cannot sample n_sample = \(samples) from \(categories) categories, replacement = \(replacement)")
    }
    guard try !(weights >= 0).logicalAnd(weights.isFinite()).logicalNot().holdsAnywhere() else {
      throw .argument("multinomial: probability tensor contains either `inf`, `nan` or element < 0")
    }
    let totals = try weights.sum([-1], keepDim: true)
    guard try !(totals > 0).logicalNot().holdsAnywhere() else {
      throw .argument("multinomial: invalid multinomial distribution (sum of probabilities <= 0)")
    }
    if replacement {
      var size = Array(shape)
      size[rank - 1] = samples
      let drawn = try Tensor.uniform(size, 0, 1, .float64, generator) * totals
      let sums = try weights.cumsum(-1)
      return try sums.searchSorted(drawn, right: true).minimum(weights.lastPositive())
    }
    guard try !((weights > 0).sum([-1]) < .int(samples)).holdsAnywhere() else {
      throw .argument(
        "multinomial: invalid multinomial distribution (with replacement=False, not enough non-negative category to sample)"
      )
    }
    let noise = try Tensor.exponential(shape, 1, .float64, generator, operation: "multinomial")
    return try (weights / noise).topk(samples, -1).indices
  }

  /// The last position of each line that has a weight: a draw that rounding puts behind it belongs to it.
  private func lastPositive() throws(SNNError) -> Tensor {
    let n = shape[rank - 1]
    let fromEnd = try (self > 0).cast(to: .uint8).reversed(rank - 1).argmax(-1, keepDim: true)
    return try .int(n - 1) - fromEnd
  }
}
