import CKernels

/// The share of examples whose class is among those with the k greatest scores.
final class TopKAccuracy: SummingMetric {
  static let declaration = Maker<any Metric>(
    "TopKAccuracy", "The share of examples whose class has one of the k greatest scores.",
    [
      .int("k", default: 2, in: 1...Double(Int32.max), "How many classes are looked at."),
      .bool("normalize", default: true, "The share of examples, not their number."),
    ]
  ) { options throws(SNNError) in TopKAccuracy(options) }

  private let k: Int
  private let isShare: Bool

  init(_ options: Options) {
    k = options.int("k")
    isShare = options.bool("normalize")
    super.init(options.owner, prefersMore: true)
  }

  override func update(_ outputs: Tensor, _ targets: Tensor, weights: Tensor?) throws(SNNError) {
    let actual = try read.integers(targets, "targets")
    guard outputs.hasClassAxis(for: actual) else {
      throw .shape(
        "\(owner): expects scores of shape [N, C, …] for targets of shape \(actual.shape), got \(outputs.shape)")
    }
    var scores = try read.checkNumbers(outputs, "outputs", finite: false)
    if !scores.dtype.isFloatingPoint { scores = try scores.cast(to: .float64) }
    let (classes, weights) = (scores.shape[1], try read.weights(weights, of: actual.shape))
    try read.checkClasses(actual, below: classes)
    let inner = actual.shape.dropFirst().reduce(1, *)
    if k >= classes { Log.warning("\(owner): k \(k) is at least the number of classes \(classes), so all are right") }
    try add(actual.count, sums: 2) {
      ck_top_agreement(
        scores.dtype.kernel, Int64(actual.count), Int64(classes), Int64(inner), Int64(k), scores.data, actual.integers,
        weights?.doubles, $0)
    }
  }

  override func compute() throws(SNNError) -> [Tensor] { [try share(isShare)] }
}

extension ExampleReader {
  func checkClasses(_ actual: Tensor, below classes: Int) throws(SNNError) {
    let place = try ((actual < 0).logicalOr(actual >= .int(classes))).any().item().double
    guard place == 0 else { throw .index("\(owner): targets must be classes from 0 to \(classes - 1)") }
  }
}
