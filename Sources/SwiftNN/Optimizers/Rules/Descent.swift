import CKernels

extension OptimizerDeclaration {
  static let sgd = OptimizerDeclaration(
    "SGD", "Stochastic gradient descent, with momentum where asked for.",
    [
      .rate(0.001), .positive("momentum", 0, "Invalid momentum value"), .float("dampening", default: 0), .decay(),
      .bool("nesterov", default: false, "Looks ahead along the momentum, by PyTorch's formula."), .maximize.keyword,
      .bool(
        "lr_inside", default: false,
        "The velocity takes in lr · gradient, and the parameter moves by the velocity: a changed lr leaves it as it is."
      ).keyword,
      .bool(
        "look_ahead", default: false,
        "Nesterov's own form: the gradient is taken where the momentum leads to. Steps need a closure or first_step."
      ).keyword,
    ], keeps: ["momentum_buffer"], countsSteps: false
  ) { o throws(SNNError) in
    let rule = Momentum(
      lr: o.float("lr"), momentum: o.float("momentum"), dampening: o.float("dampening"), decay: o.float("weight_decay"),
      nesterov: o.bool("nesterov"), maximize: o.bool("maximize"), isInside: o.bool("lr_inside"),
      looksAhead: o.bool("look_ahead"))
    guard !rule.nesterov && !rule.looksAhead || rule.momentum > 0 && rule.dampening == 0 else {
      throw .argument("SGD: Nesterov momentum requires a momentum and zero dampening")
    }
    return rule
  }

  /// Layer-wise rates of You et al. 2017: each parameter's is in proportion to its length over that of its gradient.
  static let lars = OptimizerDeclaration(
    "LARS", "Momentum with a rate for each parameter, by its length and that of its gradient (You et al. 2017).",
    [
      .rate(0.1), .positive("momentum", 0.9, "Invalid momentum value"), .decay(),
      .positive("trust_coefficient", 0.001, "Invalid trust_coefficient value", "The η of the paper."),
      .positive("eps", 0, "Invalid epsilon value", "Is added to the length of the gradient."),
      .bool("nesterov", default: false, "Looks ahead along the momentum."), .maximize.keyword,
    ], keeps: ["momentum_buffer"], countsSteps: false
  ) { o throws(SNNError) in
    LayerwiseMomentum(
      lr: o.float("lr"), momentum: o.float("momentum"), decay: o.float("weight_decay"),
      trust: o.float("trust_coefficient"), eps: o.float("eps"), nesterov: o.bool("nesterov"),
      maximize: o.bool("maximize"))
  }

  static let asgd = OptimizerDeclaration(
    "ASGD", "Stochastic gradient descent that also keeps the average of its way.",
    [
      .rate(0.01), .positive("lambd", 1e-4, "Invalid lambd value", "How fast parameters shrink."),
      .positive("alpha", 0.75, "Invalid alpha value", "The power of the rate's decay."),
      .float("t0", default: 1e6, "The step at which averaging begins."), .decay(), .maximize,
    ], keeps: [KeptState("eta", .number), KeptState("mu", .number), "ax"]
  ) { o throws(SNNError) in
    let (lr, lambd, alpha, t0) = (o.float("lr"), o.float("lambd"), o.float("alpha"), o.float("t0"))
    let decay = o.float("weight_decay")
    return FusedRule(CK_ASGD, keeps: [2], maximize: o.bool("maximize")) { one throws(SNNError) in
      let step = Double(one.state.step)
      let eta = try one.state.number(0, startingAt: lr)
      let mu = try one.state.number(1, startingAt: 1)
      try one.state.setNumber(0, to: lr / ck_power(1 + lambd * lr * step, alpha))
      try one.state.setNumber(1, to: 1 / max(1, step - t0))
      return .init(eta, mu, decay: decay, shrink: 1 - lambd * eta)
    }
  }

  static let rprop = OptimizerDeclaration(
    "Rprop", "A step of its own for each element, that grows while the gradient keeps its sign.",
    [
      .rate(0.01), .floats("etas", default: [0.5, 1.2], "Factors when the sign turns, and when it stays."),
      .floats("step_sizes", default: [1e-6, 50], "The least and the greatest step."), .maximize.keyword,
    ], keeps: ["prev", "step_size"]
  ) { o throws(SNNError) in
    let (etas, sizes) = (try o.floats("etas", 2), try o.floats("step_sizes", 2))
    guard etas[0] > 0, etas[0] < 1, etas[1] > 1 else {
      throw .argument("Rprop: Invalid eta values: \(etas[0]), \(etas[1])")
    }
    return FusedRule(CK_RPROP, keeps: [0, 1], maximize: o.bool("maximize"), starts: [0, o.float("lr")]) { _ in
      .init(etas[0], etas[1], sizes[0], sizes[1])
    }
  }

  static let lion = OptimizerDeclaration(
    "Lion", "Steps by the sign of a blend of gradient and momentum (Chen et al. 2023).",
    [.rate(1e-4), .betas(0.9, 0.99), .decay(0, "Is decoupled from the gradient."), .maximize.keyword],
    keeps: ["exp_avg"], countsSteps: false
  ) { o throws(SNNError) in
    let (lr, betas, decay) = (o.float("lr"), try o.betas(), o.float("weight_decay"))
    return FusedRule(CK_LION, keeps: [0], maximize: o.bool("maximize")) { _ in
      .init(lr, betas.0, 1 - betas.0, betas.1, 1 - betas.1, shrink: 1 - lr * decay)
    }
  }
}

/// v ← momentum·v + (1 - dampening)·g, then parameter ← parameter - lr·v.
private struct Momentum: UpdateRule {
  let lr, momentum, dampening, decay: Double
  let nesterov, maximize, isInside, looksAhead: Bool

  func update(_ moving: [Moving]) throws(SNNError) {
    let out = isInside ? 1 : lr
    guard momentum != 0 else {
      return try FusedRule(CK_DESCENT, keeps: [], maximize: maximize) { _ in .init(lr, decay: decay) }.update(moving)
    }
    try FusedRule(CK_MOMENTUM, keeps: [0], maximize: maximize) { one in
      // The first velocity is the gradient itself.
      .init(
        one.isNew ? 0 : momentum, one.isNew ? 1 : 1 - dampening, isInside ? lr : 1, out, nesterov ? 1 : 0, momentum,
        decay: decay)
    }.update(moving)
  }

  func lookAhead(_ parameter: Tensor, _ state: ParameterState) throws(SNNError) -> Tensor? {
    guard looksAhead, let velocity = state.tensors[0] else { return nil }
    return try velocity * .float(-momentum * (isInside ? 1 : lr))
  }
}

private struct LayerwiseMomentum: UpdateRule {
  let lr, momentum, decay, trust, eps: Double
  let nesterov, maximize: Bool

  func update(_ moving: [Moving]) throws(SNNError) {
    var lengths = try FusedRule(CK_LENGTHS, keeps: [], maximize: false) { _ in .init(0) }.pass(moving)
    FusedRule.run(&lengths)
    let rule = FusedRule(CK_MOMENTUM, keeps: [0], maximize: maximize) { _ in
      .init(momentum, 1, 0, 1, nesterov ? 1 : 0, momentum, decay: decay)
    }
    var updates = try rule.pass(moving)
    for i in updates.indices {
      let (length, slope) = (lengths[i].lengths.0.squareRoot(), lengths[i].lengths.1.squareRoot())
      // A parameter of zeros, or without a slope, has no length to go by.
      let local = length > 0 && slope > 0 ? trust * length / (slope + decay * length + eps) : 1
      updates[i].terms.2 = lr * local
    }
    FusedRule.run(&updates)
  }
}
