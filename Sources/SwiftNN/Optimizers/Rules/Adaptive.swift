import CKernels

extension OptimizerDeclaration {
  static let adagrad = OptimizerDeclaration(
    "Adagrad", "Divides by the root of the sum of the squares of all gradients.",
    [
      .rate(0.01), .positive("lr_decay", 0, "Invalid lr_decay value"), .decay(),
      .positive("initial_accumulator_value", 0, "Invalid initial_accumulator_value value"), .epsilon(1e-10),
      .maximize.keyword, .epsilonInside,
    ], keeps: ["sum"]
  ) { o throws(SNNError) in
    let (lr, lrDecay, decay) = (o.float("lr"), o.float("lr_decay"), o.float("weight_decay"))
    let (outside, inside) = o.epsilons
    return FusedRule(
      CK_ADAGRAD, keeps: [0], maximize: o.bool("maximize"), starts: [o.float("initial_accumulator_value")],
      beginsAtOnce: true
    ) { one in
      .init(lr / (1 + Double(one.state.step - 1) * lrDecay), outside, inside, decay: decay)
    }
  }

  static let adadelta = OptimizerDeclaration(
    "Adadelta", "Scales gradients by the ratio of the sizes of past steps and past gradients.",
    [
      .rate(1), .float("rho", default: 0.9, in: 0...1, "How slowly means forget.").complaining("Invalid rho value"),
      .epsilon(1e-6), .decay(), .maximize.keyword,
    ], keeps: ["square_avg", "acc_delta"]
  ) { o throws(SNNError) in
    let (lr, rho, eps, decay) = (o.float("lr"), o.float("rho"), o.float("eps"), o.float("weight_decay"))
    return FusedRule(CK_ADADELTA, keeps: [0, 1], maximize: o.bool("maximize")) { _ in
      .init(lr, rho, 1 - rho, eps, decay: decay)
    }
  }

  static let rmsprop = OptimizerDeclaration(
    "RMSprop", "Divides by the root of the mean of squared gradients.",
    [
      .rate(0.01), .positive("alpha", 0.99, "Invalid alpha value", "How slowly the mean of squares forgets."),
      .epsilon(1e-8), .decay(), .positive("momentum", 0, "Invalid momentum value"),
      .bool("centered", default: false, "Divides by the standard deviation instead."), .maximize, .epsilonInside,
    ], keeps: ["square_avg", "momentum_buffer", "grad_avg"]
  ) { o throws(SNNError) in
    let (lr, alpha, decay, momentum) = (o.float("lr"), o.float("alpha"), o.float("weight_decay"), o.float("momentum"))
    let centered = o.bool("centered")
    let (outside, inside) = o.epsilons
    guard centered || momentum != 0 else {
      return FusedRule(CK_RMSPROP, keeps: [0], maximize: o.bool("maximize")) { _ in
        .init(lr, alpha, 1 - alpha, outside, inside, decay: decay)
      }
    }
    return FusedRule(
      CK_CENTERED, keeps: [0, momentum == 0 ? nil : 1, centered ? 2 : nil], maximize: o.bool("maximize")
    ) { _ in
      .init(lr, alpha, 1 - alpha, outside, inside, momentum, centered ? 1 : 0, decay: decay)
    }
  }
}

extension Options {
  /// What is added to the root, and what under it.
  var epsilons: (outside: Double, inside: Double) {
    bool("eps_inside") ? (0, float("eps")) : (float("eps"), 0)
  }
}
