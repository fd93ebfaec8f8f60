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
/// While training, zeroes each element with probability p and scales the others by 1 / (1 - p); else does nothing.
public final class Dropout: Layer, TrainingSensitive {
  /// The probability of dropping.
  public let p: Double
  public var isTraining = true
  private let generator: Generator?

  public init(_ p: Double = 0.5, generator: Generator? = nil) throws(SNNError) {
    guard p >= 0, p <= 1 else { throw .argument("Dropout: p must be between 0 and 1, got \(p)") }
    self.p = p
    self.generator = generator
  }

  public func callAsFunction(_ input: Tensor) throws(SNNError) -> Tensor {
    try input.dropout(p, training: isTraining, generator)
  }
}

extension LayerDeclaration {
  static let dropout = LayerDeclaration(
    "Dropout", "While training, zeroes elements with probability p and scales the others by 1 / (1 - p).",
    [.float("p", default: 0.5, in: 0...1), .inplace]
  ) { try Dropout($0.float(0)) }
}
