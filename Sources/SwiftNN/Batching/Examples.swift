/// The inputs of one operation at the innermost `vmap` that they belong to: some with an axis of examples, some without.
struct Examples {
  let inputs: Few<Tensor>
  let level: UInt64
  /// How many there are.
  let size: Int

  init(_ inputs: Few<Tensor>, operation: String) throws(SNNError) {
    self.inputs = inputs
    var level: UInt64 = 0
    for i in 0..<inputs.count { level = Swift.max(level, inputs[i].batch?.level ?? 0) }
    self.level = level
    var size: Int?
    for i in 0..<inputs.count {
      guard let batch = inputs[i].batch, batch.level == level else { continue }
      guard size ?? batch.size == batch.size else {
        throw .shape("\(operation): examples of one vmap differ in number: \(size ?? 0) and \(batch.size)")
      }
      size = batch.size
    }
    self.size = size ?? 0
  }

  var count: Int { inputs.count }

  /// Whether input `index` differs between the examples.
  func isMapped(_ index: Int) -> Bool { inputs[index].batch?.level == level }

  /// Input `index` with the axis of examples first, or without one where it is the same for all.
  func plain(_ index: Int) -> Tensor {
    guard let batch = inputs[index].batch, batch.level == level else { return inputs[index] }
    return batch.all
  }

  /// Input `index` with the axis of examples first, repeated along it where it is the same for all.
  func all(_ index: Int) throws(SNNError) -> Tensor { try inputs[index].examples(at: level, size) }

  /// Input `index` so that it broadcasts with others of rank `rank` behind the axis of examples.
  func aligned(_ index: Int, rank: Int) throws(SNNError) -> Tensor {
    guard isMapped(index) else { return inputs[index] }
    let all = plain(index)
    let missing = rank - inputs[index].rank
    guard missing > 0 else { return all }
    guard rank < Dimensions.maximumRank else { throw Examples.tooManyAxes(rank) }
    var shape = all.shape
    for _ in 0..<missing { shape.insert(1, at: 1) }
    return try all.reshaped(to: shape)
  }

  /// The greatest rank of an input, as one example sees it.
  var rank: Int { (0..<count).reduce(0) { Swift.max($0, inputs[$1].rank) } }

  /// One example of every input.
  func example(_ number: Int) throws(SNNError) -> Few<Tensor> {
    var chosen = Few<Tensor>()
    for i in 0..<count { chosen.append(isMapped(i) ? try plain(i).select(0, number) : inputs[i]) }
    return chosen
  }

  static func tooManyAxes(_ rank: Int) -> SNNError {
    .shape("vmap: at most \(Dimensions.maximumRank - 1) dimensions beside that of the examples, got \(rank)")
  }
}

extension Tensor {
  /// The examples of `level` along the first axis: this tensor repeated, where it is the same for all.
  func examples(at level: UInt64, _ size: Int) throws(SNNError) -> Tensor {
    if let batch, batch.level == level { return batch.all }
    guard rank < Dimensions.maximumRank else { throw Examples.tooManyAxes(rank) }
    var repeated = shape
    repeated.insert(size, at: 0)
    return try unsqueeze(0).expanded(to: repeated)
  }
}
