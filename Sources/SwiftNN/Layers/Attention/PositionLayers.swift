extension LayerDeclaration {
  static let positions: [LayerDeclaration] = [
    positionalEncoding, learnedPositionalEncoding, rotaryEmbedding, keyValueCache,
  ]

  private static let offset = Field.int(
    "offset", default: 0, in: 0...Double(1 << 40), "The position of the first row, as behind those of a cache.")

  private static func fields(dropout: Double, length: Int) -> [Field] {
    [
      .int("d_model", in: 1...Double(1 << 20), "The features of a position."), .attentionDropout(dropout),
      .int("max_len", default: length, in: 0...Double(1 << 24), "So many positions."), .batchFirst, .dtype(),
    ]
  }

  private static let sinusoidFields = fields(dropout: 0.1, length: 5000)
  private static let learnedFields = fields(dropout: 0, length: 512)

  /// The sum of input and the rows of a table from a position on, after dropout.
  private static func add(
    _ table: Tensor, _ layer: DeclaredLayer, _ options: Arguments, _ inputs: Arguments
  ) throws(SNNError) -> Tensor {
    let (x, first) = (inputs.tensor(0), inputs.int(1))
    let name = layer.declaration.name
    guard x.rank == 2 || x.rank == 3, x.shape.last == table.shape[1] else {
      throw .shape("\(name): expects [L, N, E] or [L, E] with E = \(table.shape[1]), got \(x.shape)")
    }
    let isBatchFirst = x.rank == 2 || options.bool(3)
    let length = x.shape[x.rank == 3 && isBatchFirst ? 1 : 0]
    guard first + length <= table.shape[0] else {
      throw .shape("\(name): knows \(table.shape[0]) positions, got \(length) from \(first) on")
    }
    let rows = try table.narrow(0, first, length)
    let sum = try x + (isBatchFirst ? rows : rows.unsqueeze(1))
    return try sum.dropout(options.float(1), training: layer.isTraining, layer.generator)
  }

  private static let positionalEncoding = LayerDeclaration(
    "PositionalEncoding", "Adds sines and cosines of the position, whose waves grow longer from feature to feature.",
    sinusoidFields, inputs: [.tensor("input", "[L, N, E]."), offset], held: [.buffer("pe")], drawsNumbers: true,
    text: "d_model dropout= max_len= batch_first=",
    initial: { options, _ in
      let (width, length) = (options.int(0), options.int(2))
      let speeds = try Tensor(.float(10000), .float64).pow(
        Tensor.arange(0, .int(width), step: 2, .float64) * .float(-1 / Double(width)))
      let angles = try Tensor.arange(0, .int(length), .float64).unsqueeze(1) * speeds
      let both = try Tensor.stack([angles.sin(), angles.cos()], -1).flatten(1)
      return [try both.narrow(1, 0, width).cast(to: options.dtype(4) ?? .default).clone()]
    },
    formula: { layer, options, inputs in [try add(layer.parameter(0), layer, options, inputs)] })

  private static let learnedPositionalEncoding = LayerDeclaration(
    "LearnedPositionalEncoding", "Adds a row that is learned for each position.", learnedFields,
    inputs: [.tensor("input", "[L, N, E]."), offset], held: [.parameter("weight")], drawsNumbers: true,
    text: "d_model dropout= max_len= batch_first=",
    initial: { options, generator in
      [
        try Tensor.normal(
          [options.int(2), options.int(0)], mean: 0, std: 0.02, options.dtype(4) ?? .default, generator)
      ]
    },
    formula: { layer, options, inputs in [try add(layer.parameter(0), layer, options, inputs)] })

  private static let rotaryEmbedding = LayerDeclaration(
    "RotaryEmbedding", of: "rotary_embedding", order: ["dim", "base", "interleaved"], calls: ["positions", "offset"],
    text: "dim base= interleaved=")

  private static let keyValueCache = LayerDeclaration(
    "KeyValueCache", "Keys and values of all positions so far, for decoding one after another without gradients.", [],
    inputs: [
      .tensor("key", "[…, L, E]: those of new positions."), .tensor("value", "[…, L, E]."),
      Field("position", .int, "Where the first of them stands; behind the last one without it, 0 starts over.")
        .optional,
    ], results: ["keys", "values"], describe: nothing
  ) { _ in
    KeyValueCache()
  } call: { layer, inputs in
    let all = try layer(inputs.tensor(0), inputs.tensor(1), position: inputs.optionalInt(2))
    return [all.keys, all.values]
  }
}
