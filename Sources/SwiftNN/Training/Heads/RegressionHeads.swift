/// Heads for numbers.
extension Heads {
  static let regressions: [Maker<Head>] = [regressionHead, positiveHead, boundedHead]

  private static let regressionHead = Maker<Head>(
    "Regression", "Any numbers: as they are, with the mean of the squared errors."
  ) { options throws(SNNError) in try numbers(options.owner, Identity()) }

  private static let positiveHead = Maker<Head>(
    "PositiveRegression",
    "Numbers that are not negative: relu or exp, with the mean of the squared errors or Poisson's likelihood.",
    [
      .choice("activation", of: ["relu", "exp"], default: "relu"),
      .choice(
        "loss", of: ["auto", "mse", "poisson"], default: "auto",
        "poisson: of counts, by the logarithm of their mean. auto: that for exp, mse for relu."),
    ]
  ) { options throws(SNNError) in
    let (isExp, loss) = (options.word("activation") == "exp", options.word("loss"))
    guard isExp || loss != "poisson" else {
      throw .argument("\(options.owner): the loss poisson needs the activation exp")
    }
    guard isExp, loss != "mse" else { return try numbers(options.owner, isExp ? Exp() : ReLU()) }
    return try numbers(options.owner, Exp()) { outputs, targets in
      try Operation.declared("poisson_nll_loss").apply([.tensor(outputs), .tensor(targets)])[0]
    }
  }

  private static let boundedHead = Maker<Head>(
    "BoundedRegression", "Numbers between two bounds: a scaled sigmoid, with the mean of the squared errors.",
    [
      .float("low", "No prediction is below."), .float("high", "No prediction is above."),
      .float("steepness", default: 1, "The sigmoid of so many times the number."),
    ]
  ) { options throws(SNNError) in
    let (low, high, steepness) = (options.float("low"), options.float("high"), options.float("steepness"))
    guard low < high, (high - low).isFinite else {
      throw .argument("\(options.owner): expects low below high, got \(low) and \(high)")
    }
    guard steepness > 0, steepness.isFinite else {
      throw .argument("\(options.owner): steepness must be above 0, got \(steepness)")
    }
    return try numbers(options.owner, ScaledSigmoid(low, high, steepness: steepness))
  }

  /// With the squared errors of the predictions, unless the loss is another.
  private static func numbers(
    _ owner: String, _ activation: any Layer, _ loss: ((Tensor, Tensor) throws -> Tensor)? = nil
  ) throws(SNNError) -> Head {
    let squares = Operation.declared("mse_loss")
    let formula = loss ?? { try squares.apply([.tensor(activation($0)), .tensor($1)])[0] }
    return Head(
      activation: activation, loss: HeadLoss(owner, formula),
      metrics: [
        ("mae", HeadMetric(owner, try Metrics.meanAbsoluteError(), activation)),
        ("rmse", HeadMetric(owner, try Metrics.rootMeanSquaredError(), activation)),
        ("r2", HeadMetric(owner, try Metrics.r2Score(), activation)),
      ])
  }
}
