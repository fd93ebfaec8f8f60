import CKernels

/// Activations of straight pieces.
extension Operation {
  static let piecewiseActivations: [Operation] = [
    relu, relu6, leakyReLU, hardtanh, hardswish, hardsigmoid, hardshrink, softshrink, threshold, prelu, rrelu,
  ]

  fileprivate static let reluRule = UnaryRule("relu", ck_unary_relu, refusesBool: true) { p, _ in
    try p.g.masked(where: p.y <= 0, 0)
  }
  static let relu = activation(
    reluRule, "max(0, input).", places: [.function, .method, .functional], writesOver: true)

  fileprivate static let relu6Rule = UnaryRule("relu6", ck_unary_relu6, refusesBool: true) { p, _ in
    try p.g.masked(where: (p.a <= 0).logicalOr(p.a >= 6), 0)
  }
  static let relu6 = activation(relu6Rule, "min(max(0, input), 6).", writesOver: false)

  fileprivate static let leakyReLURule = UnaryRule("leaky_relu", ck_unary_leaky_relu, refusesIntegers: true) { p, n in
    try Tensor.where(p.a > 0, p.g, p.g * .float(n[0]))
  }
  static let leakyReLU = activation(
    leakyReLURule, "input where positive, else negative_slope * input.", [.float("negative_slope", default: 0.01)],
    writesOver: true)

  fileprivate static let hardtanhRule = UnaryRule("hardtanh", ck_unary_hardtanh, refusesBool: true) { p, n in
    try p.g.masked(where: (p.a <= .float(n[0])).logicalOr(p.a >= .float(n[1])), 0)
  }
  static let hardtanh = activation(
    hardtanhRule, "input kept between min_val and max_val.",
    [.float("min_val", default: -1), .float("max_val", default: 1)], writesOver: true
  ) {
    guard $0[0] <= $0[1] else {
      throw SNNError.argument("hardtanh: min_val cannot be greater than max_val, got \($0[0]) and \($0[1])")
    }
  }

  fileprivate static let hardswishRule = UnaryRule("hardswish", ck_unary_hardswish, refusesIntegers: true) { p, _ in
    let x = try p.a
    let inner = try Tensor.where(x < 3, p.g * (x * .float(1.0 / 3) + 0.5), p.g)
    return try inner.masked(where: x <= -3, 0)
  }
  static let hardswish = activation(hardswishRule, "input * relu6(input + 3) / 6.", writesOver: false)

  fileprivate static let hardsigmoidRule = UnaryRule(
    "hardsigmoid", ck_unary_hardsigmoid, refusesIntegers: true
  ) { p, _ in
    let isInside = try (p.a > -3).logicalAnd(p.a < 3)
    return try (p.g * .float(1.0 / 6)).masked(where: isInside.logicalNot(), 0)
  }
  static let hardsigmoid = activation(hardsigmoidRule, "relu6(input + 3) / 6.", writesOver: false)

  /// g where the input is outside [-lambd, lambd].
  private static func outside(_ p: Pass, _ n: [Double]) throws -> Tensor {
    try p.g.masked(where: (p.a >= .float(-n[0])).logicalAnd(p.a <= .float(n[0])), 0)
  }
  private static let lambda = Field.float("lambd", default: 0.5)

  fileprivate static let hardshrinkRule = UnaryRule("hardshrink", ck_unary_hardshrink, refusesIntegers: true) { p, n in
    try outside(p, n)
  }
  static let hardshrink = activation(
    hardshrinkRule, "input where it is outside [-lambd, lambd], else 0.", [lambda],
    places: [.function, .method, .functional])

  fileprivate static let softshrinkRule = UnaryRule("softshrink", ck_unary_softshrink, refusesIntegers: true) { p, n in
    try outside(p, n)
  }
  static let softshrink = activation(
    softshrinkRule, "input moved towards 0 by lambd.", [lambda]
  ) {
    guard $0[0] >= 0 else {
      throw SNNError.argument("softshrink: lambda must be greater or equal to 0, but found to be \($0[0])")
    }
  }

  fileprivate static let thresholdRule = UnaryRule("threshold", ck_unary_threshold, refusesBool: true) { p, n in
    try p.g.masked(where: p.a <= .float(n[0]), 0)
  }
  static let threshold = activation(
    thresholdRule, "input where it is above threshold, else value.", [.float("threshold"), .float("value")],
    places: [.function, .functional], writesOver: true)

  static let prelu = Operation(
    "prelu", "input where positive, else weight * input; one weight, or one for each channel.",
    [.tensor("input"), .tensor("weight")], places: [.function, .method, .functional]
  ) { try $0.tensor(0).prelu($0.tensor(1)) }

  static let rrelu = Operation(
    "rrelu", "leaky_relu with slopes drawn from [lower, upper), or with their mean outside of training.",
    [
      .tensor("input"), .float("lower", default: 0.125), .float("upper", default: 1.0 / 3),
      .bool("training", default: false), .inplaceSwitch, .generator,
    ], places: [.function, .functional], hasInPlaceForm: true
  ) { arguments in
    try arguments.tensor(0).written(over: arguments.bool(4), operation: "rrelu") {
      try $0.rrelu(
        arguments.float(1), arguments.float(2), training: arguments.bool(3), arguments.generator(5))
    }
  }
}

extension Tensor {
  public func relu() throws(SNNError) -> Tensor { try Operation.reluRule(self) }
  public func relu6() throws(SNNError) -> Tensor { try Operation.relu6Rule(self) }
  public func leakyReLU(_ negativeSlope: Double = 0.01) throws(SNNError) -> Tensor {
    try Operation.leakyReLURule(self, [negativeSlope])
  }
  public func hardtanh(_ low: Double = -1, _ high: Double = 1) throws(SNNError) -> Tensor {
    try Operation.hardtanhRule(self, [low, high])
  }
  public func hardswish() throws(SNNError) -> Tensor { try Operation.hardswishRule(self) }
  public func hardsigmoid() throws(SNNError) -> Tensor { try Operation.hardsigmoidRule(self) }
  public func hardshrink(_ lambda: Double = 0.5) throws(SNNError) -> Tensor {
    try Operation.hardshrinkRule(self, [lambda])
  }
  public func softshrink(_ lambda: Double = 0.5) throws(SNNError) -> Tensor {
    try Operation.softshrinkRule(self, [lambda])
  }
  /// This tensor where it is above `threshold`, else `value`.
  public func threshold(_ threshold: Double, _ value: Double) throws(SNNError) -> Tensor {
    try Operation.thresholdRule(self, [threshold, value])
  }

  /// This tensor where positive, else times the weight: one, or one for each position of axis 1.
  public func prelu(_ weight: Tensor) throws(SNNError) -> Tensor {
    guard weight.rank <= 1 else {
      throw .shape("prelu: Expected `weight` to be a scalar or 1D tensor, but got: ndim = \(weight.rank)")
    }
    guard dtype == weight.dtype, dtype.isFloatingPoint else {
      throw .dtype("prelu: Type promoting not supported. Got \(dtype.name) and \(weight.dtype.name)")
    }
    var slope = weight
    if weight.count != 1 {
      let channels = rank > 1 ? shape[1] : 1
      guard rank > 0, channels == weight.count else {
        throw .shape(
          "prelu: Mismatch of parameter numbers and input channel size. Found parameter numbers = \(weight.count) and "
            + "channel size = \(channels)")
      }
      var along = Dimensions(repeating: 1, count: rank)
      along[1] = channels
      slope = try weight.reshaped(to: along)
    } else if weight.rank > rank {
      slope = try weight.reshaped(to: [])
    }
    return try Tensor.where(detach() > 0, self, slope * self)
  }

  /// leakyReLU with slopes drawn from [lower, upper) while training, else with their mean.
  public func rrelu(
    _ lower: Double = 0.125, _ upper: Double = 1.0 / 3, training: Bool = false, _ generator: Generator? = nil
  ) throws(SNNError) -> Tensor {
    guard lower <= upper, lower.isFinite, upper.isFinite else {
      throw .argument("rrelu: Lower bound should be less than or equal to the upper bound, got \(lower) and \(upper)")
    }
    guard training else { return try leakyReLU((lower + upper) / 2) }
    let slopes = try Tensor.uniform(Array(shape), lower, upper, dtype, generator)
    return try self * slopes.masked(where: detach() > 0, 1)
  }
}
