/// A linear layer and the cross entropy of what it gives, without storing all scores.
public final class LinearCrossEntropyLoss: SeveralInputLayer {
  public let linear: Linear
  /// [numClasses]
  @Buffer public var weight: Tensor?
  public let numClasses: Int
  public let outFeatures: [Int]
  public let reduction: String
  public let ignoreIndex: Int?
  public let labelSmoothing: Double

  public init(
    _ inFeatures: Int, _ numClasses: Int, outFeatures: [Int] = [], bias: Bool = false, reduction: String = "mean",
    weight: Tensor? = nil, ignoreIndex: Int? = nil, labelSmoothing: Double = 0, dtype: DType = .default,
    generator: Generator? = nil
  ) throws(SNNError) {
    let outputs = try Dimensions.shape([numClasses] + outFeatures, operation: "LinearCrossEntropyLoss").product
    if let weight, weight.shape != [numClasses] {
      throw .shape("LinearCrossEntropyLoss: expected weight shape to be [\(numClasses)], got \(weight.shape)")
    }
    linear = try Linear(inFeatures, outputs, bias: bias, dtype: dtype, generator: generator)
    (self.numClasses, self.outFeatures, self.reduction) = (numClasses, outFeatures, reduction)
    (self.ignoreIndex, self.labelSmoothing) = (ignoreIndex, labelSmoothing)
    self.weight = weight
  }

  public var members: [(name: String, value: Any)] { [("weight", _weight), ("linear", linear)] }

  public func callAsFunction(_ input: Tensor, _ target: Tensor) throws(SNNError) -> Tensor {
    let outputs = [numClasses] + outFeatures
    return try input.linearCrossEntropy(
      linear.weight.reshape(outputs + [linear.weight.shape[1]]), target,
      bias: linear.bias.map { bias throws(SNNError) in try bias.reshape(outputs) }, weight: weight,
      reduction: reduction,
      ignoreIndex: ignoreIndex, labelSmoothing: labelSmoothing)
  }

  public func forward(_ inputs: [Tensor]) throws(SNNError) -> [Tensor] {
    guard inputs.count == 2 else { throw .argument("LinearCrossEntropyLoss: expects 2 inputs, got \(inputs.count)") }
    return [try self(inputs[0], inputs[1])]
  }
}

/// A softmax over many classes of which the rare ones stand in clusters, with its loss.
public final class AdaptiveLogSoftmaxWithLoss: Layer {
  public let head: Linear
  /// Two linear layers for each cluster.
  public let tail: [any Layer]
  /// Where each cluster begins, and the number of classes.
  public let cutoffs: [Int]

  public init(
    _ inFeatures: Int, _ classes: Int, cutoffs: [Int], divValue: Double = 4, headBias: Bool = false,
    dtype: DType = .default, generator: Generator? = nil
  ) throws(SNNError) {
    let all = cutoffs + [classes]
    guard !cutoffs.isEmpty else {
      throw .argument("AdaptiveLogSoftmaxWithLoss: cutoffs should be a sequence of length larger than 0")
    }
    guard zip([0] + cutoffs, all).allSatisfy(<) else {
      throw .argument(
        "AdaptiveLogSoftmaxWithLoss: cutoffs should be a sequence of unique, positive integers sorted in an increasing "
          + "order, where each value is between 1 and n_classes-1, got \(cutoffs) and n_classes \(classes)")
    }
    guard divValue > 0 else {
      throw .argument("AdaptiveLogSoftmaxWithLoss: expects div_value to be greater than 0, got \(divValue)")
    }
    self.cutoffs = all
    head = try Linear(inFeatures, cutoffs[0] + cutoffs.count, bias: headBias, dtype: dtype, generator: generator)
    var clusters: [any Layer] = []
    var divisor = 1.0
    for i in cutoffs.indices {
      divisor *= divValue
      let size = Int(saturating: (Double(inFeatures) / divisor).rounded(.down))
      clusters.append(
        Sequential(
          try Linear(inFeatures, size, bias: false, dtype: dtype, generator: generator),
          try Linear(size, all[i + 1] - all[i], bias: false, dtype: dtype, generator: generator)))
    }
    tail = clusters
  }

  private var parameterValues: [Value] {
    let matrices = tail.flatMap { ($0 as? Sequential)?.layers ?? [] }.compactMap { ($0 as? Linear)?.weight }
    return [.tensor(head.weight), .tensors(matrices), .ints(cutoffs), head.bias.map { .tensor($0) } ?? .none]
  }

  /// The logarithms of the probabilities of all classes.
  public func callAsFunction(_ input: Tensor) throws(SNNError) -> Tensor {
    try Operation.adaptiveLogSoftmax.apply([.tensor(input)] + parameterValues)[0]
  }

  /// The logarithm of the probability of each target, and the mean of -output.
  public func callAsFunction(_ input: Tensor, _ target: Tensor) throws(SNNError) -> (output: Tensor, loss: Tensor) {
    let results = try Operation.adaptiveLoss.apply([.tensor(input), .tensor(target)] + parameterValues)
    return (results[0], results[1])
  }

  /// The most probable class of each row.
  public func predict(_ input: Tensor) throws(SNNError) -> Tensor { try self(input).argmax(1) }

  public func forward(_ inputs: [Tensor]) throws(SNNError) -> [Tensor] {
    switch inputs.count {
    case 1: return [try self(inputs[0])]
    case 2:
      let result = try self(inputs[0], inputs[1])
      return [result.output, result.loss]
    default: throw .argument("AdaptiveLogSoftmaxWithLoss: expects 1 or 2 inputs, got \(inputs.count)")
    }
  }
}

extension LayerDeclaration {
  static let linearCrossEntropyLoss = LayerDeclaration(
    "LinearCrossEntropyLoss", Operation.linearCrossEntropy.doc,
    [
      .int("in_features", in: 0...Double(Int32.max)), .int("num_classes", in: 1...Double(Int32.max)),
      Field.ints("out_features", default: [], "Further axes of classes.").tuple.keyword,
      Field.bool("bias", default: false).keyword, .dtype().keyword,
    ] + ["reduction", "weight", "ignore_index", "label_smoothing"].map { Operation.linearCrossEntropy.field($0) },
    inputs: [.tensor("input"), .tensor("target")], results: ["loss"],
    describe: { options in
      let names = [
        ("in_features", 0), ("num_classes", 1), ("out_features", 2), ("bias", 3), ("reduction", 5),
        ("ignore_index", 7), ("label_smoothing", 8),
      ]
      return names.map { name, i in
        if case .string(let word) = options.values[i] { return "\(name)=\(word)" }
        return "\(name)=\(options.values[i].pythonText)"
      }.joined(separator: ", ") + ", options=None"
    },
    make: {
      try LinearCrossEntropyLoss(
        $0.int(0), $0.int(1), outFeatures: $0.ints(2), bias: $0.bool(3), reduction: $0.string(5),
        weight: $0.optionalTensor(6), ignoreIndex: $0.optionalInt(7), labelSmoothing: $0.float(8),
        dtype: $0.dtype(4) ?? .default)
    },
    call: { [try $0($1.tensor(0), $1.tensor(1))] })

  static let adaptiveLogSoftmax = LayerDeclaration(
    "AdaptiveLogSoftmaxWithLoss",
    "A softmax over many classes of which the rare ones stand in clusters: the logarithm of the probability of each target and "
      + "the mean of -output, or without target the logarithms of the probabilities of all classes.",
    [
      .int("in_features", in: 0...Double(Int32.max)), .int("n_classes", in: 1...Double(Int32.max)),
      Field.ints("cutoffs", "Where each cluster begins.").tuple,
      .float("div_value", default: 4, "How much smaller the features of each further cluster are."),
      .bool("head_bias", default: false), .dtype(),
    ], inputs: [.tensor("input"), Field("target", .tensor).optional], results: ["output", "loss"], describe: nothing,
    make: {
      try AdaptiveLogSoftmaxWithLoss(
        $0.int(0), $0.int(1), cutoffs: $0.ints(2), divValue: $0.float(3), headBias: $0.bool(4),
        dtype: $0.dtype(5) ?? .default)
    },
    call: { layer, inputs in
      guard let target = inputs.optionalTensor(1) else { return [try layer(inputs.tensor(0)), nil] }
      let result = try layer(inputs.tensor(0), target)
      return [result.output, result.loss]
    })
}
