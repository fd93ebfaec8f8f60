extension OptimizerDeclaration {
  static let kfac = OptimizerDeclaration(
    "KFAC",
    "The natural gradient of linear layers and convolutions, whose Fisher matrix is the Kronecker product of two small ones "
      + "(Martens and Grosse 2015, Grosse and Martens 2016); other parameters take their gradient. Steps need a closure.",
    [
      .rate(0.1), .positive("momentum", 0.9, "Invalid momentum value"),
      .positive("damping", 1e-3, "Invalid damping", "The λ that is shared out between the factors."),
      .positive("weight_decay", 0, "Invalid weight_decay value", "Is added to gradients, and to the damping."),
      .float("factor_decay", default: 0.95, in: 0...1, "How slowly the means of the factors forget, in the end."),
      .int("factor_interval", default: 1, in: 1...0x1p31, "Steps from one look at the factors to the next."),
      .int("inverse_interval", default: 10, in: 1...0x1p31, "Steps from one inversion of the factors to the next."),
      .positive("kl_clip", 1e-3, "Invalid kl_clip", "The greatest change of the model in a step: half of Δᵀ·F·Δ."),
      .bool("batch_averaged", default: true, "The loss is the mean over the examples, not their sum."),
      .choice(
        "fisher", of: ["empirical", "gaussian", "categorical"], default: "empirical",
        "Of the targets that there are, or of some that are drawn: around outputs of a regression with half the sum of "
          + "squares as the loss of an example, or by the softmax of outputs along axis 1. For these the closure says the "
          + "outputs of the model, and keeps the graph."),
      .choice(
        "line_search_fn", of: ["backtracking"], "Halves steps until the loss falls; None: takes them as they are."
      )
      .optional,
      .maximize.keyword,
    ],
    keeps: [
      "momentum_buffer", KeptState("inward", .inward), KeptState("outward", .outward),
      KeptState("inward_inverse", .inward), KeptState("outward_inverse", .outward),
    ]
  ) { o in
    FactoredFisher(
      lr: o.float("lr"), momentum: o.float("momentum"), damping: o.float("damping"), decay: o.float("weight_decay"),
      forgetting: o.float("factor_decay"), factorInterval: o.int("factor_interval"),
      inverseInterval: o.int("inverse_interval"), clip: o.float("kl_clip"), isMean: o.bool("batch_averaged"),
      targets: FactoredFisher.Targets(rawValue: o.word("fisher") ?? "") ?? .empirical,
      searches: o.word("line_search_fn") != nil, sign: o.bool("maximize") ? -1 : 1)
  }
}

private struct FactoredFisher: ClosureRule {
  let lr, momentum, damping, decay, forgetting: Double
  let factorInterval, inverseInterval: Int
  let clip: Double
  let isMean: Bool
  let targets: Targets
  let searches: Bool
  let sign: Double
  private static let halvings = 30

  func step(_ parameters: [OptimizedParameter], _ evaluate: () throws(SNNError) -> Outcome) throws(SNNError) -> Tensor {
    let watch = LayerWatch(parameters.map(\.parameter))
    let outcome = try watch.watch(evaluate)
    let loss = outcome.loss
    let flat = FlatParameters(parameters)
    let gradients = try parameters.map { one throws(SNNError) in try gradient(of: one.parameter) }
    let value = try loss.number * sign
    let slope = try flat.joined(gradients)
    guard value.isFinite, try slope.size.isFinite else { return loss }

    if targets != .empirical { try draw(outcome.outputs, parameters.map(\.parameter)) }
    var directions = gradients
    var positions: [ObjectIdentifier: Int] = [:]
    for (i, one) in parameters.enumerated() { positions[ObjectIdentifier(one.parameter)] = i }
    var factors: [Int: Factors] = [:]
    var change = 0.0
    for (i, one) in parameters.enumerated() {
      let calls = watch.calls(of: one.parameter)
      guard let call = calls.first, let gradient = gradients[i], gradient.count > 0 else { continue }
      let (rows, width) = (gradient.shape[0], gradient.count / gradient.shape[0])
      var matrix = try gradient.reshaped(to: [rows, width])
      let bias = call.bias.flatMap { positions[ObjectIdentifier($0)] }.flatMap { gradients[$0] == nil ? nil : $0 }
      if let bias, let other = gradients[bias] { matrix = try .cat([matrix, other.unsqueeze(1)], 1) }
      let made = try self.factors(one, calls, withBias: bias != nil)
      factors[i] = made
      guard let inward = made.inverses.inward, let outward = made.inverses.outward else { continue }
      let direction = try outward.matmul(matrix).matmul(inward)
      change += try (direction * matrix).sum().number
      directions[i] = try direction.narrow(1, 0, width).reshaped(to: gradient.shape)
      if let bias { directions[bias] = try direction.narrow(1, width, 1).squeeze([1]) }
    }

    var move = try flat.joined(directions)
    if let kept = try flat.kept(0) { move = try move + kept * .float(momentum) }
    let isFinite = try move.size.isFinite
    // Wu et al. 2017 (ACKTR), section 3.3.
    let rate = change > 0 ? min(lr, (2 * clip / change).squareRoot()) : lr
    if isFinite, try go(flat, move, rate, from: value, slope, evaluate) {
      try flat.keep(move, 0)
    } else {
      try flat.keep(nil, 0)
    }
    for (i, made) in factors {
      let state = parameters[i].state
      (state.tensors[1], state.tensors[2]) = made.means
      (state.tensors[3], state.tensors[4]) = made.inverses
    }
    for (one, gradient) in zip(parameters, gradients) where gradient != nil { one.state.step += 1 }
    return loss
  }

  /// Whose gradients the Fisher matrix is made of.
  enum Targets: String { case empirical, gaussian, categorical }

  /// Lets the layers see gradients for targets that are drawn from what the model says (section 5 of the first paper).
  private func draw(_ outputs: [Tensor], _ parameters: [Tensor]) throws(SNNError) {
    guard !outputs.isEmpty else {
      throw .argument(
        "step: fisher '\(targets.rawValue)' needs the closure to say the outputs of the model: set_outputs")
    }
    let seeds = try outputs.map { output throws(SNNError) in
      guard output.rank > 1, output.shape[0] > 0 else {
        throw .shape("step: fisher '\(targets.rawValue)' needs outputs of shape [examples, …], got \(output.shape)")
      }
      let seed =
        try targets == .gaussian
        ? Tensor.normal(Array(output.shape), mean: 0, std: 1, output.dtype) : choice(output.detach())
      return try isMean ? seed / .int(output.shape[0]) : seed
    }
    _ = try Gradients.of(
      outputs, withRespectTo: parameters.filter(\.requiresGradient), seeds: seeds, retainGraph: true, allowUnused: true)
  }

  /// The gradient of the cross-entropy for classes that are drawn: each is the greatest of the logits with Gumbel's noise.
  private func choice(_ logits: Tensor) throws(SNNError) -> Tensor {
    let noise = try -(-Tensor.uniform(Array(logits.shape), 0, 1, logits.dtype).log()).log()
    let classes = logits.shape[1]
    let drawn = try (logits + noise).argmax(1).oneHot(classes).movedim([-1], [1])
    return try logits.softmax(1) - drawn.cast(to: logits.dtype)
  }

  private func gradient(of parameter: Tensor) throws(SNNError) -> Tensor? {
    guard let gradient = parameter.gradient else { return nil }
    let working = parameter.dtype.working
    return try gradient.detach().cast(to: working) * .float(sign)
      + parameter.detach().cast(to: working) * .float(decay)
  }

  /// Moves against a direction; with a line search, only to where the loss is less.
  private func go(
    _ flat: FlatParameters, _ direction: Tensor, _ rate: Double, from value: Double, _ slope: Tensor,
    _ evaluate: () throws(SNNError) -> Outcome
  ) throws(SNNError) -> Bool {
    guard searches else {
      try flat.move(-rate, along: direction)
      return true
    }
    let descent = try slope.dot(direction).number
    var length = rate
    for _ in 0..<Self.halvings {
      let least = max(1e-4 * length * descent, 0)
      if try flat.tries(direction, -length, from: value, expecting: least, sign, evaluate) != nil { return true }
      length /= 2
    }
    return false
  }

  private struct Factors {
    var means: (inward: Tensor?, outward: Tensor?) = (nil, nil)
    var inverses: (inward: Tensor?, outward: Tensor?) = (nil, nil)
  }

  /// The factors of a layer's Fisher matrix with what was seen in this step, and their inverses.
  private func factors(_ one: OptimizedParameter, _ calls: [LayerWatch.Call], withBias: Bool) throws(SNNError)
    -> Factors
  {
    let (state, dtype) = (one.state, one.parameter.dtype.working)
    var made = Factors(
      means: (state.tensors[1], state.tensors[2]), inverses: (state.tensors[3], state.tensors[4]))
    let width = one.parameter.count / one.parameter.shape[0] + (withBias ? 1 : 0)
    if made.means.inward?.shape[0] != width { made = Factors() }
    if state.step % factorInterval == 0 || made.means.inward == nil {
      let examples = Double(calls.reduce(0) { $0 + $1.examples })
      var (inward, outward): (Tensor?, Tensor?)
      for call in calls {
        let (a, g) = (try call.inward(dtype, withBias: withBias), try call.outward(dtype))
        inward = try inward.map { sum throws(SNNError) in try sum + a } ?? a
        outward = try outward.map { sum throws(SNNError) in try sum + g } ?? g
      }
      guard let inward, let outward, examples > 0 else { return made }
      // Section 5 of the first paper: a mean of all at first, later of the last ones.
      let old = min(1 - 1 / Double(state.step / factorInterval + 1), forgetting)
      made.means.inward = try mean(made.means.inward, old, inward * .float(1 / examples))
      made.means.outward = try mean(made.means.outward, old, outward * .float(isMean ? examples : 1 / examples))
    }
    if state.step % inverseInterval == 0 || made.inverses.inward?.shape[0] != width {
      guard let inward = made.means.inward, let outward = made.means.outward else { return made }
      // Factored Tikhonov damping, section 6.3 of the first paper.
      let (a, g) = (try meanOfDiagonal(inward), try meanOfDiagonal(outward))
      let pi = a > 0 && g > 0 ? (a / g).squareRoot() : 1
      let gamma = (damping + decay).squareRoot()
      if let left = try inverse(outward, gamma / pi), let right = try inverse(inward, gamma * pi) {
        made.inverses = (right, left)
      }
    }
    return made
  }

  private func mean(_ last: Tensor?, _ share: Double, _ new: Tensor) throws(SNNError) -> Tensor {
    guard let last else { return new }
    return try last * .float(share) + new * .float(1 - share)
  }

  private func meanOfDiagonal(_ matrix: Tensor) throws(SNNError) -> Double { try matrix.diagonal().mean().number }

  /// The inverse of a symmetric matrix with more on its diagonal, nil where there is none.
  private func inverse(_ matrix: Tensor, _ damping: Double) throws(SNNError) -> Tensor? {
    let identity = try Tensor.eye(matrix.shape[0], nil, .float64)
    let (factor, info) = try (matrix.cast(to: .float64) + identity * .float(damping))
      .choleskyWithInfo(upper: false, checked: false)
    guard try info.number == 0 else { return nil }
    let half = try factor.solveTriangular(identity, upper: false)
    return try half.transpose(0, 1).matmul(half).cast(to: matrix.dtype)
  }
}
