/// The sizes of a BERT, by their names at Hugging Face.
public struct BertOptions: Sendable {
  public var vocabularySize = 30522
  public var width = 768
  public var layers = 12
  public var heads = 12
  public var innerWidth = 3072
  public var activation = ModelActivation.gelu
  public var dropout = 0.1
  public var attentionDropout = 0.1
  public var positions = 512
  public var kinds = 2
  public var layerNormEpsilon = 1e-12
  public var initializerRange = 0.02
  public var padding: Int? = 0
  public var dtype: DType = .default

  public init() {}
}

/// BERT: an encoder of tokens; parameters are named as at Hugging Face.
public final class BertModel: HookedLayer {
  public var hooks = ForwardHooks()
  private let wordEmbeddings: Embedding
  private let positionEmbeddings: Embedding
  private let kindEmbeddings: Embedding
  private let norm: LayerNorm
  private let dropout: Dropout
  private let layer: [any Layer]
  private let dense: Linear?
  private let (embeddings, encoder): (Named, Named)
  private let pooler: Named?

  /// Without `pools`, there is no summary of a row.
  public init(_ o: BertOptions = BertOptions(), pools: Bool = true, generator: Generator? = nil) throws(SNNError) {
    guard o.heads > 0, o.width > 0, o.width % o.heads == 0 else {
      throw .argument(
        "BertModel: hidden_size \(o.width) must be positive and divisible by num_attention_heads \(o.heads)")
    }
    let std = o.initializerRange
    wordEmbeddings = try .drawn(o.vocabularySize, o.width, std: std, padding: o.padding, o.dtype, generator)
    positionEmbeddings = try .drawn(o.positions, o.width, std: std, o.dtype, generator)
    kindEmbeddings = try .drawn(o.kinds, o.width, std: std, o.dtype, generator)
    norm = try LayerNorm([o.width], eps: o.layerNormEpsilon, dtype: o.dtype)
    dropout = try Dropout(o.dropout)
    layer = try (0..<o.layers).map { _ throws(SNNError) in try BertLayer(o, generator) }
    dense = pools ? try .drawn(o.width, o.width, std: std, o.dtype, generator) : nil
    embeddings = Named(
      "BertEmbeddings",
      [
        ("word_embeddings", wordEmbeddings), ("position_embeddings", positionEmbeddings),
        ("token_type_embeddings", kindEmbeddings), ("LayerNorm", norm), ("dropout", dropout),
      ])
    encoder = Named("BertEncoder", [("layer", layer)])
    pooler = dense.map { Named("BertPooler", [("dense", $0), ("activation", Tanh())]) }
  }

  var words: Embedding { wordEmbeddings }

  public func callAsFunction(_ input: Tensor) throws(SNNError) -> Tensor { try self(input, mask: nil).hidden }

  /// [N, L, width] for each token, and [N, width] for the row. `mask` is 0 for padding, `kinds` says which sentence a token
  /// belongs to.
  public func callAsFunction(
    _ ids: Tensor, mask: Tensor?, kinds: Tensor? = nil, positions: Tensor? = nil
  ) throws(SNNError) -> (hidden: Tensor, pooled: Tensor?) {
    guard ids.rank == 2, positions != nil || ids.shape[1] <= positionEmbeddings.weight.shape[0] else {
      throw .shape(
        "BertModel: expects input_ids of shape [N, L] with at most \(positionEmbeddings.weight.shape[0]) positions, got "
          + "\(ids.shape)")
    }
    var places = try Tensor.arange(0, .int(ids.shape[1]), .int64)
    if let positions { places = positions }
    var sentences = try Tensor.zeros(Array(ids.shape), .int64)
    if let kinds { sentences = kinds }
    let visible = try mask?.paddingMask(keys: ids.shape[1], "BertModel")
    let results = try called([ids], results: pooler == nil ? 1 : 2) { given throws(SNNError) in
      let x = try embeddings.called(given[0]) { ids throws(SNNError) in
        try dropout(norm(wordEmbeddings(ids) + kindEmbeddings(sentences) + positionEmbeddings(places)))
      }
      let hidden = try encoder.called(x) { x throws(SNNError) in
        var x = x
        for case let layer as BertLayer in layer { x = try layer(x, visible) }
        return x
      }
      guard let pooler, let dense else { return [hidden] }
      return [hidden, try pooler.called(hidden) { x throws(SNNError) in try dense(x.select(1, 0)).tanh() }]
    }
    return (results[0], results.count > 1 ? results[1] : nil)
  }

  public var members: [(name: String, value: Any)] {
    [("embeddings", embeddings), ("encoder", encoder)] + (pooler.map { [("pooler", $0)] } ?? [])
  }
}

private final class BertLayer: HookedLayer, TrainingSensitive {
  var hooks = ForwardHooks()
  private let query: Linear
  private let key: Linear
  private let value: Linear
  private let attended: Linear
  private let attendedNorm: LayerNorm
  private let inner: Linear
  private let output: Linear
  private let outputNorm: LayerNorm
  private let dropout: Dropout
  private let (heads, attentionDropout): (Int, Double)
  private let activation: ModelActivation
  private let (attention, ownAttention, behindAttention): (Named, Named, Named)
  private let (intermediate, behind): (Named, Named)
  var isTraining = true

  init(_ o: BertOptions, _ generator: Generator?) throws(SNNError) {
    let std = o.initializerRange
    query = try .drawn(o.width, o.width, std: std, o.dtype, generator)
    key = try .drawn(o.width, o.width, std: std, o.dtype, generator)
    value = try .drawn(o.width, o.width, std: std, o.dtype, generator)
    attended = try .drawn(o.width, o.width, std: std, o.dtype, generator)
    attendedNorm = try LayerNorm([o.width], eps: o.layerNormEpsilon, dtype: o.dtype)
    inner = try .drawn(o.width, o.innerWidth, std: std, o.dtype, generator)
    output = try .drawn(o.innerWidth, o.width, std: std, o.dtype, generator)
    outputNorm = try LayerNorm([o.width], eps: o.layerNormEpsilon, dtype: o.dtype)
    dropout = try Dropout(o.dropout)
    (heads, attentionDropout, activation) = (o.heads, o.attentionDropout, o.activation)
    ownAttention = Named("BertSelfAttention", [("query", query), ("key", key), ("value", value)])
    behindAttention = Named(
      "BertSelfOutput", [("dense", attended), ("LayerNorm", attendedNorm), ("dropout", dropout)])
    attention = Named("BertAttention", [("self", ownAttention), ("output", behindAttention)])
    intermediate = Named("BertIntermediate", [("dense", inner)])
    behind = Named("BertOutput", [("dense", output), ("LayerNorm", outputNorm), ("dropout", dropout)])
  }

  func callAsFunction(_ input: Tensor) throws(SNNError) -> Tensor { try self(input, nil) }

  func callAsFunction(_ x: Tensor, _ mask: Tensor?) throws(SNNError) -> Tensor {
    try called(x) { x throws(SNNError) in
      let y = try attention.called(x) { x throws(SNNError) in
        let found = try ownAttention.called(x) { x throws(SNNError) in
          try query(x).splitHeads(heads).attention(
            key: key(x).splitHeads(heads), value: value(x).splitHeads(heads), mask: mask,
            dropout: isTraining ? attentionDropout : 0
          ).joinedHeads()
        }
        return try behindAttention.called([found, x], results: 1) { given throws(SNNError) in
          [try attendedNorm(dropout(attended(given[0])) + given[1])]
        }[0]
      }
      let z = try intermediate.called(y) { y throws(SNNError) in try activation(inner(y)) }
      return try behind.called([z, y], results: 1) { given throws(SNNError) in
        [try outputNorm(dropout(output(given[0])) + given[1])]
      }[0]
    }
  }

  var members: [(name: String, value: Any)] {
    [("attention", attention), ("intermediate", intermediate), ("output", behind)]
  }
}

/// BERT with logits for the token at every position.
public final class BertForMaskedLM: HookedLayer {
  public var hooks = ForwardHooks()
  public let bert: BertModel
  private let dense: Linear
  private let norm: LayerNorm
  private let decoder: Linear
  private let activation: ModelActivation
  private let (head, predictions, transform): (Named, Named, Named)

  public init(_ o: BertOptions = BertOptions(), generator: Generator? = nil) throws(SNNError) {
    bert = try BertModel(o, pools: false, generator: generator)
    dense = try .drawn(o.width, o.width, std: o.initializerRange, o.dtype, generator)
    norm = try LayerNorm([o.width], eps: o.layerNormEpsilon, dtype: o.dtype)
    let bias = OptionalParameter(wrappedValue: try .zeros([o.vocabularySize], o.dtype))
    decoder = try Linear(tiedTo: bert.words, bias: bias)
    activation = o.activation
    transform = Named("BertPredictionHeadTransform", [("dense", dense), ("LayerNorm", norm)])
    predictions = Named("BertLMPredictionHead", [("bias", bias), ("transform", transform), ("decoder", decoder)])
    head = Named("BertOnlyMLMHead", [("predictions", predictions)])
  }

  public func callAsFunction(_ input: Tensor) throws(SNNError) -> Tensor { try self(input, mask: nil) }

  /// Logits [N, L, vocabulary].
  public func callAsFunction(
    _ ids: Tensor, mask: Tensor?, kinds: Tensor? = nil, positions: Tensor? = nil
  ) throws(SNNError) -> Tensor {
    try called(ids) { ids throws(SNNError) in
      let hidden = try bert(ids, mask: mask, kinds: kinds, positions: positions).hidden
      return try head.called(hidden) { x throws(SNNError) in
        try predictions.called(x) { x throws(SNNError) in
          try decoder(transform.called(x) { x throws(SNNError) in try norm(activation(dense(x))) })
        }
      }
    }
  }

  public var members: [(name: String, value: Any)] { [("bert", bert), ("cls", head)] }
}

/// BERT with logits for the whole row.
public final class BertForSequenceClassification: HookedLayer {
  public var hooks = ForwardHooks()
  public let bert: BertModel
  public let dropout: Dropout
  public let classifier: Linear

  public init(
    _ o: BertOptions = BertOptions(), labels: Int = 2, generator: Generator? = nil
  ) throws(SNNError) {
    bert = try BertModel(o, generator: generator)
    dropout = try Dropout(o.dropout)
    classifier = try .drawn(o.width, labels, std: o.initializerRange, o.dtype, generator)
  }

  public func callAsFunction(_ input: Tensor) throws(SNNError) -> Tensor { try self(input, mask: nil) }

  /// Logits [N, labels].
  public func callAsFunction(
    _ ids: Tensor, mask: Tensor?, kinds: Tensor? = nil, positions: Tensor? = nil
  ) throws(SNNError) -> Tensor {
    try called(ids) { ids throws(SNNError) in
      let found = try bert(ids, mask: mask, kinds: kinds, positions: positions)
      guard let pooled = found.pooled else { throw SNNError(.internal, "BertForSequenceClassification: has no pooler") }
      return try classifier(dropout(pooled))
    }
  }
}
