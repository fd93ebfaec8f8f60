/// Layers with noise while they are trained.
extension LayerDeclaration {
  static let stochasticDepth = LayerDeclaration(
    "StochasticDepth", of: "stochastic_depth",
    describe: { "p=\($0.values[0].pythonText), mode=\($0.string(1))" })

  private static let sizes: [Field] = [
    .int("in_features", in: 0...Double(Int32.max)), .int("out_features", in: 0...Double(Int32.max)),
  ]

  private static func weights(_ options: Arguments, bias: Int, dtype: Int, _ generator: Generator?) throws -> [Tensor?]
  {
    let linear = try Linear(
      options.int(0), options.int(1), bias: options.bool(bias), dtype: options.dtype(dtype) ?? .default,
      generator: generator)
    return [linear.weight, linear.bias]
  }

  static let dropConnectLinear = LayerDeclaration(
    "DropConnectLinear",
    "Linear whose weights, not inputs, are zeroed with probability p and scaled by 1 / (1 - p) while training; the bias stays.",
    sizes + [Operation.declared("dropout").field("p"), .bool("bias", default: true), .dtype()],
    held: [.parameter("weight"), .optionalParameter("bias")], drawsNumbers: true, isNoisy: true,
    text: "in_features= out_features= p= bias=",
    initial: { try weights($0, bias: 3, dtype: 4, $1) },
    formula: { layer, options, inputs in
      let weight = try layer.parameter(0).dropout(options.float(2), training: layer.isTraining, layer.generator)
      return [try inputs.tensor(0).linear(weight, layer.held(1))]
    })

  static let variationalLinear = LayerDeclaration(
    "VariationalLinear", Operation.variationalLinear.doc,
    sizes + [.bool("bias", default: true), Operation.variationalLinear.field("threshold"), .dtype()],
    held: [.parameter("weight"), .parameter("log_sigma2"), .optionalParameter("bias")], drawsNumbers: true,
    isNoisy: true,
    text: "in_features= out_features= bias= threshold=",
    initial: { options, generator in
      let drawn = try weights(options, bias: 2, dtype: 4, generator)
      let variances = try Tensor.full([options.int(1), options.int(0)], -10, options.dtype(4) ?? .default)
      return [drawn[0], variances, drawn[1]]
    },
    formula: { layer, options, inputs in
      try Operation.variationalLinear.apply([
        .tensor(inputs.tensor(0)), .tensor(layer.parameter(0)), .tensor(layer.parameter(1)),
        layer.held(2).map { .tensor($0) } ?? .none, .bool(layer.isTraining), options.values[3],
        layer.generator.map { .generator($0) } ?? .none,
      ])
    })

  static let concreteDropout = LayerDeclaration(
    "ConcreteDropout", Operation.concreteDropout.doc,
    [
      .float("p", default: 0.1, in: 1e-6...(1 - 1e-6), "The probability of dropping at the beginning."),
      Operation.concreteDropout.field("temperature"), .dtype(),
    ], held: [.parameter("p_logit")], drawsNumbers: true, isNoisy: true, text: "p= temperature=",
    initial: { options, _ in
      let p = try Tensor(.float(options.float(0)), .float64)
      return [try (p.log() - (1 - p).log()).cast(to: options.dtype(2) ?? .default).reshape([1])]
    },
    formula: { layer, options, inputs in
      try Operation.concreteDropout.apply([
        .tensor(inputs.tensor(0)), .tensor(layer.parameter(0)), options.values[1], .bool(layer.isTraining),
        layer.generator.map { .generator($0) } ?? .none,
      ])
    })

  static let zoneoutCell = LayerDeclaration(
    "ZoneoutCell",
    "A recurrent cell whose states are kept from before, element by element with a probability, while training.",
    [
      Field("cell", .layer, "An RNNCell, LSTMCell or GRUCell."),
      .float("zoneout_h", default: 0.1, in: 0...1, "The probability of keeping the state h."),
      .float("zoneout_c", default: 0.1, in: 0...1, "The probability of keeping the state c of an LSTMCell."),
    ], inputs: [.tensor("input"), Field("hx", .tensors, "The states, zeros without.").optional],
    results: ["h", "c"],
    describe: nothing,
    make: { options -> ZoneoutCell in
      guard let cell = options.layer(0) as? RecurrentCellLayer else {
        throw SNNError.argument(
          "ZoneoutCell: expects an RNNCell, LSTMCell or GRUCell, got a \(type(of: options.layer(0)))")
      }
      return try ZoneoutCell(cell, zoneoutH: options.float(1), zoneoutC: options.float(2))
    },
    call: {
      let states = try $0.forward([$1.tensor(0)] + ($1.isNone(1) ? [] : $1.tensors(1)))
      return states.count == 1 ? [states[0], nil] : states
    })
}

/// A recurrent cell whose states are kept from before, element by element with a probability, while it is trained.
public struct ZoneoutCell: Layer {
  public let cell: any Layer
  public let zoneoutH: Zoneout
  public let zoneoutC: Zoneout

  public init(
    _ cell: RecurrentCellLayer, zoneoutH: Double = 0.1, zoneoutC: Double = 0.1, generator: Generator? = nil
  ) throws(SNNError) {
    self.cell = cell
    self.zoneoutH = try Zoneout(zoneoutH, generator: generator)
    self.zoneoutC = try Zoneout(zoneoutC, generator: generator)
  }

  /// The state h after a step from zeros.
  public func callAsFunction(_ input: Tensor) throws(SNNError) -> Tensor { try forward([input])[0] }

  /// The input and, where there are more, the states; the results are the next states.
  public func forward(_ inputs: [Tensor]) throws(SNNError) -> [Tensor] {
    let new = try part("cell") { () throws(SNNError) in try cell.forward(inputs) }
    return try new.indices.map { i throws(SNNError) in
      let before = inputs.count > 1 ? inputs[i + 1] : try new[i].zerosLike()
      return try (i == 0 ? zoneoutH : zoneoutC).one([.tensor(new[i]), .tensor(before)])
    }
  }
}
