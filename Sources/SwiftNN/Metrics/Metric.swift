/// Judges what a model gives, gathered batch after batch.
public protocol Metric: AnyObject {
  /// Takes in a batch: what the model gave, what is right, and how much each example counts (1 without).
  func update(_ outputs: Tensor, _ targets: Tensor, weights: Tensor?) throws(SNNError)

  /// What all batches since `reset` come to: one tensor, several for curves. Of one number where training watches it.
  func compute() throws(SNNError) -> [Tensor]

  func reset()

  /// What is gathered, to go on with in another process. Empty after `reset`.
  var gathered: [Tensor] { get }
  func load(gathered: [Tensor]) throws(SNNError)

  /// Whether more is better, where one number is.
  var prefersMore: Bool { get }
}

public enum Metrics {
  /// Every metric; a new one adds its declaration here.
  static let all: [Maker<any Metric>] =
    [Accuracy.declaration, TopKAccuracy.declaration, BalancedAccuracy.declaration] + PrecisionRecall.declarations
    + [ConfusionMatrix.declaration, CohenKappa.declaration, Matthews.declaration] + DifferenceMetric.declarations
    + [
      R2Score.declaration, LogLoss.declaration, ROCCurve.declaration, AUROC.declaration,
      PrecisionRecallCurve.declaration,
    ]
    + [AveragePrecision.declaration, Residuals.declaration]
}
