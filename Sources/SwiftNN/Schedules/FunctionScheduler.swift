/// A scheduler that asks a function of the caller.
final class FunctionScheduler: Scheduler {
  let meaning: RateFunction
  /// For a step and a group.
  private let function: (Scheduler, Int, Int) throws -> Double
  private var isAsking = false

  override var name: String {
    switch meaning {
    case .factorOfBase: "LambdaLR"
    case .factorOfLast: "MultiplicativeLR"
    case .rate: "LRScheduler"
    }
  }

  init(
    _ optimizer: Optimizer, _ meaning: RateFunction, lastEpoch: Int,
    _ function: @escaping (Scheduler, Int, Int) throws -> Double
  ) throws(SNNError) {
    self.meaning = meaning
    self.function = function
    guard lastEpoch >= -1, lastEpoch < 1 << 53 else {
      throw .argument("a schedule of a function expects a last_epoch of at least -1, got \(lastEpoch)")
    }
    try super.init(optimizer, at: lastEpoch)
    try change {
      self.progress.bases = try optimizer.begin(self.name, at: lastEpoch)
      try self.begin()
    }
  }

  override func take(_ event: Event, isFirst: Bool) throws {
    guard !isAsking else { throw SNNError.argument("\(name): the function steps the schedule that asks it") }
    isAsking = true
    defer { isAsking = false }
    try super.take(event, isFirst: isFirst)
  }

  override func rate(of group: Int, from rate: Double, isFirst: Bool, isJump: Bool) throws -> Double {
    switch meaning {
    case .factorOfBase: try progress.bases[group] * function(self, currentStep, group)
    case .factorOfLast: isFirst ? rate : try rate * function(self, currentStep, group)
    case .rate: try function(self, currentStep, group)
    }
  }

  private static let mostSteps = 1_000_000

  override func pureRates(at step: Int) throws -> [Double] {
    switch meaning {
    case .factorOfBase: return try progress.bases.indices.map { try progress.bases[$0] * function(self, step, $0) }
    case .factorOfLast:
      guard step <= Self.mostSteps else {
        throw SNNError(.unsupported, "\(name): counts \(Self.mostSteps) steps at most, got \(step)")
      }
      return try progress.bases.indices.map { group in
        var rate = progress.bases[group]
        for earlier in 0..<max(0, step) { rate *= try function(self, earlier + 1, group) }
        return rate
      }
    case .rate: return try super.pureRates(at: step)
    }
  }

  override func fresh(for optimizer: Optimizer) throws(SNNError) -> Scheduler {
    try FunctionScheduler(optimizer, meaning, lastEpoch: -1, function)
  }
}

/// What the number means that a function gives for a step. The raw values are those of the C interface.
public enum RateFunction: Int32, Sendable {
  /// A factor on the rate at the beginning: LambdaLR.
  case factorOfBase = 0
  /// A factor on the rate as it stands: MultiplicativeLR.
  case factorOfLast = 1
  /// The rate.
  case rate = 2
}

/// The schedulers that are made from others or from functions.
extension Scheduler {
  /// One after the other: the scheduler at position i + 1 begins at milestone i.
  public static func sequential(
    _ schedulers: [Scheduler], milestones: [Int], lastEpoch: Int = -1
  ) throws(SNNError) -> Scheduler {
    try SequentialScheduler(schedulers, milestones: milestones, lastEpoch: lastEpoch)
  }

  /// All at the same time, in their order.
  public static func chained(_ schedulers: [Scheduler]) throws(SNNError) -> Scheduler {
    try ChainedScheduler(schedulers)
  }

  /// The rates go from `start` times what they are now to that, evenly or by equal factors, and then `scheduler` goes on.
  public static func warmup(
    _ scheduler: Scheduler, iterations: Int, start: Double = 0, isExponential: Bool = false
  ) throws(SNNError) -> Scheduler {
    try WarmupScheduler(scheduler, iterations: iterations, start: start, isExponential: isExponential)
  }

  /// A factor on the rate that each group began with, as a function of the step.
  public static func lambdaLR(
    _ optimizer: Optimizer, lastEpoch: Int = -1, _ factor: @escaping (_ step: Int, _ group: Int) throws -> Double
  ) throws(SNNError) -> Scheduler {
    try FunctionScheduler(optimizer, .factorOfBase, lastEpoch: lastEpoch) { try factor($1, $2) }
  }

  /// A factor on the rate as it stands, as a function of the step.
  public static func multiplicativeLR(
    _ optimizer: Optimizer, lastEpoch: Int = -1, _ factor: @escaping (_ step: Int, _ group: Int) throws -> Double
  ) throws(SNNError) -> Scheduler {
    try FunctionScheduler(optimizer, .factorOfLast, lastEpoch: lastEpoch) { try factor($1, $2) }
  }

  /// A function with the scheduler beside step and group, for callers that look at more.
  public static func of(
    _ optimizer: Optimizer, _ meaning: RateFunction, lastEpoch: Int = -1,
    _ function: @escaping (Scheduler, _ step: Int, _ group: Int) throws -> Double
  ) throws(SNNError) -> Scheduler {
    try FunctionScheduler(optimizer, meaning, lastEpoch: lastEpoch, function)
  }

  /// The height of CyclicLR's cycles as a function of the cycle's number or, with scale_mode "iterations", of the step.
  public func setScale(_ scale: ((Double) throws -> Double)?) throws(SNNError) {
    guard let cyclic = self as? DeclaredScheduler, cyclic.name == "CyclicLR" else {
      throw .argument("\(name): has no height of cycles, which CyclicLR has")
    }
    cyclic.scale = scale
  }
}
