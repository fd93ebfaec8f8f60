import CKernels

extension Operation {
  static let comparison: [Operation] = [
    eq, ne, lt, le, gt, ge, logicalAnd, logicalOr, logicalXor, logicalNot, isNaN, isInfinite, isFinite,
  ]

  private static func compare(_ name: String, _ doc: String, _ kernel: ck_binary_op) -> Binary {
    Binary(name, doc, kernel, .comparison, saves: [])
  }

  static let eq = compare("eq", "Whether input equals other.", ck_binary_eq)
  static let ne = compare("ne", "Whether input differs from other.", ck_binary_ne)
  static let lt = compare("lt", "Whether input is less than other.", ck_binary_lt)
  static let le = compare("le", "Whether input is less than or equal to other.", ck_binary_le)
  static let gt = compare("gt", "Whether input is greater than other.", ck_binary_gt)
  static let ge = compare("ge", "Whether input is greater than or equal to other.", ck_binary_ge)
  static let logicalAnd = compare("logical_and", "Whether both are non-zero.", ck_binary_logical_and)
  static let logicalOr = compare("logical_or", "Whether either is non-zero.", ck_binary_logical_or)
  static let logicalXor = compare("logical_xor", "Whether exactly one is non-zero.", ck_binary_logical_xor)

  private static func test(_ name: String, _ doc: String, _ kernel: ck_unary_op) -> Unary {
    Unary(name, doc, kernel, givesBool: true, derivative: nil)
  }

  static let logicalNot = test("logical_not", "Whether input is zero.", ck_unary_logical_not)
  static let isNaN = test("isnan", "Whether each element is NaN.", ck_unary_isnan)
  static let isInfinite = test("isinf", "Whether each element is infinite.", ck_unary_isinf)
  static let isFinite = test("isfinite", "Whether each element is neither infinite nor NaN.", ck_unary_isfinite)
}

extension Tensor {
  public static func == (a: Tensor, b: Tensor) throws(SNNError) -> Tensor { try Operation.eq(a, b) }
  public static func != (a: Tensor, b: Tensor) throws(SNNError) -> Tensor { try Operation.ne(a, b) }
  public static func < (a: Tensor, b: Tensor) throws(SNNError) -> Tensor { try Operation.lt(a, b) }
  public static func <= (a: Tensor, b: Tensor) throws(SNNError) -> Tensor { try Operation.le(a, b) }
  public static func > (a: Tensor, b: Tensor) throws(SNNError) -> Tensor { try Operation.gt(a, b) }
  public static func >= (a: Tensor, b: Tensor) throws(SNNError) -> Tensor { try Operation.ge(a, b) }
  public static func == (a: Tensor, b: Scalar) throws(SNNError) -> Tensor { try a == Tensor(number: b) }
  public static func != (a: Tensor, b: Scalar) throws(SNNError) -> Tensor { try a != Tensor(number: b) }
  public static func < (a: Tensor, b: Scalar) throws(SNNError) -> Tensor { try a < Tensor(number: b) }
  public static func <= (a: Tensor, b: Scalar) throws(SNNError) -> Tensor { try a <= Tensor(number: b) }
  public static func > (a: Tensor, b: Scalar) throws(SNNError) -> Tensor { try a > Tensor(number: b) }
  public static func >= (a: Tensor, b: Scalar) throws(SNNError) -> Tensor { try a >= Tensor(number: b) }

  public func logicalAnd(_ other: Tensor) throws(SNNError) -> Tensor { try Operation.logicalAnd(self, other) }
  public func logicalOr(_ other: Tensor) throws(SNNError) -> Tensor { try Operation.logicalOr(self, other) }
  public func logicalXor(_ other: Tensor) throws(SNNError) -> Tensor { try Operation.logicalXor(self, other) }
  public func logicalNot() throws(SNNError) -> Tensor { try Operation.logicalNot(self) }
  public func isNaN() throws(SNNError) -> Tensor { try Operation.isNaN(self) }
  public func isInfinite() throws(SNNError) -> Tensor { try Operation.isInfinite(self) }
  public func isFinite() throws(SNNError) -> Tensor { try Operation.isFinite(self) }
}
