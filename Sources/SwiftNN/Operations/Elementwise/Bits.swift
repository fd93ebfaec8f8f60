import CKernels

extension Operation {
  static let bits: [Operation] = [
    bitwiseAnd, bitwiseOr, bitwiseXor, bitwiseNot, leftShift, rightShift, greatestCommonDivisor, leastCommonMultiple,
  ]

  private static func integers(
    _ name: String, _ doc: String, _ kernel: ck_binary_op, fields: [Field] = .twoOperands
  ) -> Binary { Binary(name, doc, kernel, .integers, saves: [], fields: fields) }

  static let bitwiseAnd = integers("bitwise_and", "The bits that both have.", ck_binary_bitwise_and)
  static let bitwiseOr = integers("bitwise_or", "The bits that either has.", ck_binary_bitwise_or)
  static let bitwiseXor = integers("bitwise_xor", "The bits that exactly one has.", ck_binary_bitwise_xor)
  static let bitwiseNot = Unary(
    "bitwise_not", "The bits that input has not.", ck_unary_bitwise_not, derivative: nil)
  static let leftShift = integers(
    "bitwise_left_shift", "The bits moved up by so many places.", ck_binary_bitwise_left_shift)
  static let rightShift = integers(
    "bitwise_right_shift", "The bits moved down by so many places.", ck_binary_bitwise_right_shift)
  static let greatestCommonDivisor = integers("gcd", "The greatest common divisor.", ck_binary_gcd, fields: .twoTensors)
  static let leastCommonMultiple = integers("lcm", "The least common multiple.", ck_binary_lcm, fields: .twoTensors)
}

extension Tensor {
  public func bitwiseAnd(_ other: Tensor) throws(SNNError) -> Tensor { try Operation.bitwiseAnd(self, other) }
  public func bitwiseOr(_ other: Tensor) throws(SNNError) -> Tensor { try Operation.bitwiseOr(self, other) }
  public func bitwiseXor(_ other: Tensor) throws(SNNError) -> Tensor { try Operation.bitwiseXor(self, other) }
  public func bitwiseNot() throws(SNNError) -> Tensor { try Operation.bitwiseNot(self) }
  public static func << (a: Tensor, b: Tensor) throws(SNNError) -> Tensor { try Operation.leftShift(a, b) }
  public static func >> (a: Tensor, b: Tensor) throws(SNNError) -> Tensor { try Operation.rightShift(a, b) }
  public func gcd(_ other: Tensor) throws(SNNError) -> Tensor { try Operation.greatestCommonDivisor(self, other) }
  public func lcm(_ other: Tensor) throws(SNNError) -> Tensor { try Operation.leastCommonMultiple(self, other) }
}
