import CKernels

/// v ← momentum·v + (1 - dampening)·g, then parameter ← parameter - lr·v.
public struct SGD: UpdateRule {
  public var lr: Double
  public var momentum: Double
  public var dampening: Double
  public var weightDecay: Double
  public var nesterov: Bool
  public var maximize: Bool

  public init(
    lr: Double = 0.001, momentum: Double = 0, dampening: Double = 0, weightDecay: Double = 0, nesterov: Bool = false,
    maximize: Bool = false
  ) {
    self.lr = lr
    self.momentum = momentum
    self.dampening = dampening
    self.weightDecay = weightDecay
    self.nesterov = nesterov
    self.maximize = maximize
  }

  public static let declaration = OptimizerDeclaration(
    "SGD", "Stochastic gradient descent, with momentum where asked for.",
    [
      .float("lr", default: 0.001, in: 0...Double.infinity, "The learning rate."),
      .float("momentum", default: 0, in: 0...Double.infinity),
      .float("dampening", default: 0), .float("weight_decay", default: 0, in: 0...Double.infinity),
      .bool("nesterov", default: false, "Looks ahead along the momentum."),
      .bool("maximize", default: false, "Climbs instead of descending.").keyword,
    ], state: ["momentum_buffer"], countsSteps: false
  ) {
    let rule = SGD(
      lr: $0.float(0), momentum: $0.float(1), dampening: $0.float(2), weightDecay: $0.float(3), nesterov: $0.bool(4),
      maximize: $0.bool(5))
    guard !rule.nesterov || rule.momentum > 0 && rule.dampening == 0 else {
      throw SNNError.argument("SGD: Nesterov momentum requires a momentum and zero dampening")
    }
    return rule
  }

  public var options: [Value] {
    [.float(lr), .float(momentum), .float(dampening), .float(weightDecay), .bool(nesterov), .bool(maximize)]
  }

  public func update(_ parameter: Tensor, _ gradient: Tensor, _ state: inout ParameterState) throws(SNNError) {
    let isFirst = state.tensors[0] == nil
    let buffer = momentum == 0 ? nil : try state.tensor(0, like: parameter)
    var settings = ck_sgd(
      lr: lr, momentum: momentum, dampening: dampening, weight_decay: weightDecay, nesterov: nesterov,
      maximize: maximize, first: isFirst)
    ck_update_sgd(
      parameter.dtype.kernel, Int64(parameter.count), parameter.data, gradient.data, buffer?.data, &settings)
  }
}
