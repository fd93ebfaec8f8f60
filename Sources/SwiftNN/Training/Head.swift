/// What stands at the end of a model for one kind of problem: what turns its last numbers into predictions, the loss that belongs to
/// them, and the metrics that judge them.
public struct Head {
  /// From the numbers that the model gives to predictions.
  public let activation: any Layer
  /// Of the numbers that the model gives, before the activation, and targets.
  public let loss: any Layer
  /// By name; they judge the numbers that the model gives, before the activation.
  public let metrics: [(name: String, metric: any Metric)]
}

public enum Heads {
  /// Every head; a new one adds its declaration here.
  static let all: [Maker<Head>] = classes + regressions
}
