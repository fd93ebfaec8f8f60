/// How many of those said to be of a class are, how many of a class are found, and means of both.
final class PrecisionRecall: ClassMetric {
  private enum Wanted { case precision, recall, score, all }

  static let declarations: [Maker<any Metric>] = [
    declaration("Precision", "Of the examples said to be of a class, the share that are.", .precision, []),
    declaration("Recall", "Of the examples of a class, the share that are found.", .recall, []),
    declaration("F1Score", "The harmonic mean of precision and recall.", .score, []),
    declaration(
      "FBetaScore", "The harmonic mean of precision and recall, with recall beta times as important.", .score,
      [.float("beta", in: 0...Double.infinity, "How much more recall counts than precision.")]),
    declaration(
      "PrecisionRecallFScore",
      "Precision, recall, F score, and with average 'none' how many examples of each class there are.", .all,
      [.float("beta", default: 1, in: 0...Double.infinity, "How much more recall counts than precision.")]),
  ]

  private static func declaration(_ name: String, _ doc: String, _ wanted: Wanted, _ own: [Field]) -> Maker<any Metric>
  {
    Maker(name, doc, own + fields + ClassReader.fields) { options throws(SNNError) in
      try PrecisionRecall(options, wanted, beta: own.isEmpty ? 1 : options.float("beta"))
    }
  }

  private static let fields: [Field] = [
    .choice(
      "average", of: ["binary", "micro", "macro", "weighted", "none"], default: "binary",
      "Of pos_label alone; of all counts; the mean of the classes, alike or by their examples; each class."),
    Field.ints("labels", "The classes that count and their order; those that occur without it.").optional,
    .int("pos_label", default: 1, "The class that 'binary' is about."),
    Field.float("zero_division", "What stands for 0 / 0: 0, 1 or NaN; 0 and a warning without it.").optional,
  ]

  private let wanted: Wanted
  private let beta: Double
  private let average: String
  private let labels: [Int]?
  private let positive: Int
  private let zeroDivision: Double?

  private init(_ options: Options, _ wanted: Wanted, beta: Double) throws(SNNError) {
    (self.wanted, self.beta) = (wanted, beta)
    average = options.word("average") ?? ""
    labels = options.integers("labels")
    positive = options.int("pos_label")
    zeroDivision = options.number("zero_division")
    if let value = zeroDivision, value != 0, value != 1, !value.isNaN {
      throw .argument("\(options.owner): zero_division must be 0, 1 or NaN, got \(value)")
    }
    try super.init(options, .ofEach)
  }

  override func compute() throws(SNNError) -> [Tensor] {
    var counts = try counts().selected(selection())
    if average == "micro" {
      let sums = [counts.right, counts.predicted, counts.actual].map { $0.reduce(0, +) }
      counts = ClassCounts(classes: [0], sums: sums, weights: counts.weights)
    }
    let precision = share(counts.right, of: counts.predicted, "Precision", "predicted", warns: wanted == .precision)
    let recall = share(counts.right, of: counts.actual, "Recall", "true", warns: wanted == .recall)
    let score = score(counts, precision, recall)
    switch wanted {
    case .precision: return [try averaged(precision, counts)]
    case .recall: return [try averaged(recall, counts)]
    case .score: return [try averaged(score, counts)]
    case .all:
      let all = try [averaged(precision, counts), averaged(recall, counts), averaged(score, counts)]
      guard average == "none" else { return all }
      let support = try Tensor(counts.actual)
      return all + [counts.weights == .none ? try support.cast(to: .int64) : support]
    }
  }

  private func selection() throws(SNNError) -> [Int] {
    guard average == "binary" else {
      if positive != 1 { Log.warning("\(owner): pos_label is not used with average '\(average)'") }
      if reader.isMultilabel, let labels, !labels.allSatisfy(classes.indices.contains) {
        throw .argument("\(owner): labels must be below \(classes.count), the number of labels, got \(labels)")
      }
      return labels ?? classes
    }
    guard !reader.isMultilabel, classes.count <= 2 else {
      throw .argument(
        "\(owner): average 'binary' is for two classes, got \(classes.count) "
          + "\(reader.isMultilabel ? "labels" : "classes"): choose micro, macro, weighted or none")
    }
    guard classes.contains(positive) || classes.count < 2 else {
      throw .argument("\(owner): pos_label \(positive) is not one of the classes \(classes)")
    }
    return [positive]
  }

  private func score(_ counts: ClassCounts, _ precision: [Double], _ recall: [Double]) -> [Double] {
    if beta == .infinity { return recall }
    if beta == 0 { return precision }
    let square = beta * beta
    let (actual, predicted) = (counts.actual, counts.predicted)
    return share(
      counts.right.map { (1 + square) * $0 }, of: actual.indices.map { square * actual[$0] + predicted[$0] }, "F-score",
      "true nor predicted", warns: wanted == .score)
  }

  private func share(
    _ parts: [Double], of wholes: [Double], _ name: String, _ lacking: String, warns: Bool
  ) -> [Double] {
    var result = parts
    var isUndefined = false
    for i in parts.indices {
      if wholes[i] == 0 {
        (result[i], isUndefined) = (zeroDivision ?? 0, true)
      } else {
        result[i] /= wholes[i]
      }
    }
    if isUndefined, zeroDivision == nil, warns || wanted == .all {
      Log.warning(
        "\(name) is ill-defined and being set to 0.0 due to no \(lacking) samples. Use `zero_division` to control this."
      )
    }
    return result
  }

  /// The mean without NaN, or each.
  private func averaged(_ numbers: [Double], _ counts: ClassCounts) throws(SNNError) -> Tensor {
    guard average != "none" else { return try Tensor(numbers) }
    let kept = numbers.indices.filter { !numbers[$0].isNaN }
    guard !kept.isEmpty else { return try Tensor(.float(.nan), .float64) }
    let actual = counts.actual
    let weights = average == "weighted" ? kept.map { actual[$0] } : nil
    let isWeighted = weights.map { $0.reduce(0, +) != 0 } ?? false
    return try Tensor(.float(kept.map { numbers[$0] }.average(isWeighted ? weights : nil)), .float64)
  }
}
