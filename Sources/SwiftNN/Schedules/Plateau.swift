/// Lowers the rates when a measurement has not become better for a while.
final class Plateau: Scheduler {
  private static let counts = -0x1p53...0x1p53

  static let declaration = ScheduleDeclaration(
    "ReduceLROnPlateau", "Multiplies the rate by factor when a measurement has not become better for patience steps.",
    [
      .choice("mode", of: ["min", "max"], default: "min", "Whether less or more is better."),
      .float("factor", default: 0.1), .int("patience", default: 10),
      .float("threshold", default: 1e-4, "By how much a measurement has to be better to count."),
      .choice("threshold_mode", of: ["rel", "abs"], default: "rel"), .int("cooldown", default: 0),
      .floats("min_lr", default: [0], "Rates do not go below; one, or one for each group."),
      .float("eps", default: 1e-8, "A smaller change is not made."),
    ],
    memory: [
      .choice("mode", of: ["min", "max"]), .float("factor"), .int("patience"), .float("threshold"),
      .choice("threshold_mode", of: ["rel", "abs"]), .int("cooldown"), .floats("min_lrs"), .float("eps"),
      Field.float("default_min_lr").optional, .float("best"), .int("num_bad_epochs", in: counts),
      .int("cooldown_counter", in: counts),
    ], resumes: false
  ) { $0.rate }

  override var name: String { Self.declaration.name }

  init(_ optimizer: Optimizer, _ values: [Value]) throws(SNNError) {
    let arguments = try Self.declaration.fields.complete(values, of: Self.declaration.name)
    try super.init(optimizer, at: 0)
    guard case .string(let mode) = arguments[0], case .float(let factor) = arguments[1],
      case .floats(let least) = arguments[6]
    else { preconditionFailure("the arguments are of the declared kinds") }
    guard !(factor >= 1) else { throw .argument("\(name): Factor should be < 1.0, got \(factor)") }
    let all = try least.forGroups(of: optimizer, name, "min_lr")
    let usual: Value = least.count == 1 ? .float(least[0]) : .none
    progress.memory =
      arguments[..<6] + [
        .floats(all), arguments[7], usual, .float(mode == "min" ? .infinity : -.infinity), .int(0), .int(0),
      ]
  }

  private func float(_ index: Int) -> Double {
    guard case .float(let value) = progress.memory[index] else { return .nan }
    return value
  }

  private func int(_ index: Int) -> Int {
    guard case .int(let value) = progress.memory[index] else { return 0 }
    return value
  }

  private func word(_ index: Int) -> String {
    guard case .string(let value) = progress.memory[index] else { return "" }
    return value
  }

  override func take(_ event: Event, isFirst: Bool) throws {
    guard case .metric(let metric) = event else {
      throw SNNError.argument("\(name): step expects the measurement that may have stopped becoming better")
    }
    progress.step += 1
    var bad = int(10) + 1
    if isBetter(metric) {
      progress.memory[9] = .float(metric)
      bad = 0
    }
    if int(11) > 0 {
      progress.memory[11] = .int(int(11) - 1)
      bad = 0
    }
    if bad > int(2) {
      try lower()
      progress.memory[11] = .int(int(5))
      bad = 0
    }
    progress.memory[10] = .int(bad)
    progress.rates = try optimizer.rates()
  }

  /// NaN is never better.
  private func isBetter(_ metric: Double) -> Bool {
    let (best, threshold) = (float(9), float(3))
    return switch (word(0), word(4)) {
    case ("min", "rel"): metric < best * (1 - threshold)
    case ("min", _): metric < best - threshold
    case (_, "rel"): metric > best * (threshold + 1)
    default: metric > best + threshold
    }
  }

  private func lower() throws(SNNError) {
    guard case .floats(var least) = progress.memory[6] else { return }
    if least.count != optimizer.groups.count {
      guard case .float(let usual) = progress.memory[8] else {
        throw .argument(
          "\(name): the optimizer has \(optimizer.groups.count) parameter groups and \(least.count) min_lrs; set min_lrs for the "
            + "new groups")
      }
      least = Array(repeating: usual, count: optimizer.groups.count)
      progress.memory[6] = .floats(least)
    }
    for group in optimizer.groups.indices {
      let old = try optimizer.rate(ofGroup: group)
      let new = max(old * float(1), least[group])
      if old - new > float(7) { try optimizer.setRate(new, group: group) }
    }
  }

  override var stateFields: [Field] {
    Self.declaration.memory + super.stateFields.filter { ["last_epoch", "_last_lr"].contains($0.name) }
  }

  override var stateValues: [Value] {
    get { progress.memory + [.int(progress.step), .floats(progress.rates)] }
    set {
      progress.memory = Array(newValue.dropLast(2))
      if case .int(let step) = newValue[newValue.count - 2] { progress.step = step }
      if case .floats(let rates) = newValue[newValue.count - 1] { progress.rates = rates }
    }
  }

  override func checkState(_ values: [Value]) throws(SNNError) {}
}
