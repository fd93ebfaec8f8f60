/// What the formula of a schedule knows of a group when it is asked for the group's rate.
struct Moment {
  /// What the schedule remembers, in the order of the declaration's `memory`.
  let memory: Arguments
  let group: Int
  let rate: Double
  /// The group's rate at the beginning.
  let base: Double
  /// PyTorch's `last_epoch`: the step that the rate is for.
  let step: Int
  /// How often the schedule was asked to step.
  let calls: Int
  let isFirst: Bool
  let notes: [String: Double]
  /// The height of a cycle, where the caller gives it.
  let scale: ((Double) throws -> Double)?

  /// The step as a number to compute with.
  var t: Double { Double(step) }

  func note(_ name: String) -> Double { notes[name] ?? .nan }
}

/// A schedule as every language knows it: its name, its arguments and its formulas.
public final class ScheduleDeclaration: Declaration, @unchecked Sendable {
  typealias Formula = @Sendable (Moment) throws -> Double

  /// What a scheduler remembers, by the names in PyTorch's `state_dict`: the arguments unless something else is said.
  let memory: [Field]
  /// Makes the memory out of the arguments, where it is something else, and writes into the groups of the optimizer.
  let begin: (@Sendable (Beginning) throws -> [Value])?
  /// The rate of a step from that of the step before.
  let next: Formula
  /// The same from the base rate alone.
  let closed: Formula?
  /// What `rates(at:)` gives, where neither of the others is a function of the step alone.
  let value: Formula?
  let momentum: Formula?
  /// Goes to another step, the next without one, where more than the number of the step changes.
  let advance: (@Sendable (inout [Value], inout Int, Double?) throws -> Void)?

  /// What a schedule starts from.
  struct Beginning {
    let name: String
    let arguments: Arguments
    let optimizer: Optimizer
    let isResumed: Bool
  }

  init(
    _ name: String, _ doc: String, _ fields: [Field], memory: [Field]? = nil, resumes: Bool = true,
    begin: (@Sendable (Beginning) throws -> [Value])? = nil, value: Formula? = nil, momentum: Formula? = nil,
    advance: (@Sendable (inout [Value], inout Int, Double?) throws -> Void)? = nil, closed: Formula? = nil,
    next: @escaping Formula
  ) {
    let last = Field.int("last_epoch", default: -1, in: -1...0x1p53, "The step to go on from; -1 begins.")
    self.memory = memory ?? fields
    self.begin = begin
    self.next = next
    self.closed = closed
    self.value = value
    self.momentum = momentum
    self.advance = advance
    super.init(name, doc, resumes ? fields + [last] : fields)
  }

  /// A schedule whose rate is its base times a factor that depends on the step alone.
  convenience init(
    _ name: String, _ doc: String, _ fields: [Field], factor: @escaping @Sendable (Arguments, Double) throws -> Double
  ) {
    self.init(name, doc, fields) { try $0.base * factor($0.memory, $0.t) }
  }

  /// Every schedule that is made from numbers; a new one adds its declaration to one of the lists.
  static let all: [ScheduleDeclaration] = decays + cosines + cycles + warmups + [Plateau.declaration]

  static func named(_ name: String) throws(SNNError) -> ScheduleDeclaration {
    guard let number = Registry.scheduleNumber(name) else {
      throw SNNError(.name, "there is no schedule named '\(name)'")
    }
    return Registry.schedules[number]
  }

  /// A scheduler of this kind for an optimizer, from arguments in the order of the fields.
  public func make(_ optimizer: Optimizer, _ values: [Value]) throws(SNNError) -> Scheduler {
    self === Plateau.declaration
      ? try Plateau(optimizer, values) : try DeclaredScheduler(self, optimizer, values)
  }
}

extension [Double] {
  /// One number for each group of the optimizer.
  func forGroups(of optimizer: Optimizer, _ owner: String, _ name: String) throws(SNNError) -> [Double] {
    guard count == 1 || count == optimizer.groups.count else {
      throw .argument(
        "\(owner): \(name) must have the same length as optimizer.param_groups. \(name) has \(count) values, param_groups has "
          + "\(optimizer.groups.count).")
    }
    return count == 1 ? Array(repeating: self[0], count: optimizer.groups.count) : self
  }
}
