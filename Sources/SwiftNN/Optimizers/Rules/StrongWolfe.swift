/// Finds how far to go along a direction: the loss falls enough, and its slope flattens (Nocedal & Wright, algorithms 3.5
/// and 3.6, with PyTorch's safeguards). A loss that is not finite counts as infinitely great.
struct StrongWolfe {
  private let most: Int
  private(set) var evaluated = 0

  private static let decrease = 1e-4
  private static let flattening = 0.9
  private static let leastChange = 1e-9

  private struct Trial {
    var length: Double
    var point: Evaluation
    var slope: Double
  }

  init(most: Int) { self.most = most }

  /// The place found, and how far it is.
  mutating func run(
    from start: Evaluation, along direction: Tensor, _ length: Double, _ descent: Double,
    _ evaluate: (Double) throws(SNNError) -> Evaluation
  ) throws(SNNError) -> (Evaluation, Double) {
    func tried(_ length: Double) throws(SNNError) -> Trial {
      evaluated += 1
      var point = try evaluate(length)
      if try !point.isFinite { point.loss = .infinity }
      return Trial(length: length, point: point, slope: try point.gradient.dot(direction).number)
    }
    func fallsShort(_ trial: Trial) -> Bool { trial.point.loss > start.loss + Self.decrease * trial.length * descent }
    func isFlat(_ trial: Trial) -> Bool { Swift.abs(trial.slope) <= -Self.flattening * descent }
    var previous = Trial(length: 0, point: start, slope: descent)
    var trial = try tried(length)
    var rounds = 0
    var bracket: (Trial, Trial)?
    while rounds < most {
      if fallsShort(trial) || rounds > 1 && trial.point.loss >= previous.point.loss {
        bracket = (previous, trial)
        break
      }
      if isFlat(trial) { return (trial.point, trial.length) }
      if trial.slope >= 0 {
        bracket = (previous, trial)
        break
      }
      let bounds = (trial.length + 0.01 * (trial.length - previous.length), trial.length * 10)
      let next = Self.lowest(previous, trial, within: bounds)
      previous = trial
      trial = try tried(next)
      rounds += 1
    }
    var (one, other) = bracket ?? (Trial(length: 0, point: start, slope: descent), trial)
    var lowIsFirst = one.point.loss <= other.point.loss
    let size = try direction.size
    var stalls = false
    while rounds < most, Swift.abs(other.length - one.length) * size >= Self.leastChange {
      let low = lowIsFirst ? one : other
      let ends = (min(one.length, other.length), max(one.length, other.length))
      let next = Self.inside(Self.lowest(one, other, within: ends), ends, &stalls)
      let trial = try tried(next)
      rounds += 1
      if fallsShort(trial) || trial.point.loss >= low.point.loss {
        if lowIsFirst { other = trial } else { one = trial }
        lowIsFirst = one.point.loss <= other.point.loss
        continue
      }
      let high = lowIsFirst ? other : one
      let done = isFlat(trial)
      if !done, trial.slope * (high.length - low.length) >= 0 {
        if lowIsFirst { other = low } else { one = low }
      }
      if lowIsFirst { one = trial } else { other = trial }
      if done { break }
    }
    let low = lowIsFirst ? one : other
    return (low.point, low.length)
  }

  /// Keeps away from the ends, when the last trial was near one already.
  private static func inside(_ length: Double, _ ends: (Double, Double), _ stalls: inout Bool) -> Double {
    let margin = 0.1 * (ends.1 - ends.0)
    guard min(ends.1 - length, length - ends.0) < margin else {
      stalls = false
      return length
    }
    guard stalls || length >= ends.1 || length <= ends.0 else {
      stalls = true
      return length
    }
    stalls = false
    return Swift.abs(length - ends.1) < Swift.abs(length - ends.0) ? ends.1 - margin : ends.0 + margin
  }

  /// Where the cubic through two trials and their slopes is lowest; the middle where it has no such place.
  private static func lowest(_ one: Trial, _ other: Trial, within bounds: (Double, Double)) -> Double {
    let (a, b) = one.length <= other.length ? (one, other) : (other, one)
    let d1 = one.slope + other.slope - 3 * (one.point.loss - other.point.loss) / (one.length - other.length)
    let square = d1 * d1 - one.slope * other.slope
    let middle = (bounds.0 + bounds.1) / 2
    guard square >= 0 else { return middle }
    let d2 = square.squareRoot()
    let place = b.length - (b.length - a.length) * ((b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2))
    return place.isNaN ? middle : min(max(place, bounds.0), bounds.1)
  }
}
