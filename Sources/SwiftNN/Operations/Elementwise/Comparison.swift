import CKernels

extension Operation {
  static let comparison: [Operation] = [
    eq, ne, lt, le, gt, ge, logicalAnd, logicalOr, logicalXor, logicalNot, isNaN, isInfinite, isFinite,
    isPositiveInfinity, isNegativeInfinity, signBit, isReal, isClose, allClose, equal,
  ]

  private static func compare(
    _ name: String, _ doc: String, _ kernel: ck_binary_op, fields: [Field] = .tensorAndOperand, aliases: [Alias] = []
  ) -> Binary {
    Binary(name, doc, kernel, .comparison, saves: [], fields: fields, aliases: aliases)
  }

  static let eq = compare("eq", "Whether input equals other.", ck_binary_eq)
  static let ne = compare("ne", "Whether input differs from other.", ck_binary_ne, aliases: ["not_equal"])
  static let lt = compare("lt", "Whether input is less than other.", ck_binary_lt, aliases: ["less"])
  static let le = compare("le", "Whether input is less than or equal to other.", ck_binary_le, aliases: ["less_equal"])
  static let gt = compare("gt", "Whether input is greater than other.", ck_binary_gt, aliases: ["greater"])
  static let ge = compare(
    "ge", "Whether input is greater than or equal to other.", ck_binary_ge, aliases: ["greater_equal"])
  static let logicalAnd = compare(
    "logical_and", "Whether both are non-zero.", ck_binary_logical_and, fields: .twoTensors)
  static let logicalOr = compare("logical_or", "Whether either is non-zero.", ck_binary_logical_or, fields: .twoTensors)
  static let logicalXor = compare(
    "logical_xor", "Whether exactly one is non-zero.", ck_binary_logical_xor, fields: .twoTensors)

  private static func test(_ name: String, _ doc: String, _ kernel: ck_unary_op) -> Unary {
    Unary(name, doc, kernel, givesBool: true, derivative: nil)
  }

  static let logicalNot = Unary(
    "logical_not", "Whether input is zero.", ck_unary_logical_not, givesBool: true, hasInPlaceForm: true,
    derivative: nil)
  static let isNaN = test("isnan", "Whether each element is NaN.", ck_unary_isnan)
  static let isInfinite = test("isinf", "Whether each element is infinite.", ck_unary_isinf)
  static let isFinite = test("isfinite", "Whether each element is neither infinite nor NaN.", ck_unary_isfinite)
  static let isPositiveInfinity = test("isposinf", "Whether each element is infinity.", ck_unary_isposinf)
  static let isNegativeInfinity = test("isneginf", "Whether each element is -infinity.", ck_unary_isneginf)
  static let signBit = test("signbit", "Whether each element is negative; -0.0 is.", ck_unary_signbit)
  static let isReal = Operation("isreal", "True for every element.", [.tensor("input")], differentiable: false) {
    try Tensor.full($0.tensor(0).shape, true, .bool)
  }
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
  public func isPositiveInfinity() throws(SNNError) -> Tensor { try Operation.isPositiveInfinity(self) }
  public func isNegativeInfinity() throws(SNNError) -> Tensor { try Operation.isNegativeInfinity(self) }
  public func signBit() throws(SNNError) -> Tensor { try Operation.signBit(self) }
}
