import CKernels

/// The mean of -log of the probability given to the actual class: the cross entropy.
final class LogLoss: SummingMetric {
  static let declaration = Maker<any Metric>(
    "LogLoss", "The cross entropy: the mean of -log of the probability given to the actual class.",
    [
      .bool("logits", default: false, "Outputs are logits, not probabilities."),
      .bool("normalize", default: true, "The mean, not the sum."),
      Field.ints("labels", "The class of each column, in order; 0, 1, … without it.").optional,
    ]
  ) { options throws(SNNError) in try LogLoss(options) }

  private let isLogits: Bool
  private let isMean: Bool
  private let labels: [Int]?

  init(_ options: Options) throws(SNNError) {
    (isLogits, isMean, labels) = (options.bool("logits"), options.bool("normalize"), options.integers("labels"))
    if let labels {
      guard labels.count >= 2, labels.indices.dropFirst().allSatisfy({ labels[$0 - 1] < labels[$0] }) else {
        throw .argument("\(options.owner): labels must be at least two and in order, got \(labels)")
      }
    }
    super.init(options.owner, prefersMore: false)
  }

  override func update(_ outputs: Tensor, _ targets: Tensor, weights: Tensor?) throws(SNNError) {
    let actual = try read.integers(targets, "targets")
    let scores = try read.numbers(outputs, "outputs")
    let weights = try read.weights(weights, of: actual.shape)
    let values = try byClass(scores, actual)
    let classes = values.shape[1]
    if let labels, labels.count != classes {
      throw .shape("\(owner): got \(labels.count) labels for \(classes) classes of the outputs")
    }
    let places = try labels.map { labels throws(SNNError) in try read.positions(of: actual, in: labels) } ?? actual
    if let labels, try (places < 0).any().item().double != 0 {
      throw .argument("\(owner): targets must be among the labels \(labels)")
    }
    try read.checkClasses(places, below: classes)
    let epsilon = isLogits ? 0 : outputs.dtype.isFloatingPoint ? outputs.dtype.resolution : DType.float64.resolution
    if !isLogits { try checkProbabilities(values, epsilon) }
    let inner = actual.shape.dropFirst().reduce(1, *)
    try add(actual.count, sums: 2) {
      ck_surprise(
        Int64(actual.count), Int64(classes), Int64(inner), epsilon, values.doubles, places.integers, weights?.doubles,
        $0)
    }
  }

  /// Probabilities, or logarithms of those that logits stand for, along a second axis of classes.
  private func byClass(_ scores: Tensor, _ targets: Tensor) throws(SNNError) -> Tensor {
    if scores.hasClassAxis(for: targets), scores.shape[1] != 1 {
      return isLogits ? try scores.logSoftmax(1).contiguous() : scores
    }
    guard scores.shape == targets.shape || scores.hasClassAxis(for: targets), targets.rank > 0 else {
      throw .shape(
        "\(owner): expects outputs of shape [N, C, …] or \(targets.shape) for targets of shape \(targets.shape), got "
          + "\(scores.shape)")
    }
    let second = try scores.reshape([targets.shape[0], 1] + targets.shape.dropFirst())
    let both = isLogits ? [try (-second).logSigmoid(), try second.logSigmoid()] : [try 1 - second, second]
    return try Tensor.cat(both, 1).contiguous()
  }

  private func checkProbabilities(_ values: Tensor, _ epsilon: Double) throws(SNNError) {
    guard try ((values < 0).logicalOr(values > 1)).any().item().double == 0 else {
      throw .argument("\(owner): outputs must be probabilities between 0 and 1; for logits, say so")
    }
    let off = try (values.sum([1]) - 1).abs()
    if try (off > .float(epsilon.squareRoot() + 1e-8)).any().item().double != 0 {
      Log.warning("\(owner): the probabilities of the classes do not sum to one")
    }
  }

  override func compute() throws(SNNError) -> [Tensor] { [try share(isMean)] }
}

extension DType {
  /// The distance from 1 to the next number.
  fileprivate var resolution: Double {
    switch self {
    case .float32: 0x1p-23
    case .float16: 0x1p-10
    case .bfloat16: 0x1p-7
    default: 0x1p-52
    }
  }
}
