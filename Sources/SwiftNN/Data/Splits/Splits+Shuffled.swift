extension Splits {
  /// Random examples to test and others to train with, again and again.
  public static func shuffle(
    examples: Int, splits: Int = 10, _ shares: Shares = Shares(), seed: UInt32 = 0, usualTest: Double = 0.1
  ) throws(SNNError) -> Splits {
    try check(examples: examples)
    try check(splits: splits)
    let (trains, tests) = try shares.counts(examples, test: usualTest)
    let random = try LegacyRandom(seed: seed)
    return Splits(count: splits) { _ in
      let order = random.permutation(examples)
      return Split(train: Array(order[tests..<(tests + trains)]), test: Array(order[..<tests]))
    }
  }

  /// The same with about the same share of each class.
  public static func stratifiedShuffle(
    classes: [Int], splits: Int = 10, _ shares: Shares = Shares(), seed: UInt32 = 0, usualTest: Double = 0.1
  ) throws(SNNError) -> Splits {
    try check(examples: classes.count)
    try check(splits: splits)
    let (trains, tests) = try shares.counts(classes.count, test: usualTest)
    let labels = Labels(classes)
    let lonely = zip(labels.values, labels.counts).filter { $1 < 2 }.map(\.0)
    guard lonely.isEmpty else {
      throw .argument(
        "The least populated classes in y have only 1 member, which is too few. The minimum number of groups for any class "
          + "cannot be less than 2. Classes with too few members are: \(lonely)")
    }
    for (name, size) in [("train_size", trains), ("test_size", tests)] where size < labels.counts.count {
      throw .argument(
        "The \(name) = \(size) should be greater or equal to the number of classes = \(labels.counts.count)")
    }
    let members = labels.members
    let random = try LegacyRandom(seed: seed)
    return Splits(count: splits) { _ in
      let trained = drawn(trains, from: labels.counts, random)
      let tested = drawn(tests, from: zip(labels.counts, trained).map { $0 - $1 }, random)
      var split = Split(train: [], test: [])
      for (label, own) in members.enumerated() {
        let order = random.permutation(own.count).map { own[$0] }
        split.train += order[..<trained[label]]
        split.test += order[trained[label]..<(trained[label] + tested[label])]
      }
      random.shuffle(&split.train)
      random.shuffle(&split.test)
      return split
    }
  }

  /// Random groups to test and others to train with; shares are of groups.
  public static func groupShuffle(
    groups: [Int], splits: Int = 5, _ shares: Shares = Shares(), seed: UInt32 = 0
  ) throws(SNNError) -> Splits {
    let labels = Labels(groups)
    let ofGroups = try shuffle(examples: labels.counts.count, splits: splits, shares, seed: seed, usualTest: 0.2)
    return Splits(count: splits) { _ in
      guard let split = ofGroups.next() else { preconditionFailure("there are as many splits of the groups") }
      let (trains, tests) = (labels.holds(split.train), labels.holds(split.test))
      return Split(train: trains.indices.filter { trains[$0] }, test: tests.indices.filter { tests[$0] })
    }
  }

  /// The examples in parts of these shares, 80, 10 and 10 hundredths unless said otherwise: shuffled, with about the same share of
  /// each class where there are classes.
  public static func parts(
    examples: Int, _ shares: [Double] = [0.8, 0.1, 0.1], classes: [Int]? = nil, shuffle: Bool = true, seed: UInt32 = 0
  ) throws(SNNError) -> [[Int]] {
    try check(examples: examples)
    guard classes?.count ?? examples == examples else {
      throw .shape("split: there are \(examples) examples, and \(classes?.count ?? 0) classes")
    }
    guard shuffle || classes == nil else {
      throw .argument("Stratified train/test split is not implemented for shuffle=False")
    }
    var limits: [Double] = []
    for share in shares {
      guard share >= 0, share <= 1 else { throw .argument("split: expects shares between 0 and 1, got \(shares)") }
      limits.append((limits.last ?? 0) + share)
    }
    guard let sum = limits.last, (sum - 1).magnitude < 1e-6 else {
      throw .argument("split: expects shares that add up to 1, got \(shares)")
    }
    limits[limits.count - 1] = 1
    let random = shuffle ? try LegacyRandom(seed: seed) : nil
    var parts = Array(repeating: [Int](), count: shares.count)
    var begun = 0
    for own in classes.map({ Labels($0).members }) ?? [Array(0..<examples)] {
      let order = random?.permutation(own) ?? own
      var place = 0
      for (part, limit) in limits.enumerated() {
        // What is rounded for one class is made up for by the next.
        let before = (limit * Double(begun)).rounded()
        let end = Swift.max(place, Int((limit * Double(begun + own.count)).rounded() - before))
        let taken = part == limits.count - 1 ? own.count : Swift.min(end, own.count)
        parts[part] += order[place..<taken]
        place = taken
      }
      begun += own.count
    }
    if classes != nil { for part in parts.indices { random?.shuffle(&parts[part]) } }
    return parts
  }

  private static func check(splits: Int) throws(SNNError) {
    guard splits > 0 else { throw .argument("split: expects n_splits of at least 1, got \(splits)") }
  }

  /// How many of each class are likely among so many drawn; what rounding leaves goes to the greatest remainders, and to some of the
  /// last equal ones at random.
  private static func drawn(_ draws: Int, from counts: [Int], _ random: LegacyRandom) -> [Int] {
    let all = Double(counts.reduce(0, +))
    let expected = counts.map { Double($0) / all * Double(draws) }
    var drawn = expected.map { Int($0.rounded(.down)) }
    let remainders = expected.map { $0 - $0.rounded(.down) }
    var missing = draws - drawn.reduce(0, +)
    for value in Set(remainders).sorted(by: >) where missing > 0 {
      let equal = remainders.indices.filter { remainders[$0] == value }
      let chosen = random.permutation(equal.count).prefix(Swift.min(equal.count, missing))
      for i in chosen { drawn[equal[i]] += 1 }
      missing -= chosen.count
    }
    return drawn
  }
}
