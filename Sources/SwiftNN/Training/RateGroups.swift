import CKernels

/// Helpers for the learning rates of whole models.
public enum LearningRate {
  /// Rates for groups of layers from the first to the last: the last has `rate`, and each the rate of the next divided by `decay`.
  public static func discriminative(_ rate: Double, groups: Int, decay: Double = 2.6) throws(SNNError) -> [Double] {
    guard groups >= 1, groups <= 1 << 24 else {
      throw .argument("discriminative_lrs: expects at least 1 group, got \(groups)")
    }
    guard rate >= 0, decay > 0 else {
      throw .argument("discriminative_lrs: expects a rate of at least 0 and a decay above 0, got \(rate) and \(decay)")
    }
    var rates = [rate]
    while rates.count < groups { rates.append(rates[rates.count - 1] / decay) }
    return rates.reversed()
  }

  /// The rate for batches of another size, in proportion to the size, or to its root.
  public static func scaled(
    _ rate: Double, batchSize: Int, baseBatchSize: Int = 256, byRoot: Bool = false
  ) throws(SNNError) -> Double {
    guard batchSize >= 1, baseBatchSize >= 1 else {
      throw .argument("scale_lr: expects batches of at least 1, got \(batchSize) and \(baseBatchSize)")
    }
    let ratio = Double(batchSize) / Double(baseBatchSize)
    return rate * (byRoot ? ck_pow(ratio, 0.5) : ratio)
  }
}
