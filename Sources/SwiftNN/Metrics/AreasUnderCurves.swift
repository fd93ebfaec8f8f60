/// The area under the ROC curve: how often a positive example has the greater score.
final class AUROC: ScoreMetric {
  static let declaration = Maker<any Metric>(
    "AUROC", "The area under the ROC curve: how often a positive example has a greater score than a negative one.",
    [
      ScoreAverage.field,
      .choice(
        "multi_class", of: ["ovr", "ovo"], default: "ovr",
        "Of more than two classes: each against the rest, or each against each."),
      Field.float("max_fpr", in: 0...1, "Up to this share of false positives, on a scale where chance is 0.5.")
        .optional,
      Field.ints("labels", "The class of each column, in order; 0, 1, … without it.").optional,
    ] + fields
  ) { options throws(SNNError) in try AUROC(options) }

  private let average: ScoreAverage
  private let isOneAgainstOne: Bool
  private let limit: Double
  private let labels: [Int]?

  override init(_ options: Options) throws(SNNError) {
    average = ScoreAverage(options)
    isOneAgainstOne = options.word("multi_class") == "ovo"
    limit = options.number("max_fpr") ?? 1
    labels = options.integers("labels")
    guard limit > 0 else { throw .argument("\(options.owner): max_fpr must be above 0, got \(limit)") }
    try super.init(options)
  }

  override func compute() throws(SNNError) -> [Tensor] {
    let scores = try all()
    if scores.isMultilabel { return [try averaged(scores, Array(repeating: 1, count: scores.columns))] }
    let classes = try read.distinct(scores.actual)
    guard scores.isMulticlass else {
      guard classes.count <= 2 else {
        throw .argument("\(owner): expects scores of each of the \(classes.count) classes, got \(scores.columns)")
      }
      return [try Tensor(.float(area(scores.binary(positive: classes[classes.count - 1]))), .float64)]
    }
    let labels = labels ?? Array(0..<scores.columns)
    guard labels.count == scores.columns, labels.indices.dropFirst().allSatisfy({ labels[$0 - 1] < labels[$0] }) else {
      throw .argument("\(owner): labels must be the \(scores.columns) classes of the columns in order, got \(labels)")
    }
    guard classes.allSatisfy(labels.contains) else {
      throw .argument("\(owner): targets must be among the labels \(labels), got \(classes)")
    }
    guard limit == 1 else { throw .argument("\(owner): max_fpr is for two classes, got \(scores.columns)") }
    let off = try (scores.given.cast(to: .float64).sum([1]) - 1).abs()
    guard try (off > .float(1e-5 + 1e-8)).any().item().double == 0 else {
      throw .argument("\(owner): scores of classes must be probabilities that sum to one; for logits, say so")
    }
    guard isOneAgainstOne else { return [try averaged(scores, labels)] }
    return [try Tensor(.float(oneAgainstOne(scores, labels, present: classes)), .float64)]
  }

  private func averaged(_ scores: Scores, _ labels: [Int]) throws(SNNError) -> Tensor {
    try average.of(scores, labels) { curve throws(SNNError) in try area(curve) }
  }

  private func area(_ curve: BinaryCurve) throws(SNNError) -> Double {
    if !curve.hasBoth { Log.warning("\(owner): there is a single class, so the area is NaN") }
    return try curve.area(upTo: limit)
  }

  /// The mean of the areas of all pairs of classes, each taken from both sides.
  private func oneAgainstOne(_ scores: Scores, _ labels: [Int], present: [Int]) throws(SNNError) -> Double {
    guard scores.weights == nil else { throw .argument("\(owner): there are no weights with multi_class 'ovo'") }
    guard average.way == "macro" || average.way == "weighted" else {
      throw .argument("\(owner): average must be macro or weighted with multi_class 'ovo', got '\(average.way)'")
    }
    let actual = try scores.actual.select(1, 0)
    var (areas, shares): ([Double], [Double]) = ([], [])
    for (i, first) in present.enumerated() {
      for second in present[(i + 1)...] {
        let isFirst = try actual == .int(first)
        let rows = try isFirst.logicalOr(actual == .int(second))
        var sum = 0.0
        for label in [first, second] {
          guard let column = labels.firstIndex(of: label) else { continue }
          let positive = try (actual.maskedSelect(rows)) == .int(label)
          sum += try area(BinaryCurve(scores.scores(column).maskedSelect(rows), positive, nil, owner))
        }
        areas.append(sum / 2)
        shares.append(try rows.sum([0], dtype: .int64).item().double)
      }
    }
    return areas.average(average.way == "weighted" ? shares : nil)
  }
}

/// The mean of the precisions, each weighted with the rise of recall.
final class AveragePrecision: ScoreMetric {
  static let declaration = Maker<any Metric>(
    "AveragePrecision", "The mean of the precisions at all thresholds, weighted with the rise of recall.",
    [ScoreAverage.field, .int("pos_label", default: 1, "The positive class of two.")] + fields
  ) { options throws(SNNError) in try AveragePrecision(options) }

  private let average: ScoreAverage
  private let positive: Int

  override init(_ options: Options) throws(SNNError) {
    average = ScoreAverage(options)
    positive = options.int("pos_label")
    try super.init(options)
  }

  override func compute() throws(SNNError) -> [Tensor] {
    let scores = try all()
    if scores.isMultilabel || scores.isMulticlass {
      guard positive == 1 else { throw .argument("\(owner): pos_label is for two classes, got \(scores.columns)") }
      if !scores.isMultilabel { try read.checkClasses(scores.actual, below: scores.columns) }
      let labels = scores.isMultilabel ? Array(repeating: 1, count: scores.columns) : Array(0..<scores.columns)
      return [try average.of(scores, labels) { curve throws(SNNError) in precision(curve) }]
    }
    let classes = try read.distinct(scores.actual)
    guard classes.count < 2 || (classes.count == 2 && classes.contains(positive)) else {
      throw .argument("\(owner): pos_label must be one of two classes, got \(positive) and the classes \(classes)")
    }
    return [try Tensor(.float(precision(scores.binary(positive: positive))), .float64)]
  }

  private func precision(_ curve: BinaryCurve) -> Double {
    if curve.positives == 0 { Log.warning("\(owner): there are no positive targets") }
    return curve.averagePrecision()
  }
}

/// How the numbers of several columns of scores become one.
struct ScoreAverage {
  let way: String

  static let field = Field.choice(
    "average", of: ["macro", "micro", "weighted", "none"], default: "macro",
    "Of several columns: their mean, of all scores as one column, by their positive examples, or each.")

  init(_ options: Options) { way = options.word("average") ?? "" }

  func of(
    _ scores: Scores, _ labels: [Int], _ value: (BinaryCurve) throws(SNNError) -> Double
  ) throws(SNNError) -> Tensor {
    if way == "micro" { return try Tensor(.float(value(together(scores, labels))), .float64) }
    var (values, shares): ([Double], [Double]) = ([], [])
    for (column, label) in labels.enumerated() {
      let curve = try scores.column(column, label: label)
      values.append(try value(curve))
      shares.append(curve.positives)
    }
    if way == "none" { return try Tensor(values) }
    guard way == "weighted" else { return try Tensor(.float(values.average()), .float64) }
    // Columns without positive examples do not count, whatever they are.
    for i in values.indices where shares[i] == 0 { values[i] = 0 }
    let isEmpty = abs(shares.reduce(0, +)) <= 1e-8
    return try Tensor(.float(isEmpty ? 0 : values.average(shares)), .float64)
  }

  /// All columns as one.
  private func together(_ scores: Scores, _ labels: [Int]) throws(SNNError) -> BinaryCurve {
    let count = scores.given.count
    let flags = try scores.isMultilabel ? scores.actual == 1 : scores.actual == Tensor(labels)
    let weights = try scores.weights?.reshape([scores.actual.shape[0], 1])
    let spread = try weights?.expanded(to: scores.given.shape).contiguous().reshape([count])
    return try BinaryCurve(
      scores.given.contiguous().reshape([count]), flags.contiguous().reshape([count]), spread, scores.read.owner)
  }
}
