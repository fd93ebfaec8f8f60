/// The call of a function for many examples at once.
public struct VectorizedMap: Sendable {
  public var randomness: Randomness
  /// How many examples go at a time; all without it.
  public var chunkSize: Int?

  public init(randomness: Randomness = .error, chunkSize: Int? = nil) {
    self.randomness = randomness
    self.chunkSize = chunkSize
  }

  /// Applies `function`, which is written for one example, to all of them.
  ///
  /// - Parameters:
  ///   - dims: for each input the axis along which its examples lie, nil for an input that is the same for all.
  ///   - outDims: the axis of the examples in each result; the first one without it.
  public func callAsFunction(
    _ inputs: [Tensor], dims: [Int?], outDims: [Int]? = nil, _ function: ([Tensor]) throws -> [Tensor]
  ) throws(SNNError) -> [Tensor] {
    guard dims.count == inputs.count else {
      throw .argument("vmap: got \(dims.count) in_dims for \(inputs.count) inputs")
    }
    if let chunkSize, chunkSize < 1 {
      throw .argument("vmap: chunk_size should be None or greater than 0. (got \(chunkSize))")
    }
    var inputs = inputs
    var sizes: [Int] = []
    for (i, dim) in dims.enumerated() {
      guard let dim else { continue }
      let rank = inputs[i].rank
      guard dim >= -rank, dim < rank else {
        throw .argument(
          "vmap: Got in_dim=\(dim) for some input, but that input is a Tensor of dimensionality \(rank) so expected "
            + "in_dim to satisfy -\(rank) <= in_dim < \(rank).")
      }
      inputs[i] = try inputs[i].moved(dim < 0 ? dim + rank : dim, to: 0)
      sizes.append(inputs[i].shape[0])
    }
    guard let size = sizes.first else {
      throw .argument("vmap: at least one input must have an axis of examples, but every in_dim is None")
    }
    guard sizes.allSatisfy({ $0 == size }) else {
      throw .argument(
        "vmap: Expected all tensors to have the same size in the mapped dimension, got sizes \(sizes) for the mapped "
          + "dimension")
    }
    let step = Swift.min(chunkSize ?? size, Swift.max(size, 1))
    var parts: [[Tensor]] = []
    for start in stride(from: 0, to: Swift.max(size, 1), by: Swift.max(step, 1)) {
      let length = Swift.min(step, size - start)
      let part =
        length == size
        ? inputs
        : try zip(inputs, dims).map { pair throws(SNNError) in
          pair.1 == nil ? pair.0 : try pair.0.narrow(0, start, length)
        }
      parts.append(try all(part, dims, size: length, function))
    }
    return try joined(parts, outDims)
  }

  /// All examples at once; results have theirs along the first axis.
  private func all(
    _ inputs: [Tensor], _ dims: [Int?], size: Int, _ function: ([Tensor]) throws -> [Tensor]
  ) throws(SNNError) -> [Tensor] {
    try Scope.run(size: size, randomness) { scope throws(SNNError) in
      let examples = zip(inputs, dims).map { $1 == nil ? $0 : Tensor(each: $0, level: scope.level) }
      let results: [Tensor]
      do { results = try function(examples) } catch { throw SNNError.from(error) }
      return try results.map { result throws(SNNError) in
        guard result.batch?.level ?? 0 <= scope.level else {
          throw SNNError(.argument, "vmap: a result belongs to a vmap inside of the function that has ended already")
        }
        return try result.examples(at: scope.level, size)
      }
    }
  }

  private func joined(_ parts: [[Tensor]], _ outDims: [Int]?) throws(SNNError) -> [Tensor] {
    let count = parts[0].count
    guard parts.allSatisfy({ $0.count == count }) else {
      throw .argument("vmap: the function returned different numbers of results for different chunks")
    }
    if let outDims, outDims.count != count {
      throw .argument("vmap: got \(outDims.count) out_dims for \(count) results")
    }
    return try (0..<count).map { i throws(SNNError) in
      let whole = parts.count == 1 ? parts[0][i] : try Tensor.cat(parts.map { $0[i] }, 0)
      return try outDims.map { dims throws(SNNError) in try Self.moveExamples(of: whole, to: dims[i]) } ?? whole
    }
  }

  /// A result with the axis of the examples, which is its first, at another place.
  public static func moveExamples(of result: Tensor, to dim: Int) throws(SNNError) -> Tensor {
    try result.moved(0, to: result.shape.axis(dim, operation: "vmap"))
  }
}
