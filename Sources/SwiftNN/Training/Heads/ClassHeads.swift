/// Heads for classes and labels.
extension Heads {
  static let classes: [Maker<Head>] = [binaryHead, multiclassHead, multiLabelHead]

  private static let smoothing = Field.float(
    "label_smoothing", default: 0, in: 0...1, "The share of the target spread over all classes.")

  private static let binaryHead = Maker<Head>(
    "Binary", "Two classes by one number: sigmoid, its cross entropy without overflow, and accuracy.",
    [
      Field.float("pos_weight", in: 0...Double.infinity, "Multiplies what positive targets cost.").optional, smoothing,
    ]
  ) { options throws(SNNError) in
    let (weight, smoothing) = (options.number("pos_weight").map { [$0] }, options.float("label_smoothing"))
    return Head(
      activation: Sigmoid(), loss: logisticLoss(options.owner, nil, weight, smoothing),
      metrics: [("accuracy", HeadMetric(options.owner, try Metrics.accuracy(logits: true)))])
  }

  private static let multiLabelHead = Maker<Head>(
    "MultiLabel",
    "Many labels, each of which holds or not: sigmoid, its cross entropy, and the share of examples with all labels right.",
    [
      Field.floats("weight", "How much each label costs.").optional,
      Field.floats("pos_weight", "Multiplies what positive targets cost, one for each label.").optional, smoothing,
    ]
  ) { options throws(SNNError) in
    let loss = logisticLoss(
      options.owner, try options.weights("weight"), try options.weights("pos_weight"), options.float("label_smoothing"))
    return Head(
      activation: Sigmoid(), loss: loss,
      metrics: [("accuracy", HeadMetric(options.owner, try Metrics.accuracy(logits: true, multilabel: true)))])
  }

  private static let multiclassHead = Maker<Head>(
    "Multiclass", "One class of many by a number for each: softmax, cross entropy, and accuracy.",
    [
      Field.floats("weight", "How much each class costs.").optional,
      .int("ignore_index", default: -100, "Targets of this number count for nothing in the loss."), smoothing,
    ]
  ) { options throws(SNNError) in
    let (weight, smoothing) = (try options.weights("weight"), options.float("label_smoothing"))
    let (ignored, owner) = (options.int("ignore_index"), options.owner)
    let loss = HeadLoss(owner, alignsTargets: false) { outputs, targets in
      try outputs.crossEntropy(
        targets, weight: weight.map { try $0.tensor(for: outputs) }, ignoreIndex: ignored, labelSmoothing: smoothing)
    }
    return Head(
      activation: Softmax(1), loss: loss, metrics: [("accuracy", try Metrics.accuracy())])
  }

  private static func logisticLoss(
    _ head: String, _ weight: [Double]?, _ positive: [Double]?, _ smoothing: Double
  ) -> HeadLoss {
    let operation = Operation.declared("binary_cross_entropy_with_logits")
    return HeadLoss(head) { outputs, targets in
      for given in [weight, positive] {
        if let given, given.count > 1, given.count != outputs.shape.last {
          throw SNNError.shape("\(head): got \(given.count) weights for outputs of shape \(outputs.shape)")
        }
      }
      let wanted = try smoothing == 0 ? targets : targets * .float(1 - smoothing) + .float(smoothing / 2)
      let values = try [weight, positive].map { numbers -> Value in
        try numbers.map { .tensor(try $0.tensor(for: outputs)) } ?? .none
      }
      return try operation.apply([.tensor(outputs), .tensor(wanted), values[0], .string("mean"), values[1]])[0]
    }
  }
}

extension [Double] {
  fileprivate func tensor(for outputs: Tensor) throws(SNNError) -> Tensor {
    try Tensor(self).cast(to: outputs.dtype)
  }
}

extension Options {
  fileprivate func weights(_ name: String) throws(SNNError) -> [Double]? {
    guard let numbers = numbers(name) else { return nil }
    guard !numbers.isEmpty, numbers.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
      throw .argument("\(owner): \(name) must be numbers of at least 0, got \(numbers)")
    }
    return numbers
  }
}
