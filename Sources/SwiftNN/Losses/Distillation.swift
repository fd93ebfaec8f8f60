extension Operation {
  static let distillations: [Operation] = [distillation]

  static let distillation = Operation(
    "distillation_loss",
    "α · cross_entropy(input, target) + (1 - α) · T² · KL(softmax(teacher / T) ‖ softmax(input / T)).",
    [
      .tensor("input", "The scores of the student, [N, C] or [C] or [N, C, d1, …]."),
      .tensor("teacher", "Those of the teacher."),
      Field("target", .tensor, "Class numbers, or probabilities of input's shape; not needed where alpha is 0.")
        .optional,
      .float("alpha", default: 0.5, in: 0...1, "The share of the task."),
      .float(
        "temperature", default: 2, in: Double.leastNonzeroMagnitude...Double.greatestFiniteMagnitude,
        "T: divides the scores."),
      .int("ignore_index", default: -100, "Samples with a target of this number count for nothing."), reduction,
    ], places: .functional
  ) {
    let (alpha, temperature) = ($0.float(3), $0.float(4))
    guard $0.tensor(0).shape == $0.tensor(1).shape, $0.tensor(0).rank > 0 else {
      throw SNNError.shape(
        "distillation_loss: expects the teacher's scores in the shape of the student's, \($0.tensor(0).shape), got "
          + "\($0.tensor(1).shape)")
    }
    // Of halves, differences of logarithms would be left with few digits.
    let dtype = DType.result(of: $0.tensor(0), $0.tensor(1))
    let (x, teacher) = (try $0.tensor(0).cast(to: dtype.working), try $0.tensor(1).cast(to: dtype.working))
    let axis = x.rank == 1 ? 0 : 1
    let wanted = try (teacher / .float(temperature)).logSoftmax(axis)
    let found = try (x / .float(temperature)).logSoftmax(axis)
    var losses = try (wanted.exp() * (wanted - found)).sum([axis]) * .float((1 - alpha) * temperature * temperature)
    var ignored: Tensor?
    if let target = $0.optionalTensor(2) {
      if alpha > 0 {
        let task = try x.crossEntropy(target, ignoreIndex: $0.int(5), reduction: "none")
        losses = try losses + task * .float(alpha)
      }
      if !target.dtype.isFloatingPoint, target.shape == losses.shape {
        ignored = try target.detach() == .int($0.int(5))
      }
    } else if alpha > 0 {
      throw SNNError.argument("distillation_loss: expects a target where alpha is greater than 0, got alpha \(alpha)")
    }
    if let ignored { losses = try losses.masked(where: ignored, 0) }
    guard let ignored, $0.string(6) == "mean" else { return try losses.reduced($0.string(6)).cast(to: dtype) }
    return try (losses.sum() / ignored.logicalNot().cast(to: losses.dtype).sum()).cast(to: dtype)
  }
}
