@testable import SwiftNN

/// One line of the table of schedules, with the rates that PyTorch's schedules give.
struct ScheduleCase: Decodable, Sendable, CustomStringConvertible {
  struct Part: Decodable, Sendable {
    let schedule: String
    let options: [String: CaseArgument]
    let parts: [Part]
  }

  struct Metric: Decodable, Sendable {
    let value: Double

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let number = try? container.decode(Double.self) {
        value = number
      } else {
        value = Double(try container.decode(String.self)) ?? .nan
      }
    }
  }

  let schedule: String
  let options: [String: CaseArgument]
  let parts: [Part]
  let optimizer: String
  let start: [Double]
  let resumed: Bool
  let changes: [[Double]]
  let jumps: [Double]
  let metrics: [Metric]
  let rates: [[Double]]
  let momenta: [Double]

  var description: String { "\(schedule) \(options)" }
  var steps: Int { rates.count - 1 }
  /// Whether the rates depend on the step alone.
  var isPure: Bool { changes.isEmpty && jumps.isEmpty && metrics.isEmpty && !resumed }

  static let all: [ScheduleCase] = {
    do { return try Golden.read("schedules.json") } catch { fatalError("schedules.json: \(error)") }
  }()

  func make() throws -> Scheduler {
    guard let number = Registry.optimizerNumber(optimizer) else { throw Golden.Missing(name: optimizer) }
    let declaration = Registry.optimizers[number]
    func values(_ rate: Double) -> [Value] { declaration.fields.map { $0.name == "lr" ? .float(rate) : .none } }
    let made = try Optimizer(declaration, [Tensor([1.0]).leaf()], values(start[0]))
    for rate in start.dropFirst() { try made.addGroup([Tensor([1.0]).leaf()], values(rate)) }
    if resumed {
      for (group, rate) in start.enumerated() { try made.setOption("initial_lr", .float(rate), group: group) }
    }
    return try Part(schedule: schedule, options: options, parts: parts).make(made)
  }

  /// Goes on for these steps, and gives the rates behind each.
  func run(_ scheduler: Scheduler, _ range: ClosedRange<Int>) throws -> (rates: [[Double]], momenta: [Double]) {
    var (rates, momenta): ([[Double]], [Double]) = ([], [])
    for step in range {
      for change in changes where Int(change[0]) == step {
        for group in start.indices { try scheduler.optimizer.setOption("lr", .float(change[1]), group: group) }
      }
      if !jumps.isEmpty {
        try scheduler.step(to: jumps[step - 1])
      } else if !metrics.isEmpty {
        try scheduler.step(metric: metrics[step - 1].value)
      } else {
        try scheduler.step()
      }
      rates.append(try scheduler.optimizer.rates())
      momenta.append(try Self.momentum(scheduler.optimizer))
    }
    return (rates, momenta)
  }

  static func momentum(_ optimizer: Optimizer) throws -> Double {
    guard let name = optimizer.momentumOption else { return .nan }
    switch try optimizer.option(name, group: 0) {
    case .float(let momentum): return momentum
    case .floats(let betas): return betas[0]
    default: return .nan
    }
  }
}

extension ScheduleCase.Part {
  private func float(_ name: String) -> Double {
    switch options[name] {
    case .float(let number): number
    case .int(let number): Double(number)
    default: .nan
    }
  }

  private func word(_ name: String) -> String? { if case .string(let word) = options[name] { word } else { nil } }

  fileprivate func make(_ optimizer: Optimizer) throws -> Scheduler {
    let made = try parts.map { try $0.make(optimizer) }
    switch schedule {
    case "SequentialLR":
      guard case .ints(let milestones) = options["milestones"] else { throw Golden.Missing(name: "milestones") }
      return try .sequential(made, milestones: milestones)
    case "ChainedScheduler": return try .chained(made)
    case "WarmupLR":
      return try .warmup(
        made[0], iterations: Int(float("warmup_iters")), start: float("start_factor"),
        isExponential: word("mode") == "exponential")
    default:
      let declaration = try ScheduleDeclaration.named(schedule)
      let unknown = Set(options.keys).subtracting(declaration.fields.map(\.name)).subtracting(["scale"])
      guard unknown.isEmpty else { throw Golden.Missing(name: "\(schedule): \(unknown)") }
      let values: [Value] = try declaration.fields.map { field in
        try options[field.name]?.value { throw Golden.Missing(name: $0.tensor) } ?? .none
      }
      let scheduler = try declaration.make(optimizer, values)
      if word("scale") == "halved" { try scheduler.setScale { 1 / (1 + $0) } }
      return scheduler
    }
  }
}
