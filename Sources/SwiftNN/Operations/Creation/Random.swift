import CKernels

extension Operation {
  static let random: [Operation] = [
    rand, randn, randint, randperm, bernoulli, bernoulliOfOne, poisson, binomial, uniformInPlace, normalInPlace,
  ]

  static let rand = Operation(
    "rand", "Uniform numbers from [0, 1).", [.ints("size"), .generator, .dtype().keyword], places: .function,
    differentiable: false
  ) { try Tensor.uniform($0.ints(0), 0, 1, $0.dtype(2) ?? .default, $0.generator(1)) }

  static let randn = Operation(
    "randn", "Normal numbers of mean 0 and variance 1.", [.ints("size"), .generator, .dtype().keyword],
    places: .function, differentiable: false
  ) { try Tensor.normal($0.ints(0), mean: 0, std: 1, $0.dtype(2) ?? .default, $0.generator(1)) }

  static let randint = Operation(
    "randint", "Integers from low up to, but without, high.",
    [.int("low"), .int("high"), .ints("size"), .generator, .dtype().keyword], places: .function, differentiable: false
  ) {
    try Tensor.integers(
      $0.ints(2), $0.int(0), $0.int(1), $0.dtype(4) ?? .int64, $0.generator(3), operation: "randint")
  }

  static let randperm = Operation(
    "randperm", "The numbers 0 … n - 1 in random order.",
    [.int("n", in: 0...Double(1 << 40)), .generator, .dtype().keyword], places: .function, differentiable: false
  ) { try Tensor.permutation($0.int(0), $0.generator(1)).cast(to: $0.dtype(2) ?? .int64) }

  static let bernoulli = Operation(
    "bernoulli", "1 with the probability that each element of input says, else 0.", [.tensor("input"), .generator],
    differentiable: false
  ) {
    let p = $0.tensor(0).detach()
    guard try !(p >= 0).logicalAnd(p <= 1).logicalNot().holdsAnywhere() else {
      throw SNNError.argument("bernoulli: expects all probabilities to be between 0 and 1")
    }
    return try (Tensor.uniform(Array(p.shape), 0, 1, p.dtype, $0.generator(1)) < p).cast(to: p.dtype)
  }

  static let bernoulliOfOne = Operation(
    "bernoulli.p", "1 with probability p, else 0, in input's shape and dtype.",
    [.tensor("input"), .float("p", in: 0...1), .generator], differentiable: false
  ) { try Tensor.mask($0.tensor(0).shape, probability: $0.float(1), $0.tensor(0).dtype, $0.generator(2)) }

  private static let poissonRule = BinaryRule("poisson", ck_special_poisson)
  private static let binomialRule = TernaryRule("binomial", ck_ternary_binomial, [])

  static let poisson = Operation(
    "poisson", "Poisson distributed counts with the rates that input says.", [.tensor("input"), .generator],
    places: .function, differentiable: false
  ) {
    let rates = $0.tensor(0).detach()
    guard rates.dtype.isFloatingPoint else { throw SNNError.dtype("poisson: not implemented for \(rates.dtype.name)") }
    guard try (rates >= 0).all().item().double == 1 else {
      throw SNNError.argument("poisson: invalid Poisson rate, expected rate to be non-negative")
    }
    let uniform = try Tensor.uniform(Array(rates.shape), 0, 1, .float64, $0.generator(1))
    return try poissonRule(uniform, rates.cast(to: .float64)).cast(to: rates.dtype)
  }

  static let binomial = Operation(
    "binomial", "How many of count trials succeed, each with probability prob.",
    [.tensor("count"), .tensor("prob"), .generator], places: .function, differentiable: false
  ) {
    let (trials, chances) = ($0.tensor(0).detach(), $0.tensor(1).detach())
    guard trials.dtype.isFloatingPoint, trials.dtype == chances.dtype else {
      throw SNNError.dtype(
        "binomial: expects count and prob of one floating point dtype, got \(trials.dtype.name) and \(chances.dtype.name)"
      )
    }
    guard try (trials >= 0).all().item().double == 1,
      try (chances >= 0).logicalAnd(chances <= 1).all().item().double == 1
    else { throw SNNError.argument("binomial: expects count >= 0 and prob between 0 and 1") }
    let shape = try Dimensions.broadcast(trials.shape, chances.shape, operation: "binomial")
    let uniform = try Tensor.uniform(Array(shape), 0, 1, .float64, $0.generator(2))
    return try binomialRule(uniform, trials.cast(to: .float64), chances.cast(to: .float64)).cast(to: trials.dtype)
  }

  static let uniformInPlace = Operation(
    "uniform_", "Uniform numbers from [from, to).",
    [.tensor("input"), .float("from", default: 0), .float("to", default: 1), .generator],
    places: .method, inPlace: true
  ) { try $0.tensor(0).fillUniform($0.float(1), $0.float(2), $0.generator(3)) }

  static let normalInPlace = Operation(
    "normal_", "Normal numbers.",
    [.tensor("input"), .float("mean", default: 0), .float("std", default: 1, in: 0...Double.infinity), .generator],
    places: .method, inPlace: true
  ) { arguments in
    try arguments.tensor(0).update(operation: "normal_") {
      try Tensor.normal(
        Array($0.shape), mean: arguments.float(1), std: arguments.float(2), $0.dtype, arguments.generator(3))
    }
  }
}

extension Tensor {
  /// Uniform numbers from [low, high).
  public static func uniform(
    _ sizes: [Int], _ low: Double = 0, _ high: Double = 1, _ dtype: DType = .default, _ generator: Generator? = nil
  ) throws(SNNError) -> Tensor {
    guard low <= high else {
      throw .argument("uniform_: expects to return a [from, to) range, but found from=\(low) > to=\(high)")
    }
    return try draw(sizes, dtype, generator, "uniform_") { state, n, data in
      ck_random_uniform(dtype.kernel, state.seed, state.position, n, data, low, high)
    }
  }

  public static func normal(
    _ sizes: [Int], mean: Double = 0, std: Double = 1, _ dtype: DType = .default, _ generator: Generator? = nil
  ) throws(SNNError) -> Tensor {
    try draw(sizes, dtype, generator, "normal_") { state, n, data in
      ck_random_normal(dtype.kernel, state.seed, state.position, n, data, mean, std)
    }
  }

  /// The numbers 0 … n - 1 in random order.
  public static func permutation(_ n: Int, _ generator: Generator? = nil) throws(SNNError) -> Tensor {
    try drawn([n], .int64, operation: "randperm") { all in
      for example in 0..<(n > 0 ? all.count / n : 0) {
        let state = (generator ?? .default).take(n)
        let room = all.data.assumingMemoryBound(to: Int64.self) + example * n
        ck_random_permutation(state.seed, state.position, Int64(n), room)
      }
    }
  }

  /// 1 with probability p, else 0.
  static func mask(_ shape: Dimensions, probability p: Double, _ dtype: DType, _ generator: Generator?)
    throws(SNNError) -> Tensor
  {
    try drawn(Array(shape), dtype, operation: "bernoulli") { all in
      let state = (generator ?? .default).take(all.count)
      ck_random_bernoulli(dtype.kernel, state.seed, state.position, Int64(all.count), all.data, p)
    }
  }

  @discardableResult
  public func fillUniform(_ low: Double, _ high: Double, _ generator: Generator? = nil) throws(SNNError) -> Tensor {
    try update(operation: "uniform_") { try Tensor.uniform(Array($0.shape), low, high, $0.dtype, generator) }
  }

  private static func draw(
    _ sizes: [Int], _ dtype: DType, _ generator: Generator?, _ operation: String,
    _ body: (Generator.State, Int64, UnsafeMutableRawPointer) -> Void
  ) throws(SNNError) -> Tensor {
    guard dtype.isFloatingPoint else { throw .dtype("\(operation): not defined for \(dtype.name)") }
    return try drawn(sizes, dtype, operation: operation) { all in
      body((generator ?? .default).take(all.count), Int64(all.count), all.data)
    }
  }
}
