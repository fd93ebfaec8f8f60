extension LayerDeclaration {
  static let transformers: [LayerDeclaration] = [
    multiheadAttention, encoderLayer, decoderLayer, encoder, decoder, transformer,
  ]

  private static let sizes: [Field] = [
    .int("d_model", in: 1...Double(1 << 20), "The features of a position."),
    .int("nhead", in: 1...Double(1 << 20), "The heads of each attention."),
  ]

  private static let feedforward: [Field] = [
    .int("dim_feedforward", default: 2048, in: 0...Double(1 << 24), "The size between the two linear layers."),
    .attentionDropout(0.1), .choice("activation", of: ["relu", "gelu"], default: "relu"),
  ]

  private static let layout: [Field] = [
    .float("layer_norm_eps", default: 1e-5), .batchFirst,
    .bool("norm_first", default: false, "Norms stand before the blocks rather than behind the sums."),
    .bool("bias", default: true), .dtype(),
  ]

  /// What `feedforward` and `layout` say, which begin at two places.
  private static func options(_ arguments: Arguments, _ first: Int, _ second: Int) -> TransformerOptions {
    var options = TransformerOptions()
    options.feedforward = arguments.int(first)
    options.dropout = arguments.float(first + 1)
    options.activation = TransformerOptions.Activation(rawValue: arguments.string(first + 2)) ?? .relu
    options.layerNormEpsilon = arguments.float(second)
    options.batchFirst = arguments.bool(second + 1)
    options.normFirst = arguments.bool(second + 2)
    options.bias = arguments.bool(second + 3)
    options.dtype = arguments.dtype(second + 4) ?? .default
    return options
  }

  private static func mask(_ name: String, _ doc: String) -> Field { Field(name, .tensor, doc).optional }

  private static let hidden = "True where a key is not seen, or numbers that are added."
  private static let hint = "Says that the mask hides all later positions."

  private static let decoderMasks: [Field] = [
    mask("tgt_mask", "[T, T]. " + hidden), mask("memory_mask", "[T, S]. " + hidden),
    mask("tgt_key_padding_mask", "[N, T]. " + hidden), mask("memory_key_padding_mask", "[N, S]. " + hidden),
  ]

  private static func masks(_ inputs: Arguments, _ first: Int) -> DecoderMasks {
    var masks = DecoderMasks()
    masks.target = inputs.optionalTensor(first)
    masks.memory = inputs.optionalTensor(first + 1)
    masks.targetPadding = inputs.optionalTensor(first + 2)
    masks.memoryPadding = inputs.optionalTensor(first + 3)
    return masks
  }

  private static let encoderLayer = LayerDeclaration(
    "TransformerEncoderLayer", "Self-attention and two linear layers, each with a sum and a norm around it.",
    sizes + feedforward + layout,
    inputs: [
      .tensor("src", "[S, N, E]."), mask("src_mask", "[S, S]. " + hidden),
      mask("src_key_padding_mask", "[N, S]. " + hidden), .bool("is_causal", default: false, hint),
    ], results: ["output"], describe: nothing
  ) {
    try TransformerEncoderLayer($0.int(0), $0.int(1), options($0, 2, 5))
  } call: { layer, inputs in
    [
      try layer(
        inputs.tensor(0), mask: inputs.optionalTensor(1), keyPaddingMask: inputs.optionalTensor(2),
        isCausal: inputs.bool(3))
    ]
  }

  private static let decoderLayer = LayerDeclaration(
    "TransformerDecoderLayer",
    "Self-attention, attention to the encoder's result and two linear layers, each with a sum and a norm around it.",
    sizes + feedforward + layout,
    inputs: [.tensor("tgt", "[T, N, E]."), .tensor("memory", "[S, N, E].")] + decoderMasks + [
      .bool("tgt_is_causal", default: false, hint), .bool("memory_is_causal", default: false, hint),
    ], results: ["output"], describe: nothing
  ) {
    try TransformerDecoderLayer($0.int(0), $0.int(1), options($0, 2, 5))
  } call: { layer, inputs in
    var masks = masks(inputs, 2)
    (masks.targetIsCausal, masks.memoryIsCausal) = (inputs.bool(6), inputs.bool(7))
    return [try layer(inputs.tensor(0), inputs.tensor(1), masks)]
  }

  private static let stack: [Field] = [
    .int("num_layers", in: 0...1000, "So many copies of the layer."),
    Field("norm", .layer, "Behind the last layer.").optional,
  ]

  private static let seen = Field("is_causal", .bool, hint + " None looks at the mask.").optional

  private static let encoder = LayerDeclaration(
    "TransformerEncoder", "Encoder layers, one after another.",
    [Field("encoder_layer", .layer, "What the layers are copies of.")] + stack + [
      .bool("enable_nested_tensor", default: true, "Accepted; padding is never cut off."),
      .bool("mask_check", default: true, "Accepted."),
    ],
    inputs: [
      .tensor("src", "[S, N, E]."), mask("mask", "[S, S]. " + hidden),
      mask("src_key_padding_mask", "[N, S]. " + hidden), seen,
    ], results: ["output"], describe: nothing
  ) {
    try TransformerEncoder(
      $0.layer(0, as: TransformerEncoderLayer.self, "TransformerEncoder"), $0.int(1), norm: $0.optionalLayer(2))
  } call: { layer, inputs in
    [
      try layer(
        inputs.tensor(0), mask: inputs.optionalTensor(1), keyPaddingMask: inputs.optionalTensor(2),
        isCausal: inputs.optionalBool(3))
    ]
  }

  private static let decoderHints: [Field] = [
    Field("tgt_is_causal", .bool, hint + " None looks at the mask.").optional,
    .bool("memory_is_causal", default: false, hint),
  ]

  private static let decoder = LayerDeclaration(
    "TransformerDecoder", "Decoder layers, one after another.",
    [Field("decoder_layer", .layer, "What the layers are copies of.")] + stack,
    inputs: [.tensor("tgt", "[T, N, E]."), .tensor("memory", "[S, N, E].")] + decoderMasks + decoderHints,
    results: ["output"], describe: nothing
  ) {
    try TransformerDecoder(
      $0.layer(0, as: TransformerDecoderLayer.self, "TransformerDecoder"), $0.int(1), norm: $0.optionalLayer(2))
  } call: { layer, inputs in
    var masks = masks(inputs, 2)
    (masks.targetIsCausal, masks.memoryIsCausal) = (inputs.optionalBool(6), inputs.bool(7))
    return [try layer(inputs.tensor(0), inputs.tensor(1), masks)]
  }

  private static let transformer = LayerDeclaration(
    "Transformer", "An encoder, and a decoder that looks at its result.",
    [
      .int("d_model", default: 512, in: 1...Double(1 << 20), "The features of a position."),
      .int("nhead", default: 8, in: 1...Double(1 << 20), "The heads of each attention."),
      .int("num_encoder_layers", default: 6, in: 0...1000), .int("num_decoder_layers", default: 6, in: 0...1000),
    ] + feedforward + [
      Field("custom_encoder", .layer, "A TransformerEncoder of one's own.").optional,
      Field("custom_decoder", .layer, "A TransformerDecoder of one's own.").optional,
    ] + layout,
    inputs: [
      .tensor("src", "[S, N, E]."), .tensor("tgt", "[T, N, E]."), mask("src_mask", "[S, S]. " + hidden),
      mask("tgt_mask", "[T, T]. " + hidden), mask("memory_mask", "[T, S]. " + hidden),
      mask("src_key_padding_mask", "[N, S]. " + hidden), mask("tgt_key_padding_mask", "[N, T]. " + hidden),
      mask("memory_key_padding_mask", "[N, S]. " + hidden),
      Field("src_is_causal", .bool, hint + " None looks at the mask.").optional,
    ] + decoderHints, results: ["output"], describe: nothing
  ) {
    let name = "Transformer"
    return try Transformer(
      $0.int(0), $0.int(1), numEncoderLayers: $0.int(2), numDecoderLayers: $0.int(3), options($0, 4, 9),
      customEncoder: $0.isNone(7) ? nil : $0.layer(7, as: TransformerEncoder.self, name),
      customDecoder: $0.isNone(8) ? nil : $0.layer(8, as: TransformerDecoder.self, name))
  } call: { layer, inputs in
    var masks = DecoderMasks()
    (masks.target, masks.memory) = (inputs.optionalTensor(3), inputs.optionalTensor(4))
    (masks.targetPadding, masks.memoryPadding) = (inputs.optionalTensor(6), inputs.optionalTensor(7))
    (masks.targetIsCausal, masks.memoryIsCausal) = (inputs.optionalBool(9), inputs.bool(10))
    return [
      try layer(
        inputs.tensor(0), inputs.tensor(1), sourceMask: inputs.optionalTensor(2),
        sourcePadding: inputs.optionalTensor(5), sourceIsCausal: inputs.optionalBool(8), masks)
    ]
  }
}

extension Arguments {
  /// A module of one kind.
  fileprivate func layer<Wanted: Layer>(_ index: Int, as _: Wanted.Type, _ owner: String) throws(SNNError) -> Wanted {
    guard let layer = optionalLayer(index) as? Wanted else {
      throw .argument(
        "\(owner): expects a \(Wanted.self), got \(optionalLayer(index).map { "\(type(of: $0))" } ?? "None")")
    }
    return layer
  }
}
