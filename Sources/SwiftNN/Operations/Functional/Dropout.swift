extension Operation {
  static let dropouts: [Operation] = [dropout]

  static let dropout = Operation(
    "dropout", "Zeroes each element with probability p and scales the others by 1 / (1 - p).",
    [
      .tensor("input"), .float("p", default: 0.5, in: 0...1, "The probability of dropping."),
      .bool("training", default: true), .inplaceSwitch, .generator,
      .choice(
        "scale", of: ["train", "test"], default: "train",
        "When elements are scaled: while training by 1 / (1 - p), or otherwise by 1 - p."
      ).keyword,
    ], places: .functional
  ) { arguments in
    try arguments.tensor(0).written(over: arguments.bool(3), operation: "dropout") {
      try $0.dropout(
        arguments.float(1), training: arguments.bool(2), arguments.generator(4),
        scalesWhileTraining: arguments.string(5) == "train")
    }
  }
}

extension Tensor {
  /// Zeroes each element with probability p and scales the others so that the expectation stays; or scales all elements
  /// outside of training.
  public func dropout(
    _ p: Double, training: Bool = true, _ generator: Generator? = nil, scalesWhileTraining: Bool = true
  ) throws(SNNError) -> Tensor {
    guard p > 0, training || !scalesWhileTraining else { return self }
    guard dtype.isFloatingPoint else { throw .dtype("dropout: expects a floating dtype, got \(dtype.name)") }
    guard training else { return try self * .float(1 - p) }
    let kept = try Tensor.mask(shape, probability: 1 - p, dtype, generator)
    return try p == 1 || !scalesWhileTraining ? self * kept : self * (kept * .float(1 / (1 - p)))
  }
}
