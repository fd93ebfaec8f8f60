/// Reductions and scans go along the same axes, which stand one further back.
extension Reduce {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? {
    let all = examples.plain(0)
    guard examples.inputs[0].rank > 0 else {
      // One number is reduced over an axis of its own.
      let line = try all.unsqueeze(1)
      let axes = try ReducedAxes([1], of: line.shape, keepDim: false, operation: name)
      return [try Reduce(name: name, kernel: kernel, axes: axes)(line)]
    }
    let axes = try ReducedAxes(axes.list.map { $0 + 1 }, of: all.shape, keepDim: axes.keepDim, operation: name)
    return [try Reduce(name: name, kernel: kernel, axes: axes)(all)]
  }
}

extension ArgReduce {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? {
    [try ArgReduce(greatest: greatest, axis: axis + 1, keepDim: keepDim)(examples.plain(0))]
  }
}

extension Scan {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? {
    [try Scan(name: name, kernel: kernel, axis: axis + 1)(examples.plain(0))]
  }
}
