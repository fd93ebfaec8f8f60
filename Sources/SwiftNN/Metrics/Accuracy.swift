import CKernels

/// The share of examples whose class is right.
final class Accuracy: SummingMetric {
  static let declaration = Maker<any Metric>(
    "Accuracy", "The share of examples whose class is right; with many labels, of those with all labels right.",
    ClassReader.fields + [.bool("normalize", default: true, "The share of examples, not their number.")]
  ) { options throws(SNNError) in Accuracy(options) }

  private let reader: ClassReader
  private let isShare: Bool

  init(_ options: Options) {
    reader = ClassReader(options)
    isShare = options.bool("normalize")
    super.init(options.owner, prefersMore: true)
  }

  override func update(_ outputs: Tensor, _ targets: Tensor, weights: Tensor?) throws(SNNError) {
    let given = try reader.classes(outputs, targets, weights)
    try add(given.count, sums: 2) {
      ck_agreement(
        Int64(given.count), Int64(given.width), given.predicted.integers, given.actual.integers, given.weightPointer, $0
      )
    }
  }

  override func compute() throws(SNNError) -> [Tensor] { [try share(isShare)] }
}

extension SummingMetric {
  /// The first of two sums, or its share of the second.
  func share(_ isShare: Bool) throws(SNNError) -> Tensor {
    let sums = try total()
    guard isShare else { return try Tensor(.float(sums[0]), .float64) }
    guard sums[1] != 0 else { throw .argument("\(owner): the weights sum to zero") }
    return try Tensor(.float(sums[0] / sums[1]), .float64)
  }
}
