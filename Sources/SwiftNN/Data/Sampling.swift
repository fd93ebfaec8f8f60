/// Which examples an epoch has, and in which order. All but functions depend on the seed and the epoch alone.
public enum Sampling {
  case sequential
  case random
  /// Any example may come any number of times.
  case replacement(count: Int? = nil)
  /// Examples with probabilities in proportion to their weights.
  case weighted([Double], count: Int? = nil, replacement: Bool = true)
  /// All classes equally often: every example of a class comes once before one comes again.
  case balanced(classes: [Int], count: Int? = nil)
  /// Easy examples first: those with the lowest scores, more of them from epoch to epoch, in random order.
  case curriculum(scores: [Double], Pacing = Pacing())
  /// The numbers of an epoch.
  case function((_ epoch: Int) throws -> [Int])
  /// The batches of an epoch.
  case batches((_ epoch: Int) throws -> [[Int]])
}

/// How the share of the examples that take part in a curriculum grows.
public struct Pacing: Sendable {
  /// How the share grows: evenly, its square evenly, or by equal factors. The raw values are those of the C interface.
  public enum Curve: Int32, Sendable {
    case linear = 0
    case root, geometric
  }

  public var curve = Curve.linear
  /// The share in the first epoch.
  public var start = 0.2
  /// The number of the first epoch with all examples.
  public var epochs = 10

  public init(_ curve: Curve = .linear, start: Double = 0.2, epochs: Int = 10) {
    (self.curve, self.start, self.epochs) = (curve, start, epochs)
  }

  public func share(epoch: Int) -> Double {
    guard epoch < epochs else { return 1 }
    let time = Double(epoch) / Double(epochs)
    switch curve {
    case .linear: return start + (1 - start) * time
    case .root: return (start * start + (1 - start * start) * time).squareRoot()
    case .geometric: return geometric(time)
    }
  }

  func count(epoch: Int, of all: Int) -> Int {
    Swift.min(Swift.max(Int((share(epoch: epoch) * Double(all)).rounded()), 1), all)
  }
}
