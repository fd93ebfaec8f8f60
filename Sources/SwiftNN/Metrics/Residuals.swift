/// What is left of the targets behind the predictions.
final class Residuals: Metric {
  static let declaration = Maker<any Metric>(
    "Residuals", "target - output of every example, and the outputs. Weights change nothing."
  ) { options throws(SNNError) in Residuals(options.owner) }

  private let read: ExampleReader
  private var rows = GatheredRows()

  init(_ owner: String) { read = ExampleReader(owner: owner) }

  var prefersMore: Bool { false }

  func update(_ outputs: Tensor, _ targets: Tensor, weights: Tensor?) throws(SNNError) {
    let given = try read.columns(outputs, targets, weights, before: rows.width.map { $0 / 2 })
    let shape = [given.count, 1, given.width]
    let predicted = try given.outputs.reshape(shape)
    try rows.append(Tensor.cat([given.targets.reshape(shape) - predicted, predicted], 1).contiguous())
  }

  func compute() throws(SNNError) -> [Tensor] {
    guard let all = rows.all, all.shape[0] > 0 else { throw read.none }
    let parts = try [all.select(1, 0).clone(), all.select(1, 1).clone()]
    return all.shape[2] == 1 ? [try parts[0].reshape([all.shape[0]]), try parts[1].reshape([all.shape[0]])] : parts
  }

  func reset() { rows = GatheredRows() }

  var gathered: [Tensor] { rows.all.map { [$0] } ?? [] }

  func load(gathered: [Tensor]) throws(SNNError) {
    var next = GatheredRows()
    if let all = gathered.first {
      try all.requireElements(read.owner)
      guard gathered.count == 1, all.dtype == .float64, all.rank == 3, all.shape[1] == 2, all.shape[2] > 0 else {
        throw .argument("\(read.owner): this is not what such a metric has gathered")
      }
      try next.append(all.detach().contiguous())
    }
    rows = next
  }
}
