extension Operation {
  static let attentions: [Operation] = [scaledDotProductAttention]

  static let scaledDotProductAttention = Operation(
    "scaled_dot_product_attention", "softmax(query · keyᵀ · scale) · value, for each position of the query.",
    [
      .tensor("query", "[…, L, E]."), .tensor("key", "[…, S, E]."), .tensor("value", "[…, S, Ev]."),
      Field("attn_mask", .tensor, "True where a key takes part, or numbers that are added; broadcasts to […, L, S].")
        .optional,
      .float("dropout_p", default: 0, in: 0...1, "The probability of dropping a weight."),
      .bool("is_causal", default: false, "No position sees a later one."),
      Field("scale", .float, "1 / √E without it.").optional.keyword,
      .bool("enable_gqa", default: false, "Groups of heads of the query share those of key and value.").keyword,
    ], places: .functional
  ) {
    try $0.tensor(0).attention(
      key: $0.tensor(1), value: $0.tensor(2), mask: $0.optionalTensor(3), dropout: $0.float(4), isCausal: $0.bool(5),
      scale: $0.optionalFloat(6), sharesHeads: $0.bool(7))
  }
}

extension Tensor {
  /// softmax(self · keyᵀ · scale) · value. A position that sees no key gives zeros.
  public func attention(
    key: Tensor, value: Tensor, mask: Tensor? = nil, dropout: Double = 0, isCausal: Bool = false, scale: Double? = nil,
    sharesHeads: Bool = false
  ) throws(SNNError) -> Tensor {
    let name = "scaled_dot_product_attention"
    guard rank >= 2, key.rank >= 2, value.rank >= 2 else {
      throw .shape(
        "\(name): expects query, key and value of at least 2 dimensions, got shapes \(shape), \(key.shape) and "
          + "\(value.shape)")
    }
    for other in [key, value] where other.dtype != dtype || !dtype.isFloatingPoint {
      throw .dtype(
        "\(name): Expected query, key, and value to have the same floating dtype, got \(dtype.name) and \(other.dtype.name)"
      )
    }
    let (length, width, keys) = (shape[rank - 2], shape[rank - 1], key.shape[key.rank - 2])
    guard key.shape[key.rank - 1] == width, value.shape[value.rank - 2] == keys else {
      throw .shape("\(name): query \(shape), key \(key.shape) and value \(value.shape) do not fit each other")
    }
    guard mask == nil || !isCausal else {
      throw .argument("\(name): Explicit attn_mask should not be set when is_causal=True")
    }
    if let mask, mask.dtype != .bool, mask.dtype != dtype {
      throw .dtype(
        "\(name): Expected attn_mask dtype to be bool or float or to match query dtype, but got \(mask.dtype.name)")
    }
    if dtype.isHalf {
      // Rounded once, at the end.
      return try cast(to: .float32).attention(
        key: key.cast(to: .float32), value: value.cast(to: .float32),
        mask: mask.map { m throws(SNNError) in m.dtype == .bool ? m : try m.cast(to: .float32) }, dropout: dropout,
        isCausal: isCausal, scale: scale, sharesHeads: sharesHeads
      ).cast(to: dtype)
    }
    let key = try sharesHeads ? key.repeatedHeads(like: self, name) : key
    let value = try sharesHeads ? value.repeatedHeads(like: self, name) : value
    let factor = scale ?? 1 / Double(width).squareRoot()
    if mask == nil, dropout == 0, dtype == .float32, rank == key.rank, rank == value.rank,
      shape.dropLast(2).elementsEqual(key.shape.dropLast(2)), shape.dropLast(2).elementsEqual(value.shape.dropLast(2)),
      count > 0, key.count > 0, value.count > 0
    {
      return try BlockedAttention(scale: factor, isCausal: isCausal)(Few(self, key, value))
    }
    var visible = mask
    if isCausal { visible = try Tensor.full([length, keys], true, .bool).tril() }
    return try attentionFormula(key, value, visible, dropout, factor)
  }

  /// The same as a formula, with derivatives of every order.
  func attentionFormula(
    _ key: Tensor, _ value: Tensor, _ mask: Tensor?, _ dropout: Double, _ scale: Double
  ) throws(SNNError) -> Tensor {
    var scores = try (self * .float(scale)).matmul(key.transpose(-2, -1))
    var sees: Tensor? = nil
    if let mask {
      if mask.dtype == .bool {
        scores = try Tensor.where(mask, scores, Tensor.full([], .float(-.infinity), dtype))
      } else {
        scores = try scores + mask
      }
      // A row without any key has a softmax of NaN: its weights are zeros.
      if scores.shape[scores.rank - 1] > 0 {
        sees = try scores.detach().amax([-1], keepDim: true) > .float(-.infinity)
      }
    }
    var weights: Tensor
    if let sees {
      let hides = try sees.logicalNot()
      weights = try scores.masked(where: hides, 0).softmax(-1).masked(where: hides, 0)
    } else {
      weights = try scores.softmax(-1)
    }
    if dropout > 0 { weights = try weights.dropout(dropout) }
    return try weights.matmul(value)
  }

  /// Each head as often as there are heads of the query for it.
  private func repeatedHeads(like query: Tensor, _ name: String) throws(SNNError) -> Tensor {
    guard rank >= 3, query.rank >= 3, shape[rank - 3] > 0, query.shape[query.rank - 3] % shape[rank - 3] == 0 else {
      throw .shape(
        "\(name): the number of heads in key and value must divide the number of heads in query, got shapes \(shape) and "
          + "\(query.shape)")
    }
    let times = query.shape[query.rank - 3] / shape[rank - 3]
    return times == 1 ? self : try repeatInterleave(times, -3)
  }
}
