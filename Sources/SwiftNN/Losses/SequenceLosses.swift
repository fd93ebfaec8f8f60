/// Losses of every step of sequences of different lengths: padding costs nothing and is not counted.
extension Operation {
  static let sequenceLosses: [Operation] = [sequenceSquares, sequenceEntropy, perplexity]

  private static let stepFields: [Field] = [
    Field("padding_mask", .tensor, "True where a step is padding: the first two axes of input.").optional,
    Field("lengths", .tensor, "How many steps of each sequence are real, instead of the mask: [N].").optional,
    .bool("batch_first", default: false, "[N, T, …] instead of [T, N, …]."),
  ]

  private static let classes: [Field] =
    [.tensor("input", "Scores [T, N, classes]."), .tensor("target", "Class numbers [T, N].")] + stepFields + [
      Field("weight", .tensor, "A weight per class.").optional,
      .int("ignore_index", default: -100, "Targets of this number count for nothing."),
      .float("label_smoothing", default: 0, in: 0...1, "The share of the target spread over all classes."),
    ]

  static let sequenceSquares = Operation(
    "sequence_mse_loss", "The mean of (input - target)² at each step, averaged over the real steps.",
    [.tensor("input", "[T, N, …]."), wanted] + stepFields + [reduction], places: .functional
  ) {
    let name = "sequence_mse_loss"
    let (x, t) = ($0.tensor(0), $0.tensor(1))
    guard x.shape == t.shape else {
      throw SNNError.shape("\(name): expects a target of input's shape \(x.shape), got \(t.shape)")
    }
    let isPadding = try x.padding($0.optionalTensor(2), lengths: $0.optionalTensor(3), batchFirst: $0.bool(4), name)
    let steps = Array(x.shape.prefix(2))
    var errors = try (x - t).reshape(steps + [x.count / Swift.max(isPadding.count, 1)])
    errors = try errors.masked(where: isPadding.unsqueeze(2), 0)
    let losses = try errors.square().mean([2])
    guard $0.string(5) == "mean" else { return try losses.reduced($0.string(5)) }
    return try losses.sum() / isPadding.logicalNot().cast(to: losses.dtype).sum()
  }

  static let sequenceEntropy = Operation(
    "sequence_cross_entropy", "cross_entropy at each step, averaged over the real steps.", classes + [reduction],
    places: .functional
  ) { try sequenceEntropy($0, reduction: $0.string(8), "sequence_cross_entropy") }

  static let perplexity = Operation(
    "perplexity", "exp of the mean of cross_entropy over the real steps of sequences.", classes, places: .functional
  ) { try sequenceEntropy($0, reduction: "mean", "perplexity").exp() }

  private static func sequenceEntropy(_ arguments: Arguments, reduction: String, _ name: String) throws -> Tensor {
    let (x, t) = (arguments.tensor(0), arguments.tensor(1))
    let isPadding = try x.padding(
      arguments.optionalTensor(2), lengths: arguments.optionalTensor(3), batchFirst: arguments.bool(4), name)
    guard x.rank == 3, t.shape == isPadding.shape else {
      throw SNNError.shape(
        "\(name): expects scores of three axes and a target of the first two, got \(x.shape) and \(t.shape)")
    }
    guard t.dtype.isInteger else { throw SNNError.dtype("\(name): expects integer class numbers, got \(t.dtype.name)") }
    let scores = try x.masked(where: isPadding.unsqueeze(2), 0)
    let ignored = arguments.int(6)
    let losses = try scores.reshape([isPadding.count, x.shape[2]]).crossEntropy(
      t.masked(where: isPadding, .int(ignored)).reshape([-1]), weight: arguments.optionalTensor(5),
      ignoreIndex: ignored, reduction: reduction, labelSmoothing: arguments.float(7))
    return reduction == "none" ? try losses.reshaped(to: t.shape) : losses
  }
}

extension Tensor {
  /// Where the steps of sequences are padding, as the first two axes of this tensor lie.
  fileprivate func padding(
    _ mask: Tensor?, lengths: Tensor?, batchFirst: Bool, _ name: String
  ) throws(SNNError) -> Tensor {
    guard rank >= 2 else { throw .shape("\(name): expects steps and sequences as the first axes, got shape \(shape)") }
    guard mask == nil || lengths == nil else {
      throw .argument("\(name): expects a padding_mask or lengths, got both")
    }
    let steps = Dimensions(shape.prefix(2))
    if let mask {
      guard mask.shape == steps, mask.dtype == .bool else {
        throw .shape("\(name): expects a padding_mask of bool and shape \(steps), got \(mask.dtype.name)\(mask.shape)")
      }
      return mask.detach()
    }
    guard let lengths else { return try Tensor.full(steps, false, .bool) }
    let (sequences, most) = batchFirst ? (steps[0], steps[1]) : (steps[1], steps[0])
    guard lengths.shape == [sequences], lengths.dtype.isInteger else {
      throw .shape("\(name): expects \(sequences) integer lengths, got \(lengths.dtype.name)\(lengths.shape)")
    }
    guard try !(lengths < 0).logicalOr(lengths > .int(most)).holdsAnywhere() else {
      throw .argument("\(name): expects lengths between 0 and \(most)")
    }
    let step = try Tensor.arange(0, .int(most))
    return try batchFirst ? step >= lengths.unsqueeze(1) : step.unsqueeze(1) >= lengths
  }
}
