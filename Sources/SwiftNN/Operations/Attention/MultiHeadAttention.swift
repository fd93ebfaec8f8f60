extension Operation {
  static let multiHeadAttentionForward = Operation(
    "multi_head_attention_forward", "Attention of several heads, between projections of its inputs and of its output.",
    [
      .tensor("query", "[L, N, E] or [L, E]."), .tensor("key", "[S, N, E]."), .tensor("value", "[S, N, E]."),
      .int("embed_dim_to_check", "E."), .int("num_heads"),
      Field("in_proj_weight", .tensor, "Of query, key and value, one above the other.").optional,
      Field("in_proj_bias", .tensor).optional, Field("bias_k", .tensor, "A further key.").optional,
      Field("bias_v", .tensor, "Its value.").optional,
      .bool("add_zero_attn", default: false, "Adds a key and a value of zeros."),
      .float("dropout_p", default: 0, in: 0...1, "The probability of dropping a weight."),
      Field("out_proj_weight", .tensor).optional, Field("out_proj_bias", .tensor).optional,
      .bool("training", default: true, "Drops weights."), keyPaddingMask, needWeights, attnMask,
      .bool("use_separate_proj_weight", default: false, "Takes the following three, not in_proj_weight."),
      Field("q_proj_weight", .tensor).optional, Field("k_proj_weight", .tensor).optional,
      Field("v_proj_weight", .tensor).optional,
      Field("static_k", .tensor, "[N · heads, S, E / heads] in place of the projected key.").optional,
      Field("static_v", .tensor, "The same for the value.").optional, averageWeights, causalHint,
    ], places: .functional,
    body: .parts(names: ["attn_output", "attn_output_weights"]) {
      let name = "multi_head_attention_forward"
      let (query, embedding) = ($0.tensor(0), $0.int(3))
      guard query.shape.last == embedding else {
        throw SNNError.shape(
          "\(name): was expecting embedding dimension of \(embedding), but got \(query.shape.last ?? 0)")
      }
      guard let output = $0.optionalTensor(11) else { throw SNNError.argument("\(name): missing out_proj_weight") }
      var attention = MultiHeadAttention(heads: $0.int(4), outWeight: output, outBias: $0.optionalTensor(12))
      let isSeparate = $0.bool(17)
      attention.inWeight = isSeparate ? nil : $0.optionalTensor(5)
      if isSeparate {
        attention.weights = (18...20).compactMap { [values = $0] in values.optionalTensor($0) }
        guard attention.weights.count == 3 else {
          throw SNNError.argument("\(name): use_separate_proj_weight is True but a weight of q, k or v is None")
        }
      } else if attention.inWeight == nil {
        throw SNNError.argument("\(name): use_separate_proj_weight is False but in_proj_weight is None")
      }
      attention.inBias = $0.optionalTensor(6)
      (attention.biasK, attention.biasV) = ($0.optionalTensor(7), $0.optionalTensor(8))
      (attention.staticK, attention.staticV) = ($0.optionalTensor(21), $0.optionalTensor(22))
      attention.addsZero = $0.bool(9)
      attention.dropout = $0.bool(13) ? $0.float(10) : 0
      let found = try attention(
        query, $0.tensor(1), $0.tensor(2),
        AttentionCall(
          keyPaddingMask: $0.optionalTensor(14), needsWeights: $0.bool(15), mask: $0.optionalTensor(16),
          averagesWeights: $0.bool(23), isCausal: $0.bool(24)))
      return [found.output] + (found.weights.map { [$0] } ?? [])
    })

  static let keyPaddingMask = Field(
    "key_padding_mask", .tensor, "[N, S]: True where a key is not seen, or numbers that are added."
  ).optional
  static let needWeights = Field.bool("need_weights", default: true, "Returns the weights as well.")
  static let attnMask = Field(
    "attn_mask", .tensor, "[L, S] or [N · heads, L, S]: True where a key is not seen, or numbers that are added."
  ).optional
  static let averageWeights = Field.bool(
    "average_attn_weights", default: true, "Returns the mean of the weights of all heads.")
  static let causalHint = Field.bool("is_causal", default: false, "Says that attn_mask hides all later positions.")
}

/// What a call of attention says beside its inputs.
struct AttentionCall {
  var keyPaddingMask: Tensor? = nil
  var needsWeights = false
  var mask: Tensor? = nil
  var averagesWeights = true
  var isCausal = false
}

/// Attention of several heads with the tensors that it is made of.
struct MultiHeadAttention {
  let heads: Int
  /// Those of query, key and value in one, or nil where they are apart in `weights`.
  var inWeight: Tensor?
  var weights: [Tensor] = []
  var inBias: Tensor?
  var outWeight: Tensor
  var outBias: Tensor?
  var biasK: Tensor?
  var biasV: Tensor?
  var staticK: Tensor?
  var staticV: Tensor?
  var addsZero = false
  var dropout = 0.0
  /// [N, L, E] rather than [L, N, E].
  var isBatchFirst = false
  var name = "multi_head_attention_forward"

  init(heads: Int, outWeight: Tensor, outBias: Tensor?) {
    self.heads = heads
    self.outWeight = outWeight
    self.outBias = outBias
  }

  func callAsFunction(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, _ call: AttentionCall
  ) throws(SNNError) -> (output: Tensor, weights: Tensor?) {
    try checkShapes(query, key, value, call)
    guard query.rank == 2 else { return try batched(query, key, value, call) }
    // As a batch of one, whose tensors are as often the same as those of the caller.
    let q = try query.unsqueeze(batchAxis)
    let k = try key === query ? q : key.unsqueeze(batchAxis)
    let v = try value === key ? k : value === query ? q : value.unsqueeze(batchAxis)
    var call = call
    call.keyPaddingMask = try call.keyPaddingMask?.unsqueeze(0)
    let found = try batched(q, k, v, call)
    return (try found.output.squeeze([batchAxis]), try found.weights?.squeeze([0]))
  }

  private var batchAxis: Int { isBatchFirst ? 0 : 1 }

  private func batched(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, _ call: AttentionCall
  ) throws(SNNError) -> (output: Tensor, weights: Tensor?) {
    let (batch, embedding) = (query.shape[batchAxis], query.shape[2])
    let (length, width) = (query.shape[1 - batchAxis], embedding / heads)
    var masks = try Masks(call, batch: batch, heads: heads, [length, key.shape[1 - batchAxis]], query.dtype, name)
    var (q, k, v) = try projected(query, key, value)
    if let biasK, let biasV {
      let target = batchAxis == 0 ? [batch, 1, embedding] : [1, batch, embedding]
      k = try Tensor.cat([k, biasK.expand(target)], 1 - batchAxis)
      v = try Tensor.cat([v, biasV.expand(target)], 1 - batchAxis)
      try masks.addKey()
    }
    q = try split(q, width)
    k = try split(k, staticK, "static_k", batch, width)
    v = try split(v, staticV, "static_v", batch, width)
    if addsZero {
      let nothing = try Tensor.zeros([batch, heads, 1, width], k.dtype)
      (k, v) = (try Tensor.cat([k, nothing], 2), try Tensor.cat([v, nothing], 2))
      try masks.addKey()
    }
    let mask = try masks.merged(keys: k.shape[2], name)
    var (output, weights): (Tensor, Tensor?)
    if call.needsWeights {
      let scores = try (q * .float(1 / Double(width).squareRoot())).matmul(k.transpose(-2, -1))
      var found = try (mask.map { m throws(SNNError) in try scores.masked(by: m) } ?? scores).softmax(-1)
      found = try found.dropout(dropout)
      (output, weights) = (try found.matmul(v), found)
    } else {
      output = try q.attention(
        key: k, value: v, mask: mask.map { m throws(SNNError) in try m.dtype == .bool ? m.logicalNot() : m },
        dropout: dropout, isCausal: masks.isCausal)
      weights = nil
    }
    // [N, heads, L, width] as the caller's [L, N, E].
    output = try output.permute(batchAxis == 0 ? [0, 2, 1, 3] : [2, 0, 1, 3])
    let shape = batchAxis == 0 ? [batch, length, embedding] : [length, batch, embedding]
    output = try output.reshape(shape).linear(outWeight, outBias)
    if call.averagesWeights { weights = try weights?.mean([1]) }
    return (output, weights)
  }

  /// Queries, keys and values: in one product where one tensor is several of them.
  private func projected(
    _ query: Tensor, _ key: Tensor, _ value: Tensor
  ) throws(SNNError) -> (Tensor, Tensor, Tensor) {
    let size = query.shape[2]
    guard let inWeight else {
      let biases = try inBias?.chunk(3)
      return (
        try query.linear(weights[0], biases?[0]), try key.linear(weights[1], biases?[1]),
        try value.linear(weights[2], biases?[2])
      )
    }
    guard inWeight.shape == [3 * size, size], inBias.map({ $0.shape == [3 * size] }) ?? true else {
      throw .shape(
        "\(name): expects in_proj_weight of shape [\(3 * size), \(size)] and in_proj_bias of shape [\(3 * size)], got "
          + "\(inWeight.shape) and \(inBias?.shape ?? [])")
    }
    if query === key, key === value {
      let all = try query.linear(inWeight, inBias).chunk(3, -1)
      return (all[0], all[1], all[2])
    }
    let (weights, biases) = (try inWeight.split([size, 2 * size]), try inBias?.split([size, 2 * size]))
    let q = try query.linear(weights[0], biases?[0])
    if key === value {
      let both = try key.linear(weights[1], biases?[1]).chunk(2, -1)
      return (q, both[0], both[1])
    }
    let (own, shifts) = (try weights[1].chunk(2), try biases?[1].chunk(2))
    return (q, try key.linear(own[0], shifts?[0]), try value.linear(own[1], shifts?[1]))
  }

  /// [N, heads, L, width]
  private func split(_ x: Tensor, _ width: Int) throws(SNNError) -> Tensor {
    try x.unflatten(-1, [heads, width]).permute(batchAxis == 0 ? [0, 2, 1, 3] : [1, 2, 0, 3])
  }

  /// The same, or what stands in its place.
  private func split(
    _ projected: Tensor, _ fixed: Tensor?, _ what: String, _ batch: Int, _ width: Int
  ) throws(SNNError) -> Tensor {
    guard let x = fixed else { return try split(projected, width) }
    guard x.rank == 3, x.shape[0] == batch * heads, x.shape[2] == width else {
      throw .shape("\(name): expecting \(what) of shape [\(batch * heads), S, \(width)], but got \(x.shape)")
    }
    return try x.unflatten(0, [batch, heads])
  }

  private func checkShapes(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, _ call: AttentionCall
  ) throws(SNNError) {
    guard query.rank == 2 || query.rank == 3 else {
      throw .shape(
        "\(name): query should be unbatched 2D or batched 3D tensor but received \(query.rank)-D query tensor")
    }
    let kind = query.rank == 3 ? "batched (3-D)" : "unbatched (2-D)"
    guard key.rank == query.rank, value.rank == query.rank else {
      throw .shape(
        "\(name): For \(kind) query, expected key and value to be \(query.rank)-D but found \(key.rank)-D and "
          + "\(value.rank)-D tensors respectively")
    }
    if let mask = call.keyPaddingMask, mask.rank != query.rank - 1 {
      throw .shape(
        "\(name): For \(kind) query, expected key_padding_mask to be None or \(query.rank - 1)-D but found "
          + "\(mask.rank)-D tensor instead")
    }
    if let mask = call.mask, mask.rank != 2, mask.rank != 3 {
      throw .shape(
        "\(name): For \(kind) query, expected attn_mask to be None, 2-D or 3-D but found \(mask.rank)-D tensor instead")
    }
    guard call.mask != nil || !call.isCausal else {
      throw .argument("\(name): Need attn_mask if specifying the is_causal hint")
    }
    let embedding = query.shape[query.rank - 1]
    guard heads > 0, heads <= Swift.max(embedding, 1), embedding % heads == 0 else {
      throw .argument("\(name): embed_dim \(embedding) not divisible by num_heads \(heads)")
    }
    let isSame =
      inWeight != nil ? key.shape == value.shape : key.shape.dropLast().elementsEqual(value.shape.dropLast())
    let isBatch = query.rank == 2 || key.shape[batchAxis] == query.shape[batchAxis]
    guard isSame, isBatch, inWeight == nil || key.shape[key.rank - 1] == embedding else {
      throw .shape("\(name): query \(query.shape), key \(key.shape) and value \(value.shape) do not fit each other")
    }
    guard (biasK == nil) == (biasV == nil) else {
      throw .argument("\(name): bias_k and bias_v must be given together")
    }
    guard biasK == nil || staticK == nil && staticV == nil else {
      throw .argument("\(name): bias cannot be added to static key or value")
    }
  }
}

/// The masks of a call: [N, 1, 1, S] and [1 or N, 1 or heads, L, S], true where a key is hidden or numbers that are added.
private struct Masks {
  var padding: Tensor?
  var mask: Tensor?
  /// The mask hides all later positions, and need not be looked at.
  let isCausal: Bool

  init(
    _ call: AttentionCall, batch: Int, heads: Int, _ sizes: [Int], _ dtype: DType, _ name: String
  ) throws(SNNError) {
    isCausal = call.isCausal && call.keyPaddingMask == nil && !call.needsWeights
    for (mask, what) in [(call.keyPaddingMask, "key_padding_mask"), (call.mask, "attn_mask")] {
      guard let mask, mask.dtype != .bool, mask.dtype != dtype else { continue }
      throw .dtype("\(name): only bool and \(dtype.name) masks are supported as \(what), got \(mask.dtype.name)")
    }
    padding = try call.keyPaddingMask?.unsqueeze(1).unsqueeze(1)
    if let given = call.keyPaddingMask, given.shape[0] != batch {
      throw .shape("\(name): Expected key_padding_mask.shape[0] to be \(batch), but got \(given.shape[0])")
    }
    guard let given = call.mask, !isCausal else { return }
    let wanted = given.rank == 2 ? sizes : [batch * heads] + sizes
    guard given.shape == Dimensions(wanted) else {
      throw .shape("\(name): The shape of the \(given.rank)D attn_mask is \(given.shape), but should be \(wanted)")
    }
    mask = try given.rank == 2 ? given.unsqueeze(0).unsqueeze(0) : given.unflatten(0, [batch, heads])
  }

  /// A further key, which everybody sees.
  mutating func addKey() throws(SNNError) {
    padding = try padding?.pad([0, 1])
    mask = try mask?.pad([0, 1])
  }

  func merged(keys: Int, _ name: String) throws(SNNError) -> Tensor? {
    if let padding, padding.shape[3] != keys {
      throw .shape("\(name): Expected key_padding_mask.shape[1] to be \(keys), but got \(padding.shape[3])")
    }
    if let mask, mask.shape[3] != keys {
      throw .shape("\(name): Expected attn_mask for \(keys) keys, but got \(mask.shape[3])")
    }
    guard let padding, let mask else { return padding ?? mask }
    if padding.dtype == .bool { return try mask.dtype == .bool ? mask.logicalOr(padding) : mask.masked(by: padding) }
    return try padding.masked(by: mask)
  }
}

extension Tensor {
  /// The sum with a mask: numbers, or -∞ where it is true.
  fileprivate func masked(by mask: Tensor) throws(SNNError) -> Tensor {
    guard mask.dtype == .bool else { return try self + mask }
    let nothing = try Tensor.full([], .float(-.infinity), dtype)
    return try self + Tensor.where(mask, nothing, Tensor.zeros([], dtype))
  }
}
