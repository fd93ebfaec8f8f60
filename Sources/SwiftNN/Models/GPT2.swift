/// The sizes of a GPT-2, by their names at Hugging Face.
public struct GPT2Options: Sendable {
  public var vocabularySize = 50257
  public var positions = 1024
  public var width = 768
  public var layers = 12
  public var heads = 12
  /// The size between the two products of a block; four times the width without it.
  public var innerWidth: Int?
  public var activation = ModelActivation.geluTanh
  public var residualDropout = 0.1
  public var embeddingDropout = 0.1
  public var attentionDropout = 0.1
  public var layerNormEpsilon = 1e-5
  public var initializerRange = 0.02
  public var dtype: DType = .default

  public init() {}
}

/// GPT-2 with logits for the next token at every position; parameters are named as at Hugging Face.
public final class GPT2LMHeadModel: HookedLayer {
  public let transformer: GPT2Model
  public var hooks = ForwardHooks()
  private let head: Linear

  public init(_ options: GPT2Options = GPT2Options(), generator: Generator? = nil) throws(SNNError) {
    guard options.heads > 0, options.width > 0, options.width % options.heads == 0 else {
      throw .argument(
        "GPT2LMHeadModel: n_embd \(options.width) must be positive and divisible by n_head \(options.heads)")
    }
    transformer = try GPT2Model(options, generator)
    head = try Linear(tiedTo: transformer.wte)
  }

  public func callAsFunction(_ input: Tensor) throws(SNNError) -> Tensor { try self(input, mask: nil) }

  /// Logits [N, L, vocabulary]. `mask` is 0 for padding. With `cachePosition` the input goes behind that many tokens, whose
  /// keys and values earlier calls have left; nothing is kept without it.
  public func callAsFunction(
    _ ids: Tensor, mask: Tensor?, positions: Tensor? = nil, cachePosition: Int? = nil
  ) throws(SNNError) -> Tensor {
    try called(ids) { ids throws(SNNError) in
      try head(transformer(ids, mask: mask, positions: positions, cachePosition: cachePosition))
    }
  }

  public var members: [(name: String, value: Any)] { [("transformer", transformer), ("lm_head", head)] }

  /// Everything but the logits.
  public final class GPT2Model: HookedLayer {
    public var hooks = ForwardHooks()
    let wte: Embedding
    let wpe: Embedding
    let drop: Dropout
    let h: [any Layer]
    let lnF: LayerNorm

    init(_ o: GPT2Options, _ generator: Generator?) throws(SNNError) {
      wte = try .drawn(o.vocabularySize, o.width, std: o.initializerRange, o.dtype, generator)
      wpe = try .drawn(o.positions, o.width, std: o.initializerRange, o.dtype, generator)
      drop = try Dropout(o.embeddingDropout)
      h = try (0..<o.layers).map { _ throws(SNNError) in try GPT2Block(o, generator) }
      lnF = try LayerNorm([o.width], eps: o.layerNormEpsilon, dtype: o.dtype)
    }

    public func callAsFunction(_ input: Tensor) throws(SNNError) -> Tensor { try self(input, mask: nil) }

    func callAsFunction(
      _ ids: Tensor, mask: Tensor?, positions: Tensor? = nil, cachePosition: Int? = nil
    ) throws(SNNError) -> Tensor {
      try called(ids) { ids throws(SNNError) in
        try unwatched(ids, mask: mask, positions: positions, cachePosition: cachePosition)
      }
    }

    private func unwatched(
      _ ids: Tensor, mask: Tensor?, positions: Tensor?, cachePosition: Int?
    ) throws(SNNError) -> Tensor {
      let name = "GPT2LMHeadModel"
      guard ids.rank == 2 else { throw .shape("\(name): expects input_ids of shape [N, L], got \(ids.shape)") }
      let (past, length) = (cachePosition ?? 0, ids.shape[1])
      guard past >= 0, past <= 1 << 40, past + length <= wpe.weight.shape[0] || positions != nil else {
        throw .shape("\(name): knows \(wpe.weight.shape[0]) positions, got \(length) tokens behind \(past)")
      }
      var places = try Tensor.arange(.int(past), .int(past + length), .int64)
      if let positions { places = positions }
      let visible = try mask?.paddingMask(keys: past + length, name)
      var x = try drop(wte(ids) + wpe(places))
      for case let block as GPT2Block in h { x = try block(x, visible, past: past, isCached: cachePosition != nil) }
      return try lnF(x)
    }

    public var members: [(name: String, value: Any)] {
      [("wte", wte), ("wpe", wpe), ("drop", drop), ("h", h), ("ln_f", lnF)]
    }
  }

  private final class GPT2Block: HookedLayer {
    var hooks = ForwardHooks()
    let ln1: LayerNorm
    let attn: GPT2Attention
    let ln2: LayerNorm
    let mlp: GPT2MLP

    init(_ o: GPT2Options, _ generator: Generator?) throws(SNNError) {
      ln1 = try LayerNorm([o.width], eps: o.layerNormEpsilon, dtype: o.dtype)
      attn = try GPT2Attention(o, generator)
      ln2 = try LayerNorm([o.width], eps: o.layerNormEpsilon, dtype: o.dtype)
      mlp = try GPT2MLP(o, generator)
    }

    func callAsFunction(_ input: Tensor) throws(SNNError) -> Tensor { try self(input, nil, past: 0, isCached: false) }

    func callAsFunction(_ x: Tensor, _ mask: Tensor?, past: Int, isCached: Bool) throws(SNNError) -> Tensor {
      try called(x) { x throws(SNNError) in
        let y = try x + attn(ln1(x), mask, past: past, isCached: isCached)
        return try y + mlp(ln2(y))
      }
    }

    var members: [(name: String, value: Any)] { [("ln_1", ln1), ("attn", attn), ("ln_2", ln2), ("mlp", mlp)] }
  }

  private final class GPT2Attention: HookedLayer, TrainingSensitive {
    var hooks = ForwardHooks()
    let cAttn: Conv1D
    let cProj: Conv1D
    let residDropout: Dropout
    var isTraining = true
    private let heads: Int
    private let dropout: Double
    private let cache = KeyValueCache()

    init(_ o: GPT2Options, _ generator: Generator?) throws(SNNError) {
      let std = o.initializerRange
      cAttn = try Conv1D(3 * o.width, o.width, std: std, o.dtype, generator)
      cProj = try Conv1D(o.width, o.width, std: std / Double(2 * o.layers).squareRoot(), o.dtype, generator)
      residDropout = try Dropout(o.residualDropout)
      (heads, dropout) = (o.heads, o.attentionDropout)
    }

    func callAsFunction(_ input: Tensor) throws(SNNError) -> Tensor { try self(input, nil, past: 0, isCached: false) }

    func callAsFunction(_ x: Tensor, _ mask: Tensor?, past: Int, isCached: Bool) throws(SNNError) -> Tensor {
      try called(x) { x throws(SNNError) in
        let parts = try cAttn(x).chunk(3, -1).map { part throws(SNNError) in try part.splitHeads(heads) }
        var (keys, values) = (parts[1], parts[2])
        if isCached { (keys, values) = try cache(keys, values, position: past) }
        let found = try parts[0].attention(
          key: keys, value: values, mask: mask, dropout: isTraining ? dropout : 0, isCausal: true, past: past)
        return try residDropout(cProj(found.joinedHeads()))
      }
    }

    var members: [(name: String, value: Any)] {
      [("c_attn", cAttn), ("c_proj", cProj), ("resid_dropout", residDropout)]
    }
  }

  private final class GPT2MLP: HookedLayer {
    var hooks = ForwardHooks()
    let cFc: Conv1D
    let cProj: Conv1D
    let dropout: Dropout
    private let activation: ModelActivation

    init(_ o: GPT2Options, _ generator: Generator?) throws(SNNError) {
      let (inner, std) = (o.innerWidth ?? 4 * o.width, o.initializerRange)
      cFc = try Conv1D(inner, o.width, std: std, o.dtype, generator)
      cProj = try Conv1D(o.width, inner, std: std / Double(2 * o.layers).squareRoot(), o.dtype, generator)
      dropout = try Dropout(o.residualDropout)
      activation = o.activation
    }

    func callAsFunction(_ x: Tensor) throws(SNNError) -> Tensor {
      try called(x) { x throws(SNNError) in try dropout(cProj(activation(cFc(x)))) }
    }

    var members: [(name: String, value: Any)] { [("c_fc", cFc), ("c_proj", cProj), ("dropout", dropout)] }
  }
}
