extension Operation {
  static let alignments: [Operation] = [alignmentLoss, alignmentLossOfLists]

  private static func fields(_ lengths: Field.Kind) -> [Field] {
    [
      .tensor("log_probs", "Logarithms of probabilities [T, N, C], or [T, C]."),
      .tensor("targets", "Class numbers [N, S], or all after one another."),
      Field("input_lengths", lengths), Field("target_lengths", lengths), .int("blank", default: 0, "The empty class."),
      reduction, .bool("zero_infinity", default: false, "Impossible targets cost nothing."),
    ]
  }

  private static let alignmentDoc =
    "-log of the probability of the targets with any number of blanks and repetitions between. As in PyTorch, the gradient "
    + "is that of a log_softmax before it: exp(log_probs) less what the true derivative takes away."

  static let alignmentLoss = Operation("ctc_loss", alignmentDoc, fields(.tensor), places: .functional) {
    try $0.tensor(0).alignmentLoss(
      $0.tensor(1), $0.tensor(2).array(of: Int.self), $0.tensor(3).array(of: Int.self), blank: $0.int(4),
      reduction: $0.string(5), dropsImpossible: $0.bool(6))
  }

  static let alignmentLossOfLists = Operation("ctc_loss.lengths", alignmentDoc, fields(.ints), places: .functional) {
    try $0.tensor(0).alignmentLoss(
      $0.tensor(1), $0.ints(2), $0.ints(3), blank: $0.int(4), reduction: $0.string(5), dropsImpossible: $0.bool(6))
  }
}

extension Tensor {
  fileprivate func alignmentLoss(
    _ targets: Tensor, _ inputLengths: [Int], _ targetLengths: [Int], blank: Int, reduction: String,
    dropsImpossible: Bool
  ) throws(SNNError) -> Tensor {
    let name = "ctc_loss"
    guard rank == 2 || rank == 3, dtype.isFloatingPoint, targets.dtype.isInteger else {
      throw .shape("\(name): expects floating log_probs of 2 or 3 dimensions and integer targets, got shape \(shape)")
    }
    let scores = rank == 2 ? try unsqueeze(1) : self
    let (steps, batch, classes) = (scores.shape[0], scores.shape[1], scores.shape[2])
    guard blank >= 0, blank < classes else {
      throw .argument("\(name): blank must be in label range, got \(blank) of \(classes)")
    }
    guard inputLengths.count == batch, targetLengths.count == batch else {
      throw .argument(
        "\(name): expects \(batch) lengths, got \(inputLengths.count) of inputs and \(targetLengths.count) of targets")
    }
    guard inputLengths.allSatisfy({ $0 >= 0 && $0 <= steps }),
      targetLengths.allSatisfy({ $0 >= 0 && $0 <= targets.count })
    else {
      throw .argument(
        "\(name): expected input_lengths to be at most \(steps) and target_lengths within the targets, got "
          + "\(inputLengths) and \(targetLengths)")
    }
    guard batch > 0 else { return try scores.sum([0, 2]).reduced(reduction) }
    let alignment = try Alignment(targets, targetLengths, blank: blank, classes: classes, name)
    var losses = try alignment.losses(scores, inputLengths) + scores.slopeOfSoftmax(inputLengths)
    let isImpossible = try losses.detach() > .float(Alignment.impossible / -2)
    losses = try losses.masked(where: isImpossible, .float(dropsImpossible ? 0 : .infinity))
    switch reduction {
    case "none": return rank == 2 ? try losses.squeeze([0]) : losses
    case "sum": return try losses.sum()
    default: return try (losses / Tensor(targetLengths.map { Swift.max($0, 1) }).cast(to: dtype)).mean()
    }
  }
}

extension Tensor {
  /// Zeros whose gradient is exp(log_probs) within the lengths: that of the softmax which PyTorch takes to come before.
  fileprivate func slopeOfSoftmax(_ lengths: [Int]) throws(SNNError) -> Tensor {
    // Far above the logarithm of any probability, and below that of the greatest number.
    let greatest: Scalar = dtype == .float16 ? 10 : 80
    let probabilities = try clamp(max: greatest).exp()
    let isBehind = try Tensor.arange(0, .int(shape[0])).unsqueeze(1) >= Tensor(lengths)
    return try (probabilities - probabilities.detach()).masked(where: isBehind.unsqueeze(2), 0).sum([0, 2])
  }
}

/// The targets with blanks around each: the states that a path goes through.
private struct Alignment {
  /// Stands for the logarithm of 0: its own differences are numbers.
  static let impossible = -1e30

  let states: Tensor
  /// Where a path may leave out the blank before a state.
  let skips: Tensor
  let lengths: [Int]

  init(_ targets: Tensor, _ lengths: [Int], blank: Int, classes: Int, _ name: String) throws(SNNError) {
    let given = try targets.array(of: Int.self)
    let longest = lengths.max() ?? 0
    let isPadded = targets.rank == 2
    guard
      isPadded ? targets.shape[0] == lengths.count && longest <= targets.shape[1] : lengths.reduce(0, +) <= given.count
    else {
      throw .shape("\(name): targets of shape \(targets.shape) do not hold targets of lengths \(lengths)")
    }
    let width = 2 * longest + 1
    var states = Array(repeating: blank, count: lengths.count * width)
    var skips = Array(repeating: false, count: states.count)
    var start = 0
    for (row, length) in lengths.enumerated() {
      if isPadded { start = row * targets.shape[1] }
      for i in 0..<length {
        let label = given[start + i]
        guard label >= 0, label < classes else {
          throw .index("\(name): Expected targets to have values between 0 and \(classes - 1), got \(label)")
        }
        states[row * width + 2 * i + 1] = label
        skips[row * width + 2 * i + 1] = i > 0 && label != given[start + i - 1]
      }
      start += length
    }
    self.states = try Tensor(states, [lengths.count, width])
    self.skips = try Tensor(skips, [lengths.count, width])
    self.lengths = lengths
  }

  /// -log of the sum over all paths, for each of the batch.
  func losses(_ scores: Tensor, _ inputLengths: [Int]) throws(SNNError) -> Tensor {
    let (batch, width) = (states.shape[0], states.shape[1])
    let nothing = try Tensor.full([batch, width], .float(Alignment.impossible), scores.dtype)
    let mayNotSkip = try skips.logicalNot()
    // Before the first step every path stands at the first blank.
    let isFirst = try (Tensor.arange(0, .int(width)) == 0).expanded(to: [batch, width])
    var paths = try nothing.masked(where: isFirst, 0)
    let lengthOf = try Tensor(inputLengths, [batch, 1])
    for step in 0..<scores.shape[0] {
      let score = try scores.select(0, step).gather(1, states)
      let fromBefore = try Tensor.cat([nothing.narrow(1, 0, 1), paths.narrow(1, 0, width - 1)], 1)
      var ways = [paths, fromBefore]
      if width > 2, step > 0 {
        let fromFurther = try Tensor.cat([nothing.narrow(1, 0, 2), paths.narrow(1, 0, width - 2)], 1)
        ways.append(try fromFurther.masked(where: mayNotSkip, .float(Alignment.impossible)))
      }
      let next = try Tensor.stack(ways, 0).logSumExp([0]) + score
      paths = try Tensor.where(lengthOf > .int(step), next.clamp(min: .float(Alignment.impossible)), paths)
    }
    let last = try Tensor(lengths.map { 2 * $0 }, [batch, 1])
    let beforeLast = try Tensor(lengths.map { Swift.max(2 * $0 - 1, 0) }, [batch, 1])
    let ends = try paths.gather(1, last)
    let others = try paths.gather(1, beforeLast).masked(
      where: Tensor(lengths.map { $0 == 0 }, [batch, 1]), .float(Alignment.impossible))
    return try -Tensor.stack([ends, others], 0).logSumExp([0]).squeeze([1])
  }
}
