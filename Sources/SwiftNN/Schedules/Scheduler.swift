/// Moves the learning rates of an optimizer, one step at a time, as PyTorch's schedulers do: a step changes the rates as they
/// stand, so that changes in between stay.
public class Scheduler {
  struct Progress {
    var step: Int
    var calls = 0
    var bases: [Double]
    var rates: [Double]
    var memory: [Value] = []
  }

  public let optimizer: Optimizer
  var progress: Progress

  /// The step that the rates are for: PyTorch's `last_epoch`.
  public var currentStep: Int { progress.step }
  /// The rates of the groups as this scheduler left them.
  public var rates: [Double] { progress.rates }
  /// The rates that the groups began with.
  public var baseRates: [Double] { progress.bases }

  public var name: String { "\(type(of: self))" }

  /// How a scheduler is asked to go on.
  enum Event {
    case next
    case to(Double)
    case metric(Double)
  }

  init(_ optimizer: Optimizer, at step: Int) throws(SNNError) {
    self.optimizer = optimizer
    let rates = try optimizer.rates()
    progress = Progress(step: step, bases: rates, rates: rates)
  }

  // MARK: Stepping

  /// Goes on by one step.
  public func step() throws(SNNError) { try change { try self.take(.next, isFirst: false) } }

  /// Goes to a step. Only warm restarts know steps that are not whole.
  public func step(to step: Double) throws(SNNError) { try change { try self.take(.to(step), isFirst: false) } }

  /// Goes on by one step with a measurement, as schedules that wait for a plateau need it.
  public func step(metric: Double) throws(SNNError) { try change { try self.take(.metric(metric), isFirst: false) } }

  /// The rates at a step as a function of the step alone, beginning with the base rates and without changes in between.
  public func rates(at step: Int) throws(SNNError) -> [Double] {
    guard step >= 0, step <= 1 << 53 else { throw .argument("\(name): expects a step of at least 0, got \(step)") }
    do { return try pureRates(at: step) } catch { throw SNNError.from(error) }
  }

  /// Does what a call asks for, or changes nothing.
  final func change(_ body: () throws -> Void) throws(SNNError) {
    let (groups, restore) = (optimizer.groups, restorer())
    do { try body() } catch {
      optimizer.groups = groups
      restore()
      throw SNNError.from(error)
    }
  }

  /// Puts back what this scheduler remembers now.
  func restorer() -> () -> Void {
    let before = progress
    return { self.progress = before }
  }

  func requireGroups() throws(SNNError) {
    guard progress.bases.count == optimizer.groups.count else {
      throw .argument(
        "\(name): was made for \(progress.bases.count) parameter groups, the optimizer has \(optimizer.groups.count)")
    }
  }

  // MARK: What kinds of schedulers do their own way

  func take(_ event: Event, isFirst: Bool) throws {
    switch event {
    case .next:
      progress.calls += 1
      try update(to: nil, isFirst: isFirst)
    case .to(let step):
      guard let whole = Int(exactly: step), whole >= 0 else {
        throw SNNError.argument("\(name): expects a whole step of at least 0, got \(step)")
      }
      progress.calls += 1
      try update(to: whole, isFirst: isFirst)
    case .metric: throw SNNError.argument("\(name): takes no measurement, call step without one")
    }
  }

  /// Changes the rates for the next step, or for a given one.
  func update(to step: Int?, isFirst: Bool) throws {
    try requireGroups()
    if step == nil, progress.step == Int.max { throw SNNError.argument("\(name): has come to the last step") }
    progress.step = step ?? progress.step + 1
    let current = try optimizer.rates()
    var next: [Double] = []
    for group in current.indices {
      next.append(try rate(of: group, from: current[group], isFirst: isFirst, isJump: step != nil))
    }
    for (group, rate) in next.enumerated() { try optimizer.setRate(rate, group: group) }
    progress.rates = next
  }

  func rate(of group: Int, from rate: Double, isFirst: Bool, isJump: Bool) throws -> Double { rate }

  func pureRates(at step: Int) throws -> [Double] {
    throw SNNError(.unsupported, "\(name): the rates are no function of the step alone")
  }

  /// The same scheduler at its beginning, for another optimizer.
  func fresh(for optimizer: Optimizer) throws(SNNError) -> Scheduler {
    throw SNNError(.unsupported, "\(name): the rates are no function of the step alone")
  }

  /// Gives back the step that was made at the beginning, in favour of a schedule before this one.
  func undo() { progress.step -= 1 }

  /// Makes the first step.
  func begin() throws {
    progress.calls = 0
    try take(.next, isFirst: true)
  }

  // MARK: State by name

  /// What is remembered, by PyTorch's names.
  var stateFields: [Field] { Scheduler.commonFields }

  var stateValues: [Value] {
    get { [.floats(progress.bases), .int(progress.step), .int(progress.calls), .floats(progress.rates)] }
    set {
      if case .floats(let bases) = newValue[0] { progress.bases = bases }
      if case .int(let step) = newValue[1] { progress.step = step }
      if case .int(let calls) = newValue[2] { progress.calls = calls }
      if case .floats(let rates) = newValue[3] { progress.rates = rates }
    }
  }

  /// The schedulers that this one calls.
  var parts: [Scheduler] { [] }

  /// How many schedulers a call goes down through, and how many there are.
  private(set) lazy var depth: Int = 1 + (parts.map(\.depth).max() ?? 0)
  private(set) lazy var size: Int = parts.reduce(1) { $0 + $1.size }

  static let commonFields: [Field] = [
    .floats("base_lrs"), .int("last_epoch", in: -1...0x1p53), .int("_step_count", in: 0...0x1p53), .floats("_last_lr"),
  ]

  /// What kinds with other memories have beside it.
  func checkState(_ values: [Value]) throws(SNNError) {
    guard case .floats(let bases) = values[0], bases.count == optimizer.groups.count else {
      throw .argument(
        "\(name): base_lrs must have as many numbers as the optimizer has groups, \(optimizer.groups.count)")
    }
  }
}

/// Notes the rates that the groups begin with, or asks for them where a schedule is taken up again.
extension Optimizer {
  func begin(_ name: String, at lastEpoch: Int) throws(SNNError) -> [Double] {
    var bases: [Double] = []
    for (i, group) in groups.enumerated() {
      if let initial = group.notes["initial_lr"] {
        bases.append(initial)
      } else if lastEpoch == -1 {
        bases.append(try rate(ofGroup: i))
        groups[i].notes["initial_lr"] = bases[i]
      } else {
        throw SNNError(
          .name,
          "\(name): param 'initial_lr' is not specified in param_groups[\(i)] when resuming with last_epoch \(lastEpoch)"
        )
      }
    }
    return bases
  }
}

/// A scheduler that follows a declaration.
final class DeclaredScheduler: Scheduler {
  let declaration: ScheduleDeclaration
  private let arguments: [Value]
  /// What CyclicLR takes for the height of a cycle.
  var scale: ((Double) throws -> Double)?

  override var name: String { declaration.name }

  init(_ declaration: ScheduleDeclaration, _ optimizer: Optimizer, _ values: [Value]) throws(SNNError) {
    self.declaration = declaration
    arguments = try declaration.fields.complete(values, of: declaration.name)
    guard case .int(let lastEpoch)? = arguments.last else { preconditionFailure("the last field is last_epoch") }
    try super.init(optimizer, at: lastEpoch)
    try change { try self.start(lastEpoch) }
  }

  private func start(_ lastEpoch: Int) throws {
    progress.memory = try arguments.withUnsafeBufferPointer { values in
      try declaration.begin?(
        .init(
          name: name, arguments: Arguments(values: values), optimizer: optimizer, isResumed: lastEpoch != -1))
        ?? Array(arguments.dropLast())
    }
    progress.bases = try optimizer.begin(name, at: lastEpoch)
    try begin()
    // The base rates that are given take the place of the first ones behind the first step, as in PyTorch.
    if let given = declaration.fields.firstIndex(where: { $0.name == "base_lr" }),
      case .floats(let bases) = arguments[given]
    {
      progress.bases = try bases.forGroups(of: optimizer, name, "base_lr")
    }
  }

  private func moment(
    _ group: Int, _ rate: Double, at step: Int, isFirst: Bool, _ body: (Moment) throws -> Double
  ) throws -> Double {
    // A copy: the function of a caller may ask for the state, or change it.
    let memory = progress.memory
    return try memory.withUnsafeBufferPointer {
      try body(
        Moment(
          memory: Arguments(values: $0), group: group, rate: rate, base: progress.bases[group], step: step,
          calls: progress.calls, isFirst: isFirst, notes: optimizer.groups[group].notes, scale: scale))
    }
  }

  override func rate(of group: Int, from rate: Double, isFirst: Bool, isJump: Bool) throws -> Double {
    if let momentum = declaration.momentum {
      let value = try moment(group, rate, at: currentStep, isFirst: isFirst, momentum)
      if !value.isNaN { try optimizer.setMomentum(value, group: group) }
    }
    let formula = isJump ? declaration.closed ?? declaration.next : declaration.next
    return try moment(group, rate, at: currentStep, isFirst: isFirst, formula)
  }

  override func take(_ event: Event, isFirst: Bool) throws {
    guard let advance = declaration.advance else { return try super.take(event, isFirst: isFirst) }
    var (memory, step) = (progress.memory, progress.step)
    switch event {
    case .next: try advance(&memory, &step, nil)
    case .to(let target): try advance(&memory, &step, target)
    case .metric: return try super.take(event, isFirst: isFirst)
    }
    progress.memory = memory
    try update(to: step, isFirst: isFirst)
  }

  override func pureRates(at step: Int) throws -> [Double] {
    let formula = declaration.value ?? declaration.closed ?? declaration.next
    return try progress.bases.enumerated().map { group, base in
      try moment(group, base, at: step, isFirst: step == 0, formula)
    }
  }

  override func fresh(for optimizer: Optimizer) throws(SNNError) -> Scheduler {
    let other = try DeclaredScheduler(declaration, optimizer, arguments.dropLast())
    other.scale = scale
    return other
  }

  override var stateFields: [Field] { declaration.memory + super.stateFields }

  override var stateValues: [Value] {
    get { progress.memory + super.stateValues }
    set {
      progress.memory = Array(newValue.prefix(declaration.memory.count))
      super.stateValues = Array(newValue.dropFirst(declaration.memory.count))
    }
  }

  override func checkState(_ values: [Value]) throws(SNNError) {
    for (field, (old, new)) in zip(declaration.memory, zip(progress.memory, values)) {
      // A list with a number for each group, as max_lrs.
      if field.length == Field.oneForEachGroup, case .floats(let before) = old, case .floats(let numbers) = new,
        numbers.count != before.count
      {
        throw .argument("\(name): \(field.name) must have as many numbers as before, \(before.count)")
      }
    }
    try super.checkState(Array(values.dropFirst(declaration.memory.count)))
  }
}

extension Field {
  /// The length of a list with a number for each group of the optimizer.
  static let oneForEachGroup = -1

  static func perGroup(_ name: String) -> Field { Field.floats(name).changed { $0.length = oneForEachGroup } }
}
