import CKernels

extension Trainer {
  /// Trains until `epochs` epochs are done in all, those before and those of a loaded checkpoint included; or until `stop`, or the
  /// rule for stopping.
  @discardableResult
  public func fit(
    _ training: any BatchSource, validation: (any BatchSource)? = nil, epochs: Int
  ) throws(SNNError) -> History {
    guard epochs >= 0 else { throw .argument("fit: expects at least 0 epochs, got \(epochs)") }
    guard accumulation >= 1 else {
      throw .argument("fit: expects an accumulation of at least 1 batch, got \(accumulation)")
    }
    try alone { () throws(SNNError) in
      current = training
      defer { current = nil }
      shouldStop.store(false, ordering: .relaxed)
      endReason = nil
      for i in penalties.indices where penalties[i].penalty.kind == .l2sp && penalties[i].anchors.isEmpty {
        for (_, tensor) in model.namedParameters { penalties[i].anchors.append(try tensor.detach().clone()) }
      }
      try run(Run(training: training, validation: validation, epochs: epochs, start: ck_seconds()))
    }
    return history
  }

  /// The loss and the metrics of a model as it is.
  public func evaluate(_ source: any BatchSource) throws(SNNError) -> [(name: String, value: Double)] {
    let kept = metrics.map(\.metric.gathered)
    defer { for (i, gathered) in kept.enumerated() { try? metrics[i].metric.load(gathered: gathered) } }
    for (_, metric) in metrics { metric.reset() }
    var (sum, examples) = (0.0, 0)
    try forEachBatch(of: source) { batch throws(SNNError) in
      let part = try parts(batch)
      let (outputs, loss) = try outputsAndLoss(part.inputs, part.targets)
      sum += try loss.item().double * Double(part.examples)
      examples += part.examples
      try updateMetrics(outputs, part.targets)
    }
    return [("loss", examples == 0 ? .nan : sum / Double(examples))] + (try measured())
  }

  /// What the model gives for all inputs of a source, joined along the first axis. All parts of its examples are inputs, or as many as
  /// `inputCount` says.
  public func predict(_ source: any BatchSource) throws(SNNError) -> [Tensor] {
    var results: [[Tensor]] = []
    try forEachBatch(of: source) { batch throws(SNNError) in
      results.append(try model.forward(Array(batch.prefix(inputCount ?? batch.count))))
    }
    guard let first = results.first else { return [] }
    return try first.indices.map { i throws(SNNError) in try Tensor.cat(results.map { $0[i] }) }
  }

  private func forEachBatch(
    of source: any BatchSource, _ body: ([Tensor]) throws(SNNError) -> Void
  ) throws(SNNError) {
    // What training goes on with stays where it stands.
    let place = source === current ? source.state : nil
    defer { if let place { try? source.load(state: place) } }
    try model.evaluating { () throws(SNNError) in
      try Gradients.with(enabled: false) { () throws(SNNError) in
        try source.begin(epoch: 0)
        while let batch = try source.next() { try body(batch) }
      }
    }
  }

  private func measured() throws(SNNError) -> [(name: String, value: Double)] {
    var values: [(name: String, value: Double)] = []
    for (name, metric) in metrics {
      let results = try metric.compute()
      guard results.count == 1, results[0].count == 1 else {
        throw .shape("fit: the metric '\(name)' must come to one number, got \(results.map(\.shape))")
      }
      values.append((name, try results[0].item().double))
    }
    return values
  }

  /// What one call of `fit` was asked for.
  private struct Run {
    let training: any BatchSource
    let validation: (any BatchSource)?
    let epochs: Int
    let start: Double
  }

  private func run(_ run: Run) throws(SNNError) {
    model.train()
    var loss = Double.nan
    try tell(event(.trainingBegan, run))
    if progress.isEmpty, epoch < run.epochs { try run.training.begin(epoch: epoch) }
    while epoch < run.epochs, endReason == nil {
      if progress.isEmpty { try tell(event(.epochBegan, run)) }
      guard try finishEpoch(run, &loss) else {
        endReason = "stopped"
        break
      }
      try closeEpoch(run)
    }
    if endReason == "stopped", let checkpoints {
      try saveLast(checkpoints, run.training) { path throws(SNNError) in try self.announce(path, run) }
    }
    if restoresBest, endReason != "stopped" { try returnToBest() }
    try tell(event(.trainingEnded, run, loss: loss, text: endReason ?? ""))
  }

  /// The rest of the batches of an epoch; false where training was stopped before its end.
  private func finishEpoch(_ run: Run, _ loss: inout Double) throws(SNNError) -> Bool {
    while true {
      if shouldStop.load(ordering: .relaxed) { return false }
      var batches: [[Tensor]] = []
      while batches.count < accumulation, let batch = try run.training.next() { batches.append(batch) }
      guard !batches.isEmpty else { return true }
      loss = try makeStep(batches)
      try tell(event(.stepDone, run, loss: loss))
      if let checkpoints, checkpoints.everySteps > 0, step % checkpoints.everySteps == 0 {
        try saveLast(checkpoints, run.training) { path throws(SNNError) in try self.announce(path, run) }
      }
      if batches.count < accumulation { return true }
    }
  }

  private func closeEpoch(_ run: Run) throws(SNNError) {
    let examples = Double(progress.examples)
    var values = [(name: "loss", value: progress.examples == 0 ? .nan : progress.loss / examples)]
    if !penalties.isEmpty { values.append(("penalty", progress.penalty / examples)) }
    values += try measured()
    for (_, metric) in metrics { metric.reset() }
    if let validation = run.validation {
      values += try evaluate(validation).map { ("val_\($0.name)", $0.value) }
      model.train()
    }
    for (i, rate) in try optimizer.rates().enumerated() { values.append((i == 0 ? "lr" : "lr_\(i)", rate)) }
    let row = History.Row(epoch: epoch, step: step, seconds: ck_seconds() - run.start, values: values)
    history.rows.append(row)
    let isBest = try judge(row)
    if let schedule, schedule.unit == .epoch {
      try schedule.scheduler is Plateau
        ? schedule.scheduler.step(metric: watched(row).value) : schedule.scheduler.step()
    }
    let done = event(.epochDone, run, values: values)
    epoch += 1
    progress = EpochProgress()
    // Where training would go on, so that a checkpoint says the same whoever reads it.
    if epoch < run.epochs || checkpoints != nil { try run.training.begin(epoch: epoch) }
    if let checkpoints {
      try save(checkpoints, isBest: isBest, run.training) { path throws(SNNError) in try self.announce(path, run) }
    }
    try tell(done)
    if shouldStop.load(ordering: .relaxed), endReason == nil, epoch < run.epochs { endReason = "stopped" }
  }

  /// What is watched, in a row.
  private func watched(_ row: History.Row) throws(SNNError) -> (name: String, value: Double) {
    let name = monitor ?? (row["val_loss"] == nil ? "loss" : "val_loss")
    guard let value = row[name] else {
      throw SNNError(
        .name, "fit: there is no '\(name)' to watch among \(row.values.map(\.name).joined(separator: ", "))")
    }
    return (name, value)
  }

  /// Whether the model is the best so far.
  private func judge(_ row: History.Row) throws(SNNError) -> Bool {
    let (name, value) = try watched(row)
    var isBest: Bool
    if let stopping {
      let verdict = try stopping.observe(row.values, epoch: row.epoch)
      isBest = verdict.isBest
      endReason = verdict.reason
    } else {
      let metric = metrics.first { name == $0.name || name == "val_\($0.name)" }?.metric
      let prefersLess = monitorPrefersLess ?? !(metric?.prefersMore ?? false)
      isBest = !value.isNaN && best.map { prefersLess ? value < $0.value : value > $0.value } ?? true
    }
    guard isBest else { return false }
    best = (value, row.epoch)
    if restoresBest {
      bestState = []
      for (name, tensor) in savedState { bestState.append((name, try tensor.detach().clone())) }
    }
    return true
  }

  private func returnToBest() throws(SNNError) {
    let places = Dictionary(savedState.map { ($0.name, $0.tensor) }) { first, _ in first }
    for (name, tensor) in bestState { places[name]?.replaceElements(tensor) }
  }

  /// The parameters and persistent buffers of the model, by name.
  var savedState: [(name: String, tensor: Tensor)] {
    model.state.compactMap { item in
      item.cell.isPersistent ? item.cell.tensor.map { (item.name, $0) } : nil
    }
  }

  private func announce(_ path: String, _ run: Run) throws(SNNError) {
    try tell(event(.checkpointSaved, run, text: path))
  }

  private func event(
    _ kind: TrainingEvent.Kind, _ run: Run, loss: Double = .nan, values: [(name: String, value: Double)] = [],
    text: String = ""
  ) -> TrainingEvent {
    TrainingEvent(
      kind: kind, epoch: epoch, epochs: run.epochs, batch: progress.batches, batchCount: run.training.batchCount,
      examples: progress.examples, step: step, loss: loss, values: values, text: text)
  }
}
