extension LayerDeclaration {
  /// The models, which Python finds in `swiftnn.models`.
  static let models: [LayerDeclaration] =
    [mlp, leNet, cifarCNN] + resNets + [rnnModel, gpt2, bert, bertForMaskedLM, bertForSequenceClassification]

  static func size(_ name: String, _ doc: String = "") -> Field { .int(name, in: 0...Double(1 << 24), doc) }

  private static let ids: [Field] = [
    .tensor("input_ids", "[N, L]: the numbers of tokens."),
    Field("attention_mask", .tensor, "[N, L]: 0 for padding, which is not looked at.").optional,
  ]

  private static let positionIDs = Field("position_ids", .tensor, "Positions other than 0, 1, 2 ….").optional

  private static let gpt2 = LayerDeclaration(
    "models.GPT2LMHeadModel", "GPT-2 with logits for the next token at every position.",
    [
      size("vocab_size"), size("n_positions"), size("n_embd"), .int("n_layer", in: 0...1000), size("n_head"),
      Field("n_inner", .int, "The size between the products of a block; 4 · n_embd without it.").optional.within(
        0...Double(1 << 24)), ModelActivation.field("activation_function", default: .geluTanh),
      .float("resid_pdrop", default: 0.1, in: 0...1), .float("embd_pdrop", default: 0.1, in: 0...1),
      .float("attn_pdrop", default: 0.1, in: 0...1), .float("layer_norm_epsilon", default: 1e-5),
      .float("initializer_range", default: 0.02, in: 0...1000), .dtype(),
    ],
    inputs: ids + [
      positionIDs,
      Field(
        "cache_position", .int,
        "So many tokens came before, whose keys and values the model has kept; nothing is kept without it."
      ).optional,
    ], results: ["logits"], describe: nothing
  ) {
    var o = GPT2Options()
    (o.vocabularySize, o.positions, o.width) = ($0.int(0), $0.int(1), $0.int(2))
    (o.layers, o.heads, o.innerWidth) = ($0.int(3), $0.int(4), $0.optionalInt(5))
    o.activation = ModelActivation(rawValue: $0.string(6)) ?? .geluTanh
    (o.residualDropout, o.embeddingDropout, o.attentionDropout) = ($0.float(7), $0.float(8), $0.float(9))
    (o.layerNormEpsilon, o.initializerRange, o.dtype) = ($0.float(10), $0.float(11), $0.dtype(12) ?? .default)
    return try GPT2LMHeadModel(o)
  } call: { layer, inputs in
    [
      try layer(
        inputs.tensor(0), mask: inputs.optionalTensor(1), positions: inputs.optionalTensor(2),
        cachePosition: inputs.optionalInt(3))
    ]
  }

  private static let bertFields: [Field] = [
    size("vocab_size"), size("hidden_size"), .int("num_hidden_layers", in: 0...1000), size("num_attention_heads"),
    size("intermediate_size", "The size between the products of a layer."),
    ModelActivation.field("hidden_act", default: .gelu), .float("hidden_dropout_prob", default: 0.1, in: 0...1),
    .float("attention_probs_dropout_prob", default: 0.1, in: 0...1),
    .int("max_position_embeddings", default: 512, in: 0...Double(1 << 24)),
    .int("type_vocab_size", default: 2, in: 0...Double(1 << 24), "The kinds of tokens."),
    .float("initializer_range", default: 0.02, in: 0...1000), .float("layer_norm_eps", default: 1e-12),
    .int("pad_token_id", default: 0, in: 0...Double(1 << 24), "A token whose row gets no gradient."), .dtype(),
  ]

  private static func bertOptions(_ a: Arguments) -> BertOptions {
    var o = BertOptions()
    (o.vocabularySize, o.width, o.layers, o.heads) = (a.int(0), a.int(1), a.int(2), a.int(3))
    (o.innerWidth, o.activation) = (a.int(4), ModelActivation(rawValue: a.string(5)) ?? .gelu)
    (o.dropout, o.attentionDropout, o.positions, o.kinds) = (a.float(6), a.float(7), a.int(8), a.int(9))
    (o.initializerRange, o.layerNormEpsilon, o.padding) = (a.float(10), a.float(11), a.int(12))
    o.dtype = a.dtype(13) ?? .default
    return o
  }

  private static let bertInputs =
    ids + [Field("token_type_ids", .tensor, "[N, L]: which sentence a token belongs to.").optional, positionIDs]

  private static let bert = LayerDeclaration(
    "models.BertModel", "BERT: an encoder of tokens, and a summary of each row.",
    bertFields + [.bool("add_pooling_layer", default: true, "Gives the summary.")], inputs: bertInputs,
    results: ["last_hidden_state", "pooler_output"], describe: nothing
  ) {
    try BertModel(bertOptions($0), pools: $0.bool(14))
  } call: { layer, inputs in
    let found = try layer(
      inputs.tensor(0), mask: inputs.optionalTensor(1), kinds: inputs.optionalTensor(2),
      positions: inputs.optionalTensor(3))
    return [found.hidden, found.pooled]
  }

  private static let bertForMaskedLM = LayerDeclaration(
    "models.BertForMaskedLM", "BERT with logits for the token at every position.", bertFields, inputs: bertInputs,
    results: ["logits"], describe: nothing
  ) {
    try BertForMaskedLM(bertOptions($0))
  } call: { layer, inputs in
    [
      try layer(
        inputs.tensor(0), mask: inputs.optionalTensor(1), kinds: inputs.optionalTensor(2),
        positions: inputs.optionalTensor(3))
    ]
  }

  private static let bertForSequenceClassification = LayerDeclaration(
    "models.BertForSequenceClassification", "BERT with logits for each row.",
    bertFields + [.int("num_labels", default: 2, in: 0...Double(1 << 24))], inputs: bertInputs, results: ["logits"],
    describe: nothing
  ) {
    try BertForSequenceClassification(bertOptions($0), labels: $0.int(14))
  } call: { layer, inputs in
    [
      try layer(
        inputs.tensor(0), mask: inputs.optionalTensor(1), kinds: inputs.optionalTensor(2),
        positions: inputs.optionalTensor(3))
    ]
  }
}
