/// Ends training when nothing has become better for a while.
final class EarlyStopping: WatchingRule {
  static let declaration = Maker<any StoppingRule>(
    "EarlyStopping", "Stops when what is watched has not become better for patience epochs.",
    [
      Field.string(
        "monitor", default: "val_loss",
        "What is watched; of several names with commas between, a later one counts where those before are level."),
      .floats("min_delta", default: [0], "By how much it has to be better to count; one, or one for each name."),
      .int("patience", default: 3, in: 0...0x1p53, "So many epochs in a row without."),
      .string("mode", default: "auto", "auto (by the name), min or max; one, or one for each name."),
      Field.float("baseline", "Being better counts only beyond this.").optional,
    ] + Field.watching.prefix(1) + [
      Field.float("stopping_threshold", "Stops when the first name reaches this.").optional,
      Field.float("divergence_threshold", "Stops when the first name is worse than this.").optional,
      .choice(
        "min_delta_mode", of: ["abs", "rel"], default: "abs", "rel: min_delta is a share of the best so far."),
    ] + Field.watching.dropFirst()
  ) { options throws(SNNError) in try EarlyStopping(options) }

  private let leastGains: [Double]
  private let isRelative: Bool
  private let patience: Int
  private let baseline: Double?
  private let goal: Double?
  private let limit: Double?

  init(_ options: Options) throws(SNNError) {
    (patience, isRelative) = (options.int("patience"), options.word("min_delta_mode") == "rel")
    baseline = options.number("baseline")
    (goal, limit) = (options.number("stopping_threshold"), options.number("divergence_threshold"))
    let names = try Monitored.list(options).count
    let given = options.floats("min_delta")
    guard given.count == 1 || given.count == names else {
      throw .argument("\(options.owner): expects a min_delta, or one for each of \(names) names, got \(given.count)")
    }
    guard given.allSatisfy({ $0 >= 0 }) else {
      throw .argument("\(options.owner): min_delta must be at least 0, got \(given)")
    }
    leastGains = given.count == names ? given : Array(repeating: given[0], count: names)
    try super.init(options)
  }

  override func judge(_ costs: [Double], _ epoch: Int) -> StoppingVerdict {
    memory.wait += 1
    let place = improved(costs)
    if let place {
      // Among measurements that were level before, the better of both stays, so that many small steps back do not add up.
      let earlier = zip(costs, memory.best).enumerated().map { i, pair in
        let best = monitored[i].cost(pair.1)
        return i < place && best < pair.0 ? best : pair.0
      }
      let best = memory.best.isEmpty ? costs : earlier
      (memory.best, memory.bestEpoch) = (zip(monitored, best).map { $0.cost($1) }, epoch)
      if baseline.map({ isBetter(costs[0], than: monitored[0].cost($0), 0) }) ?? true { memory.wait = 0 }
    }
    return StoppingVerdict(isBest: place != nil, reason: reason(costs, isBest: place != nil))
  }

  private func reason(_ costs: [Double], isBest: Bool) -> String? {
    let (first, value) = (monitored[0], monitored[0].cost(costs[0]))
    if let goal, costs[0] <= first.cost(goal) { return "\(first.name) = \(value) reached the threshold \(goal)" }
    if let limit, costs[0] > first.cost(limit) {
      return "\(first.name) = \(value) is worse than the divergence threshold \(limit)"
    }
    guard !isBest, memory.wait >= patience else { return nil }
    let names = monitored.map(\.name).joined(separator: ", ")
    let best = memory.best.isEmpty ? "" : "; the best was \(memory.best[0]) behind epoch \(memory.bestEpoch)"
    return "\(names) did not become better for \(memory.wait) epochs\(best)"
  }

  /// The first measurement that is better than the best, where those before it are level; nil without one.
  private func improved(_ costs: [Double]) -> Int? {
    guard !memory.best.isEmpty else { return costs.contains(where: \.isNaN) ? nil : 0 }
    for (i, cost) in costs.enumerated() {
      let best = monitored[i].cost(memory.best[i])
      if isBetter(cost, than: best, i) { return i }
      guard cost - leastGain(i, of: best) <= best else { return nil }
    }
    return nil
  }

  private func isBetter(_ cost: Double, than best: Double, _ i: Int) -> Bool { cost + leastGain(i, of: best) < best }

  private func leastGain(_ i: Int, of best: Double) -> Double {
    isRelative ? leastGains[i] * abs(best) : leastGains[i]
  }
}
