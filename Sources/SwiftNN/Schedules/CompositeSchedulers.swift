import CKernels

/// One scheduler after another; the next begins at its milestone.
final class SequentialScheduler: Scheduler {
  private let schedulers: [Scheduler]
  private var milestones: [Int]

  override var name: String { "SequentialLR" }
  override var parts: [Scheduler] { schedulers }

  init(_ schedulers: [Scheduler], milestones: [Int], lastEpoch: Int) throws(SNNError) {
    self.schedulers = schedulers
    self.milestones = milestones
    let optimizer = try schedulers.shared("SequentialLR")
    guard milestones.count == schedulers.count - 1 else {
      throw .argument(
        "SequentialLR: expects one schedule more than milestones, got \(schedulers.count) and \(milestones.count)")
    }
    try Self.check(milestones)
    guard lastEpoch >= -1, lastEpoch < 1 << 53 else {
      throw .argument("SequentialLR: expects a last_epoch of at least -1, got \(lastEpoch)")
    }
    try super.init(optimizer, at: lastEpoch + 1)
    try change { try self.start() }
  }

  private static func check(_ milestones: [Int]) throws(SNNError) {
    for milestone in milestones where milestone < 0 || milestone > 1 << 53 {
      throw .argument("SequentialLR: expects milestones between 0 and 2^53, got \(milestone)")
    }
  }

  private func start() throws {
    for group in optimizer.groups.indices {
      try optimizer.setRate(optimizer.groups[group].notes["initial_lr"] ?? optimizer.rate(ofGroup: group), group: group)
    }
    undoParts()
    let first = schedulers[index(of: 0)]
    try first.begin()
    progress.rates = first.rates
  }

  private func undoParts() { for scheduler in schedulers { scheduler.undo() } }

  override func undo() { undoParts() }

  private func index(of step: Int) -> Int { min(milestones.count { $0 <= step }, schedulers.count - 1) }

  override func take(_ event: Event, isFirst: Bool) throws {
    guard case .next = event else {
      throw SNNError.argument("\(name): goes from step to step, and takes no step or measurement")
    }
    progress.step += 1
    let i = index(of: currentStep)
    let current = schedulers[i]
    if i > 0, milestones[i - 1] == currentStep {
      try current.update(to: 0, isFirst: false)
    } else {
      try current.take(.next, isFirst: false)
    }
    progress.rates = current.rates
  }

  override func update(to step: Int?, isFirst: Bool) throws { throw SNNError.noJump(name) }

  override func pureRates(at step: Int) throws -> [Double] {
    let i = index(of: step)
    return try schedulers[i].pureRates(at: i == 0 ? step : step - milestones[i - 1])
  }

  override func fresh(for optimizer: Optimizer) throws(SNNError) -> Scheduler {
    try SequentialScheduler(schedulers.fresh(for: optimizer), milestones: milestones, lastEpoch: -1)
  }

  override func restorer() -> () -> Void { schedulers.restorer(and: super.restorer()) }

  override var stateFields: [Field] {
    [.ints("_milestones"), .int("last_epoch", in: -1...0x1p53), .floats("_last_lr")]
  }

  override var stateValues: [Value] {
    get { [.ints(milestones), .int(progress.step), .floats(progress.rates)] }
    set {
      if case .ints(let places) = newValue[0] { milestones = places }
      if case .int(let step) = newValue[1] { progress.step = step }
      if case .floats(let rates) = newValue[2] { progress.rates = rates }
    }
  }

  override func checkState(_ values: [Value]) throws(SNNError) {
    guard case .ints(let places) = values[0], places.count == milestones.count else {
      throw .argument("\(name): _milestones must have as many numbers as before, \(milestones.count)")
    }
    try Self.check(places)
  }
}

/// Schedulers that all step together, each from what the one before made.
final class ChainedScheduler: Scheduler {
  private let schedulers: [Scheduler]

  override var name: String { "ChainedScheduler" }
  override var parts: [Scheduler] { schedulers }

  init(_ schedulers: [Scheduler]) throws(SNNError) {
    self.schedulers = schedulers
    try super.init(schedulers.shared("ChainedScheduler"), at: 0)
  }

  override func take(_ event: Event, isFirst: Bool) throws {
    guard case .next = event else {
      throw SNNError.argument("\(name): goes from step to step, and takes no step or measurement")
    }
    progress.step += 1
    for scheduler in schedulers { try scheduler.take(.next, isFirst: false) }
    progress.rates = try optimizer.rates()
  }

  override func update(to step: Int?, isFirst: Bool) throws { throw SNNError.noJump(name) }

  override func undo() { for scheduler in schedulers { scheduler.undo() } }

  private static let mostSteps = 1_000_000

  /// What each does depends on what the others made of the rate: the steps are made for an optimizer on the side.
  override func pureRates(at step: Int) throws -> [Double] {
    guard step <= Self.mostSteps / size else {
      throw SNNError(.unsupported, "\(name): counts \(Self.mostSteps / size) steps at most, got \(step)")
    }
    let aside = try Optimizer(besides: optimizer)
    let chain = try ChainedScheduler(schedulers.fresh(for: aside))
    for _ in 0..<max(0, step) { try chain.take(.next, isFirst: false) }
    return chain.rates
  }

  override func fresh(for optimizer: Optimizer) throws(SNNError) -> Scheduler {
    try ChainedScheduler(schedulers.fresh(for: optimizer))
  }

  override func restorer() -> () -> Void { schedulers.restorer(and: super.restorer()) }

  override var stateFields: [Field] { [.floats("_last_lr")] }

  override var stateValues: [Value] {
    get { [.floats(progress.rates)] }
    set { if case .floats(let rates) = newValue[0] { progress.rates = rates } }
  }

  override func checkState(_ values: [Value]) throws(SNNError) {}
}

/// A warm-up before any scheduler, also one that takes measurements: it is called when the warm-up is over.
final class WarmupScheduler: Scheduler {
  private let scheduler: Scheduler
  private let iterations: Int
  private let start: Double
  private let isExponential: Bool

  override var name: String { "WarmupLR" }
  override var parts: [Scheduler] { [scheduler] }

  init(_ scheduler: Scheduler, iterations: Int, start: Double, isExponential: Bool) throws(SNNError) {
    self.scheduler = scheduler
    self.iterations = iterations
    self.start = start
    self.isExponential = isExponential
    try super.init(scheduler.optimizer, at: 0)
    try [scheduler].requireLittle(name)
    guard iterations >= 0, iterations <= 1 << 53 else {
      throw .argument("\(name): expects warmup_iters of at least 0, got \(iterations)")
    }
    guard start >= 0, start <= 1, start > 0 || !isExponential else {
      throw .argument(
        "\(name): expects a start_factor \(isExponential ? "above 0" : "of at least 0") and at most 1, got \(start)")
    }
    try change { if iterations > 0 { try self.warm() } }
  }

  private func factor(at step: Int) -> Double {
    let share = Double(step) / Double(iterations)
    return isExponential ? ck_pow(start, 1 - share) : start + (1 - start) * share
  }

  private func warm() throws {
    try requireGroups()
    let isOver = currentStep >= iterations
    for (group, base) in progress.bases.enumerated() {
      try optimizer.setRate(isOver ? base : base * factor(at: currentStep), group: group)
    }
    progress.rates = try optimizer.rates()
  }

  override func take(_ event: Event, isFirst: Bool) throws {
    if case .to = event { throw SNNError.argument("\(name): goes from step to step") }
    progress.step += 1
    if currentStep <= iterations { return try warm() }
    try scheduler.take(event, isFirst: false)
    progress.rates = try optimizer.rates()
  }

  override func update(to step: Int?, isFirst: Bool) throws { throw SNNError.noJump(name) }

  override func pureRates(at step: Int) throws -> [Double] {
    if step > iterations { return try scheduler.pureRates(at: step - iterations) }
    return progress.bases.map { step == iterations ? $0 : $0 * factor(at: step) }
  }

  override func fresh(for optimizer: Optimizer) throws(SNNError) -> Scheduler {
    try WarmupScheduler(
      scheduler.fresh(for: optimizer), iterations: iterations, start: start, isExponential: isExponential)
  }

  override func restorer() -> () -> Void { [scheduler].restorer(and: super.restorer()) }
}

extension [Scheduler] {
  /// The optimizer that all have.
  fileprivate func shared(_ name: String) throws(SNNError) -> Optimizer {
    guard let first else {
      throw .argument("\(name): expects at least one scheduler to be chained, but got no scheduler.")
    }
    for (i, scheduler) in enumerated() {
      if scheduler is Plateau {
        throw .argument(
          "\(name): does not support `ReduceLROnPlateau`, which needs a measurement at each step, but got one at index \(i)"
        )
      }
      guard scheduler.optimizer === first.optimizer else {
        throw .argument(
          "\(name): expects all schedulers to belong to the same optimizer, but the one at index \(i) does not")
      }
    }
    try requireLittle(name)
    return first.optimizer
  }

  /// Calls go down from scheduler to scheduler: neither their depth nor their number may run away.
  fileprivate func requireLittle(_ name: String) throws(SNNError) {
    let (depth, size) = (map(\.depth).max() ?? 0, reduce(0) { $0 + $1.size })
    guard depth < 32, size < 4096 else {
      throw .argument("\(name): \(size) schedulers within each other, \(depth) deep, are too many")
    }
  }

  fileprivate func fresh(for optimizer: Optimizer) throws(SNNError) -> [Scheduler] {
    var all: [Scheduler] = []
    for scheduler in self { all.append(try scheduler.fresh(for: optimizer)) }
    return all
  }

  fileprivate func restorer(and own: @escaping () -> Void) -> () -> Void {
    let parts = map { $0.restorer() }
    return {
      own()
      for part in parts { part() }
    }
  }
}

extension Optimizer {
  /// An optimizer without parameters that begins with the rates that the other began with.
  fileprivate convenience init(besides other: Optimizer) throws(SNNError) {
    try self.init(other.declaration, [Tensor.zeros([0, 0])], other.groups[0].options)
    for group in other.groups.dropFirst() { try addGroup([Tensor.zeros([0, 0])], group.options) }
    for (i, group) in other.groups.enumerated() {
      if let rate = group.notes["initial_lr"] { try setRate(rate, group: i) }
    }
  }
}

extension SNNError {
  fileprivate static func noJump(_ name: String) -> SNNError {
    SNNError(.unsupported, "\(name): goes from step to step, and cannot begin at a milestone of another")
  }
}
