extension LayerDeclaration {
  static let embeddings: [LayerDeclaration] = [embedding, embeddingBag]

  private static let sizes: [Field] = [
    .int("num_embeddings", in: 0...Double(Int32.max)), .int("embedding_dim", in: 0...Double(Int32.max)),
  ]
  private static let given = Field("_weight", .tensor, "The rows, instead of normal random numbers.").optional
  private static let embeddingFields =
    sizes + Operation.declared("embedding").fields.dropFirst(2)
    + [given, .bool("_freeze", default: false, "Rows are not learned."), .dtype()]

  private static let embedding = LayerDeclaration(
    "Embedding", "Learned rows by number.", embeddingFields, held: [.parameter("weight")], drawsNumbers: true,
    describe: {
      describe(
        $0, embeddingFields, ["num_embeddings embedding_dim", "max_norm? norm_type? scale_grad_by_freq? sparse?"], 2)
    },
    initial: { options, generator in
      let rows = try rows(options, padding: 2, given: 7, dtype: 9, generator, "Embedding")
      if options.bool(8) { rows.leafRequiresGradient = false }
      return [rows]
    },
    formula: { layer, options, inputs in
      let operation = Operation.declared("embedding")
      return try operation.apply([.tensor(inputs.tensor(0)), .tensor(layer.parameter(0))] + options.values[2..<7])
    })

  private static let bag = Operation.declared("embedding_bag")
  private static let bagFields =
    sizes
    + ["max_norm", "norm_type", "scale_grad_by_freq", "mode", "sparse"].map { bag.field($0) } + [given]
    + ["include_last_offset", "padding_idx"].map { bag.field($0) } + [.dtype()]

  private static let embeddingBag = LayerDeclaration(
    "EmbeddingBag", bag.doc, bagFields,
    inputs: [.tensor("input"), bag.field("offsets"), bag.field("per_sample_weights")], held: [.parameter("weight")],
    drawsNumbers: true,
    describe: {
      describe($0, bagFields, ["num_embeddings embedding_dim max_norm? norm_type? scale_grad_by_freq? mode=", ""], 9)
    },
    initial: { options, generator in
      [try rows(options, padding: 9, given: 7, dtype: 10, generator, "EmbeddingBag")]
    },
    formula: { layer, options, inputs in
      let v = options.values
      return try bag.apply([
        inputs.values[0], .tensor(layer.parameter(0)), inputs.values[1], v[2], v[3], v[4], v[5], v[6], inputs.values[2],
        v[8], v[9],
      ])
    })

  /// Between the two parts stands the row of the padding, counted from the start.
  private static func describe(_ options: Arguments, _ fields: [Field], _ parts: [String], _ padding: Int) -> String {
    let place = options.optionalInt(padding).map { "padding_idx=\($0 < 0 ? $0 + options.int(0) : $0)" }
    return [Text.of(parts[0], fields, options), place ?? "", Text.of(parts[1], fields, options)]
      .filter { !$0.isEmpty }.joined(separator: ", ")
  }

  /// Normal random rows, of which the one of the padding is 0.
  private static func rows(
    _ options: Arguments, padding: Int, given: Int, dtype: Int, _ generator: Generator?, _ name: String
  ) throws(SNNError) -> Tensor {
    let shape = [options.int(0), options.int(1)]
    let place = options.optionalInt(padding)
    if let place, place < -shape[0] || place >= shape[0] {
      throw .argument("\(name): padding_idx must be within num_embeddings (\(shape[0])), got \(place)")
    }
    if let given = options.optionalTensor(given) {
      guard given.shape == Dimensions(shape) else {
        throw .shape("\(name): shape of weight \(given.shape) does not match num_embeddings and embedding_dim \(shape)")
      }
      return given.detach()
    }
    let rows = try Tensor.normal(shape, mean: 0, std: 1, options.dtype(dtype) ?? .default, generator)
    if let place { try rows.narrow(0, place < 0 ? place + shape[0] : place, 1).fill(with: 0) }
    return rows
  }
}

extension Operation {
  func field(_ name: String) -> Field {
    guard let found = fields.first(where: { $0.name == name }) else {
      preconditionFailure("\(self.name) has no \(name)")
    }
    return found
  }
}
