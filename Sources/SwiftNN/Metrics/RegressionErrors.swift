import CKernels

/// Means of |target - output| or its square, one for each column or one for all.
final class DifferenceMetric: SummingMetric {
  static let declarations: [Maker<any Metric>] = [
    declaration("MeanSquaredError", "The mean of (target - output)².", power: 2, root: false),
    declaration("RootMeanSquaredError", "The root of the mean of (target - output)².", power: 2, root: true),
    declaration("MeanAbsoluteError", "The mean of |target - output|.", power: 1, root: false),
  ]

  private static func declaration(_ name: String, _ doc: String, power: Int32, root: Bool) -> Maker<any Metric> {
    Maker(name, doc, OutputAverage.fields(["raw_values", "uniform_average"])) { options throws(SNNError) in
      DifferenceMetric(options, power: power, root: root)
    }
  }

  private let average: OutputAverage
  private let power: Int32
  private let isRoot: Bool

  init(_ options: Options, power: Int32, root: Bool) {
    average = OutputAverage(options)
    (self.power, isRoot) = (power, root)
    super.init(options.owner, prefersMore: false)
  }

  override func fits(_ count: Int) -> Bool { count > 1 }

  override func update(_ outputs: Tensor, _ targets: Tensor, weights: Tensor?) throws(SNNError) {
    let given = try read.columns(outputs, targets, weights, before: (sums?.count).map { $0 - 2 })
    try add(given.count, sums: given.width + 1) {
      ck_difference_sums(
        Int64(given.count), Int64(given.width), power, given.outputs.doubles, given.targets.doubles,
        given.weights?.doubles, $0, $0 + given.width)
    }
  }

  override func compute() throws(SNNError) -> [Tensor] {
    let sums = try total()
    let weight = sums[sums.count - 1]
    guard weight != 0 else { throw .argument("\(owner): the weights sum to zero") }
    let means = sums.dropLast().map { isRoot ? ($0 / weight).squareRoot() : $0 / weight }
    return [try average.of(means, owner: owner)]
  }
}

/// How the numbers of several columns become one.
struct OutputAverage {
  let way: String
  let weights: [Double]?

  static func fields(_ ways: [String]) -> [Field] {
    [
      .choice("multioutput", of: ways, default: "uniform_average", "One number for each column, or their mean."),
      Field.floats("output_weights", "How much each column counts in the mean.").optional,
    ]
  }

  init(_ options: Options) {
    way = options.word("multioutput") ?? ""
    weights = options.list("output_weights")
  }

  func of(_ numbers: [Double], owner: String, variances: [Double] = []) throws(SNNError) -> Tensor {
    if let weights {
      guard weights.count == numbers.count else {
        throw .argument("\(owner): got \(weights.count) output_weights for \(numbers.count) columns")
      }
      guard weights.reduce(0, +) != 0 else { throw .argument("\(owner): the output_weights sum to zero") }
      return try Tensor(.float(numbers.average(weights)), .float64)
    }
    if way == "raw_values" { return try Tensor(numbers) }
    let isByVariance = way == "variance_weighted" && variances.contains { $0 != 0 }
    return try Tensor(.float(numbers.average(isByVariance ? variances : nil)), .float64)
  }
}

extension [Double] {
  func average(_ weights: [Double]? = nil) -> Double {
    guard let weights else { return reduce(0, +) / Double(count) }
    var (sum, total) = (0.0, 0.0)
    for (number, weight) in zip(self, weights) {
      sum += number * weight
      total += weight
    }
    return sum / total
  }
}

extension ExampleReader {
  struct Columns {
    let outputs: Tensor
    let targets: Tensor
    let weights: Tensor?
    let count: Int
    let width: Int
  }

  /// Numbers of [N] or [N, …], all but the first axis as columns; as many of them as before.
  func columns(_ outputs: Tensor, _ targets: Tensor, _ weights: Tensor?, before: Int?) throws(SNNError) -> Columns {
    let (given, right) = (try numbers(outputs, "outputs"), try numbers(targets, "targets"))
    let count = right.rank == 0 ? 1 : right.shape[0]
    let isColumn = given.count == right.count && max(given.rank, right.rank) == 2 && min(given.rank, right.rank) == 1
    guard given.shape == right.shape || (isColumn && given.shape[0] == count) else {
      throw .shape("\(owner): expects outputs of the targets' shape \(targets.shape), got \(outputs.shape)")
    }
    let width = count == 0 ? before ?? 1 : right.count / count
    if let before, before != width {
      throw .shape("\(owner): expects \(before) numbers for each example as before, got \(width)")
    }
    guard width > 0 else { throw .shape("\(owner): targets of shape \(targets.shape) have no numbers") }
    let weights = try self.weights(weights, of: [count])
    return Columns(outputs: given, targets: right, weights: weights, count: count, width: width)
  }
}
