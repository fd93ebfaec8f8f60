import CKernels

extension Operation {
  static let exponentials: [Operation] = [exp, exp2, expm1, log, log2, log10, log1p, logit]

  private static let special: Places = [.function, .method, .special]
  private static let ln2 = Scalar.float(0.69314718055994530942)
  private static let ln10 = Scalar.float(2.30258509299404568402)

  static let exp = Unary("exp", "e to the power of input.", ck_unary_exp) { p, _ in try p.g * p.y }
  static let exp2 = Unary("exp2", "2 to the power of input.", ck_unary_exp2, places: special) { p, _ in
    try p.g * (p.y * ln2)
  }
  static let expm1 = Unary("expm1", "exp(input) - 1, precise near 0.", ck_unary_expm1, places: special) { p, _ in
    try p.g * (p.y + 1)
  }
  static let log = Unary("log", "The natural logarithm.", ck_unary_log) { p, _ in try p.g / p.a }
  static let log2 = Unary("log2", "The logarithm to base 2.", ck_unary_log2) { p, _ in try p.g / (p.a * ln2) }
  static let log10 = Unary("log10", "The logarithm to base 10.", ck_unary_log10) { p, _ in try p.g / (p.a * ln10) }
  static let log1p = Unary("log1p", "log(1 + input), precise near 0.", ck_unary_log1p, places: special) { p, _ in
    try p.g / (p.a + 1)
  }

  /// Its number is eps; a negative one stands for none.
  fileprivate static let logitRule = UnaryRule("logit", ck_unary_logit) { p, numbers in
    let x = try p.a
    let low = Swift.max(numbers[0], 0)
    let isOutside = try (x < .float(low)).logicalOr(x > .float(1 - low))
    let slope = try p.g / (x * (1 - x))
    return try slope.masked(where: isOutside, .float(numbers[0] < 0 ? .nan : 0))
  }

  static let logit = Operation(
    "logit", "log(input / (1 - input)).",
    [.tensor("input"), Field("eps", .float, "Keeps input within [eps, 1 - eps].").optional], places: special,
    hasInPlaceForm: true
  ) { try $0.tensor(0).logit(eps: $0.optionalFloat(1)) }
}

extension Tensor {
  public func exp() throws(SNNError) -> Tensor { try Operation.exp(self) }
  public func exp2() throws(SNNError) -> Tensor { try Operation.exp2(self) }
  public func expm1() throws(SNNError) -> Tensor { try Operation.expm1(self) }
  public func log() throws(SNNError) -> Tensor { try Operation.log(self) }
  public func log2() throws(SNNError) -> Tensor { try Operation.log2(self) }
  public func log10() throws(SNNError) -> Tensor { try Operation.log10(self) }
  public func log1p() throws(SNNError) -> Tensor { try Operation.log1p(self) }
  /// log(x / (1 - x)), of x kept within [eps, 1 - eps].
  public func logit(eps: Double? = nil) throws(SNNError) -> Tensor { try Operation.logitRule(self, [eps ?? -1]) }
}
