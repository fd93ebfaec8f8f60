import CKernels

/// The random numbers of NumPy's `RandomState`.
final class LegacyRandom {
  private let generator: OpaquePointer

  init(seed: UInt32) throws(SNNError) {
    guard let generator = ck_mt19937_new(seed) else { throw SNNError(.memory, "split: no memory for random numbers") }
    self.generator = generator
  }

  deinit { ck_mt19937_free(generator) }

  func shuffle(_ items: inout [Int]) {
    items.withUnsafeMutableBufferPointer { items in
      items.withMemoryRebound(to: Int64.self) { ck_mt19937_shuffle(generator, Int64($0.count), $0.baseAddress) }
    }
  }

  func permutation(_ items: [Int]) -> [Int] {
    var items = items
    shuffle(&items)
    return items
  }

  func permutation(_ count: Int) -> [Int] { permutation(Array(0..<count)) }
}

/// Classes or groups of examples, counted from 0 in ascending order of what they are called.
struct Labels {
  let values: [Int]
  /// For each example.
  let positions: [Int]
  /// For each label.
  let counts: [Int]

  init(_ labels: [Int]) {
    values = Set(labels).sorted()
    let places = Dictionary(uniqueKeysWithValues: values.enumerated().map { ($1, $0) })
    positions = labels.map { places[$0] ?? 0 }
    var counts = Array(repeating: 0, count: values.count)
    for position in positions { counts[position] += 1 }
    self.counts = counts
  }

  /// The examples of each label.
  var members: [[Int]] {
    var members = counts.map { count -> [Int] in
      var list: [Int] = []
      list.reserveCapacity(count)
      return list
    }
    for (example, position) in positions.enumerated() { members[position].append(example) }
    return members
  }

  /// Which examples have one of these labels.
  func holds(_ labels: some Sequence<Int>) -> [Bool] {
    var isOne = Array(repeating: false, count: counts.count)
    for label in labels { isOne[label] = true }
    return positions.map { isOne[$0] }
  }
}
