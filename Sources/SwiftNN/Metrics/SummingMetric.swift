/// A metric that adds up what it needs of each example: float64 sums, the number of examples in front.
class SummingMetric: Metric {
  let owner: String
  let prefersMore: Bool
  final private(set) var sums: Tensor?

  init(_ owner: String, prefersMore: Bool) {
    self.owner = owner
    self.prefersMore = prefersMore
  }

  func update(_ outputs: Tensor, _ targets: Tensor, weights: Tensor?) throws(SNNError) {
    preconditionFailure("\(owner) takes in examples")
  }

  func compute() throws(SNNError) -> [Tensor] { preconditionFailure("\(owner) has a value") }

  /// Whether there can be that many sums.
  func fits(_ count: Int) -> Bool { count == 2 }

  final var read: ExampleReader { ExampleReader(owner: owner) }

  final func reset() { sums = nil }

  /// Other tensors over the same memory: who has them may give them another shape.
  final var gathered: [Tensor] { sums.map { [$0.alias()] } ?? [] }

  final func load(gathered: [Tensor]) throws(SNNError) {
    guard let first = gathered.first else { return reset() }
    try first.requireElements(owner)
    guard gathered.count == 1, first.dtype == .float64, first.rank == 1, first.count > 0, fits(first.count - 1) else {
      throw .argument("\(owner): this is not what such a metric has gathered")
    }
    sums = try first.copied(to: .float64)
  }

  /// Adds a batch. The sums are replaced, not changed, so that what was gathered before stays as it was.
  final func add(_ examples: Int, sums count: Int, _ body: (UnsafeMutablePointer<Double>) -> Void) throws(SNNError) {
    let next: Tensor
    if let sums { next = try sums.copied(to: .float64) } else { next = try Tensor.zeros([count + 1], .float64) }
    next.doubles[0] += Double(examples)
    body(next.doubles + 1)
    sums = next
  }

  /// The sums of the examples; none are an error.
  final func total() throws(SNNError) -> [Double] {
    guard let sums, sums.doubles[0] > 0 else { throw read.none }
    return Array(try sums.array(of: Double.self)[1...])
  }
}
