extension OptimizerDeclaration {
  /// Every optimizer; a new one adds its declaration here.
  static let all: [OptimizerDeclaration] = [
    sgd, adam, adamW, adagrad, adadelta, adamax, asgd, nadam, radam, rmsprop, rprop, adafactor, muon, adaBound, lamb,
    lars, lion, lbfgs, newton, hessianFree, kfac,
  ]
}

extension WrapperDeclaration {
  /// Everything that can be done around the steps of an optimizer; a new one adds its declaration here.
  static let all: [WrapperDeclaration] = [lookahead, sharpnessAware, gradientCentralization, gradientNoise]
}
