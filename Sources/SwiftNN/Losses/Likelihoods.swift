extension Operation {
  static let likelihoods: [Operation] = [
    binaryCrossEntropy, binaryCrossEntropyWithLogits, divergence, gaussianLikelihood, poissonLikelihood,
  ]

  static let binaryCrossEntropy = loss(
    "binary_cross_entropy", "-target · log(input) - (1 - target) · log(1 - input); logarithms end at -100.",
    [predicted, wanted, weights, reduction]
  ) {
    let (x, t) = ($0.tensor(0), $0.tensor(1))
    guard x.shape == t.shape else {
      throw SNNError.shape(
        "binary_cross_entropy: target size (\(t.shape)) must be the same as the input size (\(x.shape))")
    }
    guard x.dtype.isFloatingPoint else {
      throw SNNError.dtype("binary_cross_entropy: not implemented for \(x.dtype.name)")
    }
    let values = x.detach()
    guard try (values < 0).logicalOr(values > 1).any().item().double == 0 else {
      throw SNNError.argument("binary_cross_entropy: all elements of input should be between 0 and 1")
    }
    let losses = try CrossEntropyOfProbability()(x, t.cast(to: x.dtype))
    return try $0.optionalTensor(2).map { try losses * $0 } ?? losses
  }

  static let binaryCrossEntropyWithLogits = loss(
    "binary_cross_entropy_with_logits", "binary_cross_entropy of sigmoid(input), without overflow.",
    [
      predicted, wanted, weights, reduction,
      Field("pos_weight", .tensor, "Multiplies what positive targets cost.").optional,
    ]
  ) {
    let (x, t) = ($0.tensor(0), $0.tensor(1))
    guard x.shape == t.shape else {
      throw SNNError.shape(
        "binary_cross_entropy_with_logits: Target size (\(t.shape)) must be the same as input size (\(x.shape))")
    }
    let positive = try $0.optionalTensor(4).map { try ($0 - 1) * t + 1 }
    let likelihood = try x.logSigmoid()
    let losses = try (1 - t) * x - (positive.map { try $0 * likelihood } ?? likelihood)
    return try $0.optionalTensor(2).map { try losses * $0 } ?? losses
  }

  static let divergence = Operation(
    "kl_div", "target · (log(target) - input); input holds logarithms.",
    [
      predicted, wanted,
      .choice(
        "reduction", of: ["none", "batchmean", "sum", "mean"], default: "mean", "'batchmean' divides by the batch."),
      .bool("log_target", default: false, "target holds logarithms as well."),
    ], places: .functional
  ) {
    let (x, t) = ($0.tensor(0), $0.tensor(1))
    let losses = try $0.bool(3) ? t.exp() * (t - x) : t.xlogy(t) - t * x
    guard $0.string(2) == "batchmean" else { return try losses.reduced($0.string(2)) }
    return try losses.sum() / .int(x.rank > 0 ? x.shape[0] : 1)
  }

  static let gaussianLikelihood = loss(
    "gaussian_nll_loss", "½ · (log(var) + (input - target)² / var).",
    [
      predicted, wanted, .operand("var", "Variances, of input's shape or without its last axis, or one."),
      .bool("full", default: false, "Adds the constant term."), .float("eps", default: 1e-6, "The least variance."),
      reduction,
    ]
  ) { try $0.tensor(0).gaussianLikelihood($0.tensor(1), $0.operand(2), isFull: $0.bool(3), epsilon: $0.float(4)) }

  static let poissonLikelihood = loss(
    "poisson_nll_loss", "exp(input) - target · input.",
    [
      predicted, wanted, .bool("log_input", default: true, "input holds logarithms."),
      .bool("full", default: false, "Adds Stirling's approximation of log(target!)."), .float("eps", default: 1e-8),
      reduction,
    ]
  ) {
    let (x, t) = ($0.tensor(0), $0.tensor(1))
    let losses = try $0.bool(2) ? x.exp() - t * x : x - t * (x + .float($0.float(4))).log()
    guard $0.bool(3) else { return losses }
    let isLarge = try t > 1
    let base = try t.masked(where: isLarge.logicalNot(), 1)
    let stirling = try base * base.log() - base + 0.5 * (base * 6.283185307179586).log()
    return try losses + stirling.masked(where: isLarge.logicalNot(), 0)
  }
}

extension Tensor {
  fileprivate func gaussianLikelihood(
    _ target: Tensor, _ given: Tensor, isFull: Bool, epsilon: Double
  ) throws(SNNError) -> Tensor {
    var variance = given
    if given.rank > 0, given.shape != shape {
      if given.shape == Dimensions(shape.dropLast()) {
        variance = try given.unsqueeze(-1)
      } else {
        guard rank == given.rank, shape.dropLast().elementsEqual(given.shape.dropLast()), given.shape.last == 1 else {
          throw .shape("gaussian_nll_loss: var is of incorrect size: \(given.shape) for an input of shape \(shape)")
        }
      }
    }
    guard try (variance.detach() < 0).any().item().double == 0 else {
      throw .argument("gaussian_nll_loss: var has negative entry/entries")
    }
    // The least variance is put in without a trace: gradients pass as if it were not there.
    let plain = variance.detach()
    let bounded = try variance + (plain.clamp(min: .float(epsilon)) - plain)
    let losses = try (bounded.log() + (self - target).square() / bounded) * 0.5
    return isFull ? try losses + 0.918938533204672742 : losses
  }
}
