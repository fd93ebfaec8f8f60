import CKernels

/// Steps by the ratio of the mean of the gradients to the root of the mean of their squares.
public struct Adam: UpdateRule {
  public var lr: Double
  public var betas: (Double, Double)
  public var eps: Double
  public var weightDecay: Double
  public var amsgrad: Bool
  public var maximize: Bool
  public var decoupledWeightDecay: Bool

  public init(
    lr: Double = 0.001, betas: (Double, Double) = (0.9, 0.999), eps: Double = 1e-8, weightDecay: Double = 0,
    amsgrad: Bool = false, maximize: Bool = false, decoupledWeightDecay: Bool = false
  ) {
    self.lr = lr
    self.betas = betas
    self.eps = eps
    self.weightDecay = weightDecay
    self.amsgrad = amsgrad
    self.maximize = maximize
    self.decoupledWeightDecay = decoupledWeightDecay
  }

  public static let declaration = OptimizerDeclaration(
    "Adam", "Adaptive moments; with decoupled_weight_decay, AdamW.",
    fields(weightDecay: 0) + [
      .bool("decoupled_weight_decay", default: false, "Shrinks the parameter instead of adding to the gradient.")
        .keyword
    ], state: stateNames, countsSteps: true
  ) {
    try Adam($0, "Adam", decoupledWeightDecay: $0.bool(6))
  }

  /// What Adam and AdamW share.
  fileprivate static func fields(weightDecay: Double) -> [Field] {
    [
      .float("lr", default: 0.001, in: 0...Double.infinity, "The learning rate."),
      .floats("betas", default: [0.9, 0.999], "How slowly the means of gradients and of squares forget."),
      .float("eps", default: 1e-8, in: 0...Double.infinity),
      .float("weight_decay", default: weightDecay, in: 0...Double.infinity),
      .bool("amsgrad", default: false, "Divides by the greatest mean of squares so far."),
      .bool("maximize", default: false, "Climbs instead of descending.").keyword,
    ]
  }

  fileprivate static let stateNames = ["exp_avg", "exp_avg_sq", "max_exp_avg_sq"]

  fileprivate init(_ arguments: Arguments, _ name: String, decoupledWeightDecay: Bool) throws {
    let betas = arguments.floats(1)
    guard betas.count == 2 else { throw SNNError.argument("\(name): expects two betas, got \(betas.count)") }
    for (i, beta) in betas.enumerated() where !(beta >= 0 && beta < 1) {
      throw SNNError.argument("\(name): Invalid beta parameter at index \(i): \(beta)")
    }
    self.init(
      lr: arguments.float(0), betas: (betas[0], betas[1]), eps: arguments.float(2), weightDecay: arguments.float(3),
      amsgrad: arguments.bool(4), maximize: arguments.bool(5), decoupledWeightDecay: decoupledWeightDecay)
  }

  public var options: [Value] {
    [
      .float(lr), .floats([betas.0, betas.1]), .float(eps), .float(weightDecay), .bool(amsgrad), .bool(maximize),
      .bool(decoupledWeightDecay),
    ]
  }

  public func update(_ parameter: Tensor, _ gradient: Tensor, _ state: inout ParameterState) throws(SNNError) {
    let mean = try state.tensor(0, like: parameter)
    let square = try state.tensor(1, like: parameter)
    let greatest = amsgrad ? try state.tensor(2, like: parameter) : nil
    var settings = ck_adam(
      lr: lr, beta1: betas.0, beta2: betas.1, eps: eps, weight_decay: weightDecay, decoupled: decoupledWeightDecay,
      amsgrad: amsgrad, maximize: maximize, step: Int64(state.step))
    ck_update_adam(
      parameter.dtype.kernel, Int64(parameter.count), parameter.data, gradient.data, mean.data, square.data,
      greatest?.data, &settings)
  }
}

/// Adam that shrinks the parameters themselves, by lr · weightDecay a step.
public struct AdamW: UpdateRule {
  private let adam: Adam

  public init(
    lr: Double = 0.001, betas: (Double, Double) = (0.9, 0.999), eps: Double = 1e-8, weightDecay: Double = 0.01,
    amsgrad: Bool = false, maximize: Bool = false
  ) {
    adam = Adam(
      lr: lr, betas: betas, eps: eps, weightDecay: weightDecay, amsgrad: amsgrad, maximize: maximize,
      decoupledWeightDecay: true)
  }

  private init(_ adam: Adam) { self.adam = adam }

  public static let declaration = OptimizerDeclaration(
    "AdamW", "Adam with decoupled weight decay.", Adam.fields(weightDecay: 0.01), state: Adam.stateNames,
    countsSteps: true
  ) { AdamW(try Adam($0, "AdamW", decoupledWeightDecay: true)) }

  public var options: [Value] { Array(adam.options.dropLast()) }

  public func update(_ parameter: Tensor, _ gradient: Tensor, _ state: inout ParameterState) throws(SNNError) {
    try adam.update(parameter, gradient, &state)
  }
}
