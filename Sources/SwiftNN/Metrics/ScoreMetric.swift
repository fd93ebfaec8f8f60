import CKernels

/// A metric that keeps all scores, since it needs their order.
///
/// What a model gives is one score of each example, [N] or [N, 1], of the positive class; scores of two classes, [N, 2], of which the
/// second is the positive one; scores of more classes, [N, C]; or, with targets of the same shape [N, L], a score of each label.
class ScoreMetric: Metric {
  static let fields: [Field] = [.bool("logits", default: false, "Scores are logits; they become probabilities.")]

  final let read: ExampleReader
  private let isLogits: Bool
  private var scores = GatheredRows()
  private var targets = GatheredRows()
  private var weights = GatheredRows()

  init(_ options: Options) throws(SNNError) {
    read = ExampleReader(owner: options.owner)
    isLogits = options.bool("logits")
  }

  final var owner: String { read.owner }
  var prefersMore: Bool { true }

  func compute() throws(SNNError) -> [Tensor] { preconditionFailure("\(owner) has a value") }

  final func update(_ outputs: Tensor, _ targets: Tensor, weights: Tensor?) throws(SNNError) {
    var actual = try read.integers(targets, "targets")
    var given = try read.checkNumbers(outputs, "outputs", finite: true)
    let isWhole = (given.rank == 1 && given.count == actual.count) || given.rank == 2
    guard actual.rank > 0, actual.rank <= 2, isWhole, given.shape[0] == actual.shape[0],
      actual.rank == 1 || actual.shape[1] == 1 || given.shape == actual.shape
    else {
      throw .shape(
        "\(owner): expects scores of shape [N], [N, C] or, for many labels, of the targets' shape; got \(outputs.shape) for "
          + "targets of shape \(targets.shape)")
    }
    if given.dtype != .float32 && given.dtype != .float64 {
      given = try given.cast(to: given.dtype.isHalf ? .float32 : .float64)
    }
    let isMultilabel = actual.rank == 2 && actual.shape[1] > 1
    if isMultilabel {
      let place = try ((actual == 0).logicalOr(actual == 1)).logicalNot().any().item().double
      guard place == 0 else { throw .argument("\(owner): with many labels, each target must be 0 or 1") }
    } else {
      actual = try actual.reshape([actual.count, 1])
    }
    given = try probabilities(given.reshape([actual.shape[0], given.count / max(actual.shape[0], 1)]), isMultilabel)
    guard actual.count > 0, given.count > 0 else { return }
    try keep(given, actual, read.weights(weights, of: [actual.shape[0]]))
  }

  private func probabilities(_ given: Tensor, _ isMultilabel: Bool) throws(SNNError) -> Tensor {
    guard isLogits else { return given }
    let isOne = isMultilabel || given.shape[1] == 1
    return try (isOne ? given.sigmoid() : given.softmax(1)).contiguous()
  }

  private func ones(_ count: Int) throws(SNNError) -> Tensor { try Tensor.full([count], 1.0, .float64) }

  private func keep(_ given: Tensor, _ actual: Tensor, _ shares: Tensor?) throws(SNNError) {
    if let before = scores.width, let labels = targets.width, before != given.shape[1] || labels != actual.shape[1] {
      throw .shape("\(owner): expects \(before) scores of each example as before, got \(given.shape[1])")
    }
    var (nextScores, nextTargets, nextWeights) = (scores, targets, weights)
    try nextScores.append(given)
    try nextTargets.append(actual)
    if shares != nil || weights.count > 0 {
      if weights.count == 0, targets.count > 0 { try nextWeights.append(ones(targets.count)) }
      if let shares { try nextWeights.append(shares) } else { try nextWeights.append(ones(given.shape[0])) }
    }
    (scores, targets, weights) = (nextScores, nextTargets, nextWeights)
  }

  final func reset() { (scores, targets, weights) = (GatheredRows(), GatheredRows(), GatheredRows()) }

  final var gathered: [Tensor] { [scores.all, targets.all, weights.all].compactMap { $0 } }

  final func load(gathered: [Tensor]) throws(SNNError) {
    let (old, oldTargets, oldWeights) = (scores, targets, weights)
    reset()
    guard !gathered.isEmpty else { return }
    do throws(SNNError) {
      for tensor in gathered { try tensor.requireElements(owner) }
      let count = gathered[0].rank == 2 ? gathered[0].shape[0] : 0
      guard gathered.count == 2 || gathered.count == 3, count > 0, gathered[0].shape[1] > 0,
        gathered[0].dtype == .float32 || gathered[0].dtype == .float64, gathered[1].dtype == .int64,
        gathered[1].rank == 2, gathered[1].shape[0] == count,
        gathered[1].shape[1] == 1 || gathered[1].shape == gathered[0].shape
      else { throw .argument("\(owner): this is not what such a metric has gathered") }
      let given = try read.checkNumbers(gathered[0], "scores", finite: true)
      let shares = try read.weights(gathered.count == 3 ? gathered[2] : nil, of: [count])
      try keep(given, gathered[1].detach().contiguous(), shares)
    } catch {
      (scores, targets, weights) = (old, oldTargets, oldWeights)
      throw error
    }
  }

  /// All that was gathered. No examples are an error.
  final func all() throws(SNNError) -> Scores {
    guard let given = scores.all, let actual = targets.all, targets.count > 0 else { throw read.none }
    return Scores(read: read, given: given, actual: actual, weights: weights.all)
  }
}

/// Scores [N, C], targets [N, 1] or [N, C], and a weight of each example.
struct Scores {
  let read: ExampleReader
  let given: Tensor
  let actual: Tensor
  let weights: Tensor?

  var columns: Int { given.shape[1] }
  var isMultilabel: Bool { actual.shape[1] > 1 }
  var isMulticlass: Bool { !isMultilabel && columns > 2 }

  /// The one curve of two classes.
  func binary(positive: Int) throws(SNNError) -> BinaryCurve {
    try BinaryCurve(scores(columns == 2 ? 1 : 0), actual == .int(positive), weights, read.owner)
  }

  /// The curve of one column, and whether each example is of its class.
  func column(_ column: Int, label: Int) throws(SNNError) -> BinaryCurve {
    try BinaryCurve(scores(column), positive(column, label: label), weights, read.owner)
  }

  func positive(_ column: Int, label: Int) throws(SNNError) -> Tensor {
    isMultilabel ? try actual.select(1, column) == 1 : try actual.select(1, 0) == .int(label)
  }

  func scores(_ column: Int) throws(SNNError) -> Tensor { try given.select(1, column).contiguous() }
}
