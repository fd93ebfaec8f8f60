import CKernels

extension Operation {
  static let roundings: [Operation] = [floor, ceil, round, trunc, frac, nanToNum]

  /// A staircase: flat wherever it has a slope.
  private static func staircase(_ name: String, _ doc: String, _ kernel: ck_unary_op, aliases: [Alias] = []) -> Unary {
    Unary(name, doc, kernel, refusesBool: true, aliases: aliases) { p, _ in try p.g.zerosLike() }
  }

  static let floor = staircase("floor", "The greatest integer that is not above input.", ck_unary_floor)
  static let ceil = staircase("ceil", "The least integer that is not below input.", ck_unary_ceil)
  static let trunc = staircase("trunc", "The integer part.", ck_unary_trunc, aliases: ["fix"])

  fileprivate static let wholeRule = UnaryRule("round", ck_unary_round, refusesBool: true) { p, _ in
    try p.g.zerosLike()
  }
  fileprivate static let decimalsRule = UnaryRule("round", ck_unary_round_decimals, refusesIntegers: true) { p, _ in
    try p.g.zerosLike()
  }

  static let round = Operation(
    "round", "The nearest number with so many decimals; halves go to the even one.",
    [.tensor("input"), .int("decimals", default: 0, in: -400...400).keyword], places: [.function, .method, .special],
    hasInPlaceForm: true
  ) { try $0.tensor(0).round(decimals: $0.int(1)) }

  static let frac = Unary("frac", "input less its integer part.", ck_unary_frac, refusesIntegers: true) { p, _ in p.g }

  fileprivate static let nanToNumRule = UnaryRule("nan_to_num", ck_unary_nan_to_num) { p, _ in
    try p.g.masked(where: p.a.isFinite().logicalNot(), 0)
  }

  static let nanToNum = Operation(
    "nan_to_num", "input with numbers in place of NaN and the infinities.",
    [
      .tensor("input"), Field("nan", .float, "0 without it.").optional,
      Field("posinf", .float, "The greatest number of the dtype without it.").optional,
      Field("neginf", .float, "The least number of the dtype without it.").optional,
    ], hasInPlaceForm: true
  ) { try $0.tensor(0).nanToNum($0.optionalFloat(1) ?? 0, $0.optionalFloat(2), $0.optionalFloat(3)) }
}

extension DType {
  /// The greatest finite number of a floating dtype.
  var greatestFinite: Double {
    switch self {
    case .float64: .greatestFiniteMagnitude
    case .float16: 65504
    case .bfloat16: 0x1.FEp127
    default: Double(Float.greatestFiniteMagnitude)
    }
  }
}

extension Tensor {
  public func floor() throws(SNNError) -> Tensor { try Operation.floor(self) }
  public func ceil() throws(SNNError) -> Tensor { try Operation.ceil(self) }
  public func trunc() throws(SNNError) -> Tensor { try Operation.trunc(self) }
  /// The nearest number with so many decimals; halves go to the even one.
  public func round(decimals: Int = 0) throws(SNNError) -> Tensor {
    try decimals == 0 ? Operation.wholeRule(self) : Operation.decimalsRule(self, [Double(decimals)])
  }
  /// This tensor less its integer part.
  public func frac() throws(SNNError) -> Tensor { try Operation.frac(self) }

  /// This tensor with numbers in place of NaN and the infinities: the ends of the dtype's range unless others are given.
  public func nanToNum(
    _ nan: Double = 0, _ positiveInfinity: Double? = nil, _ negativeInfinity: Double? = nil
  ) throws(SNNError) -> Tensor {
    guard dtype.isFloatingPoint else { return try clone() }
    let end = dtype.greatestFinite
    return try Operation.nanToNumRule(self, [nan, positiveInfinity ?? end, negativeInfinity ?? -end])
  }
}
