import CKernels

extension Operation {
  static let specialFunctions: [Operation] = [
    erf, erfc, erfcx, erfinv, lgamma, digamma, polygamma, polygammaMethod, multivariateLogGamma, i0, i0e, i1, i1e,
    entropy,
    normalProbability,
    logNormalProbability, normalQuantile,
  ]

  private static let everywhere: Places = [.function, .method, .special]
  private static let twoOverRootPi = Scalar.float(1.12837916709551257390)

  static let erf = Unary("erf", "The error function.", ck_unary_erf, places: everywhere) { p, _ in
    try p.g * ((-p.a.square()).exp() * twoOverRootPi)
  }
  static let erfc = Unary("erfc", "1 - erf(input), precise for large input.", ck_unary_erfc, places: everywhere) {
    p, _ in
    try -p.g * ((-p.a.square()).exp() * twoOverRootPi)
  }
  static let erfcx = Operation(
    "erfcx", "exp(input²) erfc(input), which does not underflow.", [.tensor("input")], places: .special
  ) { try erfcxRule($0.tensor(0)) }
  private static let erfcxRule: UnaryRule = UnaryRule("erfcx", ck_special_erfcx) { p, _ in
    try p.g * (p.a * erfcxRule(p.a) * 2 - twoOverRootPi)
  }
  static let erfinv = Unary("erfinv", "The inverse of erf.", ck_unary_erfinv, places: everywhere) { p, _ in
    try p.g * (p.y.square().exp() * .float(0.88622692545275801365))
  }

  static let lgamma = Unary(
    "lgamma", "log |Γ(input)|.", ck_unary_lgamma, aliases: [.special("gammaln")]
  ) { p, _ in try p.g * p.a.digamma() }
  static let digamma = Unary(
    "digamma", "The derivative of lgamma.", ck_unary_digamma, places: everywhere, aliases: [.special("psi")]
  ) { p, _ in try p.g * p.a.polygamma(1) }

  fileprivate static let polygammaRule: UnaryRule = UnaryRule("polygamma", ck_unary_polygamma) { p, numbers in
    try p.g * p.a.polygamma(Int(numbers[0]) + 1)
  }

  private static let order = Field.int("n", in: 0...170, "Which derivative.")

  static let polygamma = Operation(
    "polygamma", "The n-th derivative of digamma.", [order, .tensor("input")], places: [.function, .special]
  ) { try $0.tensor(1).polygamma($0.int(0)) }

  static let polygammaMethod = Operation(
    "polygamma.method", "The n-th derivative of digamma.", [.tensor("input"), order], places: .method,
    hasInPlaceForm: true
  ) { try $0.tensor(0).polygamma($0.int(1)) }

  static let multivariateLogGamma = Operation(
    "mvlgamma", "The multivariate lgamma of dimension p.",
    [.tensor("input", "Greater than (p - 1) / 2."), .int("p", in: 1...1024)], hasInPlaceForm: true,
    aliases: [.special("multigammaln")]
  ) { try $0.tensor(0).multivariateLogGamma($0.int(1)) }

  static let i0 = Unary(
    "i0", "The modified Bessel function of order 0.", ck_unary_i0, places: everywhere,
    aliases: [.special("modified_bessel_i0")]
  ) { p, _ in try p.g * p.a.i1() }
  static let i0e = Unary("i0e", "exp(-|input|) i0(input).", ck_unary_i0e, places: .special) { p, _ in
    try p.g * (p.a.i1e() - p.a.sign() * p.a.i0e())
  }
  static let i1 = Unary(
    "i1", "The modified Bessel function of order 1.", ck_unary_i1, places: .special,
    aliases: [.special("modified_bessel_i1")]
  ) { p, _ in try p.g * i1Slope(p.a) }

  /// i1′ = i0 - i1 / x and i1″ = i1 - i2 / x, without the cancellation of their quotients near 0.
  private static let i1Slope = UnaryRule("i1", ck_special_i1_slope) { p, _ in
    try p.g * (p.a.i1() - i2Ratio(p.a))
  }
  private static let i2Ratio: UnaryRule = UnaryRule("i1", ck_special_i2_ratio) { p, _ in
    let (x, isZero) = try awayFromZero(p.a)
    return try p.g * ((x.i1() - i2Ratio(x) * 4) / x).masked(where: isZero, 0)
  }
  static let i1e = Unary("i1e", "exp(-|input|) i1(input).", ck_unary_i1e, places: .special) { p, _ in
    let (x, isZero) = try awayFromZero(p.a)
    return try p.g * (x.i0e() - x.i1e() * (x.sign() + 1 / x)).masked(where: isZero, 0.5)
  }

  /// The tensor with 1 where it is nearly 0, and where that is.
  private static func awayFromZero(_ x: Tensor) throws -> (Tensor, Tensor) {
    let isZero = try x.detach().abs() < 1e-8
    return (try x.masked(where: isZero, 1), isZero)
  }

  static let entropy = special(
    "entr", "-input log(input), 0 at 0, -infinity below.", ck_special_entr
  ) { p, _ in try -p.g * (p.a.log() + 1) }

  static let normalProbability = Operation(
    "ndtr", "The probability that a standard normal number is below input.", [.tensor("input")], places: .special
  ) { try ($0.tensor(0) * .float(-0.70710678118654752440)).erfc() * 0.5 }

  static let logNormalProbability = special(
    "log_ndtr", "The logarithm of ndtr, which does not underflow.", ck_special_log_ndtr
  ) { p, _ in
    try p.g * (.float(0.79788456080286535588) / erfcxRule(p.a * .float(-0.70710678118654752440)))
  }

  static let normalQuantile = Operation(
    "ndtri", "The inverse of ndtr.", [.tensor("input")], places: .special
  ) { try (($0.tensor(0) * 2.0 - 1.0).erfinv()) * .float(1.41421356237309504880) }
}

extension Tensor {
  public func erf() throws(SNNError) -> Tensor { try Operation.erf(self) }
  public func erfc() throws(SNNError) -> Tensor { try Operation.erfc(self) }
  public func erfinv() throws(SNNError) -> Tensor { try Operation.erfinv(self) }
  /// log |Γ(x)|.
  public func lgamma() throws(SNNError) -> Tensor { try Operation.lgamma(self) }
  public func digamma() throws(SNNError) -> Tensor { try Operation.digamma(self) }
  /// The n-th derivative of digamma.
  public func polygamma(_ n: Int) throws(SNNError) -> Tensor {
    guard n >= 0 else { throw .argument("polygamma: n must be at least 0, got \(n)") }
    return try n == 0 ? digamma() : Operation.polygammaRule(self, [Double(n)])
  }
  public func i0() throws(SNNError) -> Tensor { try Operation.i0(self) }
  public func i0e() throws(SNNError) -> Tensor { try Operation.i0e(self) }
  public func i1() throws(SNNError) -> Tensor { try Operation.i1(self) }
  public func i1e() throws(SNNError) -> Tensor { try Operation.i1e(self) }

  /// lgamma of dimension p: the sum of lgamma(x - i / 2) over 0 ≤ i < p, and a constant.
  public func multivariateLogGamma(_ p: Int) throws(SNNError) -> Tensor {
    guard p >= 1 else { throw .argument("mvlgamma: p has to be greater than or equal to 1, got \(p)") }
    let x = try dtype.isFloatingPoint ? self : cast(to: .default)
    let steps = try Tensor.arange(0, .int(p)).cast(to: x.dtype) * -0.5
    let constant = Double(p * (p - 1)) / 4 * 1.14472988584940017414
    return try (x.unsqueeze(-1) + steps).lgamma().sum([-1]) + .float(constant)
  }
}
