import CKernels

/// All of a training as one file: weights, optimizer, schedule, random numbers, place in the data, rule for stopping and history. Behind
/// it, training goes on with the bits that it would have had without.
extension Trainer {
  /// Saves everything. `training` is what the model is trained from.
  public func save(to path: String, _ training: any BatchSource) throws(SNNError) {
    try content(training).save(to: path)
  }

  /// Goes on from a saved state. The model, optimizer, schedule and data must be made as they were. After an error nothing has changed.
  public func load(from path: String, _ training: any BatchSource) throws(SNNError) {
    try alone { () throws(SNNError) in
      let saved = try CheckpointContent(path: path)
      var before = try content(training)
      for i in before.tensors.indices { before.tensors[i].tensor = try before.tensors[i].tensor.clone() }
      do throws(SNNError) { try apply(saved, training) } catch {
        try? apply(before, training)
        throw error
      }
    }
  }

  func saveLast(
    _ policy: CheckpointPolicy, _ training: any BatchSource, _ announce: (String) throws(SNNError) -> Void
  ) throws(SNNError) {
    try write(content(training), policy, [policy.last], announce)
  }

  /// Behind an epoch.
  func save(
    _ policy: CheckpointPolicy, isBest: Bool, _ training: any BatchSource,
    _ announce: (String) throws(SNNError) -> Void
  ) throws(SNNError) {
    var paths: [String] = []
    if isBest, policy.keepsBest { paths.append(policy.best) }
    if policy.keepsEvery > 0, epoch % policy.keepsEvery == 0 { paths.append(policy.numbered(epoch)) }
    if policy.everyEpochs > 0, epoch % policy.everyEpochs == 0 { paths.append(policy.last) }
    if !paths.isEmpty { try write(content(training), policy, paths, announce) }
  }

  private func write(
    _ content: CheckpointContent, _ policy: CheckpointPolicy, _ paths: [String],
    _ announce: (String) throws(SNNError) -> Void
  ) throws(SNNError) {
    let code = ck_folder_make(policy.folder)
    guard code == 0 else { throw FileBytes.error(policy.folder, code) }
    for path in paths {
      try content.save(to: path)
      try announce(path)
    }
  }

  // MARK: What is saved

  private func content(_ training: any BatchSource) throws(SNNError) -> CheckpointContent {
    var content = CheckpointContent(name: "checkpoint")
    content.words = [
      ("trainer", progressText), ("optimizer", optimizer.optionsText), ("loader", training.state),
      ("generators", generatorsText), ("history", JSON.array(history.names.map(JSON.string))),
    ]
    if let schedule { content.words.append(("schedule", schedule.scheduler.state)) }
    if let stopping { content.words.append(("stopping", stopping.state)) }
    content.words += notes.map { ("note.\($0.key)", $0.value) }
    content.add("model", savedState.map { ($0.name, $0.tensor.detach()) })
    content.add("loss", lossState.map { ($0.name, $0.tensor.detach()) })
    content.add("best", bestState)
    content.add("optimizer", try optimizer.stateTensors)
    for (name, metric) in metrics {
      content.add("metric.\(name)", metric.gathered.enumerated().map { ("\($0)", $1) })
    }
    for (name, transform) in transforms { content.add("transform.\(name)", transform.state) }
    content.tensors.append(("history", try history.table))
    return content
  }

  private func apply(_ content: CheckpointContent, _ training: any BatchSource) throws(SNNError) {
    let owner = content.name
    let numbers = try FlatJSON.values(content.required("trainer"), of: owner)
    let weights = try savedState.matched(with: content.tensors(of: "model"), owner)
    let ofLoss = try lossState.matched(with: content.tensors(of: "loss"), owner)
    guard let table = content.tensors.first(where: { $0.name == "history" })?.tensor else {
      throw .file(owner, "holds no history")
    }
    let rows = try History(table: table, names: FlatJSON.words(content.required("history"), of: owner), owner)
    try optimizer.load(optionsText: content.required("optimizer"), content.tensors(of: "optimizer"), owner)
    try load(generators: FlatJSON.values(content.required("generators"), of: owner), owner)
    try training.load(state: content.required("loader"))
    if let schedule { try schedule.scheduler.load(state: content.required("schedule")) }
    if let stopping { try stopping.load(state: content.required("stopping")) }
    for (name, metric) in metrics { try metric.load(gathered: content.tensors(of: "metric.\(name)").map(\.tensor)) }
    for (name, transform) in transforms { try transform.load(state: content.tensors(of: "transform.\(name)")) }
    for (target, source) in weights + ofLoss { target.replaceElements(try source.cast(to: target.dtype)) }
    var copies: [(name: String, tensor: Tensor)] = []
    for (name, tensor) in content.tensors(of: "best") { copies.append((name, try tensor.clone())) }
    try setProgress(numbers, owner)
    (bestState, history, endReason) = (copies, rows, nil)
  }

  private var lossState: [(name: String, tensor: Tensor)] {
    loss.state.compactMap { item in item.cell.tensor.map { (item.name, $0) } }
  }

  private var progressText: String {
    var members: [(name: String, value: Value)] = [
      ("epoch", .int(epoch)), ("step", .int(step)), ("batches", .int(progress.batches)),
      ("examples", .int(progress.examples)), ("loss", .float(progress.loss)), ("penalty", .float(progress.penalty)),
    ]
    if let best { members += [("best", .float(best.value)), ("best_epoch", .int(best.epoch))] }
    return FlatJSON.text(members)
  }

  private func setProgress(_ numbers: [String: Value], _ owner: String) throws(SNNError) {
    let found = EpochProgress(
      batches: try numbers.int("batches", owner), examples: try numbers.int("examples", owner),
      loss: try numbers.float("loss", owner), penalty: try numbers.float("penalty", owner))
    let measured =
      numbers["best"] == nil
      ? nil : (value: try numbers.float("best", owner), epoch: try numbers.int("best_epoch", owner))
    (epoch, step) = (try numbers.int("epoch", owner), try numbers.int("step", owner))
    (progress, best) = (found, measured)
  }

  // MARK: Random numbers

  /// The default generator, and those that layers of the model have of their own.
  private var generators: [Generator] {
    var found = [Generator.default]
    func collect(_ layer: any Layer) {
      if let generator = (layer as? DeclaredLayer)?.generator, !found.contains(where: { $0 === generator }) {
        found.append(generator)
      }
      for child in layer.children { collect(child.layer) }
    }
    collect(model)
    collect(loss)
    return found
  }

  private var generatorsText: String {
    var members: [(name: String, value: Value)] = []
    for (i, generator) in generators.enumerated() {
      let state = generator.state
      // As words: whole numbers end at 2^63.
      members += [("\(i).seed", .string("\(state.seed)")), ("\(i).position", .string("\(state.position)"))]
    }
    return FlatJSON.text(members)
  }

  private func load(generators saved: [String: Value], _ owner: String) throws(SNNError) {
    var states: [Generator.State] = []
    for i in generators.indices {
      guard case .string(let seed)? = saved["\(i).seed"], case .string(let position)? = saved["\(i).position"],
        let seed = UInt64(seed), let position = UInt64(position)
      else {
        throw .file(owner, "holds no state of random generator \(i) of \(generators.count)")
      }
      states.append(Generator.State(seed: seed, position: position))
    }
    for (generator, state) in zip(generators, states) { generator.state = state }
  }
}
