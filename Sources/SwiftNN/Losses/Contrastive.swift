/// Losses over embeddings: what is alike lies near, all else far away.
extension Operation {
  static let metricLosses: [Operation] = [contrastive, tripletMining, infoNCE, ntXent]

  private static let temperature = Field.float(
    "temperature", default: 0.5, in: Double.leastNonzeroMagnitude...Double.greatestFiniteMagnitude,
    "Divides the similarities.")

  static let contrastive = loss(
    "contrastive_loss", "½ · distance² of pairs that are alike, ½ · max(0, margin - distance)² of the others.",
    [
      .tensor("input1"), .tensor("input2"), .tensor("target", "1 or 0 for each pair, see similar."),
      .float("margin", default: 1, in: 0...Double.infinity, "The distance that is enough."),
      .int("similar", default: 1, in: 0...1, "The target of pairs that are alike; 0 for Hadsell, Chopra and LeCun."),
      reduction,
    ]
  ) {
    let (a, b) = ($0.tensor(0), $0.tensor(1))
    guard a.rank > 0, a.shape == b.shape, $0.tensor(2).shape == Dimensions(a.shape.dropLast()) else {
      throw SNNError.shape(
        "contrastive_loss: expects inputs of one shape and a target without the last axis, got shapes \(a.shape), "
          + "\(b.shape) and \($0.tensor(2).shape)")
    }
    let target = try $0.tensor(2).cast(to: DType.result(of: a, b))
    let alike = try $0.int(4) == 1 ? target : 1 - target
    let distance = try (a - b).size(p: 2, [-1])
    let apart = try (.float($0.float(3)) - distance).clamp(min: 0)
    return try (alike * distance.square() + (1 - alike) * apart.square()) * 0.5
  }

  static let tripletMining = Operation(
    "triplet_mining_loss",
    "triplet_margin_loss of triplets that are found among labelled rows: for every row the farthest of its label and the "
      + "nearest other (hard), for every pair of a label the nearest other that lies farther (semihard), or all. The mean "
      + "is that of the rows, of the pairs, or of all triplets that still cost something.",
    [
      .tensor("input", "Embeddings [N, D]."), .tensor("target", "A label for each row."),
      .float("margin", default: 1, in: 0...Double.infinity),
      .choice("mining", of: ["hard", "semihard", "all"], default: "hard"),
      .float("p", default: 2, in: 0...Double.infinity, "The p of the norm."), reduction,
    ], places: .functional
  ) {
    let mined = try Triplets($0.tensor(0), $0.tensor(1), p: $0.float(4))
    let (losses, counted) = try mined.losses($0.string(3), margin: $0.float(2))
    let sum = try losses.masked(where: counted.logicalNot(), 0)
    guard $0.string(5) == "mean" else { return try sum.reduced($0.string(5)) }
    return try sum.sum() / counted.cast(to: sum.dtype).sum().clamp(min: 1)
  }

  static let infoNCE = loss(
    "info_nce_loss", "Cross entropy of finding the positive of each query among other keys, by their cosines.",
    [
      .tensor("input", "Queries [N, D]."), .tensor("positive", "The key of each query [N, D]."),
      Field("negatives", .tensor, "Other keys, [M, D] for all or [N, M, D]; the keys of the other queries without.")
        .optional, temperature.changed { $0.defaultValue = .float(0.1) },
      .bool("symmetric", default: false, "The mean with the loss of finding the query of each key."), reduction,
    ]
  ) {
    try $0.tensor(0).informationNCE(
      $0.tensor(1), $0.optionalTensor(2), temperature: $0.float(3), isSymmetric: $0.bool(4))
  }

  static let ntXent = loss(
    "nt_xent_loss",
    "Cross entropy of finding the other view of each sample among all views but itself, by their cosines.",
    [
      .tensor("input", "The first views [N, D]; without other, both views one behind another [2·N, D]."),
      Field("other", .tensor, "The second views [N, D].").optional, temperature, reduction,
    ]
  ) {
    let x =
      try $0.optionalTensor(1).map { [a = $0.tensor(0)] other throws(SNNError) in
        guard a.shape == other.shape, a.rank == 2 else {
          throw .shape("nt_xent_loss: expects two matrices of one shape, got \(a.shape) and \(other.shape)")
        }
        return try Tensor.cat([a, other], 0)
      } ?? $0.tensor(0)
    guard x.rank == 2, x.shape[0] > 0, x.shape[0] % 2 == 0 else {
      throw SNNError.shape("nt_xent_loss: expects two views of each sample [2·N, D], got shape \(x.shape)")
    }
    let rows = x.shape[0]
    let directions = try x.normalize()
    let number = try Tensor.arange(0, .int(rows))
    let scores = try directions.linear(directions) / .float($0.float(2))
    let others = try scores.masked(where: number.unsqueeze(1) == number, .float(-.infinity))
    return try others.crossEntropy((number + .int(rows / 2)).remainder(.int(rows)), reduction: "none")
  }
}

extension Tensor {
  fileprivate func informationNCE(
    _ positive: Tensor, _ negatives: Tensor?, temperature: Double, isSymmetric: Bool
  ) throws(SNNError) -> Tensor {
    let name = "info_nce_loss"
    guard rank == 2, shape == positive.shape else {
      throw .shape("\(name): expects queries and keys of one shape [N, D], got \(shape) and \(positive.shape)")
    }
    let (queries, keys) = (try normalize(), try positive.normalize())
    guard let negatives else {
      let scores = try queries.linear(keys) / .float(temperature)
      let own = try Tensor.arange(0, .int(shape[0]))
      let losses = try scores.crossEntropy(own, reduction: "none")
      return isSymmetric ? try (losses + scores.transpose(0, 1).crossEntropy(own, reduction: "none")) * 0.5 : losses
    }
    guard !isSymmetric else { throw .argument("\(name): symmetric does not go with negatives") }
    let expected =
      negatives.rank == 3 ? [shape[0], negatives.shape[1], shape[1]] : [negatives.shape.first ?? 0, shape[1]]
    guard Array(negatives.shape) == expected else {
      throw .shape(
        "\(name): expects negatives [M, \(shape[1])] or [\(shape[0]), M, \(shape[1])], got \(negatives.shape)")
    }
    let others = try negatives.normalize(p: 2, [-1])
    let unlike =
      negatives.rank == 2
      ? try queries.linear(others) : try others.matmul(queries.unsqueeze(2)).squeeze([2])
    let alike = try (queries * keys).sum([1], keepDim: true)
    let scores = try Tensor.cat([alike, unlike], 1) / .float(temperature)
    return try scores.crossEntropy(Tensor.full([shape[0]], 0, .int64), reduction: "none")
  }
}

/// Distances between labelled rows, and which of them may be the sides of a triplet.
private struct Triplets {
  let distances: Tensor
  /// Other rows of the label.
  let isPositive: Tensor
  /// Rows of other labels.
  let isNegative: Tensor

  init(_ input: Tensor, _ target: Tensor, p: Double) throws(SNNError) {
    guard input.rank == 2, target.rank == 1, target.shape[0] == input.shape[0] else {
      throw .shape(
        "triplet_mining_loss: expects embeddings [N, D] and N labels, got shapes \(input.shape) and \(target.shape)")
    }
    let labels = target.detach()
    let number = try Tensor.arange(0, .int(input.shape[0]))
    let isSame = try labels.unsqueeze(1) == labels
    distances = try input.cdist(input, p: p)
    isPositive = try isSame.logicalAnd(number.unsqueeze(1) != number)
    isNegative = try isSame.logicalNot()
  }

  /// The losses of the triplets, and which of them count.
  func losses(_ mining: String, margin: Double) throws(SNNError) -> (Tensor, Tensor) {
    guard distances.count > 0 else { return (try distances.sum([1]), try isPositive.any([1])) }
    let hasNegative = try isNegative.any([1])
    let notNegative = try isNegative.logicalNot()
    switch mining {
    case "hard":
      let near = try distances.masked(where: isPositive.logicalNot(), 0).amax([1])
      let far = try distances.masked(where: notNegative, .float(.infinity)).amin([1])
      return (try cost(near, far, margin), try isPositive.any([1]).logicalAnd(hasNegative))
    case "semihard":
      let known = distances.detach()
      let isFarther = try (known.unsqueeze(1) > known.unsqueeze(2)).logicalAnd(isNegative.unsqueeze(1))
      let next = try distances.unsqueeze(1).masked(where: isFarther.logicalNot(), .float(.infinity)).amin([2])
      let farthest = try distances.masked(where: notNegative, 0).amax([1], keepDim: true)
      let far = try Tensor.where(isFarther.any([2]), next, farthest)
      return (try cost(distances, far, margin), try isPositive.logicalAnd(hasNegative.unsqueeze(1)))
    default:
      let all = try cost(distances.unsqueeze(2), distances.unsqueeze(1), margin)
      let isTriplet = try isPositive.unsqueeze(2).logicalAnd(isNegative.unsqueeze(1))
      return (all, try isTriplet.logicalAnd(all.detach() > 0))
    }
  }

  private func cost(_ near: Tensor, _ far: Tensor, _ margin: Double) throws(SNNError) -> Tensor {
    try (near - far + .float(margin)).clamp(min: 0)
  }
}
