import Testing

@testable import SwiftNN

/// Points in two clouds, with noise that makes them overlap a little.
private func clouds(_ count: Int = 60, seed: UInt64 = 3) throws -> TensorDataset {
  let generator = Generator(seed: seed)
  let labels = (0..<count).map { $0 % 2 }
  let centers = try Tensor(labels.map { Float($0) * 2 - 1 }, [count, 1])
  let points = try Tensor.normal([count, 4], std: 0.8, .float32, generator) + centers
  return try TensorDataset([points, Tensor(labels)])
}

private func loader(_ data: TensorDataset, workers: Int = 0) throws -> Loader {
  var options = Loader.Options()
  (options.batchSize, options.sampling, options.seed, options.workers) = (8, .random, 5, workers)
  return try Loader(data, options)
}

private struct Network: Layer {
  let hidden: Linear
  let dropout: Dropout
  let output: Linear

  init() throws {
    let generator = Generator(seed: 11)
    dropout = try Dropout(0.3)
    hidden = try Linear(4, 16, generator: generator)
    output = try Linear(16, 2, generator: generator)
  }

  func callAsFunction(_ input: Tensor) throws(SNNError) -> Tensor { try output(dropout(hidden(input).relu())) }
}

/// A trainer with momentum, dropout, a schedule, a metric and, where there is validation, a rule for stopping that never stops.
private func trainer(validated: Bool = false) throws -> Trainer {
  let model = try Network()
  let optimizer = try Optimizer(model.parameters, SGD(lr: 0.05, momentum: 0.9))
  let trainer = Trainer(model, loss: try CrossEntropyLoss(), optimizer: optimizer)
  trainer.schedule = (try Scheduler.stepLR(optimizer, stepSize: 3, gamma: 0.8), .epoch)
  trainer.metrics = [("accuracy", try Metrics.accuracy())]
  if validated { trainer.stopping = try StoppingRules.earlyStopping(patience: 1000) }
  return trainer
}

private func bits(_ trainer: Trainer) throws -> [[Float]] {
  try trainer.model.parameters.map { try $0.array(of: Float.self) }
}

private func measured(_ trainer: Trainer) -> [[Double]] { trainer.history.rows.map { $0.values.map(\.value) } }

private func path(_ name: String) -> String { "/tmp/swiftnn-trainer-\(name)-\(UInt64.random(in: 0 ... .max))" }

@Suite(.serialized) struct TrainerTests {
  @Test func learns() throws {
    manualSeed(1)
    let trainer = try trainer()
    try trainer.fit(loader(clouds()), validation: loader(clouds(40, seed: 4)), epochs: 20)
    #expect(trainer.epoch == 20)
    #expect(trainer.step == 20 * 8)
    #expect(trainer.history.names == ["loss", "accuracy", "val_loss", "val_accuracy", "lr"])
    #expect(trainer.history["loss"][19] < trainer.history["loss"][0] / 2)
    #expect(trainer.history["val_accuracy"][19] > 0.9)
    #expect(trainer.history["lr"][19] == 0.05 * [0.8, 0.8, 0.8, 0.8, 0.8, 0.8].reduce(1, *))
    #expect(trainer.endReason == nil)
  }

  /// The loop that a user would write gives the same bits.
  @Test func equalsALoopByHand() throws {
    manualSeed(1)
    let trained = try trainer()
    try trained.fit(loader(clouds()), epochs: 3)

    manualSeed(1)
    let model = try Network()
    let optimizer = try Optimizer(model.parameters, SGD(lr: 0.05, momentum: 0.9))
    let schedule = try Scheduler.stepLR(optimizer, stepSize: 3, gamma: 0.8)
    let batches = try loader(clouds())
    for _ in 0..<3 {
      while let batch = try batches.next() {
        optimizer.zeroGradients()
        try model(batch[0]).crossEntropy(batch[1]).backward()
        try optimizer.step()
      }
      try schedule.step()
    }
    #expect(try bits(trained) == model.parameters.map { try $0.array(of: Float.self) })
  }

  /// Micro-batches make the step of the large batch, with an incomplete one at the end of the epoch.
  @Test func accumulation() throws {
    func gradients(batchSize: Int, accumulation: Int) throws -> [[Double]] {
      let generator = Generator(seed: 2)
      let inputs = try Tensor.normal([22, 3], .float64, generator)
      let targets = try inputs.sum([1], keepDim: true)
      let model = try Linear(3, 1, dtype: .float64, generator: generator)
      let trainer = Trainer(model, loss: try MSELoss(), optimizer: try Optimizer(model.parameters, SGD(lr: 0.1)))
      trainer.accumulation = accumulation
      try trainer.fit(Loader(inputs, targets, batchSize: batchSize), epochs: 1)
      #expect(trainer.step == 3)
      return try model.parameters.map { try $0.array(of: Double.self) }
    }
    let (large, halves) = (try gradients(batchSize: 8, accumulation: 1), try gradients(batchSize: 4, accumulation: 2))
    for (a, b) in zip(large.joined(), halves.joined()) { #expect(abs(a - b) < 1e-14) }
  }

  @Test(arguments: [0, 2]) func goesOnWithTheSameBits(workers: Int) throws {
    func begin() throws -> (Trainer, Loader, Loader) {
      (try trainer(validated: true), try loader(clouds(), workers: workers), try loader(clouds(40, seed: 4)))
    }
    manualSeed(9)
    let (whole, all, validation) = try begin()
    try whole.fit(all, validation: validation, epochs: 10)

    manualSeed(9)
    let (first, some, other) = try begin()
    // Stops within the fourth epoch.
    first.on { event in if event.kind == .stepDone, event.step == 29 { first.stop() } }
    try first.fit(some, validation: other, epochs: 10)
    #expect(first.step == 29)
    #expect(first.endReason == "stopped")
    let file = path("resume")
    try first.save(to: file, some)

    manualSeed(1234)
    let (second, rest, again) = try begin()
    try second.load(from: file, rest)
    #expect(second.step == 29)
    try second.fit(rest, validation: again, epochs: 10)
    #expect(try bits(whole) == bits(second))
    #expect(measured(whole) == measured(second))
    #expect(whole.best?.value == second.best?.value)

    // And in the trainer that was stopped.
    try first.load(from: file, some)
    try first.fit(some, validation: other, epochs: 10)
    #expect(try bits(whole) == bits(first))
  }

  @Test func everyOptimizerGoesOn() throws {
    for declaration in Registry.optimizers {
      func begin() throws -> (Trainer, Loader) {
        let model = try Linear(4, 2, generator: Generator(seed: 3))
        // Muon takes matrices alone.
        let parameters = declaration.name == "Muon" ? [model.weight] : model.parameters
        let optimizer = try Optimizer(declaration, parameters, [])
        try optimizer.wrap(Lookahead(k: 3))
        return (Trainer(model, loss: try CrossEntropyLoss(), optimizer: optimizer), try loader(clouds()))
      }
      let (whole, all) = try begin()
      try whole.fit(all, epochs: 4)
      let (first, some) = try begin()
      try first.fit(some, epochs: 2)
      let file = path("optimizer")
      try first.save(to: file, some)
      let (second, rest) = try begin()
      try second.load(from: file, rest)
      try second.fit(rest, epochs: 4)
      #expect(try bits(whole) == bits(second), "\(declaration.name)")
    }
  }

  @Test func stopsAndReturnsToTheBest() throws {
    manualSeed(1)
    let trainer = try trainer()
    trainer.stopping = try StoppingRules.earlyStopping(patience: 3)
    trainer.restoresBest = true
    let validation = try loader(clouds(40, seed: 4))
    try trainer.fit(loader(clouds()), validation: validation, epochs: 200)
    #expect(trainer.epoch < 200)
    #expect(trainer.endReason != nil)
    let best = try #require(trainer.best)
    #expect(best.value == trainer.history["val_loss"].min())
    #expect(try trainer.evaluate(validation)[0].value == best.value)
  }

  @Test func checkpoints() throws {
    let folder = path("folder") + "/deep"
    manualSeed(1)
    let trainer = try trainer()
    var policy = CheckpointPolicy(folder: folder)
    policy.keepsEvery = 2
    trainer.checkpoints = policy
    var saved: [String] = []
    trainer.on { if $0.kind == .checkpointSaved { saved.append(String($0.text.dropFirst(folder.count + 1))) } }
    try trainer.fit(loader(clouds()), epochs: 2)
    #expect(
      saved == [
        "best.safetensors", "last.safetensors", "best.safetensors", "epoch-000002.safetensors", "last.safetensors",
      ])
    let second = try self.trainerAt(policy.last)
    #expect(second.epoch == 2)
    #expect(try bits(second) == bits(trainer))
  }

  private func trainerAt(_ path: String) throws -> Trainer {
    let trainer = try trainer()
    try trainer.load(from: path, loader(clouds()))
    return trainer
  }

  @Test func loadingChangesNothingWhereItFails() throws {
    manualSeed(1)
    let first = try trainer()
    let data = try loader(clouds())
    try first.fit(data, epochs: 2)
    let file = path("good")
    try first.save(to: file, data)

    let other = try Network()
    let adam = Trainer(other, loss: try CrossEntropyLoss(), optimizer: try Optimizer(other.parameters, Adam()))
    let before = try bits(adam)
    #expect(throws: SNNError.self) { try adam.load(from: file, loader(clouds())) }
    #expect(try bits(adam) == before)

    let short = try loader(clouds(20))
    let third = try trainer()
    let start = try bits(third)
    #expect(throws: SNNError.self) { try third.load(from: file, short) }
    #expect(try bits(third) == start)
    #expect(third.epoch == 0)

    let weights = path("weights")
    try first.model.save(to: weights)
    #expect(throws: SNNError(.file, "\(weights): is no checkpoint of a training")) {
      try third.load(from: weights, data)
    }
  }

  @Test func closuresClippingAndPenalties() throws {
    manualSeed(1)
    let model = try Network()
    let optimizer = try Optimizer(model.parameters, SGD(lr: 0.1))
    try optimizer.wrap(SAM())
    let trainer = Trainer(model, loss: try CrossEntropyLoss(), optimizer: optimizer)
    trainer.clipping = .norm(0.5)
    trainer.penalties = [PenaltyTerm(try Penalty(.l2, 0.01)), PenaltyTerm(try Penalty(.l2sp, 0.01))]
    trainer.constraints = [.maxNorm(0.3), .proximalL1(strength: 0.05)]
    try trainer.fit(loader(clouds()), epochs: 5)
    #expect(trainer.history.names == ["loss", "penalty", "lr"])
    #expect(trainer.history["penalty"].allSatisfy { $0 > 0 })
    let weights = try model.hidden.weight.array(of: Float.self)
    #expect(weights.contains(0))
    #expect(try Tensor(weights, [16, 4]).square().sum([1]).sqrt().array(of: Double.self).max()! <= 0.3001)
  }

  @Test func errors() throws {
    let trainer = try trainer()
    #expect(throws: SNNError(.argument, "fit: expects at least 0 epochs, got -1")) {
      try trainer.fit(loader(clouds()), epochs: -1)
    }
    trainer.monitor = "val_f1"
    #expect(throws: SNNError(.name, "fit: there is no 'val_f1' to watch among loss, accuracy, lr")) {
      try trainer.fit(loader(clouds()), epochs: 1)
    }
    struct Refused: Error, CustomStringConvertible { let description = "no" }
    let second = try self.trainerThatThrows(Refused())
    #expect(throws: SNNError(.callback, "no")) { try second.fit(loader(clouds()), epochs: 1) }
    let each = try CrossEntropyLoss(reduction: "none")
    let third = Trainer(try Network(), loss: each, optimizer: try Optimizer(Network().parameters, SGD()))
    #expect(throws: SNNError(.shape, "fit: the loss must give one number, got shape [8]")) {
      try third.fit(loader(clouds()), epochs: 1)
    }
  }

  private func trainerThatThrows(_ error: any Error) throws -> Trainer {
    let trainer = try trainer()
    trainer.on { _ in throw error }
    return trainer
  }

  @Test func progress() throws {
    manualSeed(1)
    let trainer = try trainer()
    var text = ""
    let shown = ProgressText(columns: 0) { text += $0 }
    trainer.on { shown.tell($0) }
    try trainer.fit(loader(clouds()), epochs: 2)
    let lines = text.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines[1].hasPrefix("Epoch 2/2  "))
    #expect(lines[1].contains("  accuracy 0."))
  }
}
