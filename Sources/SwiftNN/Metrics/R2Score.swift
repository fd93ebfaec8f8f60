import CKernels

/// How much of the spread of the targets is explained.
final class R2Score: SummingMetric {
  static let declaration = Maker<any Metric>(
    "R2Score", "The share of the targets' spread that is explained: 1 is perfect, 0 what their mean gives.",
    OutputAverage.fields(["raw_values", "uniform_average", "variance_weighted"]) + [
      .bool("force_finite", default: true, "Where targets are constant: 1 when all are right, else 0, not NaN or -inf.")
    ]
  ) { options throws(SNNError) in R2Score(options) }

  private let average: OutputAverage
  private let isFinite: Bool

  init(_ options: Options) {
    average = OutputAverage(options)
    isFinite = options.bool("force_finite")
    super.init(options.owner, prefersMore: true)
  }

  /// The number of examples, the sum of weights twice, and of each column squares, mean and scatter.
  private static let head = 3

  override func fits(_ count: Int) -> Bool { count > Self.head && (count - Self.head) % 3 == 0 }

  override func update(_ outputs: Tensor, _ targets: Tensor, weights: Tensor?) throws(SNNError) {
    let before = (sums?.count).map { ($0 - 1 - Self.head) / 3 }
    let given = try read.columns(outputs, targets, weights, before: before)
    let (n, width) = (Int64(given.count), given.width)
    try add(given.count, sums: Self.head + 3 * width) {
      let body = $0 + Self.head
      $0[0] += Double(given.count)
      ck_difference_sums(
        n, Int64(width), 2, given.outputs.doubles, given.targets.doubles, given.weights?.doubles, body, $0 + 1)
      ck_scatter_sums(
        n, Int64(width), given.targets.doubles, given.weights?.doubles, body + width, body + 2 * width, $0 + 2)
    }
  }

  override func compute() throws(SNNError) -> [Tensor] {
    let sums = try total()
    guard sums[0] >= 2 else {
      Log.warning("\(owner): is not defined for less than two examples")
      return [try Tensor(.float(.nan), .float64)]
    }
    let width = (sums.count - Self.head) / 3
    let (errors, spreads) = (sums[Self.head..<(Self.head + width)], sums[(Self.head + 2 * width)...])
    let scores = zip(errors, spreads).map { error, spread in
      if spread != 0 || !isFinite { return 1 - error / spread }
      return error == 0 ? 1 : 0
    }
    return [try average.of(scores, owner: owner, variances: Array(spreads))]
  }
}
