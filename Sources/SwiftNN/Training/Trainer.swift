import Synchronization

/// Trains a model: epochs of batches, validation behind each, and an end where there is nothing more to gain.
///
/// ```swift
/// let trainer = Trainer(model, loss: CrossEntropyLoss(), optimizer: try Optimizer(model.parameters, Adam()))
/// try trainer.fit(training, validation: validation, epochs: 20)
/// ```
/// A run can be stopped at any step, saved, and gone on with in another process, with the same bits as if nothing had happened.
public final class Trainer {
  public let model: any Layer
  /// Called with what the model gives and the targets.
  public let loss: any Layer
  public let optimizer: Optimizer
  /// Moves the rates, with every step of the optimizer or behind every epoch.
  public var schedule: (scheduler: Scheduler, unit: ScheduleUnit)?
  /// Judge what the model gives, by name, in training and in validation.
  public var metrics: [(name: String, metric: any Metric)] = []
  public var penalties: [PenaltyTerm] = []
  public var constraints: [Constraint] = []
  public var clipping: Clipping?
  /// So many batches make one step of the optimizer, which is that of one large batch.
  public var accumulation = 1
  /// So many parts of an example are inputs, the others are targets; all but the last without a number. Where no part is left, the
  /// inputs are the targets.
  public var inputCount: Int?
  public var stopping: (any StoppingRule)?
  /// What is watched for the best model and by schedules that wait for measurements: "val_loss", or "loss" without validation.
  public var monitor: String?
  /// Whether less of what is watched is better, unless the metric says.
  public var monitorPrefersLess: Bool?
  /// At the end the model gets back the weights with which it was best.
  public var restoresBest = false
  public var checkpoints: CheckpointPolicy?
  /// Saved and loaded with the model, by name, as the transforms of its inputs.
  public var transforms: [(name: String, transform: any Transform)] = []
  /// Words that are kept in checkpoints, as how the model is made.
  public var notes: [(key: String, value: String)] = []

  public internal(set) var history = History()
  /// Epochs that are done.
  public internal(set) var epoch = 0
  /// Steps of the optimizer so far.
  public internal(set) var step = 0
  /// Why training ended; nil while it goes on, and at the number of epochs that was asked for.
  public internal(set) var endReason: String?
  /// The best of what is watched, and the epoch behind which it was measured.
  public internal(set) var best: (value: Double, epoch: Int)?

  var callbacks: [(TrainingEvent) throws -> Void] = []
  /// The weights of the best model, by name.
  var bestState: [(name: String, tensor: Tensor)] = []
  /// What the epoch has come to so far.
  var progress = EpochProgress()
  /// What the model is being trained from.
  var current: (any BatchSource)?
  let shouldStop = Atomic<Bool>(false)
  private let isFitting = Atomic<Bool>(false)

  public init(_ model: any Layer, loss: any Layer, optimizer: Optimizer) {
    self.model = model
    self.loss = loss
    self.optimizer = optimizer
  }

  /// With the loss and the metrics that belong to a kind of problem: `Trainer(model, try Heads.multiclass(), optimizer: …)`.
  public convenience init(_ model: any Layer, _ head: Head, optimizer: Optimizer) {
    self.init(model, loss: head.loss, optimizer: optimizer)
    metrics = head.metrics
  }

  /// Tells `callback` of everything that happens. What it throws ends the training.
  public func on(_ callback: @escaping (TrainingEvent) throws -> Void) { callbacks.append(callback) }

  /// Ends the training behind the step that is going on. From any thread, and from the handler of a signal.
  public func stop() { shouldStop.store(true, ordering: .relaxed) }

  func tell(_ event: TrainingEvent) throws(SNNError) {
    for callback in callbacks { do { try callback(event) } catch { throw SNNError.from(error) } }
  }

  /// Runs `body` as the only training of this trainer.
  func alone(_ body: () throws(SNNError) -> Void) throws(SNNError) {
    guard !isFitting.exchange(true, ordering: .acquiring) else {
      throw .argument("fit: this trainer is training already")
    }
    defer { isFitting.store(false, ordering: .releasing) }
    try body()
  }
}

/// When a schedule steps.
public enum ScheduleUnit: Int32, Sendable {
  case step = 0
  case epoch = 1
}

/// A penalty in the training of a model.
public struct PenaltyTerm {
  public var penalty: Penalty
  public var selection: ParameterSelection
  /// Of the distance to saved weights: where the parameters are when training begins, unless given.
  public var anchors: [Tensor]

  public init(
    _ penalty: Penalty, _ selection: ParameterSelection = ParameterSelection(), anchors: [Tensor] = []
  ) {
    self.penalty = penalty
    self.selection = selection
    self.anchors = anchors
  }
}

/// What is done to parameters behind every step.
public enum Constraint: Sendable {
  /// The proximal step of a penalty of λ·|w|: towards 0 by λ times the rate.
  case proximalL1(strength: Double, ParameterSelection = ParameterSelection())
  case maxNorm(Double, p: Double = 2, dim: Int = 0, ParameterSelection = ParameterSelection())
}

/// How gradients are kept small before a step.
public enum Clipping: Sendable {
  case norm(Double, p: Double = 2)
  case value(Double)
  case each(Double, p: Double = 2)
  case adaptive(factor: Double = 0.01, eps: Double = 1e-3)

  func apply(to parameters: [Tensor]) throws(SNNError) {
    switch self {
    case .norm(let most, let p): try Gradients.clipNorm(of: parameters, maxNorm: most, p)
    case .value(let most): try Gradients.clipValue(of: parameters, most)
    case .each(let most, let p): try Gradients.clipEach(of: parameters, maxNorm: most, p)
    case .adaptive(let factor, let eps): try Gradients.clipAdaptively(parameters, factor: factor, eps: eps)
    }
  }
}
