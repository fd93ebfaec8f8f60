extension Operation {
  static let embeddingBags: [Operation] = [embeddingBag]

  static let embeddingBag = Operation(
    "embedding_bag", "Sums, means or maxima of bags of rows of weight.",
    [
      .tensor("input", "Row numbers: a bag per row, or all bags after one another."), .tensor("weight"),
      Field("offsets", .tensor, "Where each bag begins, for an input of one axis.").optional,
      Field("max_norm", .float, "Longer rows that are asked for are shortened to it, in weight itself.").optional,
      .float("norm_type", default: 2, "The p of the norm for max_norm."),
      .bool("scale_grad_by_freq", default: false, "Divides gradients by how often a row is asked for."),
      .choice("mode", of: ["sum", "mean", "max"], default: "mean"),
      .bool("sparse", default: false, "Taken for PyTorch's sake; gradients are dense."),
      Field("per_sample_weights", .tensor, "Multiplies each row, in mode 'sum'.").optional,
      .bool("include_last_offset", default: false, "The last offset is the end of the last bag."),
      Field("padding_idx", .int, "A row that does not count.").optional,
    ], places: .functional
  ) {
    let bags = try EmbeddingBags(
      $0.tensor(0), offsets: $0.optionalTensor(2), weights: $0.optionalTensor(8), endsIncluded: $0.bool(9),
      mode: $0.string(6), padding: $0.optionalInt(10), rows: $0.tensor(1))
    if let limit = $0.optionalFloat(3) { try $0.tensor(1).shortenRows(bags.numbers, to: limit, p: $0.float(4)) }
    return try bags.combined(from: $0.tensor(1), scaleGradientByFrequency: $0.bool(5))
  }
}

/// Which rows are in which bag.
private struct EmbeddingBags {
  let numbers: Tensor
  /// The bag of each.
  let bags: Tensor
  let weights: Tensor?
  let count: Int
  let mode: String
  private let name = "embedding_bag"

  init(
    _ input: Tensor, offsets: Tensor?, weights: Tensor?, endsIncluded: Bool, mode: String, padding: Int?, rows: Tensor
  ) throws(SNNError) {
    guard rows.rank == 2 else { throw .shape("\(name): weight has to be a 2D Tensor, got shape \(rows.shape)") }
    guard input.dtype.isInteger, offsets?.dtype.isInteger != false else {
      throw .dtype("\(name): expects integer input and offsets, got \(input.dtype.name)")
    }
    if let weights {
      guard mode == "sum" else {
        throw .argument(
          "\(name): per_sample_weights was not None. It is only supported for mode='sum' (got mode='\(mode)')")
      }
      guard weights.shape == input.shape else {
        throw .shape(
          "\(name): expected per_sample_weights to have the same shape as the input, got \(weights.shape) and \(input.shape)"
        )
      }
    }
    var bagOf: [Int] = []
    switch (input.rank, offsets) {
    case (2, nil):
      count = input.shape[0]
      for bag in 0..<count { bagOf += Array(repeating: bag, count: input.shape[1]) }
    case (1, let offsets?):
      guard offsets.rank == 1 else {
        throw .shape("\(name): offsets has to be a 1D Tensor, got shape \(offsets.shape)")
      }
      let starts = try offsets.array(of: Int.self)
      count = Swift.max(starts.count - (endsIncluded ? 1 : 0), 0)
      guard starts.first ?? 0 == 0, zip(starts, starts.dropFirst()).allSatisfy({ $0 <= $1 }),
        starts.last ?? 0 <= input.count, !endsIncluded || !starts.isEmpty
      else {
        throw .argument(
          "\(name): offsets must begin with 0, grow and stay within the \(input.count) numbers, got \(starts)")
      }
      for bag in 0..<count {
        let end = bag + 1 < starts.count ? starts[bag + 1] : input.count
        bagOf += Array(repeating: bag, count: end - starts[bag])
      }
    default:
      throw .argument("\(name): expects an input of 2 axes, or of 1 with offsets, got shape \(input.shape)")
    }
    let all = try input.detach().cast(to: .int64).reshape([-1])
    var padded: Int?
    if let padding {
      guard padding >= -rows.shape[0], padding < rows.shape[0] else {
        throw .index("\(name): padding_idx \(padding) must be within the number of embeddings (\(rows.shape[0]))")
      }
      padded = padding < 0 ? padding + rows.shape[0] : padding
    }
    let given = try all.array(of: Int.self)
    let kept = bagOf.indices.filter { given[$0] != padded }
    numbers = try Tensor(kept.map { given[$0] })
    bags = try Tensor(kept.map { bagOf[$0] })
    self.weights = try weights?.reshape([-1]).rows(Tensor(kept), operation: name)
    self.mode = mode
  }

  func combined(from rows: Tensor, scaleGradientByFrequency: Bool) throws(SNNError) -> Tensor {
    let shape = [count, rows.shape[1]]
    let empty = try Tensor.full(shape, 0, rows.dtype, operation: name)
    guard numbers.count > 0 else { return try empty + rows.sum() * 0 }
    var values = try rows.embedding(numbers, scaleGradientByFrequency: scaleGradientByFrequency)
    if let weights { values = try values * weights.cast(to: rows.dtype).unsqueeze(1) }
    let places = try bags.unsqueeze(1).expanded(to: values.shape)
    let how = mode == "max" ? "amax" : mode
    return try empty.scatterReduce(0, places, values, how, includeSelf: false, operation: name)
  }
}
