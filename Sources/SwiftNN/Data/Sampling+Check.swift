extension Sampling {
  private static let mostExamples = 1 << 48

  /// Whether it fits a dataset of so many examples.
  func check(examples: Int) throws(SNNError) {
    guard examples <= Self.mostExamples else {
      throw .argument("Loader: expects at most 2^48 examples, got \(examples)")
    }
    switch self {
    case .sequential, .random, .function, .batches: break
    case .replacement(let count): try Self.check(count, examples)
    case .weighted(let weights, let count, let replacement):
      try Self.check(count, examples)
      try Self.check(weights.count, "weights", examples)
      try Self.check(weights, count ?? examples, replacement)
    case .balanced(let classes, let count):
      try Self.check(count, examples)
      try Self.check(classes.count, "classes", examples)
    case .curriculum(let scores, let pacing):
      try Self.check(scores.count, "scores", examples)
      guard pacing.start > 0, pacing.start <= 1, pacing.epochs >= 0 else {
        throw .argument(
          "Loader: expects a curriculum to start with a share above 0 and at most 1 and to take at least 0 epochs, got "
            + "\(pacing.start) and \(pacing.epochs)")
      }
      for score in scores where score.isNaN { throw .argument("Loader: the score of an example is NaN") }
    }
  }

  private static func check(_ count: Int?, _ examples: Int) throws(SNNError) {
    guard let count else { return }
    guard count >= 0, count <= mostExamples, examples > 0 || count == 0 else {
      throw .argument("Loader: cannot draw \(count) examples out of \(examples)")
    }
  }

  private static func check(_ given: Int, _ what: String, _ examples: Int) throws(SNNError) {
    guard given == examples else { throw .argument("Loader: there are \(examples) examples, and \(given) \(what)") }
  }

  private static func check(_ weights: [Double], _ wanted: Int, _ replacement: Bool) throws(SNNError) {
    var positive = 0
    for weight in weights {
      guard weight >= 0, weight.isFinite else { throw .argument("Loader: \(weight) is not a weight") }
      positive += weight > 0 ? 1 : 0
    }
    guard positive >= (replacement ? Swift.min(1, wanted) : wanted) else {
      throw .argument(
        "Loader: cannot draw \(wanted) examples \(replacement ? "" : "without replacement ")from \(positive) with "
          + "weights above 0")
    }
  }
}
