import CKernels

/// Ends training when the line through the last measurements does not fall any more.
final class SlopeStopping: WatchingRule {
  static let declaration = Maker<any StoppingRule>(
    "SlopeStopping",
    "Stops when the line of least squares through the last epochs shows less gain than min_slope an epoch.",
    [
      .watched, .int("window", default: 10, in: 2...4096, "Through so many epochs."),
      .float("min_slope", default: 0, in: 0...Double.infinity, "The least gain an epoch."),
      .int("patience", default: 1, in: 1...0x1p53, "So many epochs in a row with less."), .direction,
    ] + Field.watching
  ) { options throws(SNNError) in try SlopeStopping(options) }

  private let leastGain: Double
  private let patience: Int

  init(_ options: Options) throws(SNNError) {
    (leastGain, patience) = (options.float("min_slope"), options.int("patience"))
    try super.init(options, window: options.int("window"))
  }

  override func judge(_ costs: [Double], _ epoch: Int) -> StoppingVerdict {
    let isBest = remember(costs[0], epoch)
    guard memory.costs.count == window else { return StoppingVerdict(isBest: isBest, reason: nil) }
    let slope = ck_curve_slope(Int64(window), memory.epochs, memory.costs)
    memory.wait = slope < -leastGain ? 0 : memory.wait + 1
    guard memory.wait >= patience else { return StoppingVerdict(isBest: isBest, reason: nil) }
    let shown = "the slope of \(monitored[0].name) over the last \(window) epochs is \(monitored[0].cost(slope))"
    return StoppingVerdict(isBest: isBest, reason: "\(shown), a gain of no more than \(leastGain) an epoch")
  }
}

/// Ends training when epochs to come will hardly be better than the best, by what a Gaussian process makes of the curve so far.
final class GaussianProcessStopping: WatchingRule {
  static let declaration = Maker<any StoppingRule>(
    "GaussianProcessStopping",
    "Stops when it is improbable that one of the next epochs is better than the best, by a Gaussian process fitted to the curve.",
    [
      .watched, .float("min_delta", default: 0, in: 0...Double.infinity, "By how much it would have to be better."),
      .int("horizon", default: 20, in: 1...1000, "How many epochs ahead are looked at."),
      .float("threshold", default: 0.05, in: 0...1, "Stops below this probability."),
      .int("min_epochs", default: 5, in: 3...200, "Not before so many have been measured."),
      .int("window", default: 100, in: 3...200, "So many of the last are fitted."), .direction,
    ] + Field.watching
  ) { options throws(SNNError) in try GaussianProcessStopping(options) }

  private let leastGain: Double
  private let horizon: Int
  private let threshold: Double
  private let leastCount: Int

  init(_ options: Options) throws(SNNError) {
    (leastGain, threshold) = (options.float("min_delta"), options.float("threshold"))
    (horizon, leastCount) = (options.int("horizon"), options.int("min_epochs"))
    let window = options.int("window")
    guard leastCount <= window else {
      throw .argument("\(options.owner): min_epochs must be at most window, \(window), got \(leastCount)")
    }
    try super.init(options, window: window)
  }

  override func judge(_ costs: [Double], _ epoch: Int) throws(SNNError) -> StoppingVerdict {
    let isBest = remember(costs[0], epoch)
    guard memory.costs.count >= leastCount, costs[0].isFinite else {
      return StoppingVerdict(isBest: isBest, reason: nil)
    }
    let first = memory.epochs[0]
    let target = monitored[0].cost(memory.best[0]) - leastGain
    var probability = 0.0
    let status = ck_curve_gain(
      Int64(memory.costs.count), memory.epochs.map { $0 - first + 1 }, memory.costs, target, Int64(horizon),
      &probability)
    guard status == Int64(CK_DONE) else { throw SNNError(.memory, "\(owner): cannot allocate scratch memory") }
    guard probability < threshold else { return StoppingVerdict(isBest: isBest, reason: nil) }
    let gain = leastGain > 0 ? " by \(leastGain)" : ""
    let shown = "\(monitored[0].name) becomes better\(gain) in the next \(horizon) epochs"
    return StoppingVerdict(isBest: isBest, reason: "with a probability of \(probability), \(shown)")
  }
}
