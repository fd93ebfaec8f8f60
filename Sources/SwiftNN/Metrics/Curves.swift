/// The shares of false and true positives while the threshold falls.
final class ROCCurve: ScoreMetric {
  static let declaration = Maker<any Metric>(
    "ROCCurve", "The shares of false and of true positives, and the thresholds that give them.",
    [
      Field.int("pos_label", "The positive class; 1 where classes are 0 and 1 or -1 and 1.").optional,
      .bool("drop_intermediate", default: true, "Points on straight lines between others are left out."),
    ] + fields
  ) { options throws(SNNError) in try ROCCurve(options) }

  private let positive: Int?
  private let drops: Bool

  override init(_ options: Options) throws(SNNError) {
    positive = options.count("pos_label")
    drops = options.bool("drop_intermediate")
    try super.init(options)
  }

  override func compute() throws(SNNError) -> [Tensor] {
    var curve = try all().curve(positive: positive)
    if drops { curve.thin(vertical: false) }
    if curve.negatives <= 0 { Log.warning("\(owner): there are no negative targets, so shares of them are NaN") }
    if curve.positives <= 0 { Log.warning("\(owner): there are no positive targets, so shares of them are NaN") }
    let start = try Tensor([0.0])
    func shares(_ sums: Tensor, _ whole: Double) throws(SNNError) -> Tensor {
      guard whole > 0 else { return try Tensor.full([curve.count + 1], .float(.nan), .float64) }
      return try Tensor.cat([start, sums / .float(whole)])
    }
    return try [
      shares(curve.falseSums(), curve.negatives), shares(curve.trueSums(), curve.positives),
      Tensor.cat([Tensor([Double.infinity]), curve.thresholds()]),
    ]
  }
}

/// Precision and recall while the threshold rises.
final class PrecisionRecallCurve: ScoreMetric {
  static let declaration = Maker<any Metric>(
    "PrecisionRecallCurve", "Precision and recall, which end at 1 and 0, and the thresholds that give the others.",
    [
      Field.int("pos_label", "The positive class; 1 where classes are 0 and 1 or -1 and 1.").optional,
      .bool("drop_intermediate", default: false, "Of points of one recall, those between the ends are left out."),
    ] + fields
  ) { options throws(SNNError) in try PrecisionRecallCurve(options) }

  private let positive: Int?
  private let drops: Bool

  override init(_ options: Options) throws(SNNError) {
    positive = options.count("pos_label")
    drops = options.bool("drop_intermediate")
    try super.init(options)
  }

  override func compute() throws(SNNError) -> [Tensor] {
    var curve = try all().curve(positive: positive)
    if drops { curve.thin(vertical: true) }
    let (right, said) = try (curve.trueSums(), curve.trueSums() + curve.falseSums())
    let precision = try Tensor.where(said != 0, right / said, Tensor.zeros([curve.count], .float64))
    let recall: Tensor
    if curve.positives == 0 {
      Log.warning("\(owner): there are no positive targets, so recall is set to 1")
      recall = try Tensor.ones([curve.count], .float64)
    } else {
      recall = try right / .float(curve.positives)
    }
    return try [
      Tensor.cat([precision.flip([0]), Tensor([1.0])]), Tensor.cat([recall.flip([0]), Tensor([0.0])]),
      curve.thresholds().flip([0]).contiguous(),
    ]
  }
}

extension Scores {
  /// The curve of two classes; which is positive has to be said unless it is clear.
  func curve(positive: Int?) throws(SNNError) -> BinaryCurve {
    let classes = try read.distinct(actual)
    guard !isMultilabel, columns <= 2, positive != nil || classes.count <= 2 else {
      throw .argument(
        "\(read.owner): is for two classes, got \(columns) scores and \(isMultilabel ? actual.shape[1] : classes.count) "
          + "classes")
    }
    guard positive != nil || classes.allSatisfy([0, 1].contains) || classes.allSatisfy([-1, 1].contains) else {
      throw .argument("\(read.owner): targets are \(classes): say which is positive by pos_label")
    }
    return try binary(positive: positive ?? 1)
  }
}
