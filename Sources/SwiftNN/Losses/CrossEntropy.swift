extension Operation {
  static let crossEntropies: [Operation] = [crossEntropy, nllLoss]

  static let reduction = Field.choice(
    "reduction", of: ["none", "mean", "sum"], default: "mean", "How the losses of the samples become one.")

  static let crossEntropy = Operation(
    "cross_entropy", "-log softmax(input)[target], averaged over the batch.",
    [
      .tensor("input", "Scores, [N, C] or [C] or [N, C, d1, …]."),
      .tensor("target", "Class numbers, or probabilities of input's shape."),
      Field("weight", .tensor, "A weight per class.").optional,
      .int("ignore_index", default: -100, "Targets of this number count for nothing."), reduction,
      .float("label_smoothing", default: 0, in: 0...1, "The share of the target spread over all classes."),
    ], places: .functional
  ) {
    try $0.tensor(0).crossEntropy(
      $0.tensor(1), weight: $0.optionalTensor(2), ignoreIndex: $0.int(3), reduction: $0.string(4),
      labelSmoothing: $0.float(5))
  }

  static let nllLoss = Operation(
    "nll_loss", "-input[target], averaged over the batch; input holds log-probabilities.",
    [
      .tensor("input"), .tensor("target"), Field("weight", .tensor, "A weight per class.").optional,
      .int("ignore_index", default: -100), reduction,
    ], places: .functional
  ) {
    try $0.tensor(0).negativeLogLikelihood(
      $0.tensor(1), weight: $0.optionalTensor(2), ignoreIndex: $0.int(3), reduction: $0.string(4),
      operation: "nll_loss")
  }
}

extension Tensor {
  public func crossEntropy(
    _ target: Tensor, weight: Tensor? = nil, ignoreIndex: Int = -100, reduction: String = "mean",
    labelSmoothing: Double = 0
  ) throws(SNNError) -> Tensor {
    let axis = try classAxis(operation: "cross_entropy")
    let scores = try logSoftmax(axis)
    if target.dtype.isFloatingPoint {
      return try scores.crossEntropy(
        probabilities: target, axis, weight: weight, reduction: reduction, labelSmoothing: labelSmoothing)
    }
    let likelihood = try scores.negativeLogLikelihood(
      target, weight: weight, ignoreIndex: ignoreIndex, reduction: reduction, operation: "cross_entropy")
    guard labelSmoothing > 0 else { return likelihood }
    let classes = shape[axis]
    let weighted = try weight.map { w throws(SNNError) in try scores * w.alongClasses(axis, of: scores) } ?? scores
    let ignored = try target == .int(ignoreIndex)
    let flat = try (-weighted.sum([axis])).masked(where: ignored, 0)
    let smooth: Tensor
    switch reduction {
    case "none": smooth = flat
    case "sum": smooth = try flat.sum()
    default: smooth = try flat.sum() / target.targetWeight(weight, ignored, dtype)
    }
    return try likelihood * .float(1 - labelSmoothing) + smooth * .float(labelSmoothing / Double(classes))
  }

  private func crossEntropy(
    probabilities target: Tensor, _ axis: Int, weight: Tensor?, reduction: String, labelSmoothing: Double
  ) throws(SNNError) -> Tensor {
    guard target.shape == shape else {
      throw .shape("cross_entropy: expects probabilities of shape \(shape), got \(target.shape)")
    }
    var q = target
    if labelSmoothing > 0 {
      q = try q * .float(1 - labelSmoothing) + .float(labelSmoothing / Double(shape[axis]))
    }
    if let weight { q = try q * weight.alongClasses(axis, of: self) }
    let losses = try -(self * q).sum([axis])
    switch reduction {
    case "none": return losses
    case "sum": return try losses.sum()
    default: return try losses.sum() / .int(count / Swift.max(shape[axis], 1))
    }
  }

  /// -self[target] per sample, weighted; `self` holds log-probabilities.
  func negativeLogLikelihood(
    _ target: Tensor, weight: Tensor?, ignoreIndex: Int, reduction: String, operation: String
  ) throws(SNNError) -> Tensor {
    let axis = try classAxis(operation: operation)
    let classes = shape[axis]
    var expected = shape
    expected.remove(at: axis)
    guard target.shape == expected else {
      throw .shape(
        "\(operation): expects targets of shape \(expected) for an input of shape \(shape), got \(target.shape)")
    }
    guard target.dtype.isInteger else {
      throw .dtype("\(operation): expects integer class numbers, got \(target.dtype.name)")
    }
    if let weight, weight.shape != [classes] {
      throw .shape(
        "\(operation): weight tensor should be defined for all \(classes) classes, got shape \(weight.shape)")
    }
    if weight?.requiresGradient != true, !Few(self, target, weight ?? self).haveBatches,
      let kind = ClassTargets.Reduction(rawValue: reduction)
    {
      return try classLikelihood(
        target, weight, ClassTargets(axis: axis, ignored: ignoreIndex, reduction: kind), operation)
    }
    let ignored = try target.detach() == .int(ignoreIndex)
    let numbers = try target.cast(to: .int64).masked(where: ignored, 0)
    if try (numbers < 0).logicalOr(numbers >= .int(classes)).holdsAnywhere() {
      throw .classOutOfBounds(operation, classes)
    }
    // One row of classes per sample, one position in it per target.
    let rows = try movedim([axis], [-1]).reshape([-1])
    let order = try numbers.reshape([-1])
    let positions = try order + Tensor.arange(0, .int(target.count)) * .int(classes)
    var losses = try -rows.rows(positions, operation: operation)
    if let weight { losses = try losses * weight.rows(order, operation: operation) }
    losses = try losses.reshape(Array(expected)).masked(where: ignored, 0)
    switch reduction {
    case "none": return losses
    case "sum": return try losses.sum()
    default: return try losses.sum() / target.targetWeight(weight, ignored, dtype)
    }
  }

  /// The same in one kernel.
  private func classLikelihood(
    _ target: Tensor, _ weight: Tensor?, _ targets: ClassTargets, _ operation: String
  ) throws(SNNError) -> Tensor {
    var inputs = Few(try cast(to: dtype.working), try target.detach().cast(to: .int64))
    if let weight { inputs.append(try weight.cast(to: dtype.working)) }
    guard try targets.fit(inputs) else { throw .classOutOfBounds(operation, shape[targets.axis]) }
    return try ClassLikelihood(targets: targets, name: operation)(inputs).cast(to: dtype)
  }

  /// The sum of the weights of all of these targets that count.
  func targetWeight(_ weight: Tensor?, _ ignored: Tensor, _ dtype: DType) throws(SNNError) -> Tensor {
    let counted = try ignored.logicalNot()
    guard let weight else { return try counted.cast(to: dtype).sum() }
    let numbers = try cast(to: .int64).masked(where: ignored, 0).reshape([-1])
    return try (weight.rows(numbers, operation: "cross_entropy") * counted.reshape([-1]).cast(to: dtype)).sum()
  }

  private func alongClasses(_ axis: Int, of scores: Tensor) throws(SNNError) -> Tensor {
    guard shape == [scores.shape[axis]] else {
      throw .shape("cross_entropy: expects a weight for each of \(scores.shape[axis]) classes, got shape \(shape)")
    }
    var target = Dimensions(repeating: 1, count: scores.rank)
    target[axis] = count
    return try reshaped(to: target)
  }

  private func classAxis(operation: String) throws(SNNError) -> Int {
    guard rank > 0 else { throw .shape("\(operation): expects at least one axis of classes, got a scalar") }
    guard dtype.isFloatingPoint else { throw .dtype("\(operation): expects a floating dtype, got \(dtype.name)") }
    return rank == 1 ? 0 : 1
  }
}

extension SNNError {
  fileprivate static func classOutOfBounds(_ operation: String, _ classes: Int) -> SNNError {
    .index("\(operation): a target is out of bounds: expects class numbers from 0 to \(classes - 1)")
  }
}
