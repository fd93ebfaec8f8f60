import CKernels

/// A metric that counts by class: which classes there were, in order, and sums of weights that belong to them.
class ClassMetric: Metric {
  /// How the sums are laid out: right, predicted and actual of each class, or [actual, predicted].
  enum Layout { case ofEach, ofPairs }

  let owner: String
  let reader: ClassReader
  private let layout: Layout
  /// The only classes that count, in order; nil: those that occur.
  private let fixed: [Int]?
  final private(set) var classes: [Int] = []
  /// The number of examples, the kind of weights, whether a target was one of the classes, and the sums.
  private var state: Tensor?
  private static let head = 3
  /// Pairs of more classes than this are more than memory should hold.
  private static let mostPaired = 1 << 13

  init(_ options: Options, _ layout: Layout, fixed: [Int]? = nil) throws(SNNError) {
    (owner, self.layout) = (options.owner, layout)
    reader = ClassReader(options)
    self.fixed = fixed?.sorted()
    if let fixed {
      guard !fixed.isEmpty else { throw .argument("\(owner): labels must have at least one label") }
      guard Set(fixed).count == fixed.count else { throw .argument("\(owner): labels must differ, got \(fixed)") }
    }
  }

  var prefersMore: Bool { true }

  func compute() throws(SNNError) -> [Tensor] { preconditionFailure("\(owner) has a value") }

  final func update(_ outputs: Tensor, _ targets: Tensor, weights: Tensor?) throws(SNNError) {
    let given = try reader.classes(outputs, targets, weights)
    let (n, width) = (Int64(given.count), Int64(given.width))
    guard n > 0 else { return }
    let next: [Int]
    if reader.isMultilabel {
      next = Array(0..<given.width)
    } else if let fixed {
      next = fixed
    } else {
      next = try known(with: given)
    }
    let sums = try moved(to: next)
    let body = sums.doubles + Self.head
    var anyActual = true
    if reader.isMultilabel {
      ck_label_sums(n, width, given.predicted.integers, given.actual.integers, given.weightPointer, body)
    } else {
      let predicted = try positions(of: given.predicted, in: next)
      let actual = try positions(of: given.actual, in: next)
      if fixed != nil { anyActual = try (actual >= 0).any().item().double != 0 }
      let add = layout == .ofEach ? ck_class_sums : ck_confusion
      add(n, Int64(next.count), predicted.integers, actual.integers, given.weightPointer, body)
    }
    sums.doubles[0] += Double(given.count)
    let kind = weights.map { $0.dtype.isFloatingPoint ? WeightKind.real : .whole } ?? .none
    sums.doubles[1] = min(sums.doubles[1], kind.rawValue)
    if anyActual { sums.doubles[2] = 1 }
    (classes, state) = (next, sums)
  }

  /// The classes so far and those of a batch.
  private func known(with given: ClassReader.Classes) throws(SNNError) -> [Int] {
    var all = classes
    for tensor in [given.predicted, given.actual] { all += try distinct(tensor) }
    return try distinct(Tensor(all))
  }

  private func distinct(_ tensor: Tensor) throws(SNNError) -> [Int] { try reader.read.distinct(tensor) }

  private func positions(of tensor: Tensor, in classes: [Int]) throws(SNNError) -> Tensor {
    try reader.read.positions(of: tensor, in: classes)
  }

  private func size(_ count: Int) throws(SNNError) -> Int {
    guard layout == .ofPairs else { return Self.head + 3 * count }
    guard count <= Self.mostPaired else {
      throw .argument("\(owner): there are pairs of at most \(Self.mostPaired) classes, got \(count)")
    }
    return Self.head + count * count
  }

  /// A copy of the sums with room for other classes.
  private func moved(to next: [Int]) throws(SNNError) -> Tensor {
    if let state, next == classes { return try state.copied(to: .float64) }
    if reader.isMultilabel, !classes.isEmpty {
      throw .shape("\(owner): expects \(classes.count) labels of each example as before, got \(next.count)")
    }
    let sums = try Tensor.zeros([size(next.count)], .float64)
    guard let state else {
      sums.doubles[1] = WeightKind.none.rawValue
      return sums
    }
    for i in 0..<Self.head { sums.doubles[i] = state.doubles[i] }
    let places = try reader.read.positions(of: Tensor(classes), in: next).array(of: Int.self)
    let (old, new) = (state.doubles + Self.head, sums.doubles + Self.head)
    for row in 0..<(layout == .ofEach ? 3 : classes.count) {
      let place = layout == .ofEach ? row : places[row]
      for column in classes.indices {
        new[place * next.count + places[column]] = old[row * classes.count + column]
      }
    }
    return sums
  }

  final func reset() { (classes, state) = ([], nil) }

  final var gathered: [Tensor] {
    guard let state, let classes = try? Tensor(classes) else { return [] }
    return [classes, state.alias()]
  }

  final func load(gathered: [Tensor]) throws(SNNError) {
    if gathered.isEmpty { return reset() }
    for tensor in gathered { try tensor.requireElements(owner) }
    guard gathered.count == 2, gathered[0].dtype == .int64, gathered[1].dtype == .float64, gathered[0].rank == 1,
      gathered[1].rank == 1
    else { throw .argument("\(owner): this is not what such a metric has gathered") }
    let next = try gathered[0].array(of: Int.self)
    let isInOrder = next.indices.dropFirst().allSatisfy { next[$0 - 1] < next[$0] }
    guard isInOrder, gathered[1].count == (try size(next.count)), fixed == nil || fixed == next else {
      throw .argument("\(owner): this is not what such a metric has gathered")
    }
    (classes, state) = (next, try gathered[1].copied(to: .float64))
  }

  /// What was counted. No examples are an error.
  final func counts() throws(SNNError) -> ClassCounts {
    guard let state, state.doubles[0] > 0 else { throw reader.read.none }
    guard state.doubles[2] != 0 else {
      throw .argument("\(owner): at least one of the labels must be among the targets")
    }
    let sums = Array(try state.array(of: Double.self)[Self.head...])
    return ClassCounts(classes: classes, sums: sums, weights: WeightKind(rawValue: state.doubles[1]) ?? .real)
  }
}

/// The weights of all batches: reals among them, whole numbers, or none.
enum WeightKind: Double {
  case real = 0
  case whole, none
}

/// Sums of weights by class.
struct ClassCounts {
  let classes: [Int]
  let sums: [Double]
  let weights: WeightKind

  var right: [Double] { Array(sums[..<classes.count]) }
  var predicted: [Double] { Array(sums[classes.count..<(2 * classes.count)]) }
  var actual: [Double] { Array(sums[(2 * classes.count)...]) }

  /// Of these classes alone; those that did not occur have zeros.
  func selected(_ labels: [Int]) -> ClassCounts {
    let count = classes.count
    var picked: [Double] = []
    for row in 0..<3 {
      for label in labels {
        // Classes are in order.
        var (low, high) = (0, count)
        while low < high {
          let middle = (low + high) / 2
          if classes[middle] < label { low = middle + 1 } else { high = middle }
        }
        picked.append(low < count && classes[low] == label ? sums[row * count + low] : 0)
      }
    }
    return ClassCounts(classes: labels, sums: picked, weights: weights)
  }
}

extension ExampleReader {
  /// The distinct integers, in order.
  func distinct(_ tensor: Tensor) throws(SNNError) -> [Int] {
    let found = try Tensor(uninitialized: tensor.shape, .int64, operation: owner)
    var count: Int64 = 0
    guard ck_distinct(Int64(tensor.count), tensor.integers, found.integers, &count) else {
      throw SNNError(.memory, "\(owner): no memory to put \(tensor.count) classes in order")
    }
    return withExtendedLifetime(found) { (0..<Int(count)).map { Int(found.integers[$0]) } }
  }

  /// Where each integer stands among labels in order; -1 where it is none of them.
  func positions(of tensor: Tensor, in labels: [Int]) throws(SNNError) -> Tensor {
    let places = try Tensor(uninitialized: tensor.shape, .int64, operation: owner)
    let known = try Tensor(labels)
    withExtendedLifetime(known) {
      ck_label_positions(Int64(tensor.count), places.integers, tensor.integers, Int64(labels.count), known.integers)
    }
    return places
  }
}
