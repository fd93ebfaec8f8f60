import CKernels

/// How the numbers that a model gives are read as classes.
///
/// Targets are whole numbers, one for each example: [N], [N, d1, …]. What the model gives is one of
/// - scores of each class, [N, C] or [N, C, d1, …]: the first of the greatest is the class;
/// - scores of class 1, floating, of the shape of the targets or [N, 1, …]: class 1 above the threshold, else 0;
/// - classes, integer or bool, of the shape of the targets.
struct ClassReader {
  let read: ExampleReader
  /// What scores of class 1 have to be above, as they come.
  let threshold: Double
  /// The second axis are labels, each of which holds or not.
  let isMultilabel: Bool

  static let fields: [Field] = [
    .float("threshold", default: 0.5, in: 0...1, "Binary scores above this probability are class 1."),
    .bool("logits", default: false, "Binary scores are logits, not probabilities."),
    .bool("multilabel", default: false, "The second axis are labels, each of which holds or not."),
  ]
  /// Of metrics that know one class of each example alone.
  static let singleFields = Array(fields.dropLast())

  init(_ options: Options) {
    read = ExampleReader(owner: options.owner)
    let probability = options.float("threshold")
    threshold = options.bool("logits") ? ck_log(probability / (1 - probability)) : probability
    isMultilabel = options.has("multilabel") && options.bool("multilabel")
  }

  struct Classes {
    let predicted: Tensor
    let actual: Tensor
    let weights: Tensor?
    /// Labels of each example, 1 unless there are many.
    let width: Int
    /// How many examples there are.
    let count: Int

    var weightPointer: UnsafeMutablePointer<Double>? { weights?.doubles }
  }

  func classes(_ outputs: Tensor, _ targets: Tensor, _ weights: Tensor?) throws(SNNError) -> Classes {
    let actual = try read.integers(targets, "targets")
    let predicted = try predictions(outputs, actual)
    guard isMultilabel else {
      let weights = try read.weights(weights, of: actual.shape)
      return Classes(predicted: predicted, actual: actual, weights: weights, width: 1, count: actual.count)
    }
    guard actual.rank == 2 else {
      throw .shape("\(read.owner): expects targets of shape [N, labels], got \(targets.shape)")
    }
    let place = try ((actual == 0).logicalOr(actual == 1)).logicalNot().any().item().double
    guard place == 0 else { throw .argument("\(read.owner): with many labels, each target must be 0 or 1") }
    let weights = try read.weights(weights, of: [actual.shape[0]])
    return Classes(
      predicted: predicted, actual: actual, weights: weights, width: actual.shape[1], count: actual.shape[0])
  }

  private func predictions(_ outputs: Tensor, _ targets: Tensor) throws(SNNError) -> Tensor {
    if outputs.hasClassAxis(for: targets), !isMultilabel {
      guard outputs.shape[1] > 0 else {
        throw .shape("\(read.owner): outputs of shape \(outputs.shape) have no classes")
      }
      let scores = try read.checkNumbers(outputs, "outputs", finite: false)
      if scores.shape[1] == 1 { return try above(scores.reshape(Array(targets.shape))) }
      return try scores.argmax(1).contiguous()
    }
    guard outputs.shape == targets.shape else {
      throw .shape(
        "\(read.owner): expects outputs of shape \(targets.shape), or with a second axis of classes, for targets of shape "
          + "\(targets.shape), got \(outputs.shape)")
    }
    guard outputs.dtype.isFloatingPoint else { return try read.integers(outputs, "outputs") }
    return try above(read.checkNumbers(outputs, "outputs", finite: false))
  }

  private func above(_ scores: Tensor) throws(SNNError) -> Tensor {
    try (scores > .float(threshold)).cast(to: .int64).contiguous()
  }
}
