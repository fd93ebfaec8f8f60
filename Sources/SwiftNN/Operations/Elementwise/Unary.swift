import CKernels

/// An operation on each element of one tensor, with a line in the table of kernels.
final class Unary: Operation, @unchecked Sendable {
  private let rule: UnaryRule

  /// `derivative` nil: not differentiable.
  @_optimize(speed)
  init(
    _ name: String, _ doc: String, _ kernel: ck_unary_op, givesBool: Bool = false, refusesBool: Bool = false,
    refusesIntegers: Bool = false, places: Places = .both, hasInPlaceForm: Bool? = nil, aliases: [Alias] = [],
    derivative: UnaryRule.Derivative?
  ) {
    let rule = UnaryRule(
      name, kernel, givesBool: givesBool, refusesBool: refusesBool, refusesIntegers: refusesIntegers,
      derivative: derivative)
    self.rule = rule
    super.init(
      name, doc, [.tensor("input")], places: places, differentiable: derivative != nil,
      hasInPlaceForm: hasInPlaceForm ?? (!givesBool && places.contains(.method)), aliases: aliases,
      shortcut: .unary(rule),
      body: .one { try rule($0.tensor(0)) })
  }

  @_optimize(speed)
  func callAsFunction(_ x: Tensor) throws(SNNError) -> Tensor { try rule(x) }
}

/// The kernel of a unary operation with its derivative.
final class UnaryRule: Sendable {
  /// The gradient in terms of `g`, and of `a` or `y`, whichever the kernel table says is saved.
  typealias Derivative = @Sendable (Pass, [Double]) throws -> Tensor

  let name: String
  let kernel: ck_unary_op
  let givesBool: Bool
  let saves: Saves
  let derivative: Derivative?
  let hasSlopeKernel: Bool
  /// The parameters of a call that gives none.
  private let usual: [Double]
  private let refusesBool: Bool
  private let refusesIntegers: Bool

  /// `usesSlopeKernel` false: the derivative differs from that of the kernel's row; `saves`: what it reads where the
  /// row has none; `leading`: the parameter of every call.
  @_optimize(speed)
  init(
    _ name: String, _ kernel: ck_unary_op, givesBool: Bool = false, refusesBool: Bool = false,
    refusesIntegers: Bool = false, usesSlopeKernel: Bool = true, saves: Saves = [],
    leading: Double? = nil, derivative: Derivative?
  ) {
    self.name = name
    self.kernel = kernel
    self.givesBool = givesBool
    self.refusesBool = refusesBool
    self.refusesIntegers = refusesIntegers
    self.derivative = derivative
    let slope = ck_slope_saves(kernel)
    usual = leading.map { [$0] } ?? []
    hasSlopeKernel = slope != CK_SAVES_NONE && usesSlopeKernel
    self.saves =
      derivative == nil ? [] : slope == CK_SAVES_NONE ? saves : slope == CK_SAVES_OUTPUT ? .outputs : .inputs
  }

  @_optimize(speed)
  func callAsFunction(_ x: Tensor) throws(SNNError) -> Tensor { try self(x, usual) }

  @_optimize(speed)
  func callAsFunction(_ x: Tensor, _ parameters: [Double]) throws(SNNError) -> Tensor {
    let supported = ck_unary_supports(kernel, x.dtype.kernel)
    return try UnaryCall(rule: self, parameters: parameters)(supported ? x : try converted(x))
  }

  /// Functions of real numbers take integers as the default floating dtype.
  @_optimize(speed)
  private func converted(_ x: Tensor) throws(SNNError) -> Tensor {
    let isRefused = x.dtype == .bool && refusesBool || refusesIntegers
    guard !x.dtype.isFloatingPoint, !isRefused, ck_unary_supports(kernel, CK_FLOAT32) else {
      throw .dtype("\(name): not defined for \(x.dtype.name)")
    }
    return try x.cast(to: DType.default)
  }
}

/// One call of a unary operation.
struct UnaryCall: Primitive {
  let rule: UnaryRule
  let parameters: [Double]

  var name: String { rule.name }
  var saves: Saves { rule.saves }

  @_optimize(speed)
  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results {
    Results(inputs[0].shape, rule.givesBool ? .bool : inputs[0].dtype)
  }

  @_optimize(speed)
  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    let x = inputs[0]
    Loop.over(x.shape, x.isContiguous, outputs[0], x) { rank, size, out, x in
      _ = ck_unary(rule.kernel, inputs[0].dtype.kernel, parameters, rank, size, out, x)
    }
  }

  @_optimize(speed)
  func derivative(_ pass: Pass) throws -> Few<Tensor?> {
    guard let derivative = rule.derivative else { throw SNNError.notDifferentiable(name) }
    guard rule.hasSlopeKernel, !Gradients.areRecorded else { return Few(try derivative(pass, parameters)) }
    // First order only: one kernel instead of the formula.
    let saved = rule.saves == .outputs ? try pass.y : try pass.a
    return Few(try Slope(rule: rule, parameters: parameters)(pass.g, saved))
  }
}

/// The gradient of a unary operation by its kernel: for passes that are not recorded.
struct Slope: Primitive {
  let rule: UnaryRule
  let parameters: [Double]

  var name: String { rule.name }
  let saves: Saves = []

  @_optimize(speed)
  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results { Results(inputs[1].shape, inputs[1].dtype) }

  @_optimize(speed)
  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    let (g, saved, slope) = (inputs[0], inputs[1], outputs[0])
    Loop.over(saved.shape, saved.isContiguous && g.isContiguous, slope, g, saved) { rank, size, out, g, saved in
      _ = ck_slope(rule.kernel, slope.dtype.kernel, parameters, rank, size, out, g, saved)
    }
  }

  @_optimize(speed)
  func derivative(_ pass: Pass) throws -> Few<Tensor?> { throw SNNError.notDifferentiable(name) }
}

extension SNNError {
  @_optimize(speed)
  static func inferenceTensor(_ name: String) -> SNNError {
    .gradient(
      "\(name): Inference tensors cannot be saved for backward. Please do not use Tensors created in inference mode in "
        + "computation tracked by autograd. To work around this, you can make a clone to get a normal tensor and use it "
        + "in autograd, or use `no_grad()` instead of `inference_mode()`.")
  }

  @_optimize(speed)
  static func notDifferentiable(_ name: String) -> SNNError {
    .gradient("\(name): has no derivative; detach its input, or keep it off the path from the parameters to the loss")
  }
}
