import CKernels

extension OptimizerDeclaration {
  static let adam = OptimizerDeclaration(
    "Adam", "Adaptive moments; with decoupled_weight_decay, AdamW.",
    adamFields(decay: 0) + [.decoupled.keyword, .epsilonInside], keeps: adamKeeps
  ) { o throws(SNNError) in try adamRule(o, decoupled: o.bool("decoupled_weight_decay")) }

  static let adamW = OptimizerDeclaration(
    "AdamW", "Adam with decoupled weight decay.", adamFields(decay: 0.01) + [.epsilonInside], keeps: adamKeeps
  ) { o throws(SNNError) in try adamRule(o, decoupled: true) }

  private static let adamKeeps: [KeptState] = ["exp_avg", "exp_avg_sq", "max_exp_avg_sq"]

  private static func adamFields(decay: Double) -> [Field] {
    [
      .rate(0.001), .betas(), .epsilon(1e-8), .decay(decay),
      .bool("amsgrad", default: false, "Divides by the greatest mean of squares so far."), .maximize.keyword,
    ]
  }

  private static func adamRule(_ o: Options, decoupled: Bool) throws(SNNError) -> FusedRule {
    let (lr, decay, amsgrad) = (o.float("lr"), o.float("weight_decay"), o.bool("amsgrad"))
    let betas = try o.betas()
    let (outside, inside) = o.epsilons
    return FusedRule(
      amsgrad ? CK_AMSGRAD : CK_ADAM, keeps: amsgrad ? [0, 1, 2] : [0, 1], maximize: o.bool("maximize")
    ) { one in
      let correction = Correction(betas, one.state.step)
      return .init(
        lr / correction.first, 1 - betas.0, betas.1, 1 - betas.1, correction.second.squareRoot(), outside,
        inside * correction.second, decay: decoupled ? 0 : decay, shrink: decoupled ? 1 - lr * decay : 1)
    }
  }

  static let adamax = OptimizerDeclaration(
    "Adamax", "Adam with the greatest gradient, forgotten slowly, in the place of the root of squares.",
    [.rate(0.002), .betas(), .epsilon(1e-8), .decay(), .maximize.keyword], keeps: ["exp_avg", "exp_inf"]
  ) { o throws(SNNError) in
    let (lr, eps, decay, betas) = (o.float("lr"), o.float("eps"), o.float("weight_decay"), try o.betas())
    return FusedRule(CK_ADAMAX, keeps: [0, 1], maximize: o.bool("maximize")) { one in
      .init(lr / Correction(betas, one.state.step).first, 1 - betas.0, betas.1, eps, decay: decay)
    }
  }

  static let nadam = OptimizerDeclaration(
    "NAdam", "Adam with Nesterov's momentum.",
    [
      .rate(0.002), .betas(), .epsilon(1e-8), .decay(),
      .positive("momentum_decay", 0.004, "Invalid momentum_decay value"), .decoupled, .maximize.keyword,
    ], keeps: [KeptState("mu_product", .number), "exp_avg", "exp_avg_sq"]
  ) { o throws(SNNError) in
    let (lr, eps, decay, betas) = (o.float("lr"), o.float("eps"), o.float("weight_decay"), try o.betas())
    let (fading, decoupled) = (o.float("momentum_decay"), o.bool("decoupled_weight_decay"))
    return FusedRule(CK_NADAM, keeps: [1, 2], maximize: o.bool("maximize")) { one throws(SNNError) in
      let step = Double(one.state.step)
      let mu = betas.0 * (1 - 0.5 * ck_power(0.96, step * fading))
      let next = betas.0 * (1 - 0.5 * ck_power(0.96, (step + 1) * fading))
      // The product is kept in float32, as in PyTorch.
      let product = Double(Float(try one.state.number(0, startingAt: 1)) * Float(mu))
      try one.state.setNumber(0, to: product)
      return .init(
        lr * (1 - mu) / (1 - product), lr * next / (1 - product * next), 1 - betas.0, betas.1, 1 - betas.1,
        Correction(betas, one.state.step).second, eps, decay: decoupled ? 0 : decay,
        shrink: decoupled ? 1 - lr * decay : 1)
    }
  }

  static let radam = OptimizerDeclaration(
    "RAdam", "Adam that goes without squares until it has seen enough of them.",
    [.rate(0.001), .betas(), .epsilon(1e-8), .decay(), .decoupled, .maximize.keyword], keeps: ["exp_avg", "exp_avg_sq"]
  ) { o throws(SNNError) in
    let (lr, eps, decay, betas) = (o.float("lr"), o.float("eps"), o.float("weight_decay"), try o.betas())
    let decoupled = o.bool("decoupled_weight_decay")
    return FusedRule(CK_RADAM, keeps: [0, 1], maximize: o.bool("maximize")) { one in
      let correction = Correction(betas, one.state.step)
      let most = 2 / (1 - betas.1) - 1
      let now = most - 2 * Double(one.state.step) * (1 - correction.second) / correction.second
      let isAdaptive = now > 5
      let rectified = ((now - 4) * (now - 2) * most / ((most - 4) * (most - 2) * now)).squareRoot()
      return .init(
        lr / correction.first * (isAdaptive ? rectified * correction.second.squareRoot() : 1), 1 - betas.0, betas.1,
        1 - betas.1, eps, isAdaptive ? 1 : 0, decay: decoupled ? 0 : decay, shrink: decoupled ? 1 - lr * decay : 1)
    }
  }

  static let adaBound = OptimizerDeclaration(
    "AdaBound", "Adam whose rates are held between bounds that close on that of SGD (Luo et al. 2019).",
    [
      .rate(0.001), .betas(), .positive("final_lr", 0.1, "Invalid final learning rate", "The rate of SGD at the end."),
      .float("gamma", default: 1e-3, in: 0...1, "How fast the bounds close.").complaining("Invalid gamma parameter"),
      .epsilon(1e-8), .decay(), .bool("amsbound", default: false, "Divides by the greatest mean of squares so far."),
      .maximize.keyword,
      .bool("bias_correction", default: true, "Corrects the means, as the authors' program does.").keyword,
      .bool("root_decay", default: false, "Divides the rate by the root of the step, as Algorithm 2 does.").keyword,
    ], keeps: ["exp_avg", "exp_avg_sq", "max_exp_avg_sq"]
  ) { o throws(SNNError) in
    let (lr, eps, decay, betas) = (o.float("lr"), o.float("eps"), o.float("weight_decay"), try o.betas())
    let (final, gamma, isBound) = (o.float("final_lr"), o.float("gamma"), o.bool("amsbound"))
    let (corrects, fades) = (o.bool("bias_correction"), o.bool("root_decay"))
    return FusedRule(CK_ADABOUND, keeps: [0, 1, isBound ? 2 : nil], maximize: o.bool("maximize")) { one in
      let step = Double(one.state.step)
      let correction = Correction(betas, one.state.step)
      // The bounds hold for the rate before it fades, and are positive: both sides may be scaled.
      let fading = fades ? 1 / step.squareRoot() : 1
      return .init(
        fading * lr * (corrects ? correction.second.squareRoot() / correction.first : 1), 1 - betas.0, betas.1,
        1 - betas.1, eps, fading * final * (1 - 1 / (gamma * step + 1)), fading * final * (1 + 1 / (gamma * step)),
        isBound ? 1 : 0, decay: decay)
    }
  }

  static let lamb = OptimizerDeclaration(
    "LAMB", "Adam with a rate for each parameter, by its length and that of its step (You et al. 2020).",
    [
      .rate(0.001), .betas(), .epsilon(1e-6), .decay(0, "Is added to the step before it is measured."),
      .bool("bias_correction", default: true, "Corrects the means for their start at zero."), .maximize.keyword,
    ], keeps: ["exp_avg", "exp_avg_sq"]
  ) { o throws(SNNError) in
    LayerwiseAdam(
      lr: o.float("lr"), betas: try o.betas(), eps: o.float("eps"), decay: o.float("weight_decay"),
      corrects: o.bool("bias_correction"), maximize: o.bool("maximize"))
  }
}

/// How far the means of a step are from zero.
private struct Correction {
  let first, second: Double

  init(_ betas: (Double, Double), _ step: Int) {
    first = 1 - ck_power(betas.0, Double(step))
    second = 1 - ck_power(betas.1, Double(step))
  }
}

private struct LayerwiseAdam: UpdateRule {
  let lr: Double
  let betas: (Double, Double)
  let eps, decay: Double
  let corrects, maximize: Bool

  func update(_ moving: [Moving]) throws(SNNError) {
    var moments = try FusedRule(CK_LAMB_MOMENTS, keeps: [0, 1], maximize: maximize) { one in
      let (first, second) = factors(one)
      return .init(betas.0, 1 - betas.0, betas.1, 1 - betas.1, first, second, eps, decay)
    }.pass(moving)
    FusedRule.run(&moments)
    var updates = try FusedRule(CK_LAMB, keeps: [0, 1], maximize: maximize) { one in
      let (first, second) = factors(one)
      return .init(lr, first, second, eps, decay)
    }.pass(moving)
    for i in updates.indices {
      let (length, reach) = (moments[i].lengths.0.squareRoot(), moments[i].lengths.1.squareRoot())
      // A parameter of zeros, or a step of none, has no length to go by.
      if length > 0, reach > 0 { updates[i].terms.0 = lr * (length / reach) }
    }
    FusedRule.run(&updates)
  }

  private func factors(_ one: Moving) -> (Double, Double) {
    let correction = Correction(betas, one.state.step)
    return corrects ? (1 / correction.first, 1 / correction.second) : (1, 1)
  }
}
