/// A language model of characters or words: an embedding, a recurrent network and logits for what comes next.
public final class RNNModel: HookedLayer {
  /// Absent where tokens come in as vectors of a one and zeros.
  public let encoder: Embedding?
  public let rnn: RecurrentLayer
  public let decoder: Linear
  public let drop: Dropout
  public var hooks = ForwardHooks()
  private let tokens: Int

  /// `kind` is "LSTM", "GRU", "RNN_TANH" or "RNN_RELU"; without `embedding`, tokens are one-hot.
  public init(
    _ kind: String, tokens: Int, embedding: Int?, hidden: Int, layers: Int, dropout: Double = 0.5,
    tieWeights: Bool = false, batchFirst: Bool = false, dtype: DType = .default, generator: Generator? = nil
  ) throws(SNNError) {
    guard tokens > 0, embedding ?? 1 > 0 else {
      throw .argument("RNNModel: ntoken and ninp must be positive, got \(tokens) and \(embedding ?? 0)")
    }
    let width = embedding ?? tokens
    guard !tieWeights || embedding == hidden else {
      throw .argument(
        "RNNModel: When using the tied flag, nhid must be equal to emsize, got \(hidden) and "
          + (embedding.map { "\($0)" } ?? "None"))
    }
    drop = try Dropout(dropout, generator: generator)
    func uniform(_ shape: [Int]) throws(SNNError) -> Tensor { try .uniform(shape, -0.1, 0.1, dtype, generator) }
    encoder = embedding == nil ? nil : try Embedding(tokens, width, weight: uniform([tokens, width]))
    switch kind {
    case "LSTM":
      rnn = try LSTM(
        width, hidden, layers: layers, batchFirst: batchFirst, dropout: dropout, dtype: dtype, generator: generator)
    case "GRU":
      rnn = try GRU(
        width, hidden, layers: layers, batchFirst: batchFirst, dropout: dropout, dtype: dtype, generator: generator)
    case "RNN_TANH", "RNN_RELU":
      rnn = try RNN(
        width, hidden, layers: layers, nonlinearity: kind == "RNN_TANH" ? "tanh" : "relu", batchFirst: batchFirst,
        dropout: dropout, dtype: dtype, generator: generator)
    default:
      throw .argument("RNNModel: rnn_type must be one of LSTM, GRU, RNN_TANH, RNN_RELU, got '\(kind)'")
    }
    if tieWeights, let encoder {
      decoder = try Linear(tiedTo: encoder, bias: OptionalParameter(wrappedValue: .zeros([tokens], dtype)))
    } else {
      decoder = try Linear(hidden, tokens, dtype: dtype, generator: generator)
      decoder.weight = try uniform([tokens, hidden])
      decoder.bias = try .zeros([tokens], dtype)
    }
    self.tokens = tokens
  }

  public func callAsFunction(_ input: Tensor) throws(SNNError) -> Tensor { try forward([input])[0] }

  /// Tokens [T, N] or, with batchFirst, [N, T] or, of one text, [T], and perhaps the state that a call before has given; the
  /// results are logits with an axis more, and the state.
  public func forward(_ inputs: [Tensor]) throws(SNNError) -> [Tensor] {
    let states = rnn is LSTM ? 2 : 1
    guard inputs.count == 1 || inputs.count == 1 + states else {
      throw .argument("RNNModel: expects 1 or \(1 + states) inputs, got \(inputs.count)")
    }
    return try called(inputs, results: 1 + states) { given throws(SNNError) in
      let results = try rnn.forward([drop(vectors(given[0]))] + given.dropFirst())
      return [try decoder(drop(results[0]))] + results.dropFirst()
    }
  }

  private func vectors(_ ids: Tensor) throws(SNNError) -> Tensor {
    if let encoder { return try encoder(ids) }
    return try ids.oneHot(tokens).cast(to: decoder.weight.dtype)
  }

  /// Continues a text by `length` tokens: those that come next with the probabilities of the logits over `temperature`, among
  /// the `topK` likeliest; always the likeliest for a temperature of 0. As in evaluation. The results are the new tokens and the state.
  public func generate(
    _ inputs: [Tensor], length: Int, temperature: Double = 1, topK: Int? = nil, generator: Generator? = nil
  ) throws(SNNError) -> [Tensor] {
    guard temperature >= 0, temperature.isFinite else {
      throw .argument("RNNModel: temperature must be a number from 0, got \(temperature)")
    }
    guard topK ?? 1 > 0 else { throw .argument("RNNModel: top_k must be positive, got \(topK ?? 0)") }
    guard length > 0 else { throw .argument("RNNModel: generate must be at least 1, got \(length)") }
    guard !inputs.isEmpty else { throw .argument("RNNModel: expects tokens to continue, got no input") }
    let axis = inputs[0].rank == 2 && rnn.shape.isBatchFirst ? 1 : 0
    guard inputs[0].rank > 0, inputs[0].shape[axis] > 0 else {
      throw .shape("RNNModel: expects at least one token to continue, got shape \(inputs[0].shape)")
    }
    return try evaluating { () throws(SNNError) in
      try Gradients.with(enabled: false) { () throws(SNNError) in
        try written(inputs, length, axis, temperature, topK, generator)
      }
    }
  }

  private func written(
    _ inputs: [Tensor], _ length: Int, _ axis: Int, _ temperature: Double, _ topK: Int?, _ generator: Generator?
  ) throws(SNNError) -> [Tensor] {
    var results = try forward(inputs)
    var written: [Tensor] = []
    for i in 0..<length {
      if i > 0 { results = try forward([written[i - 1]] + results.dropFirst()) }
      let logits = try results[0].narrow(axis, results[0].shape[axis] - 1, 1)
      written.append(try logits.drawnTokens(temperature, topK, generator))
    }
    // The state has seen all tokens but the last.
    return [try .cat(written, axis)] + results.dropFirst()
  }

  public var members: [(name: String, value: Any)] {
    [("drop", drop)] + (encoder.map { [("encoder", $0)] } ?? []) + [("rnn", rnn), ("decoder", decoder)]
  }
}

extension Tensor {
  /// A number of the last axis for every row, by chance or the likeliest.
  fileprivate func drawnTokens(
    _ temperature: Double, _ topK: Int?, _ generator: Generator?
  ) throws(SNNError) -> Tensor {
    if temperature == 0 { return try argmax(-1) }
    let choices = shape[rank - 1]
    let scores = try cast(to: dtype.working).reshape([-1, choices]) / .float(temperature)
    let likeliest = try scores.topk(Swift.min(topK ?? choices, choices))
    let drawn = try likeliest.values.softmax(-1).multinomial(1, generator)
    return try likeliest.indices.gather(1, drawn).reshape(Array(shape.dropLast()))
  }
}

extension LayerDeclaration {
  static let rnnModel = LayerDeclaration(
    "models.RNNModel",
    "A language model of characters or words, which also writes: an embedding, a recurrent network, logits.",
    [
      .choice("rnn_type", of: ["LSTM", "GRU", "RNN_TANH", "RNN_RELU"]), size("ntoken", "How many tokens there are."),
      size("ninp", "The size of the embedding; 0 for vectors of a one and zeros."),
      size("nhid", "The size of the state."), .int("nlayers", in: 0...10000),
      .float("dropout", default: 0.5, in: 0...1),
      .bool("tie_weights", default: false, "The embedding is the matrix of the logits as well."),
      .bool("batch_first", default: false, "[N, T] instead of [T, N]."), .dtype(),
    ],
    inputs: [
      .tensor("input", "Tokens [T, N], or [T] of one text."),
      Field("hidden", .tensors, "The state that a call before has given.").optional,
      Field("generate", .int, "Gives that many tokens which continue the input, instead of logits.").optional.keyword
        .within(1...Double(1 << 30)),
      .float("temperature", default: 1, "Of what is generated; 0 for the likeliest tokens.").keyword,
      Field("top_k", .int, "Generates the likeliest so many alone.").optional.keyword.within(1...Double(1 << 30)),
      .generator,
    ], results: ["output", "hidden.h", "hidden.c"], describe: nothing
  ) {
    try RNNModel(
      $0.string(0), tokens: $0.int(1), embedding: $0.int(2) > 0 ? $0.int(2) : nil, hidden: $0.int(3), layers: $0.int(4),
      dropout: $0.float(5), tieWeights: $0.bool(6), batchFirst: $0.bool(7), dtype: $0.dtype(8) ?? .default)
  } call: { model, inputs in
    let given = [inputs.tensor(0)] + (inputs.isNone(1) ? [] : try inputs.tensors(1))
    guard let length = inputs.optionalInt(2) else { return try model.forward(given) }
    return try model.generate(
      given, length: length, temperature: inputs.float(3), topK: inputs.optionalInt(4), generator: inputs.generator(5))
  }
}
