extension LayerDeclaration {
  static let recurrents: [LayerDeclaration] = [rnn, lstm, gru, rnnCell, lstmCell, gruCell]

  private static let sizes = [
    Field.int("input_size", in: 1...Double(Int32.max), "Features of the input."),
    Field.int("hidden_size", in: 1...Double(Int32.max), "Features of the state."),
  ]
  private static let layers = Field.int(
    "num_layers", default: 1, in: 1...Double(RecurrentLayer.mostLayers), "Layers on top of each other.")
  private static let nonlinearity = Field.choice("nonlinearity", of: ["tanh", "relu"], default: "tanh")
  private static let bias = Field.bool("bias", default: true)
  private static let options = [
    bias, Field.bool("batch_first", default: false, "[N, T, …] instead of [T, N, …]."),
    Field.float("dropout", default: 0, in: 0...1, "The probability of dropping between layers, while training."),
    Field.bool("bidirectional", default: false, "A second layer goes from the last step to the first."),
  ]

  private static let input = Field.tensor("input", "[T, N, features], or [T, features].")
  private static let state = Field(
    "hx", .tensor, "The state before the first step, zeros without: [layers · directions, N, hidden]."
  ).optional
  private static let states = Field(
    "hx", .tensors, "The states h and c before the first step, zeros without: [layers · directions, N, …]."
  ).optional
  private static let batchSizes = Field(
    "batch_sizes", .tensor, "Of packed sequences, how many of them have each step; the input is then their data."
  ).optional

  private static let shownOptions = "num_layers? bias? batch_first? dropout? bidirectional?"
  private static let shown = "input_size hidden_size " + shownOptions

  private static let rnnFields = sizes + [layers, nonlinearity] + options + [.dtype()]

  static let rnn = LayerDeclaration(
    "RNN", "A recurrent network with tanh or relu.", rnnFields, inputs: [input, state, batchSizes],
    results: ["output", "h"],
    describe: { Text.of(shown, rnnFields, $0) },
    make: {
      try RNN(
        $0.int(0), $0.int(1), layers: $0.int(2), nonlinearity: $0.string(3), bias: $0.bool(4), batchFirst: $0.bool(5),
        dropout: $0.float(6), bidirectional: $0.bool(7), dtype: $0.dtype(8) ?? .default)
    },
    call: {
      try $0.run($1.tensor(0), $1.optionalTensor(1).map { [$0] }, $1.optionalTensor(2))
    })

  private static let lstmFields =
    sizes + [layers] + options + [
      .int("proj_size", default: 0, in: 0...Double(Int32.max), "The size to which the state is projected."), .dtype(),
    ]

  static let lstm = LayerDeclaration(
    "LSTM", "Long short-term memory.", lstmFields, inputs: [input, states, batchSizes],
    results: ["output", "state.h", "state.c"],
    describe: {
      Text.of("input_size hidden_size proj_size? " + shownOptions, lstmFields, $0)
    },
    make: {
      try LSTM(
        $0.int(0), $0.int(1), layers: $0.int(2), bias: $0.bool(3), batchFirst: $0.bool(4), dropout: $0.float(5),
        bidirectional: $0.bool(6), projectionSize: $0.int(7), dtype: $0.dtype(8) ?? .default)
    },
    call: {
      try $0.run($1.tensor(0), $1.isNone(1) ? nil : $1.tensors(1), $1.optionalTensor(2))
    })

  private static let gruFields = sizes + [layers] + options + [.dtype()]

  static let gru = LayerDeclaration(
    "GRU", "Gated recurrent units.", gruFields, inputs: [input, state, batchSizes], results: ["output", "h"],
    describe: { Text.of(shown, gruFields, $0) },
    make: {
      try GRU(
        $0.int(0), $0.int(1), layers: $0.int(2), bias: $0.bool(3), batchFirst: $0.bool(4), dropout: $0.float(5),
        bidirectional: $0.bool(6), dtype: $0.dtype(7) ?? .default)
    },
    call: {
      try $0.run($1.tensor(0), $1.optionalTensor(1).map { [$0] }, $1.optionalTensor(2))
    })

  private static let cellInput = Field.tensor("input", "[N, features], or [features].")
  private static let cellState = Field("hx", .tensor, "The state, zeros without: [N, hidden].").optional
  private static let rnnCellFields = sizes + [bias, nonlinearity, .dtype()]
  private static let cellFields = sizes + [bias, .dtype()]

  static let rnnCell = LayerDeclaration(
    "RNNCell", "One step of a recurrent network with tanh or relu.", rnnCellFields, inputs: [cellInput, cellState],
    results: ["h"],
    describe: {
      Text.of("input_size hidden_size bias?", rnnCellFields, $0) + ($0.string(3) == "relu" ? ", nonlinearity=relu" : "")
    },
    make: {
      try RNNCell(
        $0.int(0), $0.int(1), bias: $0.bool(2), nonlinearity: $0.string(3), dtype: $0.dtype(4) ?? .default)
    },
    call: {
      try $0.step($1.tensor(0), $1.optionalTensor(1).map { [$0] })
    })

  static let lstmCell = LayerDeclaration(
    "LSTMCell", "One step of long short-term memory.", cellFields,
    inputs: [cellInput, Field("hx", .tensors, "The states h and c, zeros without: [N, hidden].").optional],
    results: ["h", "c"], describe: { Text.of("input_size hidden_size bias?", cellFields, $0) },
    make: {
      try LSTMCell($0.int(0), $0.int(1), bias: $0.bool(2), dtype: $0.dtype(3) ?? .default)
    },
    call: {
      try $0.step($1.tensor(0), $1.isNone(1) ? nil : $1.tensors(1))
    })

  static let gruCell = LayerDeclaration(
    "GRUCell", "One step of a gated recurrent unit.", cellFields, inputs: [cellInput, cellState], results: ["h"],
    describe: { Text.of("input_size hidden_size bias?", cellFields, $0) },
    make: {
      try GRUCell($0.int(0), $0.int(1), bias: $0.bool(2), dtype: $0.dtype(3) ?? .default)
    },
    call: {
      try $0.step($1.tensor(0), $1.optionalTensor(1).map { [$0] })
    })
}
