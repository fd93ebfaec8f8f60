extension OptimizerDeclaration {
  static let newton = OptimizerDeclaration(
    "Newton",
    "Newton's method with all second derivatives, damped until a step leads down (Levenberg and Marquardt). Steps need a "
      + "closure that returns the loss and keeps its graph.",
    [
      .rate(1),
      .positive(
        "damping", 1e-3, "Invalid damping", "Added to the diagonal; steps that lead down make it less, others more."),
      .maximize.keyword,
    ], keeps: [KeptState("damping", .number)], countsSteps: false
  ) { o in DampedNewton(lr: o.float("lr"), damping: o.float("damping"), sign: o.bool("maximize") ? -1 : 1) }

  static let hessianFree = OptimizerDeclaration(
    "HessianFree",
    "Newton's method by conjugate gradients, with products of second derivatives and vectors alone (Martens 2010). Steps need "
      + "a closure that returns the loss and keeps its graph.",
    [
      .rate(1),
      .positive("damping", 1, "Invalid damping", "Added to the second derivatives; adapted as the steps turn out."),
      .int("max_iter", default: 100, in: 1...0x1p31, "Products of one step."),
      .positive(
        "tolerance", 5e-4, "Invalid tolerance", "Ends the conjugate gradients when they gain less per product."),
      .maximize.keyword,
      .choice(
        "curvature", of: ["hessian", "gauss_newton"], default: "hessian",
        "Whose products are taken; for 'gauss_newton' the closure says the outputs of the model."
      ).keyword,
    ], keeps: [KeptState("damping", .number), "direction"], countsSteps: false
  ) { o in
    ConjugateNewton(
      lr: o.float("lr"), damping: o.float("damping"), isGaussNewton: o.word("curvature") == "gauss_newton",
      products: o.int("max_iter"), tolerance: o.float("tolerance"),
      sign: o.bool("maximize") ? -1 : 1)
  }
}

/// The loss with its graph, and its first derivatives with theirs.
private struct Surface {
  let flat: FlatParameters
  let sign: Double
  let loss: Tensor
  /// What the loss is a function of, where its curvature is that of Gauss and Newton.
  private let outputs: [Tensor]?
  private let slopes: [Tensor?]
  let gradient: Tensor
  var value: Double { get throws(SNNError) { try loss.number * sign } }

  init(_ flat: FlatParameters, _ sign: Double, _ outcome: Outcome, isGaussNewton: Bool = false) throws(SNNError) {
    self.flat = flat
    self.sign = sign
    loss = outcome.loss
    outputs = isGaussNewton ? outcome.outputs : nil
    guard !isGaussNewton || !outcome.outputs.isEmpty else {
      throw .argument("step: curvature 'gauss_newton' needs the closure to say the outputs of the model: set_outputs")
    }
    guard loss.requiresGradient else {
      throw .gradient("step: the closure returns a loss that does not depend on the parameters, or without its graph")
    }
    slopes = try Gradients.with(enabled: true) { () throws(SNNError) in
      try Gradients.of([outcome.loss], withRespectTo: flat.tensors, createGraph: true, allowUnused: true)
    }
    gradient = try flat.joined(slopes) * .float(sign)
  }

  /// The second derivatives along a vector.
  func curvature(_ vector: Tensor) throws(SNNError) -> Tensor {
    let seeds = try flat.parts(of: vector)
    if let outputs {
      return try flat.joined(
        Gradients.gaussNewtonProduct(loss, through: outputs, withRespectTo: flat.tensors, vectors: seeds))
        * .float(sign)
    }
    let used = slopes.indices.filter { slopes[$0]?.requiresGradient == true }
    guard !used.isEmpty else { return try vector.zerosLike() }
    let found = try Gradients.of(
      used.map { slopes[$0].unsafelyUnwrapped }, withRespectTo: flat.tensors, seeds: used.map { seeds[$0] },
      retainGraph: true, allowUnused: true)
    return try flat.joined(found) * .float(sign)
  }

  /// The second derivatives as a symmetric matrix.
  var matrix: Tensor {
    get throws(SNNError) {
      let identity = try Tensor.eye(flat.count, nil, flat.dtype)
      let rows = try (0..<flat.count).map { i throws(SNNError) in try curvature(identity.select(0, i)) }
      let matrix = try Tensor.stack(rows)
      return try (matrix + matrix.transpose(0, 1)) * 0.5
    }
  }
}

private struct DampedNewton: ClosureRule {
  let lr, damping: Double
  let sign: Double
  private static let attempts = 30
  private static let mostParameters = 1 << 14

  func step(_ parameters: [OptimizedParameter], _ evaluate: () throws(SNNError) -> Outcome) throws(SNNError) -> Tensor {
    let flat = FlatParameters(parameters)
    guard flat.count <= Self.mostParameters else {
      throw .argument(
        "Newton: keeps the second derivatives of at most \(Self.mostParameters) parameters, got \(flat.count); HessianFree "
          + "needs their products alone")
    }
    let surface = try Surface(flat, sign, evaluate())
    guard try surface.value.isFinite, try surface.gradient.size.isFinite else { return surface.loss }
    let matrix = try surface.matrix
    let identity = try Tensor.eye(flat.count, nil, flat.dtype)
    var damping = try parameters[0].state.number(0, startingAt: damping)
    for _ in 0..<Self.attempts {
      if let step = try step(matrix + identity * .float(damping), surface.gradient) {
        let descent = try surface.gradient.dot(step).number
        if try flat.tries(step, lr, from: surface.value, expecting: -1e-4 * lr * descent, sign, evaluate) != nil {
          damping = max(damping / 10, 1e-12)
          break
        }
      }
      damping = max(damping, 1e-6) * 10
    }
    try parameters[0].state.setNumber(0, to: damping)
    return surface.loss
  }

  /// The way down, nil where the matrix does not curve upwards everywhere.
  private func step(_ matrix: Tensor, _ gradient: Tensor) throws(SNNError) -> Tensor? {
    let (factor, info) = try matrix.choleskyWithInfo(upper: false, checked: false)
    guard try info.number == 0 else { return nil }
    let column = try (-gradient).reshaped(to: [gradient.count, 1])
    let half = try factor.solveTriangular(column, upper: false)
    return try factor.transpose(0, 1).solveTriangular(half, upper: true).reshaped(to: [gradient.count])
  }
}

private struct ConjugateNewton: ClosureRule {
  let lr, damping: Double
  let isGaussNewton: Bool
  let products: Int
  let tolerance: Double
  let sign: Double
  private static let shorter = 0.8
  private static let attempts = 60

  func step(_ parameters: [OptimizedParameter], _ evaluate: () throws(SNNError) -> Outcome) throws(SNNError) -> Tensor {
    let flat = FlatParameters(parameters)
    let surface = try Surface(flat, sign, evaluate(), isGaussNewton: isGaussNewton)
    guard try surface.value.isFinite, try surface.gradient.size.isFinite else { return surface.loss }
    let state = parameters[0].state
    var damping = try state.number(0, startingAt: damping)
    var start = try surface.gradient.zerosLike()
    if let last = try flat.kept(1) { start = try last * 0.95 }
    let (direction, model) = try conjugateGradients(surface, damping, start)
    let descent = try surface.gradient.dot(direction).number
    var length = lr
    var fall: Double?
    for _ in 0..<Self.attempts where fall == nil && descent < 0 {
      fall = try flat.tries(
        direction, length, from: surface.value, expecting: -1e-2 * length * descent, sign, evaluate)
      if fall == nil { length *= Self.shorter }
    }
    // How far the quadratic model could be trusted (Martens 2010, section 4.1).
    let ratio = (fall ?? 0) / -model
    if fall == nil || ratio < 0.25 { damping *= 1.5 } else if ratio > 0.75 { damping *= 2 / 3 }
    try flat.keep(fall == nil ? nil : direction, 1)
    try state.setNumber(0, to: damping)
    return surface.loss
  }

  /// The direction in which the damped quadratic model is lowest, and the model's value there.
  private func conjugateGradients(_ surface: Surface, _ damping: Double, _ start: Tensor) throws(SNNError) -> (
    Tensor, Double
  ) {
    func damped(_ vector: Tensor) throws(SNNError) -> Tensor {
      try surface.curvature(vector) + vector * .float(damping)
    }
    var x = start
    var residual = try damped(x) + surface.gradient
    var direction = try -residual
    var square = try residual.dot(residual).number
    var values: [Double] = []
    for round in 1...products where square > 0 {
      let image = try damped(direction)
      let curve = try direction.dot(image).number
      guard curve > 0 else {
        if round == 1 { x = try -surface.gradient }
        break
      }
      let length = square / curve
      x = try x + direction * .float(length)
      residual = try residual + image * .float(length)
      values.append(try 0.5 * (residual.dot(x).number + surface.gradient.dot(x).number))
      // Gains of the last rounds (Martens 2010, section 4.4).
      let window = max(10, round / 10)
      if round > window, let now = values.last, now < 0,
        (now - values[round - 1 - window]) / now < Double(window) * tolerance
      {
        break
      }
      let next = try residual.dot(residual).number
      direction = try direction * .float(next / square) - residual
      square = next
    }
    let slope = try surface.gradient.dot(x).number
    return (x, values.last ?? slope)
  }
}
