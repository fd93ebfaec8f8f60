import CKernels

extension OptimizerDeclaration {
  static let adafactor = OptimizerDeclaration(
    "Adafactor", "Keeps the mean of squares of a matrix as that of its rows and columns (Shazeer and Stern 2018).",
    [
      .rate(0.01, complaint: "Learning rate should be >= 0 but is"),
      .float("beta2_decay", default: -0.8, in: -Double.infinity...0, "How fast the means slow down.").complaining(
        "beta2_decay should be <= 0 but is"),
      .floats(
        "eps", default: [.nan, 1e-3],
        "The least root of a mean (NaN: what the dtype resolves), and the least size of a parameter."
      ).orUnsaid,
      .float("d", default: 1, in: 1...Double.infinity, "The greatest mean size of a step.").complaining(
        "Clipping threshold d should be >= 1 but is"),
      .decay(0, complaint: "weight_decay should be >= 0 but is"), .maximize.keyword,
    ], keeps: [KeptState("row_var", .rows), KeptState("col_var", .columns), KeptState("variance", .vector)]
  ) { o throws(SNNError) in
    let eps = try o.floats("eps", 2)
    guard eps[0].isNaN || eps[0] >= 0 else { throw .argument("Adafactor: epsilon1 should be >= 0 but is: \(eps[0])") }
    guard eps[1] >= 0 else { throw .argument("Adafactor: epsilon2 should be >= 0 but is: \(eps[1])") }
    return FactoredRule(
      lr: o.float("lr"), beta2Decay: o.float("beta2_decay"), eps: (eps[0], eps[1]), most: o.float("d"),
      decay: o.float("weight_decay"), maximize: o.bool("maximize"))
  }
}

private struct FactoredRule: UpdateRule {
  let lr, beta2Decay: Double
  let eps: (Double, Double)
  let most, decay: Double
  let maximize: Bool

  func update(_ moving: [Moving]) throws(SNNError) {
    for one in moving where one.parameter.count > 0 { try update(one) }
  }

  private func update(_ one: Moving) throws(SNNError) {
    var x = try one.parameter.cast(to: one.parameter.dtype.working)
    let g = try one.gradient.cast(to: x.dtype) * (maximize ? -1 : 1)
    let least = eps.0.isNaN ? one.parameter.dtype.epsilon : eps.0
    let step = Double(one.state.step)
    let fresh = ck_power(step, beta2Decay)
    let size = try x.norm().item().double / Double(x.count).squareRoot()
    let rate = max(eps.1, size) * min(lr, 1 / step.squareRoot())
    if decay != 0 { x = try x * .float(1 - lr * decay) }
    let estimate = try estimate(g, fresh, least, one.state)
    let change = try estimate.clamp(min: .float(least * least)).rsqrt() * g
    let reach = try change.norm().item().double / (Double(change.count).squareRoot() * most)
    one.parameter.fill(copying: try x - change * .float(rate / max(1, reach)))
  }

  /// The mean of squares of each element.
  private func estimate(_ g: Tensor, _ fresh: Double, _ least: Double, _ state: ParameterState) throws(SNNError)
    -> Tensor
  {
    guard g.rank > 1 else { return try mean(2, (g * g), fresh, state) }
    let rows = try mean(0, (g * g).mean([-1], keepDim: true), fresh, state)
    let columns = try mean(1, (g * g).mean([-2], keepDim: true), fresh, state)
    return try rows * columns / rows.mean([-2], keepDim: true).clamp(min: .float(least))
  }

  private func mean(_ index: Int, _ value: Tensor, _ fresh: Double, _ state: ParameterState) throws(SNNError) -> Tensor
  {
    let old = try state.tensor(index, value.shape, value.dtype)
    let new = try old.lerp(value, fresh)
    state.tensors[index] = new
    return new
  }
}
