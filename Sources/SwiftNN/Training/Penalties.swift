/// What is added to a loss so that parameters stay small.
public struct Penalty: Sendable {
  /// What is summed up over the elements of the parameters.
  public enum Kind: String, Sendable, CaseIterable {
    /// |w|.
    case l1
    /// w².
    case l2
    /// ratio · |w| + (1 - ratio) · w².
    case elasticNet = "elastic_net"
    /// The root of the sum of w², for each parameter.
    case frobenius
    /// (w - anchor)², the distance to saved weights.
    case l2sp = "l2_sp"
  }

  /// What the sum is multiplied by, for strength λ and m examples.
  public enum Scale: String, Sendable, CaseIterable {
    case whole = "lambda"
    case half = "lambda/2"
    case mean = "lambda/m"
    case halfMean = "lambda/2m"
  }

  public var kind: Kind
  public var strength: Double
  public var scale: Scale
  /// How many examples `m` are.
  public var examples: Double
  /// The share of |w| in an elastic net.
  public var ratio: Double

  public init(
    _ kind: Kind, _ strength: Double, scale: Scale = .whole, examples: Double = 1, ratio: Double = 0.5
  ) throws(SNNError) {
    guard strength >= 0 else { throw .argument("penalty: expects a strength of at least 0, got \(strength)") }
    guard examples > 0 else { throw .argument("penalty: expects more than 0 examples, got \(examples)") }
    guard ratio >= 0, ratio <= 1 else { throw .argument("penalty: expects a ratio between 0 and 1, got \(ratio)") }
    self.kind = kind
    self.strength = strength
    self.scale = scale
    self.examples = examples
    self.ratio = ratio
  }

  private var factor: Double {
    switch scale {
    case .whole: strength
    case .half: strength / 2
    case .mean: strength / examples
    case .halfMean: strength / (2 * examples)
    }
  }

  /// The penalty of parameters by name, to be added to the loss. `anchors`, for the distance to saved weights, stand in the order of
  /// the parameters.
  public func callAsFunction(
    _ parameters: [(name: String, tensor: Tensor)], anchors: [Tensor] = [],
    _ selection: ParameterSelection = ParameterSelection()
  ) throws(SNNError) -> Tensor {
    guard kind != .l2sp || anchors.count == parameters.count else {
      throw .argument("penalty: expects an anchor for each of \(parameters.count) parameters, got \(anchors.count)")
    }
    var total: Tensor?
    for (i, (name, tensor)) in parameters.enumerated() where selection.contains(name, tensor) {
      guard kind != .l2sp || anchors[i].shape == tensor.shape else {
        throw .shape("penalty: '\(name)' has shape \(tensor.shape), its anchor \(anchors[i].shape)")
      }
      let term = try sum(tensor, kind == .l2sp ? anchors[i] : nil)
      total = if let before = total { try before + term } else { term }
    }
    guard let total else { return try Tensor.zeros([]) }
    return try total * .float(factor)
  }

  private func sum(_ w: Tensor, _ anchor: Tensor?) throws(SNNError) -> Tensor {
    switch kind {
    case .l1: try w.norm(1)
    case .l2: try w.square().sum()
    case .elasticNet: try w.norm(1) * .float(ratio) + w.square().sum() * .float(1 - ratio)
    case .frobenius: try w.norm(2)
    case .l2sp: try (w - (anchor ?? w).detach()).square().sum()
    }
  }
}

extension Layer {
  /// The penalty of this layer's parameters.
  public func penalty(
    _ penalty: Penalty, anchors: [Tensor] = [], _ selection: ParameterSelection = ParameterSelection()
  ) throws(SNNError) -> Tensor { try penalty(namedParameters, anchors: anchors, selection) }

  /// The parameters by name, each once.
  public var namedParameters: [(name: String, tensor: Tensor)] {
    var seen: Set<ObjectIdentifier> = []
    return state.compactMap { item in
      guard item.cell.isParameter, let tensor = item.cell.tensor, seen.insert(ObjectIdentifier(tensor)).inserted else {
        return nil
      }
      return (item.name, tensor)
    }
  }
}

/// What is done to parameters behind a step of the optimizer.
public enum Constraints {
  /// Moves every element towards 0 by `threshold`, the rate times λ, and no further: the step that belongs to a penalty of |w| and
  /// gives exact zeros.
  public static func shrink(
    _ parameters: [(name: String, tensor: Tensor)], threshold: Double,
    _ selection: ParameterSelection = ParameterSelection()
  ) throws(SNNError) {
    guard threshold >= 0 else { throw .argument("proximal_l1_: expects a threshold of at least 0, got \(threshold)") }
    try each(parameters, selection, "proximal_l1_") { try $0.softshrink(threshold) }
  }

  /// Scales each part along `dim` whose p-norm is greater down to `maxNorm`: with 0, each row of a matrix.
  public static func limitNorm(
    _ parameters: [(name: String, tensor: Tensor)], maxNorm: Double, _ p: Double = 2, dim: Int = 0,
    _ selection: ParameterSelection = ParameterSelection()
  ) throws(SNNError) {
    guard maxNorm >= 0 else { throw .argument("max_norm_: expects a norm of at least 0, got \(maxNorm)") }
    try each(parameters, selection, "max_norm_") { $0.rank == 0 ? $0 : try $0.renorm(p, dim, maxNorm) }
  }

  private static func each(
    _ parameters: [(name: String, tensor: Tensor)], _ selection: ParameterSelection, _ operation: String,
    _ change: (Tensor) throws -> Tensor
  ) throws(SNNError) {
    try Gradients.with(enabled: false) { () throws(SNNError) in
      var changed: [(Tensor, Tensor)] = []
      for (name, tensor) in parameters where selection.contains(name, tensor) {
        do { changed.append((tensor, try change(tensor.detach()))) } catch { throw SNNError.from(error) }
      }
      for (tensor, result) in changed { try tensor.update(operation: operation) { _ in result } }
    }
  }
}
