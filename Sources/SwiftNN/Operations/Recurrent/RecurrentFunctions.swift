extension Operation {
  static let recurrents: [Operation] =
    sequences(.lstm, "Long short-term memory over whole sequences.")
    + sequences(.gru, "Gated recurrent units over whole sequences.")
    + sequences(.tanh, "A recurrent network with tanh over whole sequences.")
    + sequences(.relu, "A recurrent network with relu over whole sequences.")
    + [
      cell(.lstm, "One step of long short-term memory."), cell(.gru, "One step of a gated recurrent unit."),
      cell(.tanh, "One step of a recurrent network with tanh."),
      cell(.relu, "One step of a recurrent network with relu."),
    ]

  /// The operation for sequences of one length, and that for packed ones.
  private static func sequences(_ cell: RecurrentCell, _ doc: String) -> [Operation] {
    let states =
      cell.hasCellState
      ? Field.tensors("hx", "The states h and c before the first step: [layers · directions, N, …].")
      : Field.tensor("hx", "The state before the first step: [layers · directions, N, hidden].")
    let options = [
      states, .tensors("params", "The weights of all layers, in the order of the layer's parameters."),
      .bool("has_biases"), .int("num_layers", in: 1...Double(Int32.max)),
      .float("dropout", in: 0...1, "The probability of dropping between layers."), .bool("train"),
      .bool("bidirectional"),
    ]
    let names = cell.hasCellState ? ["output", "h", "c"] : ["output", "h"]
    @Sendable func call(
      _ arguments: Arguments, _ first: Int,
      _ run: (RecurrentStack, [Tensor], [Tensor]) throws -> [Tensor]
    ) throws -> [Tensor] {
      let stack = RecurrentStack(
        cell: cell, layers: arguments.int(first + 3), hasBias: arguments.bool(first + 2),
        dropout: arguments.bool(first + 5) ? arguments.float(first + 4) : 0,
        isBidirectional: arguments.bool(first + 6))
      let states = cell.hasCellState ? try arguments.tensors(first) : [arguments.tensor(first)]
      return try run(stack, states, arguments.tensors(first + 1))
    }
    return [
      Operation(
        cell.rawValue, doc, [.tensor("input", "[T, N, features].")] + options + [.bool("batch_first", "[N, T, …].")],
        places: .function,
        body: .several(names: names) { arguments in
          try call(arguments, 1) {
            try $0(arguments.tensor(0), batchFirst: arguments.bool(8), states: $1, weights: $2)
          }
        }),
      Operation(
        "\(cell.rawValue).data", doc,
        [.tensor("data", "Packed sequences."), .tensor("batch_sizes", "How many of them have each step.")] + options,
        places: .function,
        body: .several(names: names) { arguments in
          try call(arguments, 2) {
            try $0(packed: arguments.tensor(0), arguments.tensor(1), states: $1, weights: $2)
          }
        }),
    ]
  }

  private static func cell(_ cell: RecurrentCell, _ doc: String) -> Operation {
    let name = "\(cell.rawValue)_cell"
    let states =
      cell.hasCellState
      ? Field.tensors("hx", "The states h and c: [N, hidden].") : Field.tensor("hx", "The state: [N, hidden].")
    let fields = [
      .tensor("input", "[N, features]."), states, .tensor("w_ih"), .tensor("w_hh"),
      Field("b_ih", .tensor).optional, Field("b_hh", .tensor).optional,
    ]
    @Sendable func results(_ arguments: Arguments) throws -> [Tensor] {
      let states = cell.hasCellState ? try arguments.tensors(1) : [arguments.tensor(1)]
      return try arguments.tensor(0).recurrentStep(
        cell, states, [arguments.tensor(2), arguments.tensor(3)],
        biases: (arguments.optionalTensor(4), arguments.optionalTensor(5)), name)
    }
    let body: Body = cell.hasCellState ? .several(names: ["h", "c"], results) : .one { try results($0)[0] }
    return Operation(name, doc, fields, places: .function, body: body)
  }
}

extension Tensor {
  /// The states after one step.
  func recurrentStep(
    _ cell: RecurrentCell, _ states: [Tensor], _ weights: [Tensor], biases: (Tensor?, Tensor?), _ name: String
  ) throws(SNNError) -> [Tensor] {
    guard rank == 2 else { throw .shape("\(name): expects an input of 2 dimensions, got shape \(shape)") }
    for (i, state) in states.enumerated() where state.rank != 2 || state.shape[0] != shape[0] {
      throw .shape(
        "\(name): Input batch size \(shape[0]) doesn't match hidden\(i) batch size: expected 2 dimensions, got shape "
          + "\(state.shape)")
    }
    var all = weights
    if biases.0 != nil || biases.1 != nil, weights[0].rank > 0 {
      let missing = try Tensor.full([weights[0].shape[0]], 0, dtype)
      all += [biases.0 ?? missing, biases.1 ?? missing]
    }
    let stack = RecurrentStack(cell: cell, hasBias: all.count > 2)
    do throws(SNNError) {
      let results = try stack(
        rows: self, sizes: [shape[0]], states: states.map { state throws(SNNError) in try state.unsqueeze(0) },
        weights: all)
      return try results.dropFirst().map { state throws(SNNError) in try state.squeeze([0]) }
    } catch {
      throw error.naming(name)
    }
  }
}
