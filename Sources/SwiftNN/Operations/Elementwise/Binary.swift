import CKernels

/// An operation on pairs of elements of two broadcast tensors, with a line in the table of kernels.
final class Binary: Operation, @unchecked Sendable {
  private let rule: BinaryRule

  @_optimize(speed)
  init(
    _ name: String, _ doc: String, _ kernel: ck_binary_op, _ promotion: BinaryRule.Promotion = .common,
    saves: Saves = .inputs, fields: [Field] = .twoOperands, places: Places = .both,
    aliases: [Alias] = [], left: BinaryRule.Derivative? = nil, right: BinaryRule.Derivative? = nil,
    refusesZero: Bool = false, takesTwoNumbers: Bool = false
  ) {
    let rule = BinaryRule(name, kernel, promotion, saves: saves, left: left, right: right, refusesZero: refusesZero)
    self.rule = rule
    super.init(
      name, doc, fields, places: places, differentiable: left != nil || right != nil,
      hasInPlaceForm: places.contains(.method), aliases: aliases, shortcut: .binary(rule),
      body: .one {
        takesTwoNumbers ? try rule($0.operand(0), $0.operand(1)) : try rule($0.pair(0), $0.pair(1))
      })
  }

  @_optimize(speed)
  func callAsFunction(_ a: Tensor, _ b: Tensor) throws(SNNError) -> Tensor { try rule(a, b) }
}

extension [Field] {
  /// A number may stand for one of the two.
  static let twoOperands: [Field] = [.operand("input"), .operand("other")]
  static let tensorAndOperand: [Field] = [.tensor("input"), .operand("other")]
  static let twoTensors: [Field] = [.tensor("input"), .tensor("other")]
}

extension Arguments {
  /// One of the first two arguments, of which at least one is a tensor.
  @_optimize(speed)
  func pair(_ index: Int) throws(SNNError) -> Tensor {
    guard optionalTensor(0) != nil || optionalTensor(1) != nil else {
      throw .argument("at least one of the two arguments must be a tensor, got two numbers")
    }
    return try operand(index)
  }
}

/// The kernel of a binary operation with its derivatives.
final class BinaryRule: Sendable {
  /// The gradient of one side in terms of `g`, `a`, `b` and `y`, of which the rule says what it saves.
  typealias Derivative = @Sendable (Pass) throws -> Tensor

  /// In which dtype two operands meet, and what comes out.
  enum Promotion: Sendable {
    case common
    /// Integers become the default floating dtype.
    case floating
    /// The result is bool.
    case comparison
    /// Floating point is an error.
    case integers
  }

  let name: String
  let kernel: ck_binary_op
  let promotion: Promotion
  let saves: Saves
  let left: Derivative?
  let right: Derivative?
  /// Integers cannot be divided by zero.
  let refusesZero: Bool
  /// The parameters of a call that gives none.
  private let usual: [Double]

  @_optimize(speed)
  init(
    _ name: String, _ kernel: ck_binary_op, _ promotion: Promotion, saves: Saves, left: Derivative?,
    right: Derivative?, refusesZero: Bool = false, leading: Double? = nil
  ) {
    usual = leading.map { [$0] } ?? []
    self.name = name
    self.kernel = kernel
    self.promotion = promotion
    self.saves = left == nil && right == nil ? [] : saves
    self.left = left
    self.right = right
    self.refusesZero = refusesZero
  }

  @_optimize(speed)
  func callAsFunction(_ a: Tensor, _ b: Tensor) throws(SNNError) -> Tensor { try self(a, b, usual) }

  @inline(__always)
  @_optimize(speed)
  func callAsFunction(_ a: Tensor, _ b: Tensor, _ parameters: [Double]) throws(SNNError) -> Tensor {
    if a.dtype == b.dtype, a.isContiguous, b.isContiguous, a.shape == b.shape, !refusesZero,
      !a.isWrappedNumber, !b.isWrappedNumber
    {
      if let result = try aligned(a, b, parameters) { return result }
    }
    return try general(a, b, parameters)
  }

  /// Operands that lie alike and need no conversion: one run of the kernel. nil when there is no kernel for their dtype.
  @inline(__always)
  @_optimize(speed)
  private func aligned(_ a: Tensor, _ b: Tensor, _ parameters: [Double]) throws(SNNError) -> Tensor? {
    let shape = a.shape
    let result = try Tensor(
      uninitialized: shape, promotion == .comparison ? .bool : a.dtype, operation: name)
    var count = Int64(shape.product)
    guard
      ck_binary(
        kernel, a.dtype.kernel, parameters, 1, &count, ck_out(data: result.data, stride: nil),
        ck_in(data: a.data, stride: nil), ck_in(data: b.data, stride: nil))
    else { return nil }
    if Gradients.areRecorded, a.requiresGradient || b.requiresGradient {
      try BinaryCall(rule: self, parameters: parameters).record(a, b, result)
    }
    return result
  }

  @_optimize(speed)
  private func general(_ a: Tensor, _ b: Tensor, _ parameters: [Double]) throws(SNNError) -> Tensor {
    if refusesZero { try refuseZero(a, b) }
    let call = BinaryCall(rule: self, parameters: parameters)
    if a.dtype == b.dtype, !a.isWrappedNumber, !b.isWrappedNumber, ck_binary_supports(kernel, a.dtype.kernel) {
      return try call(a, b)
    }
    let dtype = try dtype(for: DType.result(of: a, b))
    return try call(a.cast(to: dtype), b.cast(to: dtype))
  }

  @_optimize(speed)
  private func refuseZero(_ a: Tensor, _ b: Tensor) throws(SNNError) {
    guard !a.dtype.isFloatingPoint, !b.dtype.isFloatingPoint else { return }
    let zeros = try Gradients.with(enabled: false) { () throws(SNNError) in try b == 0 }
    guard try !zeros.holdsAnywhere() else { throw .argument("\(name): integer division by zero") }
  }

  @_optimize(speed)
  private func dtype(for common: DType) throws(SNNError) -> DType {
    if promotion == .integers, common.isFloatingPoint {
      throw .dtype("\(name): expects integer or bool tensors, got \(common.name)")
    }
    if promotion == .floating, !common.isFloatingPoint { return DType.default }
    guard ck_binary_supports(kernel, common.kernel) else { throw .dtype("\(name): not defined for \(common.name)") }
    return common
  }
}

/// One call of a binary operation.
struct BinaryCall: Primitive {
  let rule: BinaryRule
  let parameters: [Double]

  var name: String { rule.name }
  var saves: Saves { rule.saves }

  @_optimize(speed)
  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results {
    let shape = try Dimensions.broadcast(inputs[0].shape, inputs[1].shape, operation: rule.name)
    return Results(shape, rule.promotion == .comparison ? .bool : inputs[0].dtype)
  }

  @_optimize(speed)
  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    let (a, b, out) = (inputs[0], inputs[1], outputs[0])
    let isOneRun = a.isContiguous && b.isContiguous && a.shape == b.shape
    Loop.over(out.shape, isOneRun, out, a, b) { rank, size, out, x, y in
      _ = ck_binary(rule.kernel, a.dtype.kernel, parameters, rank, size, out, x, y)
    }
  }

  @_optimize(speed)
  func derivative(_ pass: Pass) throws -> Few<Tensor?> {
    Few(try side(0, rule.left, pass), try side(1, rule.right, pass))
  }

  @_optimize(speed)
  private func side(_ index: Int, _ rule: BinaryRule.Derivative?, _ pass: Pass) throws -> Tensor? {
    guard pass.needs(index) else { return nil }
    guard let rule else { throw SNNError.notDifferentiable(name) }
    return try rule(pass)
  }
}
