/// Noise of training other than dropout of elements.
extension Operation {
  static let noises: [Operation] = [
    stochasticDepth, zoneout, concreteDropout, concreteRegularizer, variationalLinear, variationalDivergence,
  ]

  private static let training = Field.bool("training", default: true)

  static let stochasticDepth = Operation(
    "stochastic_depth",
    "Zeroes the whole input, or each of its samples, with probability p and scales the others by 1 / (1 - p).",
    [
      .tensor("input", "What a block adds, [N, …]."), .float("p", in: 0...1, "The probability of dropping."),
      .choice("mode", of: ["batch", "row"], "All samples together, or each on its own."), training, .generator,
    ], places: .functional
  ) {
    let (x, p) = ($0.tensor(0), $0.float(1))
    guard $0.bool(3), p > 0 else { return x }
    guard x.dtype.isFloatingPoint else {
      throw SNNError.dtype("stochastic_depth: expects a floating dtype, got \(x.dtype.name)")
    }
    var shape = Dimensions(repeating: 1, count: x.rank)
    if $0.string(2) == "row" {
      guard x.rank > 0 else { throw SNNError.shape("stochastic_depth: mode 'row' expects samples, got a scalar") }
      shape[0] = x.shape[0]
    }
    let kept = try Tensor.mask(shape, probability: 1 - p, x.dtype, $0.generator(4))
    return try p == 1 ? x * kept : x * (kept * .float(1 / (1 - p)))
  }

  static let zoneout = Operation(
    "zoneout",
    "The state before a step instead of the new one, element by element with probability p; their mean outside of training.",
    [
      .tensor("input", "The new state."), .tensor("previous", "The state before."),
      .float("p", default: 0.1, in: 0...1, "The probability of keeping the state before."), training, .generator,
    ], places: .functional
  ) {
    let (new, old, p) = ($0.tensor(0), $0.tensor(1), $0.float(2))
    guard new.shape == old.shape, new.dtype == old.dtype, new.dtype.isFloatingPoint else {
      throw SNNError.shape(
        "zoneout: expects states of one shape and floating dtype, got \(new.dtype.name)\(new.shape) and "
          + "\(old.dtype.name)\(old.shape)")
    }
    guard p > 0 else { return new }
    guard $0.bool(3) else { return try new + (old - new) * .float(p) }
    let keeps = try Tensor.mask(new.shape, probability: p, .bool, $0.generator(4))
    return try Tensor.where(keeps, old, new)
  }

  static let concreteDropout = Operation(
    "concrete_dropout",
    "Dropout whose probability sigmoid(p_logit) is learned: elements are dropped by a smooth share.",
    [
      .tensor("input"), .tensor("p_logit", "The logit of the probability of dropping, one number."),
      .float(
        "temperature", default: 0.1, in: Double.leastNonzeroMagnitude...Double.greatestFiniteMagnitude,
        "The less, the nearer are shares to 0 and 1."),
      training, .generator,
    ], places: .functional
  ) {
    let (x, logit) = ($0.tensor(0), $0.tensor(1))
    guard logit.count == 1 else {
      throw SNNError.shape("concrete_dropout: expects a p_logit of one number, got shape \(logit.shape)")
    }
    guard x.dtype.isFloatingPoint, x.dtype == logit.dtype else {
      throw SNNError.dtype(
        "concrete_dropout: expects input and p_logit of one floating dtype, got \(x.dtype.name) and \(logit.dtype.name)"
      )
    }
    guard $0.bool(3) else { return x }
    let working = x.dtype.working
    // Away from 0 and 1, where the logit of the noise ends.
    let noise = try Tensor.uniform(Array(x.shape), 0, 1, working, $0.generator(4)).clamp(min: 1e-7, max: 0.9999999)
    let one = try logit.reshape([]).cast(to: working)
    let dropped = try ((one + noise.log() - (1 - noise).log()) / .float($0.float(2))).sigmoid()
    return try (x.cast(to: working) * (1 - dropped) / (1 - one.sigmoid())).cast(to: x.dtype)
  }

  static let concreteRegularizer = Operation(
    "concrete_dropout_regularizer",
    "weight_regularizer · |weight|² / (1 - p) + dropout_regularizer · features · (p · log(p) + (1 - p) · log(1 - p)), which keeps a "
      + "learned p = sigmoid(p_logit) from 0.",
    [
      .tensor("p_logit"), .tensor("weight", "What the dropped input is multiplied by, [outputs, features, …]."),
      .float("weight_regularizer", default: 1e-6), .float("dropout_regularizer", default: 1e-5),
    ], places: .functional
  ) {
    let (logit, weight) = ($0.tensor(0), $0.tensor(1))
    guard logit.count == 1, weight.rank >= 2 else {
      throw SNNError.shape(
        "concrete_dropout_regularizer: expects a p_logit of one number and a weight [outputs, features, …], got shapes "
          + "\(logit.shape) and \(weight.shape)")
    }
    let one = try logit.reshape([])
    let p = try one.sigmoid()
    let negativeEntropy = try p * one.logSigmoid() + (1 - p) * (-one).logSigmoid()
    return try weight.square().sum() / (1 - p) * .float($0.float(2))
      + negativeEntropy * .float($0.float(3) * Double(weight.shape[1]))
  }

  static let variationalLinear = Operation(
    "variational_linear",
    "linear with normal noise on each weight, of learned variances: of the results while training, and without the weights whose "
      + "noise outweighs them otherwise.",
    [
      .tensor("input"), .tensor("weight"), .tensor("log_sigma2", "The logarithms of the variances, of weight's shape."),
      Field("bias", .tensor).optional, training,
      .float("threshold", default: 3, "The log(variance / weight²) from which a weight counts as 0."), .generator,
    ], places: .functional
  ) {
    let (x, weight, logVariance) = ($0.tensor(0), $0.tensor(1), $0.tensor(2))
    try weight.checkVariances(logVariance, "variational_linear")
    guard $0.bool(4) else {
      let isNoise = try weight.logRatio(logVariance).detach() > .float($0.float(5))
      return try x.linear(weight.masked(where: isNoise, 0), $0.optionalTensor(3))
    }
    let mean = try x.linear(weight, $0.optionalTensor(3))
    let variance = try x.square().linear(logVariance.exp())
    let noise = try Tensor.normal(Array(mean.shape), mean: 0, std: 1, mean.dtype, $0.generator(6))
    return try mean + (variance + 1e-8).sqrt() * noise
  }

  static let variationalDivergence = Operation(
    "variational_dropout_kl",
    "How far learned noise on weights is from the prior that knows no scale: the approximation of Molchanov et al. (2017), summed.",
    [.tensor("weight"), .tensor("log_sigma2", "The logarithms of the variances, of weight's shape.")],
    places: .functional
  ) {
    let (weight, logVariance) = ($0.tensor(0), $0.tensor(1))
    try weight.checkVariances(logVariance, "variational_dropout_kl")
    let ratio = try weight.logRatio(logVariance)
    let smooth = try (1 - (ratio * 1.48695 + 1.8732).sigmoid()) * 0.63576
    return try (smooth - ratio.logSigmoid() * 0.5).sum()
  }
}

extension Tensor {
  fileprivate func checkVariances(_ logVariance: Tensor, _ name: String) throws(SNNError) {
    guard shape == logVariance.shape, rank == 2, dtype.isFloatingPoint, dtype == logVariance.dtype else {
      throw .shape(
        "\(name): expects weight and log_sigma2 of one shape [outputs, features] and floating dtype, got "
          + "\(dtype.name)\(shape) and \(logVariance.dtype.name)\(logVariance.shape)")
    }
  }

  /// log(variance / weight²).
  fileprivate func logRatio(_ logVariance: Tensor) throws(SNNError) -> Tensor {
    try logVariance - (square() + 1e-8).log()
  }
}
