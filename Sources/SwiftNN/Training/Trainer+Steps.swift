/// What an epoch has come to so far.
struct EpochProgress {
  var batches = 0
  var examples = 0
  /// Sums over examples.
  var loss = 0.0
  var penalty = 0.0

  var isEmpty: Bool { batches == 0 }
}

/// One step: losses and gradients of its batches, and how the parameters move.
extension Trainer {
  /// What a batch is for the model and the loss.
  func parts(_ batch: [Tensor]) throws(SNNError) -> (inputs: [Tensor], targets: [Tensor], examples: Int) {
    let count = inputCount ?? max(batch.count - 1, 1)
    guard count >= 1, count <= batch.count else {
      throw .argument("fit: expects \(count) inputs in each batch, got \(batch.count) parts")
    }
    let inputs = Array(batch.prefix(count))
    let rest = Array(batch.dropFirst(count))
    return (inputs, rest.isEmpty ? inputs : rest, inputs[0].rank == 0 ? 1 : inputs[0].shape[0])
  }

  func outputsAndLoss(_ inputs: [Tensor], _ targets: [Tensor]) throws(SNNError) -> (outputs: [Tensor], loss: Tensor) {
    let outputs = try model.forward(inputs)
    guard !outputs.isEmpty else { throw .argument("fit: the model gave no outputs") }
    let losses = try loss.forward(outputs + targets)
    guard losses.count == 1, losses[0].count == 1 else {
      throw .shape(
        "fit: the loss must give one number, got \(losses.count == 1 ? "shape \(losses[0].shape)" : "\(losses.count) tensors")"
      )
    }
    return (outputs, losses[0])
  }

  func updateMetrics(_ outputs: [Tensor], _ targets: [Tensor]) throws(SNNError) {
    guard !metrics.isEmpty else { return }
    try Gradients.with(enabled: false) { () throws(SNNError) in
      for (_, metric) in metrics { try metric.update(outputs[0].detach(), targets[targets.count - 1], weights: nil) }
    }
  }

  private func penalty(_ terms: [PenaltyTerm]) throws(SNNError) -> Tensor? {
    var total: Tensor?
    let parameters = terms.isEmpty ? [] : model.namedParameters
    for term in terms {
      let amount = try term.penalty(parameters, anchors: term.anchors, term.selection)
      total = if let before = total { try before + amount } else { amount }
    }
    return total
  }

  /// The loss of batches, as if they were one, with its gradients. `isFirst`: what the model gives counts for the history.
  private func evaluate(_ batches: [[Tensor]], isFirst: Bool) throws(SNNError) -> Tensor {
    optimizer.zeroGradients()
    var all: [(inputs: [Tensor], targets: [Tensor], examples: Int)] = []
    for batch in batches { all.append(try parts(batch)) }
    let examples = all.reduce(0) { $0 + $1.examples }
    var total: Tensor?
    for batch in all {
      let (outputs, loss) = try outputsAndLoss(batch.inputs, batch.targets)
      let penalty = try penalty(penalties)
      var objective = if let penalty { try loss + penalty } else { loss }
      // The mean of a batch counts as often as it has examples; a batch of none counts once.
      let share = examples == 0 ? 1 / Double(all.count) : Double(batch.examples) / Double(examples)
      if all.count > 1 { objective = try objective * .float(share) }
      // Newton's method and its like differentiate the loss once more.
      let keepsGraph = optimizer.groups.first?.rule is any ClosureRule
      try objective.backward(retainGraph: keepsGraph)
      let part = keepsGraph ? objective : objective.detach()
      total = if let before = total { try before + part } else { part }
      guard isFirst else { continue }
      progress.batches += 1
      progress.examples += batch.examples
      progress.loss += try loss.detach().item().double * Double(batch.examples)
      if let penalty { progress.penalty += try penalty.detach().item().double * Double(batch.examples) }
      try updateMetrics(outputs, batch.targets)
    }
    try clipping?.apply(to: optimizer.groups.flatMap(\.parameters))
    guard let total else { return try Tensor.zeros([]) }
    return total
  }

  /// A step of the optimizer; gives the loss, with penalties, where it began.
  func makeStep(_ batches: [[Tensor]]) throws(SNNError) -> Double {
    var isFirst = true
    let loss = try optimizer.step {
      defer { isFirst = false }
      return try Gradients.with(enabled: true) { () throws(SNNError) in try self.evaluate(batches, isFirst: isFirst) }
    }
    try constrain()
    step += 1
    if let schedule, schedule.unit == .step { try schedule.scheduler.step() }
    return try loss.item().double
  }

  private func constrain() throws(SNNError) {
    let parameters = constraints.isEmpty ? [] : model.namedParameters
    for constraint in constraints {
      switch constraint {
      case .proximalL1(let strength, let selection):
        let rate = try optimizer.rates()[0]
        try Constraints.shrink(parameters, threshold: strength * rate, selection)
      case .maxNorm(let most, let p, let dim, let selection):
        try Constraints.limitNorm(parameters, maxNorm: most, p, dim: dim, selection)
      }
    }
  }
}
