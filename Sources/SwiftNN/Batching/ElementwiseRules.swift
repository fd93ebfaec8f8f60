/// Elementwise operations treat the examples as one more axis, in front of those that broadcast.
extension Examples {
  /// All inputs, ready to broadcast.
  func aligned() throws(SNNError) -> Few<Tensor> {
    let rank = rank
    var result = Few<Tensor>()
    for i in 0..<count { result.append(try aligned(i, rank: rank)) }
    return result
  }
}

extension UnaryCall {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? { [try self(examples.plain(0))] }
}

extension Slope {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? {
    [try self(examples.all(0), examples.all(1))]
  }
}

extension BinaryCall {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? { [try self(examples.aligned())] }
}

extension TernaryCall {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? { [try self(examples.aligned())] }
}

extension Where {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? { [try self(examples.aligned())] }
}

extension Cast {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? { [try self(examples.plain(0))] }
}
