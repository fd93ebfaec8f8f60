extension Operation {
  static let linearCrossEntropies: [Operation] = [linearCrossEntropy]

  static let linearCrossEntropy = Operation(
    "linear_cross_entropy",
    "cross_entropy of input · linear_weightᵀ + linear_bias. The scores are computed for some rows at a time, once more in "
      + "the derivative, and never all of them stored.",
    [
      .tensor("input", "[N, features] or [features]."), .tensor("linear_weight", "[C, d1, …, features]."),
      .tensor("target", "Class numbers [N, d1, …], or probabilities [N, C, d1, …]."),
      Field("linear_bias", .tensor, "[C, d1, …].").optional.keyword,
      Field("weight", .tensor, "A weight per class.").optional.keyword, reduction.keyword,
      Field("ignore_index", .int, "Targets of this number count for nothing; -100 without.").optional.keyword,
      Field.float("label_smoothing", default: 0, in: 0...1, "The share of the target spread over all classes.").keyword,
    ], places: .functional
  ) {
    try $0.tensor(0).linearCrossEntropy(
      $0.tensor(1), $0.tensor(2), bias: $0.optionalTensor(3), weight: $0.optionalTensor(4), reduction: $0.string(5),
      ignoreIndex: $0.optionalInt(6), labelSmoothing: $0.float(7))
  }
}

extension Tensor {
  /// Cross entropy of this tensor's product with a weight, whose scores are never all stored.
  public func linearCrossEntropy(
    _ linearWeight: Tensor, _ target: Tensor, bias: Tensor? = nil, weight: Tensor? = nil, reduction: String = "mean",
    ignoreIndex: Int? = nil, labelSmoothing: Double = 0
  ) throws(SNNError) -> Tensor {
    let name = "linear_cross_entropy"
    guard rank == 1 || rank == 2 else {
      throw .shape("\(name): expected input with dimensionality 1 or 2, got \(rank)")
    }
    guard linearWeight.rank >= 2 else {
      throw .shape("\(name): expected linear_weight with dimensionality at least 2, got \(linearWeight.rank)")
    }
    let (features, outputs) = (shape[rank - 1], Array(linearWeight.shape.dropLast()))
    guard features == linearWeight.shape[outputs.count] else {
      throw .shape(
        "\(name): expected equal input and linear_weight last dimensions (in_features), got \(features) and "
          + "\(linearWeight.shape[outputs.count]), respectively")
    }
    if let bias, Array(bias.shape) != outputs {
      throw .shape("\(name): expected linear_bias shape \(Dimensions(outputs)), got \(bias.shape)")
    }
    guard outputs.count == 1 || rank == 2 else {
      throw .shape(
        "\(name): K-dimensional loss defined by linear_weight shape \(linearWeight.shape) requires batched input, got "
          + "shape \(shape)")
    }
    let hasProbabilities = Array(target.shape) == Array(shape.dropLast()) + outputs
    guard !hasProbabilities || ignoreIndex == nil else {
      throw .argument("\(name): ignore_index cannot be specified when target contains probabilities")
    }
    let batch = rank == 1 ? try unsqueeze(0) : self
    let targets = rank == 1 ? try target.unsqueeze(0) : target
    let perRow = hasProbabilities ? outputs : Array(outputs.dropFirst())
    guard hasProbabilities == target.dtype.isFloatingPoint, Array(targets.shape) == [batch.shape[0]] + perRow else {
      throw .shape(
        "\(name): expects class numbers or probabilities for scores of shape \(Dimensions([batch.shape[0]] + outputs)), got "
          + "\(target.dtype.name)\(target.shape)")
    }
    let chunk = ScoredLoss(
      outputs: outputs, hasBias: bias != nil, hasWeight: weight != nil, isSum: reduction != "none",
      ignored: ignoreIndex ?? -100, smoothing: labelSmoothing)
    let step = Swift.max(ScoredLoss.fewestRows, ScoredLoss.mostScores / Swift.max(outputs.reduce(1, *), 1))
    var parts: [Tensor] = []
    var start = 0
    repeat {
      let rows = Swift.min(step, batch.shape[0] - start)
      var inputs = Few(try batch.narrow(0, start, rows), linearWeight, try targets.narrow(0, start, rows))
      if let bias { inputs.append(bias) }
      if let weight { inputs.append(weight) }
      parts.append(try chunk(inputs))
      start += rows
    } while start < batch.shape[0]
    if reduction == "none" {
      let losses = try Tensor.cat(parts, 0)
      return rank == 1 ? try losses.squeeze([0]) : losses
    }
    let sum = parts.count == 1 ? parts[0] : try Tensor.stack(parts, 0).sum()
    guard reduction == "mean" else { return sum }
    if hasProbabilities { return try sum / .int(target.count / Swift.max(outputs[0], 1)) }
    return try sum / targets.targetWeight(weight, targets == .int(chunk.ignored), sum.dtype)
  }
}

/// The losses of some rows, or their sum. Inputs: rows, weight of the scores, targets, perhaps bias, perhaps weights of classes.
/// Nothing of the scores is kept: the derivative computes them again.
private struct ScoredLoss: Primitive {
  static let fewestRows = 32
  static let mostScores = 1 << 20

  let outputs: [Int]
  let hasBias: Bool
  let hasWeight: Bool
  let isSum: Bool
  let ignored: Int
  let smoothing: Double
  let name = "linear_cross_entropy"
  let saves: Saves = .inputs

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results {
    guard !isSum else { return Results([], inputs[0].dtype) }
    return Results(Dimensions([inputs[0].shape[0]] + outputs.dropFirst()), inputs[0].dtype)
  }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    let losses = try Gradients.with(enabled: false) { () throws(SNNError) in try formula(Array(inputs)) }
    outputs[0].fill(copying: losses)
  }

  private func formula(_ inputs: [Tensor]) throws(SNNError) -> Tensor {
    let (x, w) = (inputs[0], inputs[1])
    let width = outputs.reduce(1, *)
    let bias = hasBias ? try inputs[3].reshape([width]) : nil
    let scores = try x.linear(w.reshape([width, x.shape[1]]), bias).reshape([x.shape[0]] + outputs)
    return try scores.crossEntropy(
      inputs[2], weight: hasWeight ? inputs[inputs.count - 1] : nil, ignoreIndex: ignored,
      reduction: isSum ? "sum" : "none", labelSmoothing: smoothing)
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    let count = p.node.edges.count
    let isRecorded = Gradients.areRecorded
    var inputs: [Tensor] = []
    var asked: [Int] = []
    for i in 0..<count {
      var input = try p.input(i)
      if p.needs(i) {
        if !isRecorded || !input.requiresGradient {
          input = input.detach()
          try input.setRequiresGradient(true)
        }
        asked.append(i)
      }
      inputs.append(input)
    }
    let losses = try Gradients.with(enabled: true) { () throws(SNNError) in try formula(inputs) }
    let found = try Gradients.of(
      [losses], withRespectTo: asked.map { inputs[$0] }, seeds: [p.g], createGraph: isRecorded, allowUnused: true)
    var gradients = Few<Tensor?>()
    for i in 0..<count { gradients.append(asked.firstIndex(of: i).flatMap { found[$0] }) }
    return gradients
  }
}
