extension Operation {
  static let dropouts: [Operation] = [dropout]

  static let dropout = Operation(
    "dropout", "Zeroes each element with probability p and scales the others by 1 / (1 - p).",
    [
      .tensor("input"), .float("p", default: 0.5, in: 0...1, "The probability of dropping."),
      .bool("training", default: true), .inplaceSwitch, .generator,
    ], places: .functional
  ) { arguments in
    try arguments.tensor(0).written(over: arguments.bool(3), operation: "dropout") {
      try $0.dropout(arguments.float(1), training: arguments.bool(2), arguments.generator(4))
    }
  }
}

extension Tensor {
  /// Zeroes each element with probability p and scales the others so that the expectation stays.
  public func dropout(_ p: Double, training: Bool = true, _ generator: Generator? = nil) throws(SNNError) -> Tensor {
    guard training, p > 0 else { return self }
    guard dtype.isFloatingPoint else { throw .dtype("dropout: expects a floating dtype, got \(dtype.name)") }
    let kept = try Tensor.mask(shape, probability: 1 - p, dtype, generator)
    return try p == 1 ? self * kept : self * (kept * .float(1 / (1 - p)))
  }
}
