/// One loss out of those of several tasks.
extension Operation {
  static let taskLosses: [Operation] = [weightedLoss, uncertaintyLoss, gradNormLoss]

  private static let losses = Field.tensors("losses", "A number for each task.")

  static let weightedLoss = Operation(
    "weighted_loss", "Σ weights · losses.",
    [losses, Field("weights", .floats, "A weight for each loss; 1 without.").optional], places: .functional
  ) {
    let losses = try Tensor.tasks($0.tensors(0), "weighted_loss")
    guard !$0.isNone(1) else { return try losses.sum() }
    let weights = $0.floats(1)
    try losses.checkTasks(weights.count, "weights", "weighted_loss")
    return try (losses * Tensor(weights).cast(to: losses.dtype)).sum()
  }

  static let uncertaintyLoss = Operation(
    "uncertainty_loss",
    "Σ exp(-s) · loss + ½ · s of classifications and ½ · exp(-s) · loss + ½ · s of regressions, for learned logarithms s of "
      + "the variances.",
    [
      losses, .tensor("log_variances", "s, a number for each task."),
      .ints("classification", default: [], "The positions of the tasks that classify; the others are regressions."),
    ], places: .functional
  ) {
    let losses = try Tensor.tasks($0.tensors(0), "uncertainty_loss")
    let s = $0.tensor(1)
    guard s.rank == 1 else {
      throw SNNError.shape("uncertainty_loss: expects log_variances of one axis, got \(s.shape)")
    }
    try losses.checkTasks(s.count, "log_variances", "uncertainty_loss")
    var shares = Array(repeating: 0.5, count: losses.count)
    for position in $0.ints(2) {
      guard shares.indices.contains(position) else {
        throw SNNError.index("uncertainty_loss: there is no task \(position) of \(shares.count)")
      }
      shares[position] = 1
    }
    return try (losses * (-s).exp() * Tensor(shares).cast(to: losses.dtype) + s * 0.5).sum()
  }

  static let gradNormLoss = Operation(
    "gradnorm_loss",
    "Σ |weight · ‖∇loss‖ - mean · rate^alpha| over the tasks: how far the norms of their gradients by shared parameters are "
      + "from a common size, by which tasks that learn slowly are given more. Its gradient is that of the weights.",
    [
      losses, .tensor("weights", "A weight for each loss."),
      .tensors(
        "shared",
        "The parameters on which all losses depend, as those of the last shared layer; the norm of a loss that depends on none is 0."
      ),
      .tensor("initial_losses", "The losses at the beginning."),
      .float("alpha", default: 1.5, "How strongly the rates of learning are brought together."),
    ], places: .functional
  ) {
    try Tensor.gradNorm(
      $0.tensors(0), weights: $0.tensor(1), shared: $0.tensors(2), initial: $0.tensor(3), alpha: $0.float(4))
  }
}

extension Tensor {
  /// Losses of one number each as one tensor.
  static func tasks(_ losses: [Tensor], _ name: String) throws(SNNError) -> Tensor {
    guard !losses.isEmpty else { throw .argument("\(name): expects at least one loss") }
    for (i, loss) in losses.enumerated() where loss.count != 1 || !loss.dtype.isFloatingPoint {
      throw .shape("\(name): expects losses of one floating-point number, got \(loss.dtype.name)\(loss.shape) at \(i)")
    }
    return try Tensor.cat(losses.map { loss throws(SNNError) in try loss.reshape([1]) }, 0)
  }

  func checkTasks(_ given: Int, _ what: String, _ name: String) throws(SNNError) {
    guard given == count else { throw .argument("\(name): expects \(what) of \(count) losses, got \(given)") }
  }

  /// A norm is linear in the weight of its loss, so the gradients by the weights need no second walk.
  static func gradNorm(
    _ given: [Tensor], weights: Tensor, shared: [Tensor], initial: Tensor, alpha: Double
  ) throws(SNNError) -> Tensor {
    let name = "gradnorm_loss"
    let losses = try Tensor.tasks(given, name)
    try losses.checkTasks(weights.count, "weights", name)
    try losses.checkTasks(initial.count, "initial_losses", name)
    guard weights.rank == 1, initial.rank == 1 else {
      throw .shape("\(name): expects weights and initial_losses of one axis, got \(weights.shape) and \(initial.shape)")
    }
    guard !shared.isEmpty else { throw .argument("\(name): expects at least one shared parameter") }
    var norms: [Tensor] = []
    for loss in given {
      let learned = loss.requiresGradient ? shared.filter(\.requiresGradient) : []
      let found =
        learned.isEmpty
        ? [] : try Gradients.of([loss], withRespectTo: learned, retainGraph: true, allowUnused: true)
      var total = try Tensor.full(Dimensions(), 0, losses.dtype)
      for gradient in found { if let gradient { total = try total + gradient.square().sum().cast(to: losses.dtype) } }
      norms.append(try total.sqrt().reshape([1]))
    }
    let sizes = try (weights * Tensor.cat(norms, 0)).abs()
    let rates = try losses.detach() / initial.detach()
    let target = try sizes.detach().mean() * (rates / rates.mean()).pow(.float(alpha))
    return try (sizes - target).abs().sum()
  }
}
