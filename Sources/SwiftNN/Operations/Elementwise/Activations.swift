import CKernels

extension Operation {
  static let activations: [Operation] = [
    sigmoid, logSigmoid, scaledSigmoid, gelu, silu, mish, softplus, softsign, tanhshrink, elu, selu, celu,
    squareplus,
  ]

  static let sigmoid = Unary(
    "sigmoid", "1 / (1 + exp(-input)).", ck_unary_sigmoid, places: [.function, .method, .functional],
    aliases: [.special("expit")]
  ) { p, _ in
    let y = try p.y
    return try p.g * (1 - y) * y
  }

  fileprivate static let logSigmoidRule = UnaryRule("logsigmoid", ck_unary_logsigmoid, refusesIntegers: true) { p, _ in
    try p.g * (-p.a).sigmoid()
  }
  static let logSigmoid = activation(logSigmoidRule, "log(sigmoid(input)), without overflow.")

  static let scaledSigmoid = Operation(
    "scaled_sigmoid", "sigmoid(k * input).", [.tensor("input"), .float("k", default: 1, "The steepness.")],
    places: .functional
  ) { try ($0.tensor(0) * .float($0.float(1))).sigmoid() }

  fileprivate static let exactGELU = UnaryRule("gelu", ck_unary_gelu, refusesIntegers: true) { p, _ in
    let x = try p.a
    let density = try (x.square() * -0.5).exp() * 0.39894228040143267794
    let distribution = try (x * 0.70710678118654752440).erf() * 0.5 + 0.5
    return try p.g * (distribution + x * density)
  }

  fileprivate static let tanhGELU = UnaryRule("gelu", ck_unary_gelu_tanh, refusesIntegers: true) { p, _ in
    let x = try p.a
    let scale: Scalar = 0.79788456080286535588
    let t = try ((x + 0.044715 * x * x * x) * scale).tanh()
    let slope = try (1 + 0.134145 * x * x) * scale
    return try p.g * (0.5 * (1 + t) + 0.5 * x * (1 - t * t) * slope)
  }

  static let gelu = Operation(
    "gelu", "input times the probability that a standard normal number is less than it.",
    [
      .tensor("input"),
      .choice("approximate", of: ["none", "tanh"], default: "none", "'tanh' for the usual approximation.").keyword,
    ], places: .functional
  ) { try $0.tensor(0).gelu(approximateByTanh: $0.string(1) == "tanh") }

  fileprivate static let siluRule = UnaryRule("silu", ck_unary_silu, refusesIntegers: true) { p, _ in
    let x = try p.a
    let s = try x.sigmoid()
    return try p.g * (s * (1 + x * (1 - s)))
  }
  static let silu = activation(siluRule, "input * sigmoid(input).", writesOver: false)

  fileprivate static let mishRule = UnaryRule("mish", ck_unary_mish, refusesIntegers: true) { p, _ in
    let x = try p.a
    let t = try x.softplus().tanh()
    return try p.g * (t + x * (1 - t.square()) * x.sigmoid())
  }
  static let mish = activation(mishRule, "input * tanh(softplus(input)).", writesOver: false)

  /// Its numbers are beta and threshold.
  fileprivate static let softplusRule = UnaryRule("softplus", ck_unary_softplus, refusesIntegers: true) { p, n in
    let scaled = try p.a * .float(n[0])
    return try p.g * scaled.sigmoid().masked(where: scaled > .float(n[1]), 1)
  }
  static let softplus = activation(
    softplusRule, "log(1 + exp(beta * input)) / beta; input itself where beta * input exceeds threshold.",
    [.float("beta", default: 1), .float("threshold", default: 20)])

  fileprivate static let softsignRule = UnaryRule("softsign", ck_unary_softsign) { p, _ in
    try p.g / (1 + p.a.abs()).square()
  }
  static let softsign = activation(softsignRule, "input / (1 + |input|).")

  fileprivate static let tanhshrinkRule = UnaryRule("tanhshrink", ck_unary_tanhshrink) { p, _ in
    try p.g * p.a.tanh().square()
  }
  static let tanhshrink = activation(tanhshrinkRule, "input - tanh(input).")

  /// g times `below` exp(input / width) for negative inputs, `below` at 0 and `above` for the others.
  private static func exponentialSlope(_ p: Pass, below: Double, above: Double, width: Double = 1) throws -> Tensor {
    let x = try p.a
    // The exponential is only taken where it cannot overflow.
    let slope = try (x.masked(where: (x < 0).logicalNot(), 0) * .float(1 / width)).exp() * .float(below)
    return try p.g * slope.masked(where: (x <= 0).logicalNot(), .float(above))
  }

  /// Its numbers are alpha, the scale of the output and the scale of the negative inputs.
  fileprivate static let eluRule = UnaryRule("elu", ck_unary_elu, refusesIntegers: true) { p, n in
    try exponentialSlope(p, below: n[0], above: 1)
  }
  static let elu = Operation(
    "elu", "input where positive, else alpha * (exp(input) - 1).",
    [.tensor("input"), .float("alpha", default: 1), .inplaceSwitch], places: .functional, hasInPlaceForm: true
  ) { arguments in
    try arguments.tensor(0).written(over: arguments.bool(2), operation: "elu") { try $0.elu(arguments.float(1)) }
  }

  fileprivate static let seluRule = UnaryRule("selu", ck_unary_selu, refusesIntegers: true) { p, _ in
    try exponentialSlope(p, below: 1.75809934084737685994, above: 1.05070098735548049342)
  }
  static let selu = activation(
    seluRule, "elu with the scales that keep mean 0 and variance 1.", places: [.function, .functional], writesOver: true
  )

  fileprivate static let celuRule = UnaryRule("celu", ck_unary_celu, refusesIntegers: true) { p, n in
    try exponentialSlope(p, below: 1, above: 1, width: n[0])
  }
  static let celu = activation(
    celuRule, "input where positive, else alpha * (exp(input / alpha) - 1).", [.float("alpha", default: 1)],
    places: [.function, .functional], writesOver: true
  ) { guard $0[0] != 0 else { throw SNNError.argument("celu: alpha cannot be 0") } }
}

extension Operation {
  static let squareplus = Operation(
    "squareplus", "(input + sqrt(input² + b)) / 2: a smooth relu without exponentials.",
    [.tensor("input"), .float("b", default: 4, in: 0...Double.infinity, "How round the bend is.")], places: .functional
  ) { try $0.tensor(0).squareplus($0.float(1)) }
}

extension Tensor {
  public func squareplus(_ b: Double = 4) throws(SNNError) -> Tensor {
    try (self + (square() + .float(b)).sqrt()) * 0.5
  }

  public func sigmoid() throws(SNNError) -> Tensor { try Operation.sigmoid(self) }
  /// log(sigmoid(x)), without overflow.
  public func logSigmoid() throws(SNNError) -> Tensor { try Operation.logSigmoidRule(self) }
  public func gelu(approximateByTanh: Bool = false) throws(SNNError) -> Tensor {
    try approximateByTanh ? Operation.tanhGELU(self) : Operation.exactGELU(self)
  }
  public func silu() throws(SNNError) -> Tensor { try Operation.siluRule(self) }
  public func mish() throws(SNNError) -> Tensor { try Operation.mishRule(self) }
  public func softplus(beta: Double = 1, threshold: Double = 20) throws(SNNError) -> Tensor {
    try Operation.softplusRule(self, [beta, threshold])
  }
  public func softsign() throws(SNNError) -> Tensor { try Operation.softsignRule(self) }
  public func tanhshrink() throws(SNNError) -> Tensor { try Operation.tanhshrinkRule(self) }
  public func elu(_ alpha: Double = 1) throws(SNNError) -> Tensor { try Operation.eluRule(self, [alpha, 1, 1]) }
  public func selu() throws(SNNError) -> Tensor { try Operation.seluRule(self) }
  public func celu(_ alpha: Double = 1) throws(SNNError) -> Tensor {
    guard alpha != 0 else { throw .argument("celu: alpha cannot be 0") }
    return try Operation.celuRule(self, [alpha])
  }
}
