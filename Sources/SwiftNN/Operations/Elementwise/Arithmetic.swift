import CKernels

extension Operation {
  static let arithmetic: [Operation] = [
    add, sub, mul, div, floorDivision, neg, abs, sign, square, reciprocal, sqrt, rsqrt, pow, maximum, minimum, positive,
  ]

  static let plainAdd = BinaryRule("add", ck_binary_add, .common, saves: [], left: { $0.g }, right: { $0.g })
  static let plainSub = BinaryRule(
    "sub", ck_binary_sub, .common, saves: [], left: { $0.g }, right: { try -$0.g })

  static let add = Operation(
    "add", "input + alpha * other.",
    [.operand("input"), .operand("other"), .scalar("alpha", default: 1, "Scales `other`.").keyword],
    hasInPlaceForm: true, shortcut: .binary(plainAdd)
  ) { try plainAdd($0.operand(0), scaled($0.operand(1), $0.scalar(2), operation: "add")) }

  static let sub = Operation(
    "sub", "input - alpha * other.",
    [.operand("input"), .operand("other"), .scalar("alpha", default: 1, "Scales `other`.").keyword],
    hasInPlaceForm: true, aliases: ["subtract"]
  ) {
    let (a, b) = (try $0.operand(0), try $0.operand(1))
    guard a.dtype != .bool, b.dtype != .bool else {
      throw SNNError.dtype("sub: Subtraction, the `-` operator, with a bool tensor is not supported")
    }
    return try plainSub(a, scaled(b, $0.scalar(2), operation: "sub"))
  }

  @_optimize(speed)
  static func scaled(_ other: Tensor, _ alpha: Scalar, operation: String) throws -> Tensor {
    if case .int(1) = alpha { return other }
    if case .float = alpha, !other.dtype.isFloatingPoint {
      throw SNNError.argument(
        "\(operation): For integral input tensors, argument alpha must not be a floating point number")
    }
    return try other * Tensor(number: alpha)
  }

  static let mul = Binary(
    "mul", "input * other.", ck_binary_mul, saves: .inputsForOthers, aliases: ["multiply"],
    left: { try $0.g * $0.b }, right: { try $0.g * $0.a }, takesTwoNumbers: true)

  static let trueDivide = BinaryRule(
    "div", ck_binary_div, .floating, saves: .inputs, left: { try $0.g / $0.b },
    right: { try -($0.g * ($0.a / $0.b)) / $0.b })

  static let div = Operation(
    "div", "input / other, rounded as rounding_mode says.",
    [
      .operand("input"), .operand("other"),
      .choice("rounding_mode", of: ["trunc", "floor"], "None: no rounding.").optional.keyword,
    ], hasInPlaceForm: true, aliases: ["divide", "true_divide"]
  ) {
    let (a, b) = (try $0.operand(0), try $0.operand(1))
    if $0.isNone(2) { return try trueDivide(a, b) }
    return try $0.string(2) == "floor" ? floorDivide(a, b) : truncDivide(a, b)
  }

  static let floorDivide = roundedDivision("floor_divide", ck_binary_floor_divide)
  static let truncDivide = roundedDivision("div", ck_binary_trunc_divide)

  /// A staircase: flat wherever it has a slope.
  @_optimize(speed)
  private static func roundedDivision(_ name: String, _ kernel: ck_binary_op) -> BinaryRule {
    BinaryRule(
      name, kernel, .common, saves: [], left: { try $0.g.zerosLike() }, right: { try $0.g.zerosLike() },
      refusesZero: true)
  }

  static let floorDivision = Operation(
    "floor_divide", "input / other, rounded towards minus infinity.", [.operand("input"), .operand("other")],
    hasInPlaceForm: true
  ) { try floorDivide($0.operand(0), $0.operand(1)) }

  static let neg = Unary(
    "neg", "-input.", ck_unary_neg, refusesBool: true, aliases: ["negative"]
  ) { p, _ in try -p.g }
  static let positive = Unary("positive", "input itself.", ck_unary_positive, refusesBool: true) { p, _ in p.g }
  static let abs = Unary(
    "abs", "The absolute value.", ck_unary_abs, aliases: ["absolute"]
  ) { p, _ in try p.g * p.a.sign() }
  static let sign = Unary("sign", "-1, 0 or 1 by the sign.", ck_unary_sign, aliases: ["sgn"]) { p, _ in
    try p.g.zerosLike()
  }
  fileprivate static let squareRule = UnaryRule("square", ck_unary_square) { p, _ in try p.g * (2 * p.a) }
  static let square = Operation(
    "square", "input².", [.tensor("input")], hasInPlaceForm: true
  ) { try squareRule($0.tensor(0).dtype == .bool ? $0.tensor(0).cast(to: .int64) : $0.tensor(0)) }
  static let reciprocal = Unary("reciprocal", "1 / input.", ck_unary_reciprocal) { p, _ in try -p.g * p.y * p.y }
  static let sqrt = Unary("sqrt", "The square root.", ck_unary_sqrt) { p, _ in try p.g / (2 * p.y) }
  static let rsqrt = Unary("rsqrt", "1 / sqrt(input).", ck_unary_rsqrt) { p, _ in
    try p.g * -0.5 * p.y * p.y * p.y
  }

  static let pow = Binary(
    "pow", "input to the power of exponent.", ck_binary_pow, saves: [.inputs, .outputs],
    fields: [.operand("input"), .operand("exponent")],
    left: { p in
      let (x, n) = (try p.a, try p.b)
      return try (p.g * (n * x.pow(n - 1))).masked(where: n == 0, 0)
    },
    right: { p in
      let (x, n) = (try p.a, try p.b)
      let flat = try (x == 0).logicalAnd(n >= 0)
      return try p.g * (p.y * x.log()).masked(where: flat, 0)
    })

  /// Equal elements share the gradient; of NaN both get it, as in PyTorch.
  @_optimize(speed)
  private static func sharedExtreme(
    _ name: String, _ doc: String, _ kernel: ck_binary_op, _ wins: @escaping @Sendable (Tensor, Tensor) throws -> Tensor
  ) -> Binary {
    Binary(
      name, doc, kernel, fields: [.tensor("input"), .tensor("other")],
      left: { try shared($0).masked(where: wins($0.b, $0.a), 0) },
      right: { try shared($0).masked(where: wins($0.a, $0.b), 0) })
  }

  static let maximum = sharedExtreme("maximum", "The greater of two; NaN wins.", ck_binary_maximum) { try $0 > $1 }
  static let minimum = sharedExtreme("minimum", "The lesser of two; NaN wins.", ck_binary_minimum) { try $0 < $1 }
}

extension Tensor {
  @_optimize(speed)
  public static func + (a: Tensor, b: Tensor) throws(SNNError) -> Tensor { try Operation.plainAdd(a, b) }
  @_optimize(speed)
  public static func - (a: Tensor, b: Tensor) throws(SNNError) -> Tensor { try Operation.plainSub(a, b) }
  @_optimize(speed)
  public static func * (a: Tensor, b: Tensor) throws(SNNError) -> Tensor { try Operation.mul(a, b) }
  @_optimize(speed)
  public static func / (a: Tensor, b: Tensor) throws(SNNError) -> Tensor { try Operation.trueDivide(a, b) }
  public static prefix func - (a: Tensor) throws(SNNError) -> Tensor { try Operation.neg(a) }

  @_optimize(speed)
  public static func + (a: Tensor, b: Scalar) throws(SNNError) -> Tensor { try a + Tensor(number: b) }
  @_optimize(speed)
  public static func - (a: Tensor, b: Scalar) throws(SNNError) -> Tensor { try a - Tensor(number: b) }
  @_optimize(speed)
  public static func * (a: Tensor, b: Scalar) throws(SNNError) -> Tensor { try a * Tensor(number: b) }
  @_optimize(speed)
  public static func / (a: Tensor, b: Scalar) throws(SNNError) -> Tensor { try a / Tensor(number: b) }
  @_optimize(speed)
  public static func + (a: Scalar, b: Tensor) throws(SNNError) -> Tensor { try Tensor(number: a) + b }
  @_optimize(speed)
  public static func - (a: Scalar, b: Tensor) throws(SNNError) -> Tensor { try Tensor(number: a) - b }
  @_optimize(speed)
  public static func * (a: Scalar, b: Tensor) throws(SNNError) -> Tensor { try Tensor(number: a) * b }
  @_optimize(speed)
  public static func / (a: Scalar, b: Tensor) throws(SNNError) -> Tensor { try Tensor(number: a) / b }

  @_optimize(speed)
  public func abs() throws(SNNError) -> Tensor { try Operation.abs(self) }
  @_optimize(speed)
  public func sign() throws(SNNError) -> Tensor { try Operation.sign(self) }
  @_optimize(speed)
  public func square() throws(SNNError) -> Tensor { try Operation.squareRule(self) }
  @_optimize(speed)
  public func reciprocal() throws(SNNError) -> Tensor { try Operation.reciprocal(self) }
  @_optimize(speed)
  public func sqrt() throws(SNNError) -> Tensor { try Operation.sqrt(self) }
  @_optimize(speed)
  public func rsqrt() throws(SNNError) -> Tensor { try Operation.rsqrt(self) }
  @_optimize(speed)
  public func pow(_ exponent: Tensor) throws(SNNError) -> Tensor { try Operation.pow(self, exponent) }
  @_optimize(speed)
  public func pow(_ exponent: Scalar) throws(SNNError) -> Tensor { try pow(Tensor(number: exponent)) }
  @_optimize(speed)
  public func maximum(_ other: Tensor) throws(SNNError) -> Tensor { try Operation.maximum(self, other) }
  @_optimize(speed)
  public func minimum(_ other: Tensor) throws(SNNError) -> Tensor { try Operation.minimum(self, other) }
}
