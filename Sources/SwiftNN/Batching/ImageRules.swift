/// Images of all examples are those of one larger batch. Where the kernels differ as well, the channels of each example are groups
/// of their own.
extension Convolution {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? {
    let count = examples.size
    guard count > 0 else { return nil }
    var together = geometry
    let hasSharedKernels = side != .w && !examples.isMapped(1) && (examples.count < 3 || !examples.isMapped(2))
    if hasSharedKernels {
      together.batch *= count
      let images = examples.plain(0)
      var inputs = Few(try joined(images), examples.inputs[1])
      if examples.count == 3 { inputs.append(examples.inputs[2]) }
      let found = try Convolution(geometry: together, side: side, name: name)(inputs)
      return [try found.reshape([count, geometry.batch] + found.shape.dropFirst())]
    }
    together.groups *= count
    let others = try side == .w ? grouped(examples.all(1)) : joined(examples.all(1))
    var inputs = Few(try grouped(examples.all(0)), others)
    if examples.count == 3 { inputs.append(try joined(examples.all(2))) }
    let found = try Convolution(geometry: together, side: side, name: name)(inputs)
    let channels = found.shape[side == .w ? 0 : 1] / count
    guard side != .w else { return [try found.reshape([count, channels] + found.shape.dropFirst())] }
    return [try found.reshape([geometry.batch, count, channels] + found.shape.dropFirst(2)).transpose(0, 1)]
  }

  /// [examples, N, C, …] as [N, examples · C, …].
  private func grouped(_ images: Tensor) throws(SNNError) -> Tensor {
    let shape = images.shape
    return try images.transpose(0, 1).reshape([shape[1], shape[0] * shape[2]] + shape.dropFirst(3))
  }

  /// [examples, channels, …] as [examples · channels, …].
  private func joined(_ kernels: Tensor) throws(SNNError) -> Tensor {
    let shape = kernels.shape
    return try kernels.reshape([shape[0] * shape[1]] + shape.dropFirst(2))
  }
}

/// Pools take any number of planes.
extension MaxPool {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? { try all(Few(examples.plain(0))) }
}

extension PlanePut {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? { [try self(examples.all(0), examples.all(1))] }
}

extension PlaneTake {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? { [try self(examples.all(0), examples.all(1))] }
}

extension Resample {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? {
    [try Resample(axis: axis + 1, weights: weights, name: name)(examples.plain(0))]
  }
}
