extension Splits {
  /// Each example is tested once: in runs of neighbours, or shuffled. `repeats` times, each shuffled anew.
  public static func kFold(
    examples: Int, folds: Int = 5, shuffle: Bool = false, repeats: Int = 1, seed: UInt32 = 0
  ) throws(SNNError) -> Splits {
    try check(folds: folds, examples)
    return try repeated(folds, shuffle, repeats, seed) { random in
      var order = Array(0..<examples)
      random?.shuffle(&order)
      var fold = Array(repeating: 0, count: examples)
      for number in 0..<folds {
        for place in runStart(number, examples, folds)..<runStart(number + 1, examples, folds) {
          fold[order[place]] = number
        }
      }
      return fold
    }
  }

  /// k folds with about the same share of each class.
  public static func stratifiedKFold(
    classes: [Int], folds: Int = 5, shuffle: Bool = false, repeats: Int = 1, seed: UInt32 = 0
  ) throws(SNNError) -> Splits {
    try check(folds: folds, classes.count)
    let labels = Labels(classes)
    guard labels.counts.contains(where: { $0 >= folds }) else {
      throw .argument("n_splits=\(folds) cannot be greater than the number of members in each class.")
    }
    if let least = labels.counts.min(), least < folds {
      Log.warning(
        "The least populated class in y has only \(least) members, which is less than n_splits=\(folds).")
    }
    // The classes in the order in which they come first, and how many of each are in each fold.
    let members = labels.members.sorted { $0[0] < $1[0] }
    var allocation = Array(repeating: Array(repeating: 0, count: folds), count: members.count)
    var place = 0
    for (label, own) in members.enumerated() {
      for _ in own {
        allocation[label][place % folds] += 1
        place += 1
      }
    }
    return try repeated(folds, shuffle, repeats, seed) { random in
      var fold = Array(repeating: 0, count: classes.count)
      for (label, own) in members.enumerated() {
        var numbers = (0..<folds).flatMap { Array(repeating: $0, count: allocation[label][$0]) }
        random?.shuffle(&numbers)
        for (example, number) in zip(own, numbers) { fold[example] = number }
      }
      return fold
    }
  }

  /// k folds that take no group apart: of about the same size, or groups shuffled.
  public static func groupKFold(
    groups: [Int], folds: Int = 5, shuffle: Bool = false, seed: UInt32 = 0
  ) throws(SNNError) -> Splits {
    try check(folds: folds, groups.count)
    let labels = Labels(groups)
    let count = labels.counts.count
    guard folds <= count else {
      throw .argument("Cannot have number of splits n_splits=\(folds) greater than the number of groups: \(count).")
    }
    var members = Array(repeating: [Int](), count: folds)
    if shuffle {
      let order = try LegacyRandom(seed: seed).permutation(count)
      for number in 0..<folds {
        members[number] = Array(order[runStart(number, count, folds)..<runStart(number + 1, count, folds)])
      }
    } else {
      // The largest groups first, each to the fold with the fewest examples.
      var sizes = Array(repeating: 0, count: folds)
      for group in labels.counts.indices.sorted(by: { (labels.counts[$0], $0) > (labels.counts[$1], $1) }) {
        var lightest = 0
        for number in 1..<folds where sizes[number] < sizes[lightest] { lightest = number }
        sizes[lightest] += labels.counts[group]
        members[lightest].append(group)
      }
    }
    return Splits.folds(folds) { labels.holds(members[$0]) }
  }

  public static func leaveOneOut(examples: Int) throws(SNNError) -> Splits {
    try check(examples: examples)
    guard examples > 1 else { throw .argument("Cannot perform LeaveOneOut with n_samples=\(examples).") }
    return Splits(count: examples) { number in
      Split(train: Array(0..<number) + Array((number + 1)..<examples), test: [number])
    }
  }

  public static func leaveOneGroupOut(groups: [Int]) throws(SNNError) -> Splits {
    try check(examples: groups.count)
    let labels = Labels(groups)
    guard labels.counts.count > 1 else {
      throw .argument(
        "The groups parameter contains fewer than 2 unique groups (\(labels.values)). LeaveOneGroupOut expects at least 2."
      )
    }
    return Splits.folds(labels.counts.count) { labels.holds([$0]) }
  }

  /// Tests what comes behind all that trains, in steps of the time that the order of the examples is; `gap` examples between the two
  /// are left out.
  public static func timeSeries(
    examples: Int, splits: Int = 5, maxTrainSize: Int? = nil, testSize: Int? = nil, gap: Int = 0
  ) throws(SNNError) -> Splits {
    try check(folds: splits, examples)
    guard splits < examples else {
      throw .argument("Cannot have number of folds=\(splits + 1) greater than the number of samples=\(examples).")
    }
    let size = testSize ?? examples / (splits + 1)
    guard size > 0, gap >= 0, maxTrainSize ?? 1 > 0 else {
      throw .argument(
        "TimeSeriesSplit: expects a test_size and a max_train_size above 0 and a gap of at least 0, got \(size), "
          + "\(maxTrainSize ?? 1) and \(gap)")
    }
    let (tested, overflows) = size.multipliedReportingOverflow(by: splits)
    guard !overflows, tested < examples, gap < examples - tested else {
      throw .argument(
        "Too many splits=\(splits) for number of samples=\(examples) with test_size=\(size) and gap=\(gap).")
    }
    return Splits(count: splits) { number in
      let start = examples - (splits - number) * size
      let end = start - gap
      return Split(
        train: Array(Swift.max(0, end - (maxTrainSize ?? end))..<end), test: Array(start..<(start + size)))
    }
  }

  private static func check(folds: Int, _ examples: Int) throws(SNNError) {
    try check(examples: examples)
    guard folds > 1 else {
      throw .argument(
        "k-fold cross-validation requires at least one train/test split by setting n_splits=2 or more, got n_splits="
          + "\(folds).")
    }
    guard folds <= examples else {
      throw .argument(
        "Cannot have number of splits n_splits=\(folds) greater than the number of samples: n_samples=\(examples).")
    }
  }

  /// Where run `number` begins when `count` things are cut into `runs`, the first of which have one more.
  private static func runStart(_ number: Int, _ count: Int, _ runs: Int) -> Int {
    number * (count / runs) + Swift.min(number, count % runs)
  }

  /// Folds that `assign` gives to the examples, anew for each repetition.
  private static func repeated(
    _ folds: Int, _ shuffle: Bool, _ repeats: Int, _ seed: UInt32, _ assign: @escaping (LegacyRandom?) -> [Int]
  ) throws(SNNError) -> Splits {
    guard repeats > 0, repeats <= 1 << 30 else {
      throw .argument("Number of repetitions must be greater than 0, and at most 2^30, got \(repeats).")
    }
    let random = shuffle ? try LegacyRandom(seed: seed) : nil
    var assigned: [Int] = []
    return Splits.folds(folds * repeats) { number in
      if number % folds == 0 { assigned = assign(random) }
      return assigned.map { $0 == number % folds }
    }
  }
}
