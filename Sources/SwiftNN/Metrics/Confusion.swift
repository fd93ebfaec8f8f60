/// How many examples of each class were said to be of each.
final class ConfusionMatrix: ClassMetric {
  static let declaration = Maker<any Metric>(
    "ConfusionMatrix", "How many examples of the class of a row were said to be of the class of a column.",
    [
      .choice(
        "normalize", of: ["none", "true", "pred", "all"], default: "none",
        "Shares of the row, of the column or of all examples."),
      Field.ints("labels", "The classes that count and their order; those that occur without it.").optional,
    ] + ClassReader.singleFields
  ) { options throws(SNNError) in try ConfusionMatrix(options) }

  private let normalize: String
  private let labels: [Int]?

  init(_ options: Options) throws(SNNError) {
    normalize = options.word("normalize") ?? ""
    labels = options.integers("labels")
    try super.init(options, .ofPairs, fixed: labels)
  }

  override func compute() throws(SNNError) -> [Tensor] {
    let counts = try counts()
    let n = counts.classes.count
    if n == 1 { Log.warning("\(owner): there is a single class: name all of them by labels") }
    var order = Array(0..<n)
    if let labels { order = labels.map { label in counts.classes.firstIndex(of: label) ?? 0 } }
    var matrix: [Double] = []
    for row in order { for column in order { matrix.append(counts.sums[row * n + column]) } }
    let whole = matrix.reduce(0, +)
    let rows = (0..<n).map { i in (0..<n).reduce(0) { $0 + matrix[i * n + $1] } }
    let columns = (0..<n).map { j in (0..<n).reduce(0) { $0 + matrix[$1 * n + j] } }
    for i in 0..<(n * n) where normalize != "none" {
      let part = normalize == "true" ? rows[i / n] : normalize == "pred" ? columns[i % n] : whole
      matrix[i] = part == 0 ? 0 : matrix[i] / part
    }
    let result = try Tensor(matrix, [n, n])
    return [counts.weights != .real && normalize == "none" ? try result.cast(to: .int64) : result]
  }
}

/// Agreement beyond what chance gives.
final class CohenKappa: ClassMetric {
  static let declaration = Maker<any Metric>(
    "CohenKappa", "Agreement beyond chance: 1 is perfect, 0 what chance gives.",
    [
      .choice("weights", of: ["none", "linear", "quadratic"], default: "none", "How the distance of classes counts."),
      Field.ints("labels", "The classes that count and their order; those that occur without it.").optional,
      Field.float("replace_undefined_by", "The value where there is a single class; NaN without it.").optional,
    ] + ClassReader.singleFields
  ) { options throws(SNNError) in try CohenKappa(options) }

  private let weighting: String
  private let labels: [Int]?
  private let undefined: Double

  init(_ options: Options) throws(SNNError) {
    weighting = options.word("weights") ?? ""
    labels = options.integers("labels")
    undefined = options.number("replace_undefined_by") ?? .nan
    try super.init(options, .ofPairs, fixed: labels)
  }

  override func compute() throws(SNNError) -> [Tensor] {
    let counts = try counts()
    let n = counts.classes.count
    let place = (labels ?? counts.classes).map { label in counts.classes.firstIndex(of: label) ?? 0 }
    func count(_ i: Int, _ j: Int) -> Double { counts.sums[place[i] * n + place[j]] }
    let rows = (0..<n).map { i in (0..<n).reduce(0) { $0 + count(i, $1) } }
    let columns = (0..<n).map { j in (0..<n).reduce(0) { $0 + count($1, j) } }
    let whole = rows.reduce(0, +)
    var (seen, expected) = (0.0, 0.0)
    for i in 0..<n {
      for j in 0..<n where i != j {
        let distance = Double(abs(i - j))
        let cost = weighting == "none" ? 1 : weighting == "linear" ? distance : distance * distance
        seen += cost * count(i, j)
        expected += cost * (rows[i] * columns[j] / whole)
      }
    }
    guard whole != 0, expected != 0 else {
      Log.warning("\(owner): there is a single class, so the value is set to \(undefined)")
      return [try Tensor(.float(undefined), .float64)]
    }
    return [try Tensor(.float(1 - seen / expected), .float64)]
  }
}

/// The mean of the recall of the classes.
final class BalancedAccuracy: ClassMetric {
  static let declaration = Maker<any Metric>(
    "BalancedAccuracy", "The mean of the shares of each class that are found.",
    [.bool("adjusted", default: false, "Scaled so that chance gives 0.")] + ClassReader.singleFields
  ) { options throws(SNNError) in try BalancedAccuracy(options) }

  private let isAdjusted: Bool

  init(_ options: Options) throws(SNNError) {
    isAdjusted = options.bool("adjusted")
    try super.init(options, .ofEach)
  }

  override func compute() throws(SNNError) -> [Tensor] {
    let counts = try counts()
    let (right, actual) = (counts.right, counts.actual)
    let shares = actual.indices.filter { actual[$0] != 0 }.map { right[$0] / actual[$0] }
    if shares.count < actual.count { Log.warning("\(owner): classes were predicted that are not among the targets") }
    let mean = shares.average()
    let chance = 1 / Double(shares.count)
    return [try Tensor(.float(isAdjusted ? (mean - chance) / (1 - chance) : mean), .float64)]
  }
}

/// The correlation of what is said and what is.
final class Matthews: ClassMetric {
  static let declaration = Maker<any Metric>(
    "MatthewsCorrCoef", "The correlation of predicted and actual classes, from -1 to 1.", ClassReader.singleFields
  ) { options throws(SNNError) in try Matthews(options, .ofEach) }

  override func compute() throws(SNNError) -> [Tensor] {
    let counts = try counts()
    let (predicted, actual) = (counts.predicted, counts.actual)
    func product(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    let whole = predicted.reduce(0, +)
    let both = counts.right.reduce(0, +) * whole - product(actual, predicted)
    let spread = (whole * whole - product(predicted, predicted)) * (whole * whole - product(actual, actual))
    return [try Tensor(.float(spread == 0 ? 0 : both / spread.squareRoot()), .float64)]
  }
}
