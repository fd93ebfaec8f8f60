/// Attention of several heads, between projections of its inputs and of its output.
public final class MultiheadAttention: HookedLayer, SeveralInputLayer, TrainingSensitive {
  /// [3 · embedDim, embedDim]: those of query, key and value, where all three have the same size.
  @OptionalParameter public var inProjWeight: Tensor?
  @OptionalParameter public var qProjWeight: Tensor?
  @OptionalParameter public var kProjWeight: Tensor?
  @OptionalParameter public var vProjWeight: Tensor?
  @OptionalParameter public var inProjBias: Tensor?
  @OptionalParameter public var biasK: Tensor?
  @OptionalParameter public var biasV: Tensor?
  public let outProj: NonDynamicallyQuantizableLinear
  public var isTraining = true
  public var hooks = ForwardHooks()
  private let heads: Int
  private let dropout: Double
  private let addsZero: Bool
  let isBatchFirst: Bool

  /// Projections are drawn as PyTorch draws them, by Xavier's rule.
  public init(
    _ embedDim: Int, _ numHeads: Int, dropout: Double = 0, bias: Bool = true, addBiasKV: Bool = false,
    addZeroAttn: Bool = false, kdim: Int? = nil, vdim: Int? = nil, batchFirst: Bool = false, dtype: DType = .default,
    generator: Generator? = nil
  ) throws(SNNError) {
    guard embedDim > 0, numHeads > 0, embedDim % numHeads == 0 else {
      throw .argument(
        "MultiheadAttention: embed_dim must be divisible by num_heads and both greater than 0, got embed_dim=\(embedDim) "
          + "and num_heads=\(numHeads)")
    }
    let (keys, values) = (kdim ?? embedDim, vdim ?? embedDim)
    if keys == embedDim, values == embedDim {
      inProjWeight = try .xavierUniform(3 * embedDim, embedDim, dtype, generator)
    } else {
      qProjWeight = try .xavierUniform(embedDim, embedDim, dtype, generator)
      kProjWeight = try .xavierUniform(embedDim, keys, dtype, generator)
      vProjWeight = try .xavierUniform(embedDim, values, dtype, generator)
    }
    inProjBias = bias ? try .zeros([3 * embedDim], dtype) : nil
    let spread = 1 / Double(embedDim).squareRoot()
    biasK = addBiasKV ? try .normal([1, 1, embedDim], mean: 0, std: spread, dtype, generator) : nil
    biasV = addBiasKV ? try .normal([1, 1, embedDim], mean: 0, std: spread, dtype, generator) : nil
    outProj = try NonDynamicallyQuantizableLinear(embedDim, embedDim, bias: bias, dtype: dtype, generator: generator)
    if bias { outProj.bias = try .zeros([embedDim], dtype) }
    (heads, self.dropout, addsZero, isBatchFirst) = (numHeads, dropout, addZeroAttn, batchFirst)
  }

  /// The output, and the weights where they are asked for. A mask is true where a key is not seen, or added to the scores.
  public func callAsFunction(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, keyPaddingMask: Tensor? = nil, needWeights: Bool = true,
    mask: Tensor? = nil, averageWeights: Bool = true, isCausal: Bool = false
  ) throws(SNNError) -> (output: Tensor, weights: Tensor?) {
    var attention = MultiHeadAttention(heads: heads, outWeight: outProj.weight, outBias: outProj.bias)
    attention.name = "MultiheadAttention"
    attention.inWeight = inProjWeight
    attention.weights = [qProjWeight, kProjWeight, vProjWeight].compactMap(\.self)
    guard attention.inWeight != nil || attention.weights.count == 3 else {
      throw .argument("MultiheadAttention: cannot do without in_proj_weight or the weights of q, k and v")
    }
    (attention.inBias, attention.biasK, attention.biasV) = (inProjBias, biasK, biasV)
    attention.addsZero = addsZero
    attention.dropout = isTraining ? dropout : 0
    attention.isBatchFirst = isBatchFirst && query.rank == 3
    let call = AttentionCall(
      keyPaddingMask: keyPaddingMask, needsWeights: needWeights, mask: mask, averagesWeights: averageWeights,
      isCausal: isCausal)
    let results = try called([query, key, value], results: needWeights ? 2 : 1) { given throws(SNNError) in
      let found = try attention(given[0], given[1], given[2], call)
      return [found.output] + (found.weights.map { [$0] } ?? [])
    }
    return (results[0], results.count > 1 ? results[1] : nil)
  }

  public func forward(_ inputs: [Tensor]) throws(SNNError) -> [Tensor] {
    guard inputs.count == 3 else { throw .argument("MultiheadAttention: expects 3 inputs, got \(inputs.count)") }
    let found = try self(inputs[0], inputs[1], inputs[2])
    return [found.output] + (found.weights.map { [$0] } ?? [])
  }
}

/// A linear layer by PyTorch's name for this one.
public final class NonDynamicallyQuantizableLinear: Linear {}

extension LayerDeclaration {
  static let multiheadAttention = LayerDeclaration(
    "MultiheadAttention", "Attention of several heads, between projections of its inputs and of its output.",
    [
      .int("embed_dim", in: 1...Double(1 << 20)), .int("num_heads", in: 1...Double(1 << 20)), .attentionDropout(0),
      .bool("bias", default: true), .bool("add_bias_kv", default: false, "A further key and value, which are learned."),
      .bool("add_zero_attn", default: false, "A further key and value of zeros."),
      Field("kdim", .int, "The size of keys; embed_dim without it.").optional.within(0...Double(1 << 20)),
      Field("vdim", .int, "The size of values; embed_dim without it.").optional.within(0...Double(1 << 20)),
      .batchFirst,
      .dtype(),
    ],
    inputs: [
      .tensor("query"), .tensor("key"), .tensor("value"), Operation.keyPaddingMask, Operation.needWeights,
      Operation.attnMask, Operation.averageWeights, Operation.causalHint,
    ], results: ["attn_output", "attn_output_weights"], describe: nothing
  ) {
    try MultiheadAttention(
      $0.int(0), $0.int(1), dropout: $0.float(2), bias: $0.bool(3), addBiasKV: $0.bool(4), addZeroAttn: $0.bool(5),
      kdim: $0.optionalInt(6), vdim: $0.optionalInt(7), batchFirst: $0.bool(8), dtype: $0.dtype(9) ?? .default)
  } call: { layer, inputs in
    let found = try layer(
      inputs.tensor(0), inputs.tensor(1), inputs.tensor(2), keyPaddingMask: inputs.optionalTensor(3),
      needWeights: inputs.bool(4), mask: inputs.optionalTensor(5), averageWeights: inputs.bool(6),
      isCausal: inputs.bool(7))
    return [found.output, found.weights]
  }
}

extension Field {
  static let batchFirst = Field.bool("batch_first", default: false, "Tensors are [N, L, E] rather than [L, N, E].")

  static func attentionDropout(_ value: Double) -> Field {
    .float("dropout", default: value, in: 0...1, "The probability of dropping while training.")
  }
}

extension Tensor {
  /// Uniform numbers from ±√(6 / (rows + columns)): Xavier's rule.
  static func xavierUniform(
    _ rows: Int, _ columns: Int, _ dtype: DType, _ generator: Generator?
  ) throws(SNNError) -> Tensor {
    let bound = (6 / Double(rows + columns)).squareRoot()
    return try uniform([rows, columns], -bound, bound, dtype, generator)
  }
}
