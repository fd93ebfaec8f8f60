/// A measurement that a rule watches.
struct Monitored {
  let name: String
  let prefersMore: Bool

  /// A number that is to become small.
  func cost(_ value: Double) -> Double { prefersMore ? -value : value }

  /// Words in the names of measurements of which more is better, unless one of the others says that it is an error.
  private static let gains: Set = [
    "acc", "accuracy", "auc", "auroc", "auprc", "ap", "map", "f1", "f1score", "fbeta", "precision", "recall",
    "sensitivity", "specificity", "r2", "r2score", "iou", "jaccard", "dice", "kappa", "mcc", "pearson", "spearman",
    "ndcg", "mrr", "bleu", "rouge", "score",
  ]
  private static let costs: Set = ["loss", "error", "err"]

  static func prefersMore(_ name: String) -> Bool {
    // By bytes: what Unicode knows of characters is not in the library.
    let words = name.utf8.map { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 }
      .split { !(0x61...0x7A).contains($0) && !(0x30...0x39).contains($0) && $0 < 0x80 }
      .map { String(decoding: $0, as: UTF8.self) }
    guard !words.contains(where: costs.contains) else { return false }
    let endings = ["acc", "accuracy", "auc"]
    return words.contains { word in gains.contains(word) || endings.contains { word.hasSuffix($0) } }
  }

  /// Names and modes as callers write them: one each, or several with commas between.
  static func list(_ options: Options) throws(SNNError) -> [Monitored] {
    let (owner, names) = (options.owner, words(options.word("monitor")))
    let modes = words(options.word("mode"))
    guard !names.isEmpty, !names.contains(""), Set(names).count == names.count else {
      throw .argument("\(owner): expects names to watch, got '\(options.word("monitor") ?? "")'")
    }
    guard modes.count == 1 || modes.count == names.count else {
      throw .argument("\(owner): expects a mode, or one for each of \(names.count) names, got \(modes.count)")
    }
    var all: [Monitored] = []
    for (i, name) in names.enumerated() {
      let mode = modes[modes.count == 1 ? 0 : i]
      guard ["auto", "min", "max"].contains(mode) else {
        throw .argument("\(owner): mode must be one of auto, min, max, got '\(mode)'")
      }
      all.append(Monitored(name: name, prefersMore: mode == "auto" ? prefersMore(name) : mode == "max"))
    }
    return all
  }

  private static func words(_ text: String?) -> [String] {
    (text ?? "").split(separator: ",", omittingEmptySubsequences: false).map { part in
      String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
  }
}

/// What the rules share: they watch measurements by name, smooth them and remember what came before.
public class WatchingRule: StoppingRule {
  /// All that is remembered.
  struct Memory {
    /// The best measurements so far, those that count; none before the first.
    var best: [Double] = []
    var bestEpoch = -1
    /// How many epochs have not become better.
    var wait = 0
    /// Of each measurement, sums that forget, and how much of their beginning is left in them.
    var sums: [Double]
    var lefts: [Double]
    /// The last costs with their epochs, of rules that look at the curve.
    var epochs: [Double] = []
    var costs: [Double] = []
  }

  let owner: String
  let monitored: [Monitored]
  let smoothing: Double
  let start: Int
  let checksFinite: Bool
  let isStrict: Bool
  /// How many costs are remembered.
  let window: Int
  var memory: Memory

  init(_ options: Options, window: Int = 0) throws(SNNError) {
    owner = options.owner
    monitored = try Monitored.list(options)
    smoothing = options.float("smoothing")
    start = options.int("start_from_epoch")
    (checksFinite, isStrict) = (options.bool("check_finite"), options.bool("strict"))
    self.window = window
    memory = Self.nothing(monitored.count)
    guard smoothing < 1 else { throw .argument("\(owner): smoothing must be less than 1, got \(smoothing)") }
  }

  private static func nothing(_ count: Int) -> Memory {
    Memory(sums: Array(repeating: 0, count: count), lefts: Array(repeating: 1, count: count))
  }

  public final func reset() { memory = Self.nothing(monitored.count) }

  public final func observe(
    _ values: [(name: String, value: Double)], epoch: Int
  ) throws(SNNError) -> StoppingVerdict {
    guard let measured = try watched(values), epoch >= start else { return StoppingVerdict(isBest: false, reason: nil) }
    if checksFinite, let i = measured.indices.first(where: { !measured[$0].isFinite }) {
      return StoppingVerdict(isBest: false, reason: "\(monitored[i].name) = \(measured[i]) is not finite")
    }
    if window > 0, let last = memory.epochs.last, !(Double(epoch) > last) {
      throw .argument("\(owner): expects epochs that grow, got \(epoch) after \(last)")
    }
    let before = memory
    do throws(SNNError) { return try judge(measured.indices.map { smoothed($0, measured[$0]) }, epoch) } catch {
      memory = before
      throw error
    }
  }

  /// What is said of smoothed costs.
  func judge(_ costs: [Double], _ epoch: Int) throws(SNNError) -> StoppingVerdict {
    StoppingVerdict(isBest: false, reason: nil)
  }

  /// The measurements that are watched; nil when some are missing and may be.
  private func watched(_ values: [(name: String, value: Double)]) throws(SNNError) -> [Double]? {
    var found: [Double] = []
    for one in monitored {
      if let value = values.first(where: { $0.name == one.name })?.value {
        found.append(value)
      } else if isStrict {
        let names = values.map(\.name).joined(separator: ", ")
        throw SNNError(.name, "\(owner): there is no '\(one.name)' among what was measured: \(names)")
      }
    }
    return found.count == monitored.count ? found : nil
  }

  /// The mean that forgets, free of the pull of its beginning; numbers that are not finite stand for themselves.
  private func smoothed(_ i: Int, _ value: Double) -> Double {
    guard smoothing > 0, value.isFinite else { return monitored[i].cost(value) }
    memory.sums[i] = smoothing * memory.sums[i] + (1 - smoothing) * value
    memory.lefts[i] *= smoothing
    return monitored[i].cost(memory.sums[i] / (1 - memory.lefts[i]))
  }

  /// Remembers a cost for the curve, and whether it is the least so far.
  final func remember(_ cost: Double, _ epoch: Int) -> Bool {
    if cost.isFinite {
      memory.epochs.append(Double(epoch))
      memory.costs.append(cost)
      if memory.costs.count > window {
        memory.epochs.removeFirst()
        memory.costs.removeFirst()
      }
    }
    let isBest = memory.best.first.map { cost < monitored[0].cost($0) } ?? !cost.isNaN
    if isBest { (memory.best, memory.bestEpoch) = ([monitored[0].cost(cost)], epoch) }
    return isBest
  }
}

extension Field {
  static let watched = Field.string("monitor", default: "val_loss", "What is watched.")
  static let direction = Field.choice(
    "mode", of: ["auto", "min", "max"], default: "auto", "Whether less or more is better; by the name without.")

  /// The last options of every rule.
  static let watching: [Field] = [
    .int("start_from_epoch", default: 0, "Epochs before are not looked at."),
    .float("smoothing", default: 0, in: 0...1, "How much of the mean of the measurements stays at each epoch."),
    .bool("check_finite", default: true, "Stops at NaN and infinities."),
    .bool("strict", default: true, "A name that was not measured is an error; otherwise the epoch is passed over."),
  ]
}
