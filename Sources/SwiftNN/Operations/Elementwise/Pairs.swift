import CKernels

extension Operation {
  static let pairs: [Operation] = [fmax, fmin, atan2, hypot, copysign, nextafter, heaviside, dist]

  /// Equal elements share the gradient; next to NaN a number gets all of it.
  private static func ignoringNaN(_ name: String, _ doc: String, _ kernel: ck_binary_op, _ wins: Binary) -> Binary {
    @Sendable func share(_ p: Pass) throws -> Tensor {
      let tie = try (p.a == p.b).cast(to: p.g.dtype)
      return try wins(p.a, p.b).logicalOr(p.b.isNaN()).cast(to: p.g.dtype) - tie * 0.5
    }
    return Binary(
      name, doc, kernel, fields: .twoTensors, left: { try $0.g * share($0) }, right: { try $0.g * (1 - share($0)) })
  }

  static let fmax = ignoringNaN("fmax", "The greater of two; a number wins over NaN.", ck_binary_fmax, ge)
  static let fmin = ignoringNaN("fmin", "The lesser of two; a number wins over NaN.", ck_binary_fmin, le)

  static let atan2 = Binary(
    "atan2", "The angle of the point (other, input).", ck_binary_atan2, .floating, fields: .twoTensors,
    aliases: ["arctan2"],
    left: { try $0.g * ($0.b * inverseSquare($0)) }, right: { try -$0.g * ($0.a * inverseSquare($0)) })

  /// 1 / (a² + b²), 0 at the origin.
  private static func inverseSquare(_ p: Pass) throws -> Tensor {
    try (p.a.square() + p.b.square()).reciprocal().masked(where: (p.a == 0).logicalAnd(p.b == 0), 0)
  }

  static let hypot = Binary(
    "hypot", "sqrt(input² + other²).", ck_binary_hypot, saves: [.inputs, .outputs], fields: .twoTensors,
    left: { try $0.g * ($0.a / $0.y) }, right: { try $0.g * ($0.b / $0.y) })

  static let copysign = Binary(
    "copysign", "The size of input with the sign of other.", ck_binary_copysign, .floating, saves: [.inputs, .outputs],
    fields: .tensorAndOperand,
    left: { try $0.g * ($0.y / $0.a).masked(where: $0.a == 0, 0) }, right: { try $0.g.zerosLike() })

  static let nextafter = Operation(
    "nextafter", "The next number that can be represented after input towards other.", .twoTensors, hasInPlaceForm: true
  ) { try $0.tensor(0).nextafter($0.tensor(1)) }

  /// Its number is how many bits the fraction of a half has; 0 for the wider dtypes.
  fileprivate static let nextafterRule = BinaryRule(
    "nextafter", ck_binary_nextafter, .common, saves: .inputs,
    left: { try $0.g.masked(where: $0.a == $0.b, 0) },
    right: { try $0.g.zerosLike() })

  static let heaviside = Binary(
    "heaviside", "0 where input is negative, 1 where it is positive, values where it is 0.", ck_binary_heaviside,
    saves: [], fields: [.tensor("input"), .tensor("values")])

  static let dist = Operation(
    "dist", "The p-norm of input - other.", [.tensor("input"), .tensor("other"), .float("p", default: 2)]
  ) { try ($0.tensor(0) - $0.tensor(1)).norm(.float($0.float(2))) }
}

extension Tensor {
  /// The greater of two; a number wins over NaN.
  public func fmax(_ other: Tensor) throws(SNNError) -> Tensor { try Operation.fmax(self, other) }
  /// The lesser of two; a number wins over NaN.
  public func fmin(_ other: Tensor) throws(SNNError) -> Tensor { try Operation.fmin(self, other) }
  /// The angle of the point (x, self).
  public func atan2(_ x: Tensor) throws(SNNError) -> Tensor { try Operation.atan2(self, x) }
  public func hypot(_ other: Tensor) throws(SNNError) -> Tensor { try Operation.hypot(self, other) }
  /// The sizes of this tensor with the signs of `other`.
  public func copysign(_ other: Tensor) throws(SNNError) -> Tensor { try Operation.copysign(self, other) }
  public func nextafter(_ other: Tensor) throws(SNNError) -> Tensor {
    let dtype = DType.result(of: self, other)
    return try Operation.nextafterRule(self, other, [dtype == .float16 ? 10 : dtype == .bfloat16 ? 7 : 0])
  }
  /// 0 where negative, 1 where positive, `values` where 0.
  public func heaviside(_ values: Tensor) throws(SNNError) -> Tensor { try Operation.heaviside(self, values) }
}
