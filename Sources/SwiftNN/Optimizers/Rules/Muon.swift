extension OptimizerDeclaration {
  static let muon = OptimizerDeclaration(
    "Muon", "Momentum made orthogonal by Newton-Schulz steps in bfloat16, for matrices (Jordan et al. 2024).",
    [
      .rate(0.001, complaint: "Learning rate should be >= 0 but is"),
      .decay(0.1, "Shrinks the parameter.", complaint: "weight decay should be >= 0 but is"),
      .positive("momentum", 0.95, "momentum should be >= 0 but is"),
      .bool("nesterov", default: true, "Looks ahead along the momentum."),
      .floats("ns_coefficients", default: [3.4445, -4.775, 2.0315], "Of the polynomial that is iterated."),
      .float("eps", default: 1e-7, "The least length of a matrix."),
      .int("ns_steps", default: 5, "How often it is iterated."),
      .choice(
        "adjust_lr_fn", of: ["original", "match_rms_adamw", "spectral_unclamped"],
        "How the rate depends on the shape; None: original."
      ).optional,
    ], keeps: ["momentum_buffer"], countsSteps: false
  ) { o throws(SNNError) in
    guard o.int("ns_steps") < 100 else {
      throw .argument(
        "Muon: Number of steps must be less than 100 for computational efficiency, got \(o.int("ns_steps"))")
    }
    let ratio: @Sendable (Double, Double) -> Double =
      switch o.word("adjust_lr_fn") {
      case "match_rms_adamw": { 0.2 * max($0, $1).squareRoot() }
      case "spectral_unclamped": { ($0 / $1).squareRoot() }
      default: { max(1, $0 / $1).squareRoot() }
      }
    return OrthogonalMomentum(
      lr: o.float("lr"), decay: o.float("weight_decay"), momentum: o.float("momentum"), nesterov: o.bool("nesterov"),
      coefficients: try o.floats("ns_coefficients", 3), eps: o.float("eps"), steps: o.int("ns_steps"), ratio: ratio)
  }
}

private struct OrthogonalMomentum: UpdateRule {
  let lr, decay, momentum: Double
  let nesterov: Bool
  let coefficients: [Double]
  let eps: Double
  let steps: Int
  let ratio: @Sendable (Double, Double) -> Double

  func begin(_ state: ParameterState, of parameter: Tensor) throws(SNNError) {
    guard parameter.rank == 2 else {
      throw .shape("Muon: only supports 2D parameters whereas we found a parameter with size: \(parameter.shape)")
    }
  }

  func update(_ moving: [Moving]) throws(SNNError) {
    for one in moving where one.parameter.count > 0 {
      let old = try one.state.tensor(0, like: one.parameter)
      let g = try one.gradient.cast(to: old.dtype)
      let mean = try old.lerp(g, 1 - momentum)
      one.state.tensors[0] = mean
      let direction = try orthogonal(nesterov ? g.lerp(mean, momentum) : mean).cast(to: old.dtype)
      let rate = lr * ratio(Double(one.parameter.shape[0]), Double(one.parameter.shape[1]))
      let x = try one.parameter.cast(to: old.dtype) * .float(1 - lr * decay)
      one.parameter.fill(copying: try x - direction * .float(rate))
    }
  }

  private func orthogonal(_ matrix: Tensor) throws(SNNError) -> Tensor {
    let isTall = matrix.shape[0] > matrix.shape[1]
    var x = try matrix.cast(to: .bfloat16)
    if isTall { x = try x.transpose(0, 1) }
    x = try x / x.cast(to: .float32).norm().cast(to: .bfloat16).clamp(min: .float(eps))
    for _ in 0..<max(0, steps) {
      let gram = try x.matmul(x.transpose(0, 1))
      let polynomial = try sum(coefficients[1], gram, coefficients[2], gram, gram)
      x = try sum(coefficients[0], x, 1, polynomial, x)
    }
    return try isTall ? x.transpose(0, 1) : x
  }

  /// beta · one + alpha · a · b, rounded once.
  private func sum(_ beta: Double, _ one: Tensor, _ alpha: Double, _ a: Tensor, _ b: Tensor) throws(SNNError) -> Tensor
  {
    try Operation.addmm.apply([.tensor(one), .tensor(a), .tensor(b), .float(beta), .float(alpha)])[0]
  }
}
