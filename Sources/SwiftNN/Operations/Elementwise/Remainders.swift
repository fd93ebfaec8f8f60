import CKernels

extension Operation {
  static let remainders: [Operation] = [remainder, fmod, reverseSub, floatPower]

  /// input less a whole number of others, which has a slope of minus that number along the other.
  private static func rest(
    _ name: String, _ doc: String, _ kernel: ck_binary_op, _ fields: [Field],
    _ quotient: @escaping @Sendable (Tensor, Tensor) throws -> Tensor
  ) -> Binary {
    Binary(
      name, doc, kernel, fields: fields, left: { $0.g }, right: { try -$0.g * quotient($0.a, $0.b) }, refusesZero: true)
  }

  static let remainder = rest(
    "remainder", "The rest of the division rounded towards minus infinity; it has the sign of other.",
    ck_binary_remainder, .twoOperands
  ) { try floorDivide($0, $1) }

  static let fmod = rest(
    "fmod", "The rest of the division rounded towards zero; it has the sign of input.", ck_binary_fmod,
    .tensorAndOperand
  ) { try truncDivide($0, $1) }

  static let reverseSub = Operation(
    "rsub", "other - alpha * input.",
    [.tensor("input"), .operand("other"), .scalar("alpha", default: 1, "Scales `input`.").keyword]
  ) {
    let (a, b) = ($0.tensor(0), try $0.operand(1))
    guard a.dtype != .bool, b.dtype != .bool else {
      throw SNNError.dtype("rsub: Subtraction, the `-` operator, with a bool tensor is not supported")
    }
    return try plainSub(b, scaled(a, $0.scalar(2), operation: "rsub"))
  }

  static let floatPower = Operation(
    "float_power", "input to the power of exponent, computed in float64.", [.operand("input"), .operand("exponent")],
    hasInPlaceForm: true
  ) { try $0.pair(0).cast(to: .float64).pow($0.pair(1).cast(to: .float64)) }
}

extension Tensor {
  /// The rest of the division rounded towards minus infinity; it has the sign of `other`.
  public func remainder(_ other: Tensor) throws(SNNError) -> Tensor { try Operation.remainder(self, other) }
  public func remainder(_ other: Scalar) throws(SNNError) -> Tensor { try remainder(Tensor(number: other)) }
  /// The rest of the division rounded towards zero; it has the sign of this tensor.
  public func fmod(_ other: Tensor) throws(SNNError) -> Tensor { try Operation.fmod(self, other) }
  public func fmod(_ other: Scalar) throws(SNNError) -> Tensor { try fmod(Tensor(number: other)) }
}
