/// Numbers of examples to train with, and of others to test with.
public struct Split: Sendable, Equatable {
  public var train: [Int]
  public var test: [Int]
}

/// One split of the examples after another: those that scikit-learn makes of the same arguments and the same seed.
public final class Splits: Sequence, IteratorProtocol {
  public let count: Int
  private var made = 0
  private let make: (Int) -> Split

  /// `make` is called for 0, 1, 2, …
  init(count: Int, _ make: @escaping (Int) -> Split) {
    self.count = count
    self.make = make
  }

  public func next() -> Split? {
    guard made < count else { return nil }
    made += 1
    return make(made - 1)
  }

  static let mostExamples = 1 << 30

  static func check(examples: Int) throws(SNNError) {
    guard examples >= 0, examples <= mostExamples else {
      throw .argument("split: expects between 0 and 2^30 examples, got \(examples)")
    }
  }

  /// The splits of a fold for each example: what is not tested trains.
  static func folds(_ count: Int, _ fold: @escaping (Int) -> [Bool]) -> Splits {
    Splits(count: count) { number in
      let isTested = fold(number)
      return Split(train: isTested.indices.filter { !isTested[$0] }, test: isTested.indices.filter { isTested[$0] })
    }
  }
}

/// How many examples: a share of all, or so many.
public enum Share: Sendable, CustomStringConvertible {
  case of(Double)
  case count(Int)

  public var description: String {
    switch self {
    case .of(let share): "\(share)"
    case .count(let count): "\(count)"
    }
  }

  func check(_ name: String, _ examples: Int) throws(SNNError) {
    let isFine =
      switch self {
      case .of(let share): share > 0 && share < 1
      case .count(let count): count > 0 && count < examples
      }
    guard isFine else {
      throw .argument(
        "\(name)=\(self) should be either positive and smaller than the number of samples \(examples) or a float in the "
          + "(0, 1) range")
    }
  }
}

/// How many examples train and how many test, each from the other where one is not said.
public struct Shares: Sendable {
  public var test: Share?
  public var train: Share?

  public init(test: Share? = nil, train: Share? = nil) { (self.test, self.train) = (test, train) }

  func counts(_ examples: Int, test usual: Double) throws(SNNError) -> (train: Int, test: Int) {
    let test = self.test ?? (train == nil ? .of(usual) : nil)
    try test?.check("test_size", examples)
    try train?.check("train_size", examples)
    if case .of(let first)? = test, case .of(let second)? = train, first + second > 1 {
      throw .argument(
        "The sum of test_size and train_size = \(first + second), should be in the (0, 1) range. Reduce test_size and/or "
          + "train_size.")
    }
    let tested = test.map { $0.count(examples, .up) }
    let trained = train.map { $0.count(examples, .down) }
    let (trains, tests) = (trained ?? examples - (tested ?? 0), tested ?? examples - (trained ?? 0))
    guard trains + tests <= examples else {
      throw .argument(
        "The sum of train_size and test_size = \(trains + tests), should be smaller than the number of samples "
          + "\(examples). Reduce test_size and/or train_size.")
    }
    guard trains > 0 else {
      throw .argument(
        "With n_samples=\(examples), test_size=\(self.test?.description ?? "None") and "
          + "train_size=\(train?.description ?? "None"), the resulting train set will be empty. Adjust any of the "
          + "aforementioned parameters.")
    }
    return (trains, tests)
  }
}

extension Share {
  fileprivate func count(_ examples: Int, _ rounding: FloatingPointRoundingRule) -> Int {
    switch self {
    case .of(let share): Int((share * Double(examples)).rounded(rounding))
    case .count(let count): count
    }
  }
}
