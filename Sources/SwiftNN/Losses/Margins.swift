extension Operation {
  static let marginLosses: [Operation] = [
    hingeEmbedding, marginRanking, softMargin, cosineEmbedding, tripletMargin, multiMargin, multilabelMargin,
    multilabelSoftMargin,
  ]

  private static let pair: [Field] = [.tensor("input1"), .tensor("input2"), .tensor("target", "1 or -1.")]

  static let hingeEmbedding = loss(
    "hinge_embedding_loss", "input where target is 1, max(0, margin - input) where it is -1.",
    [predicted, wanted, .float("margin", default: 1), reduction]
  ) {
    let (x, t) = ($0.tensor(0), $0.tensor(1))
    let apart = try (.float($0.float(2)) - x).clamp(min: 0)
    return try apart.masked(where: t == 1, 0) + x.masked(where: t == -1, 0)
  }

  static let marginRanking = loss(
    "margin_ranking_loss", "max(0, -target · (input1 - input2) + margin).", pair + [margin, reduction]
  ) { try (.float($0.float(3)) - $0.tensor(2) * ($0.tensor(0) - $0.tensor(1))).clamp(min: 0) }

  static let softMargin = loss(
    "soft_margin_loss", "log(1 + exp(-target · input)).", [predicted, wanted, reduction]
  ) { try -($0.tensor(0) * $0.tensor(1)).logSigmoid() }

  static let cosineEmbedding = loss(
    "cosine_embedding_loss", "1 - cos(input1, input2) where target is 1, max(0, cos - margin) where it is -1.",
    pair + [margin, reduction]
  ) {
    let (a, b, t) = ($0.tensor(0), $0.tensor(1), $0.tensor(2))
    guard (a.rank == 2 && t.rank == 1) || (a.rank == 1 && t.rank == 0), a.rank == b.rank else {
      throw SNNError.shape(
        "cosine_embedding_loss: expects vectors or matrices and a target without the last axis, got shapes \(a.shape), "
          + "\(b.shape) and \(t.shape)")
    }
    let sizes = try (a.square().sum([-1]) + 1e-12) * (b.square().sum([-1]) + 1e-12)
    let cosine = try (a * b).sum([-1]) / sizes.sqrt()
    let near = try (1 - cosine).masked(where: t != 1, 0)
    return try near + (cosine - .float($0.float(3))).clamp(min: 0).masked(where: t != -1, 0)
  }

  static let tripletMargin = loss(
    "triplet_margin_loss", "max(0, |anchor - positive| - |anchor - negative| + margin).",
    [
      .tensor("anchor"), .tensor("positive"), .tensor("negative"), .float("margin", default: 1),
      .float("p", default: 2, "The p of the norm."), .float("eps", default: 1e-6),
      .bool("swap", default: false, "The negative's distance is the least from anchor and positive."), reduction,
    ]
  ) { arguments in
    func distance(_ a: Int, _ b: Int) throws -> Tensor {
      let difference = try arguments.tensor(a) - arguments.tensor(b) + .float(arguments.float(5))
      return try difference.norm(.float(arguments.float(4)), [-1])
    }
    guard arguments.float(3) > 0 else {
      throw SNNError.argument("triplet_margin_loss: expected margin to be greater than 0, got \(arguments.float(3))")
    }
    let near = try distance(0, 1)
    let far = try arguments.bool(6) ? distance(0, 2).minimum(distance(1, 2)) : distance(0, 2)
    return try (near - far + .float(arguments.float(3))).clamp(min: 0)
  }

  static let multiMargin = loss(
    "multi_margin_loss", "Σ max(0, margin - input[target] + input[i])^p / classes over the other classes i.",
    [
      predicted, wanted, .int("p", default: 1, in: 1...2), .float("margin", default: 1),
      Field("weight", .tensor, "A weight per class.").optional, reduction,
    ]
  ) {
    try $0.tensor(0).multiMargin($0.tensor(1), p: $0.int(2), margin: $0.float(3), weight: $0.optionalTensor(4))
  }

  static let multilabelMargin = loss(
    "multilabel_margin_loss", "Σ max(0, 1 - input[target] + input[i]) / classes, for all targets up to the first -1.",
    [predicted, wanted, reduction]
  ) { try $0.tensor(0).multilabelMargin($0.tensor(1)) }

  static let multilabelSoftMargin = loss(
    "multilabel_soft_margin_loss", "The mean over classes of binary_cross_entropy_with_logits.",
    [predicted, wanted, Field("weight", .tensor, "A weight per class.").optional, reduction]
  ) {
    let (x, t) = ($0.tensor(0), $0.tensor(1))
    let losses = try (t - 1) * (-x).logSigmoid() - t * x.logSigmoid()
    let weighted = try $0.optionalTensor(2).map { try losses * $0 } ?? losses
    return try weighted.mean([-1])
  }
}

extension Tensor {
  /// Scores and targets as rows; a single sample is one row, whose axis the result loses.
  private func scores(_ target: Tensor, _ name: String, targetsPerRow: Bool) throws(SNNError) -> (Tensor, Tensor) {
    guard rank > 0 else { return try unsqueeze(0).scores(target, name, targetsPerRow: targetsPerRow) }
    let expected = targetsPerRow ? shape : Dimensions(shape.dropLast())
    // The targets of a single sample may come as one number, or as a list of one.
    let isOneSample = rank == 1 && target.rank <= 1 && target.count == expected.product
    guard rank == 1 || rank == 2, shape[rank - 1] > 0, target.shape == expected || isOneSample else {
      throw .shape("\(name): inconsistent target size \(target.shape) for an input of shape \(shape)")
    }
    guard target.dtype.isInteger, dtype.isFloatingPoint else {
      throw .dtype("\(name): expects floating scores and integer targets, got \(dtype.name) and \(target.dtype.name)")
    }
    let rows = rank == 1 ? try unsqueeze(0) : self
    let width = targetsPerRow ? shape[rank - 1] : 1
    return (rows, try target.detach().cast(to: .int64).reshaped(to: [rows.shape[0], width]))
  }

  fileprivate func multiMargin(_ target: Tensor, p: Int, margin: Double, weight: Tensor?) throws(SNNError) -> Tensor {
    let (rows, numbers) = try scores(target, "multi_margin_loss", targetsPerRow: false)
    let classes = rows.shape[1]
    let right = try numbers.checkedIndex(below: classes, operation: "multi_margin_loss")
    guard try (right < 0).any().item().double == 0 else {
      throw .index("multi_margin_loss: target out of range: expects class numbers from 0 to \(classes - 1)")
    }
    var losses = try (rows - rows.gather(1, right) + .float(margin)).clamp(min: 0)
    if p == 2 { losses = try losses.square() }
    if let weight {
      guard weight.shape == [classes] else {
        throw .shape("multi_margin_loss: inconsistent weight size, expected [\(classes)] but got \(weight.shape)")
      }
      losses = try losses * weight.rows(right.reshaped(to: [right.count]), operation: "multi_margin_loss").unsqueeze(1)
    }
    let isRight = try Tensor.arange(0, .int(classes)) == right
    let total = try losses.masked(where: isRight, 0).sum([1]) / .int(classes)
    return target.rank == 0 ? try total.squeeze([0]) : total
  }

  fileprivate func multilabelMargin(_ target: Tensor) throws(SNNError) -> Tensor {
    let (rows, numbers) = try scores(target, "multilabel_margin_loss", targetsPerRow: true)
    let classes = rows.shape[1]
    let given = try numbers.array(of: Int.self)
    var listed = Array(repeating: 0, count: given.count)
    var isListed = Array(repeating: false, count: given.count)
    var isOther = Array(repeating: true, count: given.count)
    for row in 0..<rows.shape[0] {
      for i in 0..<classes {
        let label = given[row * classes + i]
        guard label >= -1, label < classes else {
          throw .index("multilabel_margin_loss: argument target is out of range: \(label) of \(classes) classes")
        }
        if label < 0 { break }
        listed[row * classes + i] = label
        isListed[row * classes + i] = true
        isOther[row * classes + label] = false
      }
    }
    let size = [rows.shape[0], classes]
    let right = try rows.gather(1, Tensor(listed, size)).unsqueeze(2)
    let counts = try Tensor(isListed, size).unsqueeze(2).logicalAnd(Tensor(isOther, size).unsqueeze(1))
    let losses = try (rows.unsqueeze(1) - right + 1).clamp(min: 0).masked(where: counts.logicalNot(), 0)
    let total = try losses.sum([1, 2]) / .int(classes)
    return rank < 2 ? try total.squeeze([0]) : total
  }
}
