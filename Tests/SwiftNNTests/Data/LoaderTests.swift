import Testing

@testable import SwiftNN

/// Ten examples whose parts say their numbers.
private func ten() throws -> TensorDataset {
  try TensorDataset([Tensor((0..<20).map { Float($0 / 2) }, [10, 2]), Tensor(Array(0..<10))])
}

/// The examples of each batch until the epoch ends.
private func epoch(_ loader: Loader) throws -> [[Int]] {
  var batches: [[Int]] = []
  while let parts = try loader.next() {
    let numbers = try parts[parts.count - 1].array(of: Int.self)
    #expect(try parts[0].array(of: Float.self) == numbers.flatMap { [Float($0), Float($0)] } || parts.count == 1)
    batches.append(numbers)
  }
  return batches
}

private func loader(_ dataset: any Dataset, _ change: (inout Loader.Options) -> Void) throws -> Loader {
  var options = Loader.Options()
  change(&options)
  return try Loader(dataset, options)
}

@Suite struct LoaderTests {
  @Test func endings() throws {
    let keep = try loader(ten()) { $0.batchSize = 4 }
    #expect(keep.batchCount == 3)
    #expect(try epoch(keep) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]])
    #expect(keep.epoch == 1)
    let drop = try loader(ten()) { ($0.batchSize, $0.ending) = (4, .drop) }
    #expect(drop.batchCount == 2)
    #expect(try epoch(drop) == [[0, 1, 2, 3], [4, 5, 6, 7]])
    let fill = try loader(ten()) { ($0.batchSize, $0.ending) = (4, .fill) }
    #expect(try epoch(fill) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 0, 1]])
    #expect(fill.batchCount == 2)
    #expect(try epoch(fill) == [[2, 3, 4, 5], [6, 7, 8, 9]])
    #expect(try epoch(fill) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 0, 1]])
  }

  @Test(arguments: 1...10) func filledEpochsAreOneSequence(batchSize: Int) throws {
    let whole = try loader(ten()) { ($0.batchSize, $0.sampling, $0.seed) = (10, .random, 3) }
    let fill = try loader(ten()) { ($0.batchSize, $0.sampling, $0.seed, $0.ending) = (batchSize, .random, 3, .fill) }
    var expected: [Int] = []
    var got: [Int] = []
    for _ in 0..<7 {
      expected += try epoch(whole).flatMap(\.self)
      #expect(fill.batchCount == fill.batchCount)
      let batches = try epoch(fill)
      #expect(batches.allSatisfy { $0.count == batchSize })
      got += batches.flatMap(\.self)
    }
    #expect(got.count >= 70 && got.count < 70 + batchSize)
    #expect(Array(got[..<70]) == expected)
  }

  @Test func orderDependsOnSeedAndEpochAlone() throws {
    let first = try loader(ten()) { ($0.batchSize, $0.sampling, $0.seed) = (3, .random, 7) }
    let epochs = try (0..<3).map { _ in try epoch(first).flatMap(\.self) }
    #expect(Set(epochs).count == 3)
    for order in epochs { #expect(order.sorted() == Array(0..<10)) }
    let second = try loader(ten()) { ($0.batchSize, $0.sampling, $0.seed) = (10, .random, 7) }
    try second.begin(epoch: 2)
    #expect(try epoch(second) == [epochs[2]])
    let other = try loader(ten()) { ($0.batchSize, $0.sampling, $0.seed) = (10, .random, 8) }
    #expect(try epoch(other) != [epochs[0]])
  }

  @Test(arguments: [0, 1, 2, 5], [1, 3]) func workersGiveTheSameBatches(workers: Int, prefetch: Int) throws {
    func run(_ workers: Int) throws -> [[Float]] {
      let made = try loader(
        TensorDataset([Tensor.normal([23, 2, 6, 6], mean: 0, std: 1, .float32, Generator(seed: 1))])
      ) {
        ($0.batchSize, $0.sampling, $0.workers, $0.prefetch) = (4, .random, workers, prefetch)
        $0.augmentations = [Doubling()]
        $0.imageSizes = [4, 5]
      }
      var all: [[Float]] = []
      for _ in 0..<3 { while let batch = try made.next() { all.append(try batch[0].array()) } }
      return all
    }
    let plain = try run(0)
    #expect(plain.count == 18 && plain[0].count == 4 * 2 * 16 && plain[6].count == 4 * 2 * 25)
    #expect(try run(workers) == plain)
  }

  @Test(arguments: [0, 2], Loader.Ending.all) func positionsAreTakenUp(workers: Int, ending: Loader.Ending) throws {
    func made() throws -> Loader {
      try loader(ten()) {
        ($0.batchSize, $0.sampling, $0.seed, $0.workers, $0.ending) = (3, .random, 5, workers, ending)
      }
    }
    let whole = try made()
    for steps in 0..<9 {
      let part = try made()
      for _ in 0..<steps { _ = try part.next() }
      let resumed = try loader(ten()) { ($0.batchSize, $0.sampling, $0.ending) = (3, .random, ending) }
      try resumed.load(state: part.state)
      #expect(resumed.state == part.state)
      try whole.begin(epoch: 0)
      for _ in 0..<steps { _ = try whole.next() }
      for _ in 0..<6 {
        let (a, b) = (try whole.next(), try resumed.next())
        #expect(try a?[1].array(of: Int.self) == b?[1].array(of: Int.self))
      }
    }
  }

  @Test func statesThatDoNotFit() throws {
    let made = try loader(ten()) { $0.batchSize = 4 }
    let before = made.state
    for text in [
      "", "{}", "[]", #"{"epoch": -1}"#, #"{"epoch": 0, "batch": 4, "seed": 0, "examples": 10}"#,
      #"{"epoch": 0, "batch": 0, "seed": 0, "examples": 11}"#, #"{"epoch": 0, "batch": 0, "examples": 10}"#,
      #"{"epoch": 9000000000000000000, "batch": 0, "seed": 0, "examples": 10}"#,
      #"{"epoch": 0, "batch": 0, "seed": -1, "examples": 10}"#,
    ] {
      #expect(throws: SNNError.self) { try made.load(state: text) }
      #expect(made.state == before)
    }
    #expect(throws: SNNError.self) { try made.begin(epoch: -1) }
  }

  @Test(arguments: [0, 3]) func errorsComeBackAndCanBeTriedAgain(workers: Int) throws {
    let gate = Gate()
    let dataset = try FunctionDataset(count: 10) { numbers in
      if numbers.contains(6), gate.isShut { throw SNNError(.file, "no example 6") }
      return [try Tensor(numbers)]
    }
    let made = try loader(dataset) { ($0.batchSize, $0.workers) = (2, workers) }
    for _ in 0..<3 { _ = try made.next() }
    for _ in 0..<2 { #expect(throws: SNNError(.file, "no example 6")) { try made.next() } }
    gate.isShut = false
    #expect(try epoch(made) == [[6, 7], [8, 9]])
  }

  @Test func loadersEndTheirThreads() throws {
    for _ in 0..<20 {
      let made = try loader(ten()) { ($0.batchSize, $0.workers) = (1, 3) }
      _ = try made.next()
    }
  }

  @Test func emptyDatasets() throws {
    let empty = try TensorDataset([Tensor.zeros([0, 3])])
    for sampling in [Sampling.sequential, .random, .balanced(classes: []), .weighted([]), .replacement()] {
      let made = try loader(empty) { $0.sampling = sampling }
      #expect(made.batchCount == 0)
      #expect(try made.next() == nil)
    }
  }

  @Test func optionsAreChecked() throws {
    for change: (inout Loader.Options) -> Void in [
      { $0.batchSize = 0 }, { $0.workers = -1 }, { $0.prefetch = 0 }, { $0.imageSizes = [0] },
      { $0.sampling = .weighted([1]) }, { $0.sampling = .weighted(Array(repeating: -1, count: 10)) },
      { $0.sampling = .weighted(Array(repeating: .nan, count: 10)) },
      { $0.sampling = .weighted([1] + Array(repeating: 0, count: 9), count: 2, replacement: false) },
      { $0.sampling = .balanced(classes: [1]) }, { $0.sampling = .replacement(count: -1) },
      { $0.sampling = .curriculum(scores: Array(repeating: .nan, count: 10)) },
      { $0.sampling = .curriculum(scores: Array(repeating: 1, count: 10), Pacing(start: 0)) },
      { ($0.batchSize, $0.ending) = (11, .fill) },
      { ($0.sampling, $0.ending) = (.function { _ in [] }, .fill) },
    ] {
      #expect(throws: SNNError.self) { try loader(ten(), change) }
    }
  }
}

@Suite struct SamplingTests {
  @Test func classesComeEquallyOften() throws {
    let classes = [0, 0, 0, 0, 0, 0, 0, 1, 1, 5]
    let made = try loader(ten()) {
      ($0.batchSize, $0.sampling) = (100, .balanced(classes: classes, count: 30))
    }
    for _ in 0..<3 {
      let drawn = try epoch(made)[0]
      var counts: [Int: Int] = [:]
      for number in drawn { counts[classes[number], default: 0] += 1 }
      #expect(counts == [0: 10, 1: 10, 5: 10])
      for number in 0..<7 { #expect((1...2).contains(drawn.count { $0 == number })) }
      for number in 7..<9 { #expect(drawn.count { $0 == number } == 5) }
    }
  }

  @Test func weightsAreKept() throws {
    var weights = Array(repeating: 0.0, count: 10)
    (weights[2], weights[3]) = (1, 3)
    let made = try loader(ten()) { ($0.batchSize, $0.sampling) = (10000, .weighted(weights, count: 10000)) }
    let drawn = try epoch(made)[0]
    #expect(Set(drawn) == [2, 3])
    #expect(abs(drawn.count { $0 == 3 } - 7500) < 200)
    let without = try loader(ten()) {
      ($0.batchSize, $0.sampling) = (10, .weighted(weights, count: 2, replacement: false))
    }
    #expect(Set(try epoch(without)[0]) == [2, 3])
  }

  @Test func easyExamplesComeFirst() throws {
    let scores = (0..<10).map { Double(9 - $0) }
    let made = try loader(ten()) {
      ($0.batchSize, $0.sampling) = (10, .curriculum(scores: scores, Pacing(.linear, start: 0.2, epochs: 4)))
    }
    var sizes: [Int] = []
    for _ in 0..<6 {
      #expect(made.batchCount == 1)
      let drawn = try epoch(made)[0]
      #expect(Set(drawn) == Set((10 - drawn.count)..<10))
      sizes.append(drawn.count)
    }
    #expect(sizes == [2, 4, 6, 8, 10, 10])
    #expect(Pacing(.root, start: 0.6, epochs: 2).share(epoch: 1) == (0.36 + 0.64 / 2).squareRoot())
    #expect(abs(Pacing(.geometric, start: 0.25, epochs: 2).share(epoch: 1) - 0.5) < 1e-15)
  }

  @Test func functionsSayNumbersAndBatches() throws {
    let numbers = try loader(ten()) { ($0.batchSize, $0.sampling) = (2, .function { [$0, 9, 1] }) }
    #expect(numbers.batchCount == nil)
    #expect(try epoch(numbers) == [[0, 9], [1]])
    #expect(try epoch(numbers) == [[1, 9], [1]])
    let batches = try loader(ten()) { $0.sampling = .batches { [[$0], [], [4, 5]] } }
    #expect(try epoch(batches) == [[0], [], [4, 5]])
    let wrong = try loader(ten()) { $0.sampling = .function { _ in [10] } }
    #expect(throws: SNNError(.index, "examples: there are 10 examples, and no number 10")) { try wrong.next() }
  }

  @Test func replacementDrawsAnyExample() throws {
    let made = try loader(ten()) { ($0.batchSize, $0.sampling) = (1000, .replacement(count: 1000)) }
    let drawn = try epoch(made)[0]
    for number in 0..<10 { #expect((60...140).contains(drawn.count { $0 == number })) }
  }
}

extension Loader.Ending {
  static let all: [Loader.Ending] = [.keep, .drop, .fill]
}

/// Adds noise, so that it matters which batch it is.
private final class Doubling: Augmentation {
  func apply(_ batch: [Tensor], _ generator: Generator) throws(SNNError) -> [Tensor] {
    [try batch[0] + Tensor.normal(Array(batch[0].shape), mean: 0, std: 1, .float32, generator)]
  }
}

private final class Gate: @unchecked Sendable {
  var isShut = true
}
