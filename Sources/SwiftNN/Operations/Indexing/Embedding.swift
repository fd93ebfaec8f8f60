import CKernels

extension Operation {
  static let embeddings: [Operation] = [embedding]

  static let embedding = Operation(
    "embedding", "Rows of weight by number.",
    [
      .tensor("input", "Row numbers."), .tensor("weight"),
      Field("padding_idx", .int, "A row that gets no gradient.").optional,
      Field("max_norm", .float, "Longer rows that are asked for are shortened to it, in weight itself.").optional,
      .float("norm_type", default: 2, "The p of the norm for max_norm."),
      .bool("scale_grad_by_freq", default: false, "Divides gradients by how often a row is asked for."),
      .bool("sparse", default: false, "Taken for PyTorch's sake; gradients are dense."),
    ], places: .functional
  ) {
    let (numbers, weight) = ($0.tensor(0), $0.tensor(1))
    if let limit = $0.optionalFloat(3) { try weight.shortenRows(numbers, to: limit, p: $0.float(4)) }
    return try weight.embedding(numbers, paddingIndex: $0.optionalInt(2), scaleGradientByFrequency: $0.bool(5))
  }
}

/// Rows by number, whose gradients are weighted by position.
struct WeightedRows: Primitive {
  /// One factor for the gradient at each position.
  let weights: Tensor
  let name = "embedding"
  let saves: Saves = .inputsForOthers

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results { try rows.infer(inputs) }
  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) { try rows.run(inputs, into: outputs) }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    let base = try Tensor.full(p.inputSpec(0).shape, 0, p.g.dtype)
    let scaled = try p.g * weights.cast(to: p.g.dtype).unsqueeze(-1)
    return Few(
      try PutRows(axis: 0, how: ck_combine_add, name: name)(Few(base, try p.savedIndex(1), scaled)), nil)
  }

  private var rows: SelectRows { SelectRows(axis: 0, name: name) }
}

extension Tensor {
  /// Rows of this tensor by number. The row `paddingIndex` gets no gradient.
  public func embedding(
    _ numbers: Tensor, paddingIndex: Int? = nil, scaleGradientByFrequency: Bool = false
  ) throws(SNNError) -> Tensor {
    guard rank == 2 else { throw .shape("embedding: 'weight' must be 2-D, got shape \(shape)") }
    guard numbers.rank < Dimensions.maximumRank else {
      throw .shape("embedding: at most \(Dimensions.maximumRank - 1) dimensions of row numbers, got \(numbers.rank)")
    }
    let target = try Dimensions.shape(numbers.shape + [shape[1]], operation: "embedding")
    var padding: Int?
    if let paddingIndex {
      guard paddingIndex >= -shape[0], paddingIndex < shape[0] else {
        throw .index("embedding: padding_idx \(paddingIndex) must be within num_embeddings (\(shape[0]))")
      }
      padding = paddingIndex < 0 ? paddingIndex + shape[0] : paddingIndex
    }
    guard padding != nil || scaleGradientByFrequency else {
      return try rows(numbers, operation: "embedding").reshaped(to: target)
    }
    let index = try numbers.checkedIndex(below: shape[0], operation: "embedding").reshaped(to: [numbers.count])
    try index.requireElements("embedding")
    var factors = Array(repeating: 1.0, count: index.count)
    if scaleGradientByFrequency {
      var counts: [Int64: Double] = [:]
      for i in 0..<index.count { counts[index.indexPointer[i], default: 0] += 1 }
      for i in 0..<index.count { factors[i] = 1 / counts[index.indexPointer[i], default: 1] }
    }
    for i in 0..<index.count where padding.map({ index.indexPointer[i] == Int64($0) }) == true { factors[i] = 0 }
    return try WeightedRows(weights: Tensor(factors))(self, index).reshaped(to: target)
  }

  /// Shortens rows that are asked for and longer than `limit`, in place and outside any graph.
  func shortenRows(_ numbers: Tensor, to limit: Double, p: Double) throws(SNNError) {
    guard rank == 2 else { throw .shape("embedding: 'weight' must be 2-D, got shape \(shape)") }
    // Rows that are the same for all examples are shortened when one of them asks.
    let numbers = batch == nil ? numbers.withAllExamples : numbers
    let index = try numbers.checkedIndex(below: shape[0], operation: "embedding").reshaped(to: [numbers.count])
    try Gradients.with(enabled: false) { () throws(SNNError) in
      let asked = try Tensor.full([shape[0]], 0, .bool).indexCopy(0, index, Tensor.full([index.count], 1, .bool))
      let lengths = try detach().size(p: p, [1])
      let isLong = try (lengths > .float(limit)).logicalAnd(asked)
      let factor = try Tensor.where(isLong, .float(limit) / (lengths + 1e-7), Tensor.full([], 1, dtype))
      try copy(from: detach() * factor.unsqueeze(1))
    }
  }
}
