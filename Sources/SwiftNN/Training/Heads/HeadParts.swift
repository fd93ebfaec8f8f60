/// The loss of a head, of what a model gives before the activation and of targets: of its shape, (N) or (N, 1), so that they never
/// broadcast, unless they are classes.
final class HeadLoss: SeveralInputLayer {
  private let head: String
  private let alignsTargets: Bool
  private let formula: (Tensor, Tensor) throws -> Tensor

  init(_ head: String, alignsTargets: Bool = true, _ formula: @escaping (Tensor, Tensor) throws -> Tensor) {
    (self.head, self.alignsTargets, self.formula) = (head, alignsTargets, formula)
  }

  var members: [(name: String, value: Any)] { [] }

  func forward(_ inputs: [Tensor]) throws(SNNError) -> [Tensor] {
    guard inputs.count == 2 else {
      throw .argument("\(head): expects outputs and targets, got \(inputs.count) tensors")
    }
    let targets = alignsTargets ? try inputs[1].targets(for: inputs[0], head) : inputs[1]
    do { return [try formula(inputs[0], targets)] } catch { throw SNNError.from(error).naming(head) }
  }
}

/// A metric of the predictions of a head, which reads what a model gives before the activation.
final class HeadMetric: Metric {
  private let head: String
  private let metric: any Metric
  private let activation: (any Layer)?

  init(_ head: String, _ metric: any Metric, _ activation: (any Layer)? = nil) {
    (self.head, self.metric, self.activation) = (head, metric, activation)
  }

  func update(_ outputs: Tensor, _ targets: Tensor, weights: Tensor?) throws(SNNError) {
    let given = outputs.detach()
    let predicted = try activation.map { layer throws(SNNError) in try layer(given) } ?? given
    // Classes are counted as they are; as numbers, they are of the dtype of the outputs.
    try metric.update(predicted, targets.shaped(like: outputs, head), weights: weights)
  }

  func compute() throws(SNNError) -> [Tensor] { try metric.compute() }
  func reset() { metric.reset() }
  var gathered: [Tensor] { metric.gathered }
  func load(gathered: [Tensor]) throws(SNNError) { try metric.load(gathered: gathered) }
  var prefersMore: Bool { metric.prefersMore }
}

extension Tensor {
  /// Targets in the shape of outputs, which may have one more axis of size 1, or one less.
  fileprivate func shaped(like outputs: Tensor, _ head: String) throws(SNNError) -> Tensor {
    if shape == outputs.shape { return self }
    let (own, wanted) = (Array(shape), Array(outputs.shape))
    guard own + [1] == wanted || own == wanted + [1] else {
      throw .shape(
        "\(head): expects targets of the shape of the outputs, got outputs of shape \(wanted) and targets of \(own)")
    }
    return try reshape(wanted)
  }

  /// The same in the dtype of the outputs.
  fileprivate func targets(for outputs: Tensor, _ head: String) throws(SNNError) -> Tensor {
    guard outputs.dtype.isFloatingPoint else {
      throw .dtype("\(head): expects outputs of a floating dtype, got \(outputs.dtype.name)")
    }
    return try shaped(like: outputs, head).cast(to: outputs.dtype)
  }
}

/// e to the power of each element.
public final class Exp: Layer {
  public init() {}
  public func callAsFunction(_ input: Tensor) throws(SNNError) -> Tensor { try input.exp() }
}

/// low + (high - low) · sigmoid(steepness · x).
public final class ScaledSigmoid: Layer {
  public let low: Double
  public let high: Double
  public let steepness: Double

  public init(_ low: Double = 0, _ high: Double = 1, steepness: Double = 1) {
    (self.low, self.high, self.steepness) = (low, high, steepness)
  }

  public func callAsFunction(_ input: Tensor) throws(SNNError) -> Tensor {
    try (input * .float(steepness)).sigmoid() * .float(high - low) + .float(low)
  }
}
