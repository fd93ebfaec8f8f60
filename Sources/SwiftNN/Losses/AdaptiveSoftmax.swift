/// A softmax over many classes of which the rare ones stand in clusters (Grave et al., 2016).
extension Operation {
  static let adaptiveSoftmaxes: [Operation] = [adaptiveLoss, adaptiveLogSoftmax]

  private static let parameters: [Field] = [
    .tensor("head", "[cutoffs[0] + clusters, features]: scores of the frequent classes and of the clusters."),
    .tensors("tail", "Two matrices for each cluster: [size, features] and [classes, size]."),
    .ints("cutoffs", "Where each cluster begins, and the number of classes."),
    Field("head_bias", .tensor, "A number for each score of the head.").optional,
  ]

  static let adaptiveLoss = Operation(
    "adaptive_log_softmax_with_loss", "The logarithm of the probability of each target, and the mean of -output.",
    [.tensor("input", "[N, features] or [features]."), .tensor("target", "Class numbers.")] + parameters,
    places: .functional,
    body: .several(names: ["output", "loss"]) {
      let softmax = try AdaptiveSoftmax($0, 2, "adaptive_log_softmax_with_loss")
      let output = try softmax.likelihoods($0.tensor(0), $0.tensor(1))
      return [output, try (-output).mean()]
    })

  static let adaptiveLogSoftmax = Operation(
    "adaptive_log_softmax", "The logarithms of the probabilities of all classes [N, classes].",
    [.tensor("input", "[N, features].")] + parameters, places: .functional
  ) { try AdaptiveSoftmax($0, 1, "adaptive_log_softmax").all($0.tensor(0)) }
}

private struct AdaptiveSoftmax {
  let name: String
  let head: Tensor
  let bias: Tensor?
  let tail: [Tensor]
  let cutoffs: [Int]

  /// From the arguments from the position `first` on.
  init(_ arguments: Arguments, _ first: Int, _ name: String) throws(SNNError) {
    self.name = name
    (head, tail) = (arguments.tensor(first), try arguments.tensors(first + 1))
    (cutoffs, bias) = (arguments.ints(first + 2), arguments.optionalTensor(first + 3))
    guard cutoffs.count >= 1, zip([0] + cutoffs, cutoffs).allSatisfy(<) else {
      throw .argument("\(name): cutoffs should be unique, positive and sorted in an increasing order, got \(cutoffs)")
    }
    guard cutoffs.count - 1 < 1 << 30, tail.count == 2 * (cutoffs.count - 1) else {
      throw .argument("\(name): expects \(2 * (cutoffs.count - 1)) matrices of the tail, got \(tail.count)")
    }
    guard head.rank == 2, head.shape[0] - cutoffs[0] == cutoffs.count - 1 else {
      throw .shape("\(name): expects a head of \(cutoffs[0]) + \(cutoffs.count - 1) rows, got shape \(head.shape)")
    }
    for i in 1..<cutoffs.count {
      let (inner, outer) = (tail[2 * i - 2].shape, tail[2 * i - 1].shape)
      guard inner.count == 2, outer.count == 2, inner[1] == head.shape[1], outer[1] == inner[0],
        outer[0] == cutoffs[i] - cutoffs[i - 1]
      else {
        throw .shape(
          "\(name): expects a cluster of \(cutoffs[i] - cutoffs[i - 1]) classes from \(head.shape[1]) features, got "
            + "matrices of shapes \(inner) and \(outer)")
      }
    }
  }

  private func scores(_ x: Tensor) throws(SNNError) -> Tensor { try x.linear(head, bias).logSoftmax(1) }

  private func cluster(_ i: Int, _ x: Tensor) throws(SNNError) -> Tensor {
    try x.linear(tail[2 * i]).linear(tail[2 * i + 1]).logSoftmax(1)
  }

  func all(_ x: Tensor) throws(SNNError) -> Tensor {
    guard x.rank == 2 else { throw .shape("\(name): expects input [N, features], got shape \(x.shape)") }
    let scores = try scores(x)
    var parts = [try scores.narrow(1, 0, cutoffs[0])]
    for i in 0..<cutoffs.count - 1 { parts.append(try cluster(i, x) + scores.narrow(1, cutoffs[0] + i, 1)) }
    return try Tensor.cat(parts, 1)
  }

  func likelihoods(_ input: Tensor, _ target: Tensor) throws(SNNError) -> Tensor {
    guard target.rank <= 1 else {
      throw .shape("\(name): 0D or 1D target tensor expected, multi-target not supported")
    }
    guard input.rank == target.rank + 1, target.rank == 0 || input.shape[0] == target.shape[0] else {
      throw .shape("\(name): expects a row of input for each target, got shapes \(input.shape) and \(target.shape)")
    }
    guard target.dtype.isInteger else { throw .dtype("\(name): expects integer targets, got \(target.dtype.name)") }
    let (x, numbers) = target.rank == 0 ? (try input.unsqueeze(0), try target.unsqueeze(0)) : (input, target)
    let classes = try numbers.array(of: Int.self)
    let last = cutoffs[cutoffs.count - 1]
    for number in classes where number < 0 || number >= last {
      throw .index("\(name): Target values should be in [0, \(last - 1)], but \(number) was found")
    }
    var rows: [[Int]] = Array(repeating: [], count: cutoffs.count)
    let places = classes.enumerated().map { row, number in
      let part = cutoffs.firstIndex { number < $0 } ?? 0
      rows[part].append(row)
      return part == 0 ? number : cutoffs[0] + part - 1
    }
    var output = try scores(x).gather(1, Tensor(places, [places.count, 1])).squeeze([1])
    for part in 1..<cutoffs.count where !rows[part].isEmpty {
      let index = try Tensor(rows[part])
      let own = try Tensor(rows[part].map { classes[$0] - cutoffs[part - 1] }, [rows[part].count, 1])
      let likelihoods = try cluster(part - 1, x.indexSelect(0, index)).gather(1, own).squeeze([1])
      output = try output.indexAdd(0, index, likelihoods)
    }
    return target.rank == 0 ? try output.squeeze([0]) : output
  }
}
