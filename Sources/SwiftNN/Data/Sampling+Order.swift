import CKernels

extension Pacing {
  func geometric(_ time: Double) -> Double { ck_pow(start, 1 - time) }
}

extension Sampling {
  /// The number of examples in an epoch; nil where only a function knows it.
  func count(epoch: Int, of examples: Int) -> Int? {
    switch self {
    case .sequential, .random: examples
    case .replacement(let count), .weighted(_, let count, _), .balanced(_, let count): count ?? examples
    case .curriculum(_, let pacing): pacing.count(epoch: epoch, of: examples)
    case .function, .batches: nil
    }
  }

  /// Whether all epochs have as many examples.
  var isEven: Bool {
    switch self {
    case .sequential, .random, .replacement, .weighted, .balanced: true
    case .curriculum, .function, .batches: false
    }
  }

  /// The numbers of an epoch, for a seed that belongs to it; nil for 0, 1, 2, … The batches of a function are asked for elsewhere.
  func order(epoch: Int, seed: UInt64, of examples: Int) throws(SNNError) -> Tensor? {
    let generator = Generator(seed: seed)
    switch self {
    case .sequential, .batches: return nil
    case .random: return try Tensor.permutation(examples, generator)
    case .replacement(let count):
      return try Tensor.integers(
        [count ?? examples], 0, Swift.max(examples, 1), .int64, generator, operation: "Loader")
    case .weighted(let weights, let count, let replacement):
      let wanted = count ?? examples
      return try wanted == 0
        ? Tensor([Int]()) : Tensor(weights).multinomial(wanted, replacement: replacement, generator)
    case .balanced(let classes, let count): return try evenly(classes, count ?? examples, seed)
    case .curriculum(let scores, let pacing):
      let easiest = try Tensor(scores).argsort().narrow(0, 0, pacing.count(epoch: epoch, of: examples))
      return try easiest.indexSelect(0, Tensor.permutation(easiest.count, generator))
    case .function(let function):
      do { return try Tensor(try function(epoch)) } catch { throw SNNError.from(error) }
    }
  }
}

extension Generator {
  /// A number of its own for each position of the sequence that a seed begins: the seed of another sequence.
  static func seed(_ seed: UInt64, _ position: Int) -> UInt64 {
    var word: Int64 = 0
    ck_random_integers(CK_INT64, seed, UInt64(bitPattern: Int64(position)), 1, &word, .min, .max)
    return UInt64(bitPattern: word)
  }
}

/// `count` examples, from each class as many, or one more of some.
private func evenly(_ classes: [Int], _ count: Int, _ seed: UInt64) throws(SNNError) -> Tensor {
  var members: [[Int]] = []
  var positions: [Int: Int] = [:]
  for (number, label) in classes.enumerated() {
    if let position = positions[label] {
      members[position].append(number)
    } else {
      positions[label] = members.count
      members.append([number])
    }
  }
  guard !members.isEmpty else { return try Tensor([Int]()) }
  let drawn = try Tensor(uninitialized: [count], .int64, operation: "Loader")
  let room = drawn.data.assumingMemoryBound(to: Int.self)
  var place = 0
  // The classes that have one more differ from epoch to epoch.
  let turns = try Tensor.permutation(members.count, Generator(seed: Generator.seed(seed, 0))).array(of: Int.self)
  for (turn, position) in turns.enumerated() {
    let own = members[position]
    let end = place + count / members.count + (turn < count % members.count ? 1 : 0)
    var round = 0
    while place < end {
      let key = Generator.seed(Generator.seed(seed, 2 + position), round)
      for i in try Tensor.permutation(own.count, Generator(seed: key)).array(of: Int.self) where place < end {
        room[place] = own[i]
        place += 1
      }
      round += 1
    }
  }
  return try drawn.indexSelect(0, Tensor.permutation(count, Generator(seed: Generator.seed(seed, 1))))
}
