import CKernels

/// The kernel of an operation on three broadcast tensors with its derivatives.
final class TernaryRule: Sendable {
  typealias Derivative = @Sendable (Pass, [Double]) throws -> Tensor

  let name: String
  let kernel: ck_ternary_op
  /// The gradients of the three operands.
  let derivatives: [Derivative]

  init(_ name: String, _ kernel: ck_ternary_op, _ derivatives: [Derivative]) {
    self.name = name
    self.kernel = kernel
    self.derivatives = derivatives
  }

  func callAsFunction(_ a: Tensor, _ b: Tensor, _ c: Tensor, _ parameters: [Double] = []) throws(SNNError) -> Tensor {
    let dtype = DType.result(of: a, b, c)
    guard ck_ternary_supports(kernel, dtype.kernel) else { throw .dtype("\(name): not defined for \(dtype.name)") }
    let call = TernaryCall(rule: self, parameters: parameters)
    return try call(Few(a.cast(to: dtype), b.cast(to: dtype), c.cast(to: dtype)))
  }
}

/// One call of an operation on three tensors.
struct TernaryCall: Primitive {
  let rule: TernaryRule
  let parameters: [Double]

  var name: String { rule.name }
  var saves: Saves { .inputs }

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results {
    let first = try Dimensions.broadcast(inputs[0].shape, inputs[1].shape, operation: name)
    return Results(try Dimensions.broadcast(first, inputs[2].shape, operation: name), inputs[0].dtype)
  }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    Loop.over(outputs[0].shape, outputs[0], inputs[0], inputs[1], inputs[2]) { rank, size, out, x, y, z in
      _ = ck_ternary(rule.kernel, outputs[0].dtype.kernel, parameters, rank, size, out, x, y, z)
    }
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    var gradients = Few<Tensor?>()
    for (i, derivative) in rule.derivatives.enumerated() {
      gradients.append(p.needs(i) ? try derivative(p, parameters) : nil)
    }
    return gradients
  }
}

extension Operation {
  static let ternaries: [Operation] = [lerp, addcmul, addcdiv]

  fileprivate static let lerpTensor = TernaryRule(
    "lerp", ck_ternary_lerp,
    [
      { p, _ in try p.g * (1 - p.c) }, { p, _ in try p.g * p.c }, { p, _ in try p.g * (p.b - p.a) },
    ])

  static let lerp = Operation(
    "lerp", "input + weight * (end - input).", [.tensor("input"), .tensor("end"), .operand("weight")],
    hasInPlaceForm: true
  ) {
    $0.optionalTensor(2) != nil
      ? try $0.tensor(0).lerp($0.tensor(1), $0.tensor(2)) : try $0.tensor(0).lerp($0.tensor(1), $0.float(2))
  }

  fileprivate static let addcmulRule = TernaryRule(
    "addcmul", ck_ternary_addcmul,
    [
      { p, _ in p.g }, { p, n in try p.g * (p.c * .float(n[0])) }, { p, n in try p.g * (p.b * .float(n[0])) },
    ])

  fileprivate static let addcdivRule = TernaryRule(
    "addcdiv", ck_ternary_addcdiv,
    [
      { p, _ in p.g }, { p, n in try p.g * (.float(n[0]) / p.c) },
      { p, n in try -p.g * (p.b * .float(n[0]) / p.c.square()) },
    ])

  private static let threeFields: [Field] = [
    .tensor("input"), .tensor("tensor1"), .tensor("tensor2"), .scalar("value", default: 1).keyword,
  ]

  static let addcmul = Operation(
    "addcmul", "input + value * tensor1 * tensor2.", threeFields, hasInPlaceForm: true
  ) { try $0.tensor(0).addcmul($0.tensor(1), $0.tensor(2), value: $0.scalar(3)) }

  static let addcdiv = Operation(
    "addcdiv", "input + value * tensor1 / tensor2.", threeFields, hasInPlaceForm: true
  ) { try $0.tensor(0).addcdiv($0.tensor(1), $0.tensor(2), value: $0.scalar(3)) }
}

extension Tensor {
  /// self + weight * (end - self).
  public func lerp(_ end: Tensor, _ weight: Tensor) throws(SNNError) -> Tensor {
    try Operation.lerpTensor(self, end, weight)
  }

  public func lerp(_ end: Tensor, _ weight: Double) throws(SNNError) -> Tensor {
    let rule = BinaryRule(
      "lerp", ck_binary_lerp_scalar, .common, saves: [], left: { try $0.g * .float(1 - weight) },
      right: { try $0.g * .float(weight) })
    return try rule(self, end, [weight])
  }

  /// self + value * a * b.
  public func addcmul(_ a: Tensor, _ b: Tensor, value: Scalar = 1) throws(SNNError) -> Tensor {
    if case .float = value, !DType.result(of: self, a, b).isFloatingPoint {
      throw .argument("addcmul: For integral input tensors, argument value must not be a floating point number")
    }
    return try Operation.addcmulRule(self, a, b, [value.double])
  }

  /// self + value * a / b.
  public func addcdiv(_ a: Tensor, _ b: Tensor, value: Scalar = 1) throws(SNNError) -> Tensor {
    try Operation.addcdivRule(self, a, b, [value.double])
  }
}
