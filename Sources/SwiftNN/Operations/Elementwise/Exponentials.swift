import CKernels

extension Operation {
  static let exponentials: [Operation] = [exp, expm1, log, log1p]

  static let exp = Unary("exp", "e to the power of input.", ck_unary_exp) { p, _ in try p.g * p.y }
  static let expm1 = Unary("expm1", "exp(input) - 1, precise near 0.", ck_unary_expm1) { p, _ in try p.g * (p.y + 1) }
  static let log = Unary("log", "The natural logarithm.", ck_unary_log) { p, _ in try p.g / p.a }
  static let log1p = Unary("log1p", "log(1 + input), precise near 0.", ck_unary_log1p) { p, _ in try p.g / (p.a + 1) }
}

extension Tensor {
  public func exp() throws(SNNError) -> Tensor { try Operation.exp(self) }
  public func expm1() throws(SNNError) -> Tensor { try Operation.expm1(self) }
  public func log() throws(SNNError) -> Tensor { try Operation.log(self) }
  public func log1p() throws(SNNError) -> Tensor { try Operation.log1p(self) }
}
