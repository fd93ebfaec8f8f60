extension LayerDeclaration {
  static let activations: [LayerDeclaration] = [
    LayerDeclaration("Sigmoid", of: "sigmoid"),
    LayerDeclaration("LogSigmoid", of: "logsigmoid"),
    LayerDeclaration("Tanh", of: "tanh"),
    LayerDeclaration("Tanhshrink", of: "tanhshrink"),
    LayerDeclaration("Softsign", of: "softsign"),
    LayerDeclaration("ReLU", of: "relu", text: "inplace?"),
    LayerDeclaration("ReLU6", of: "relu6", text: "inplace?"),
    LayerDeclaration("LeakyReLU", of: "leaky_relu", text: "negative_slope= inplace?"),
    LayerDeclaration("RReLU", of: "rrelu", text: "lower= upper= inplace?"),
    LayerDeclaration("ELU", of: "elu", text: "alpha= inplace?"),
    LayerDeclaration("CELU", of: "celu", text: "alpha= inplace?"),
    LayerDeclaration("SELU", of: "selu", text: "inplace?"),
    LayerDeclaration("GELU", of: "gelu", text: "approximate="),
    LayerDeclaration("SiLU", of: "silu", text: "inplace?"),
    LayerDeclaration("Mish", of: "mish", text: "inplace?"),
    LayerDeclaration("Softplus", of: "softplus", text: "beta= threshold="),
    LayerDeclaration("Softshrink", of: "softshrink", text: "lambd"),
    LayerDeclaration("Hardshrink", of: "hardshrink", text: "lambd"),
    LayerDeclaration("Hardtanh", of: "hardtanh", text: "min_val= max_val= inplace?"),
    LayerDeclaration("Hardsigmoid", of: "hardsigmoid"),
    LayerDeclaration("Hardswish", of: "hardswish"),
    LayerDeclaration("Threshold", of: "threshold", text: "threshold= value= inplace?"),
    LayerDeclaration("GLU", of: "glu", text: "dim="),
    prelu,
  ]

  private static let prelu = LayerDeclaration(
    "PReLU", Operation.prelu.doc,
    [.int("num_parameters", default: 1, in: 0...Double(Int32.max)), .float("init", default: 0.25), .dtype()],
    held: [.parameter("weight")], text: "num_parameters=",
    initial: { options, _ in
      [try .full([options.int(0)], .float(options.float(1)), options.dtype(2) ?? .default)]
    },
    formula: { layer, _, inputs in [try inputs.tensor(0).prelu(layer.parameter(0))] })

  static let softmaxes: [LayerDeclaration] = [
    softmax("Softmax", "softmax"), softmax("LogSoftmax", "log_softmax"), softmax("Softmin", "softmin"), softmax2d,
  ]

  /// Without an axis it is the one that PyTorch assumes.
  private static func softmax(_ name: String, _ operationName: String) -> LayerDeclaration {
    let operation = Operation.declared(operationName)
    return LayerDeclaration(
      name, operation.doc, [Field("dim", .int, "The axis; 0 or 1 by the number of axes without it.").optional],
      text: "dim="
    ) { _, options, inputs in
      let x = inputs.tensor(0)
      let usual = [0, 1, 3].contains(x.rank) ? 0 : 1
      return try operation.apply([.tensor(x), .int(options.optionalInt(0) ?? usual)])
    }
  }

  private static let softmax2d = LayerDeclaration("Softmax2d", "softmax over the channels of images.", []) {
    _, _, inputs in
    let x = inputs.tensor(0)
    guard x.rank == 3 || x.rank == 4 else {
      throw SNNError.shape("Softmax2d: expected input to be 3D or 4D, got shape \(x.shape)")
    }
    return [try x.softmax(-3)]
  }
}
