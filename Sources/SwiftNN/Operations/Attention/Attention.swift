extension Operation {
  static let attentions: [Operation] = [scaledDotProductAttention, multiHeadAttentionForward, rotaryEmbedding]

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
    guard $0.isNone(3) || !$0.bool(5) else {
      throw SNNError.argument(
        "scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True")
    }
    return try $0.tensor(0).attention(
      key: $0.tensor(1), value: $0.tensor(2), mask: $0.optionalTensor(3), dropout: $0.float(4), isCausal: $0.bool(5),
      scale: $0.optionalFloat(6), sharesHeads: $0.bool(7))
  }
}

extension Tensor {
  /// softmax(self · keyᵀ · scale + mask) · value. A position that sees no key gives zeros. `past` says how many keys come
  /// before the first query, where `isCausal`.
  public func attention(
    key: Tensor, value: Tensor, mask: Tensor? = nil, dropout: Double = 0, isCausal: Bool = false, scale: Double? = nil,
    sharesHeads: Bool = false, past: Int = 0
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
    if let mask, mask.dtype != .bool, mask.dtype != dtype {
      throw .dtype(
        "\(name): Expected attn_mask dtype to be bool or float or to match query dtype, but got \(mask.dtype.name)")
    }
    if dtype.isHalf {
      // Rounded once, at the end.
      return try cast(to: .float32).attention(
        key: key.cast(to: .float32), value: value.cast(to: .float32),
        mask: mask.map { m throws(SNNError) in m.dtype == .bool ? m : try m.cast(to: .float32) }, dropout: dropout,
        isCausal: isCausal, scale: scale, sharesHeads: sharesHeads, past: past
      ).cast(to: dtype)
    }
    var (key, value, group) = (key, value, 1)
    if sharesHeads {
      let times = (try key.shared(by: self, name), try value.shared(by: self, name))
      if times.0 == times.1 {
        group = times.0
      } else {
        (key, value) = (try key.repeatedHeads(times.0), try value.repeatedHeads(times.1))
      }
    }
    let factor = scale ?? 1 / Double(width).squareRoot()
    // All scores, which are never stored: where they are many, their number is still one that fits.
    var scores = try shape.attentionBatch(1).broadcast(
      key.shape.attentionBatch(group), value.shape.attentionBatch(group), name)
    scores.append(length)
    scores.append(keys)
    if let mask {
      let all = try Dimensions.broadcast(scores, mask.shape, operation: name)
      guard all[all.count - 2] == length, all[all.count - 1] == keys else {
        throw .shape("\(name): attn_mask of shape \(mask.shape) does not broadcast to the scores, \(scores)")
      }
      scores = all
    }
    // Numbers drawn under vmap differ between the examples: the formula knows how.
    let isFormula = dropout > 0 && Scope.current != nil
    guard !isFormula, count > 0, key.count > 0, value.count > 0, !scores.contains(0) else {
      let (k, v) = (try key.repeatedHeads(group), try value.repeatedHeads(group))
      let weights = try attentionWeights(k, mask, scale: factor, past: isCausal ? past : nil)
      return try weights.dropout(dropout).matmul(v)
    }
    let total = dropout > 0 ? try Dimensions.shape(scores, operation: name).product : 0
    var inputs = Few(
      try attentionRows(scores, 1), try key.attentionRows(scores, group), try value.attentionRows(scores, group))
    if let mask { inputs.append(try mask.expanded(to: scores)) }
    return try BlockedAttention(
      scale: factor, isCausal: isCausal, past: past, group: group, dropout: dropout,
      random: dropout > 0 ? Generator.default.take(total) : Generator.State(seed: 0))(inputs)
  }

  /// How many heads of the query there are for each of this key or value.
  private func shared(by query: Tensor, _ name: String) throws(SNNError) -> Int {
    guard rank >= 3, query.rank >= 3, shape[rank - 3] > 0, query.shape[query.rank - 3] % shape[rank - 3] == 0 else {
      throw .shape(
        "\(name): the number of heads in key and value must divide the number of heads in query, got shapes \(shape) and "
          + "\(query.shape)")
    }
    return Swift.max(query.shape[query.rank - 3] / shape[rank - 3], 1)
  }

  /// Expanded to the batch axes of the scores, of whose heads `group` share one.
  private func attentionRows(_ scores: Dimensions, _ group: Int) throws(SNNError) -> Tensor {
    var target = scores
    if group > 1 { target[target.count - 3] /= group }
    target[target.count - 2] = shape[rank - 2]
    target[target.count - 1] = shape[rank - 1]
    return try expanded(to: target)
  }
}

extension Dimensions {
  /// All axes but the last two, with as many heads as share this one's.
  fileprivate func attentionBatch(_ group: Int) -> Dimensions {
    var batch = Dimensions(dropLast(2))
    if group > 1 { batch[batch.count - 1] *= group }
    return batch
  }

  fileprivate func broadcast(_ a: Dimensions, _ b: Dimensions, _ operation: String) throws(SNNError) -> Dimensions {
    try Dimensions.broadcast(self, Dimensions.broadcast(a, b, operation: operation), operation: operation)
  }
}
