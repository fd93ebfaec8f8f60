import CKernels

extension Operation {
  static let clamps: [Operation] = [clamp, clampMin, clampMax]

  private static func bound(_ name: String) -> Field { Field(name, .operand, "No bound without it.").optional }

  static let clamp = Operation(
    "clamp", "input, but not below min and not above max.", [.tensor("input"), bound("min"), bound("max")],
    hasInPlaceForm: true, aliases: ["clip"]
  ) { try $0.tensor(0).clamp($0.optionalOperand(1), $0.optionalOperand(2)) }

  static let clampMin = Operation(
    "clamp_min", "input, but not below min.", [.tensor("input"), .operand("min")], hasInPlaceForm: true
  ) { try notBelow($0.tensor(0), $0.operand(1), operation: "clamp_min") }

  static let clampMax = Operation(
    "clamp_max", "input, but not above max.", [.tensor("input"), .operand("max")], hasInPlaceForm: true
  ) { try notAbove($0.tensor(0), $0.operand(1), operation: "clamp_max") }

  /// Truths are only compared with truths of a tensor.
  private static func refuseNumber(_ x: Tensor, _ bound: Tensor, _ operation: String) throws(SNNError) {
    guard x.dtype != .bool || !bound.isWrappedNumber else { throw .dtype("\(operation): not defined for bool") }
  }

  private static func notBelow(_ x: Tensor, _ bound: Tensor, operation: String) throws -> Tensor {
    try refuseNumber(x, bound, operation)
    return try bound.isWrappedNumber ? x.clamp(bound, nil) : notBelow(x, bound)
  }

  private static func notAbove(_ x: Tensor, _ bound: Tensor, operation: String) throws -> Tensor {
    try refuseNumber(x, bound, operation)
    return try bound.isWrappedNumber ? x.clamp(nil, bound) : notAbove(x, bound)
  }

  /// Between two numbers; a bound itself has no slope.
  fileprivate static let clampNumbers = UnaryRule("clamp", ck_unary_clamp_scalar) { p, bounds in
    let x = try p.a
    var slope = p.g
    if bounds[0] != -.infinity { slope = try slope.masked(where: (x > .float(bounds[0])).logicalNot(), 0) }
    if bounds[1] != .infinity { slope = try slope.masked(where: (x < .float(bounds[1])).logicalNot(), 0) }
    return slope
  }

  /// g where the condition is true; half of it where the tensor equals its bound, which gets the other half.
  private static func part(_ p: Pass, where condition: Tensor, half tie: Tensor) throws -> Tensor {
    try p.g * (condition.cast(to: p.g.dtype) + tie.cast(to: p.g.dtype) * 0.5)
  }

  /// Where either is NaN both get the gradient, as in PyTorch.
  fileprivate static let notBelow = BinaryRule(
    "clamp", ck_binary_maximum, .common, saves: .inputs,
    left: { try shared($0).masked(where: $0.a < $0.b, 0) }, right: { try shared($0).masked(where: $0.a > $0.b, 0) })

  fileprivate static let notAbove = BinaryRule(
    "clamp", ck_binary_minimum, .common, saves: .inputs,
    left: { try shared($0).masked(where: $0.a > $0.b, 0) }, right: { try shared($0).masked(where: $0.a < $0.b, 0) })

  /// g, or half of it where both sides are equal.
  static func shared(_ p: Pass) throws -> Tensor { try Tensor.where(p.a == p.b, p.g * 0.5, p.g) }

  /// Where all three are equal the tensor gets everything, as in PyTorch.
  fileprivate static let between = TernaryRule(
    "clamp", ck_ternary_clamp,
    [
      { p, _ in
        let (x, low, high) = (try p.a, try p.b, try p.c)
        let isBetween = try (x >= low).logicalAnd(x <= high)
        let isTie = try (x == low).logicalXor(x == high)
        return try part(p, where: isBetween.logicalAnd(isTie.logicalNot()), half: isBetween.logicalAnd(isTie))
      },
      { p, _ in
        let isOpen = try p.b < p.c
        return try part(p, where: isOpen.logicalAnd(p.a < p.b), half: isOpen.logicalAnd(p.a == p.b))
      },
      { p, _ in
        try part(p, where: (p.a > p.c).logicalOr(p.c < p.b), half: (p.b < p.c).logicalAnd(p.a == p.c))
      },
    ])
}

extension Tensor {
  /// This tensor, but not below `min` and not above `max`, which are tensors or absent.
  public func clamp(_ min: Tensor?, _ max: Tensor?) throws(SNNError) -> Tensor {
    guard min != nil || max != nil else { throw .argument("clamp: At least one of 'min' or 'max' must not be None") }
    let dtype = DType.result(of: [self] + [min, max].compactMap { $0 })
    guard dtype != .bool || min == nil || max == nil else { throw .dtype("clamp: not defined for bool") }
    if min?.isWrappedNumber != false, max?.isWrappedNumber != false, dtype.isFloatingPoint {
      return try Operation.clampNumbers(
        cast(to: dtype), [min?.item().double ?? -.infinity, max?.item().double ?? .infinity])
    }
    guard let min else { return try Operation.notAbove(self, max.unsafelyUnwrapped) }
    guard let max else { return try Operation.notBelow(self, min) }
    return try Operation.between(self, min, max)
  }

  /// This tensor, but not below `min` and not above `max`.
  public func clamp(min: Scalar? = nil, max: Scalar? = nil) throws(SNNError) -> Tensor {
    try clamp(
      min.map { number throws(SNNError) in try Tensor(number: number) },
      max.map { number throws(SNNError) in try Tensor(number: number) })
  }
}
