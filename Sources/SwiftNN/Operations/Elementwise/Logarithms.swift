import CKernels

extension Operation {
  static let logarithms: [Operation] = [logaddexp, logaddexp2, xlogy, xlog1py, ldexp]

  static let logaddexp = Binary(
    "logaddexp", "log(exp(input) + exp(other)), without overflow.", ck_binary_logaddexp, fields: .twoTensors,
    left: { try $0.g * ($0.a - $0.b).sigmoid() }, right: { try $0.g * ($0.b - $0.a).sigmoid() })

  static let logaddexp2 = Binary(
    "logaddexp2", "log2(2^input + 2^other), without overflow.", ck_binary_logaddexp2, fields: .twoTensors,
    left: { try $0.g / (1 + ($0.b - $0.a).exp2()) }, right: { try $0.g / (1 + ($0.a - $0.b).exp2()) })

  static let xlogy: Binary = Binary(
    "xlogy", "input log(other), 0 where input is 0.", ck_binary_xlogy, .floating,
    places: [.function, .method, .special],
    left: { try $0.g.xlogy($0.b).masked(where: ($0.a == 0).logicalAnd($0.b <= 0), 0) },
    right: { try $0.g * $0.a / $0.b })

  static let xlog1py: Binary = Binary(
    "xlog1py", "input log(1 + other), 0 where input is 0.", ck_binary_xlog1py, .floating, places: .special,
    left: { try $0.g.xlog1py($0.b).masked(where: ($0.a == 0).logicalAnd($0.b <= -1), 0) },
    right: { try $0.g * $0.a / ($0.b + 1) })

  static let ldexp = Binary(
    "ldexp", "input times 2 to the power of other.", ck_binary_ldexp, .floating, saves: [.inputs, .outputs],
    fields: .twoTensors,
    left: { try $0.g * $0.b.exp2() }, right: { try $0.g * ($0.y * .float(0.69314718055994530942)) })
}

extension Tensor {
  /// log(exp(self) + exp(other)), without overflow.
  public func logAddExp(_ other: Tensor) throws(SNNError) -> Tensor { try Operation.logaddexp(self, other) }
  /// log2(2^self + 2^other), without overflow.
  public func logAddExp2(_ other: Tensor) throws(SNNError) -> Tensor { try Operation.logaddexp2(self, other) }
  /// self log(other), 0 where self is 0.
  public func xlogy(_ other: Tensor) throws(SNNError) -> Tensor { try Operation.xlogy(self, other) }
  /// self log(1 + other), 0 where self is 0.
  public func xlog1py(_ other: Tensor) throws(SNNError) -> Tensor { try Operation.xlog1py(self, other) }
  /// self times 2 to the power of other.
  public func ldexp(_ other: Tensor) throws(SNNError) -> Tensor { try Operation.ldexp(self, other) }
}
