extension LayerDeclaration {
  static let normalizations: [LayerDeclaration] =
    (1...3).map(batchNorm) + (1...3).map(instanceNorm) + [
      layerNorm, groupNorm, rmsNorm,
      LayerDeclaration("LocalResponseNorm", of: "local_response_norm", text: "size alpha= beta= k="),
      crossMapNorm,
    ]

  private static let held: [HeldTensor] = [
    .optionalParameter("weight"), .optionalParameter("bias"), .buffer("running_mean"), .buffer("running_var"),
    .buffer("num_batches_tracked"),
  ]

  private static func fields(momentum: Field, affine: Bool, tracks: Bool) -> [Field] {
    [
      .int("num_features", in: 0...Double(Int32.max)), .float("eps", default: 1e-5, "Is added to the variance."),
      momentum, .bool("affine", default: affine, "Has a weight and a bias for each channel."),
      .bool("track_running_stats", default: tracks, "Keeps statistics, by which evaluation normalizes."),
      .dtype(), .bool("bias", default: true, "Has a bias if affine.").keyword,
    ]
  }

  private static let momentum = Field.float("momentum", default: 0.1, "The share of the new statistics")

  private static func initial(_ options: Arguments, _: Generator?) throws -> [Tensor?] {
    let shape = [options.int(0)]
    let dtype = options.dtype(5) ?? .default
    let (isAffine, tracks) = (options.bool(3), options.bool(4))
    return [
      isAffine ? try .ones(shape, dtype) : nil, isAffine && options.bool(6) ? try .zeros(shape, dtype) : nil,
      tracks ? try .zeros(shape, dtype) : nil, tracks ? try .ones(shape, dtype) : nil,
      tracks ? try .zeros([], .int64) : nil,
    ]
  }

  private static func describe(_ fields: [Field]) -> @Sendable (Arguments) -> String {
    { options in
      let bias = options.bool(3) && options.bool(6) ? "True" : "False"
      return Text.of("num_features eps= momentum= affine=", fields, options)
        + ", bias=\(bias), track_running_stats=\(options.values[4].pythonText)"
    }
  }

  private static func batchNorm(_ axes: Int) -> LayerDeclaration {
    let name = "BatchNorm\(axes)d"
    let share = momentum.optional
    share.doc += "; None for the mean of all batches so far."
    let fields = fields(momentum: share, affine: true, tracks: true)
    return LayerDeclaration(
      name, "Each channel with mean 0 and variance 1, over the batch or, in evaluation, by the statistics so far.",
      fields, held: held, describe: describe(fields), initial: initial
    ) { layer, options, inputs in
      let x = inputs.tensor(0)
      guard x.rank == axes + 2 || axes == 1 && x.rank == 2 else {
        let ranks = axes == 1 ? "2D or 3D" : "\(axes + 2)D"
        throw SNNError.argument("\(name): expected \(ranks) input, got shape \(x.shape)")
      }
      let isTraining = layer.isTraining
      var share = options.optionalFloat(2)
      if isTraining, options.bool(4), let counter = layer.held(4) {
        try counter.copy(from: counter + 1)
        if share == nil { share = try 1 / counter.item().double }
      }
      let keeps = !isTraining || options.bool(4)
      let statistics = RunningStatistics(
        mean: keeps ? layer.held(2) : nil, variance: keeps ? layer.held(3) : nil, momentum: share ?? 0)
      return [
        try x.batchNorm(
          statistics, layer.held(0), layer.held(1),
          training: isTraining || layer.held(2) == nil && layer.held(3) == nil, epsilon: options.float(1))
      ]
    }
  }

  private static func instanceNorm(_ axes: Int) -> LayerDeclaration {
    let name = "InstanceNorm\(axes)d"
    let fields = fields(momentum: momentum, affine: false, tracks: false)
    return LayerDeclaration(
      name, "Each channel of each image with mean 0 and variance 1.", fields, held: held, describe: describe(fields),
      initial: initial
    ) { layer, options, inputs in
      let x = inputs.tensor(0)
      guard x.rank == axes + 1 || x.rank == axes + 2 else {
        throw SNNError.argument("\(name): expected \(axes + 1)D or \(axes + 2)D input, got shape \(x.shape)")
      }
      let channels = x.shape[x.rank - axes - 1]
      guard channels == options.int(0) || !options.bool(3) else {
        throw SNNError.argument("\(name): expected input's channels to be \(options.int(0)), got \(channels)")
      }
      let images = x.rank == axes + 1 ? try x.unsqueeze(0) : x
      let y = try images.instanceNorm(
        RunningStatistics(mean: layer.held(2), variance: layer.held(3), momentum: options.float(2)), layer.held(0),
        layer.held(1), usesInput: layer.isTraining || !options.bool(4), epsilon: options.float(1))
      return [images === x ? y : try y.squeeze([0])]
    }
  }

  private static let groupFields: [Field] = [
    .int("num_groups", in: 1...Double(Int32.max)), .int("num_channels", in: 0...Double(Int32.max)),
    Operation.epsilon, .bool("affine", default: true, "Has a weight and a bias for each channel."), .dtype(),
    .bool("bias", default: true, "Has a bias if affine.").keyword,
  ]

  private static let groupNorm = LayerDeclaration(
    "GroupNorm", Operation.groupNorm.doc, groupFields,
    held: [.optionalParameter("weight"), .optionalParameter("bias")],
    describe: {
      Text.of("num_groups num_channels eps= affine=", groupFields, $0)
        + ", bias=\($0.bool(3) && $0.bool(5) ? "True" : "False")"
    },
    initial: { options, _ in
      guard options.int(1) % options.int(0) == 0 else {
        throw SNNError.argument(
          "GroupNorm: num_channels (\(options.int(1))) must be divisible by num_groups (\(options.int(0)))")
      }
      let dtype = options.dtype(4) ?? .default
      return [
        options.bool(3) ? try .ones([options.int(1)], dtype) : nil,
        options.bool(3) && options.bool(5) ? try .zeros([options.int(1)], dtype) : nil,
      ]
    },
    formula: { layer, options, inputs in
      [try inputs.tensor(0).groupNorm(options.int(0), layer.held(0), layer.held(1), epsilon: options.float(2))]
    })

  private static let shapeField = Field.ints("normalized_shape", "The sizes of the last axes, which are one group.")
    .tuple
  private static let affineField = Field.bool(
    "elementwise_affine", default: true, "Has a weight for each element of a group.")

  private static let layerFields: [Field] = [
    shapeField, Operation.epsilon, affineField,
    .bool("bias", default: true, "Has a bias for each element if elementwise_affine."), .dtype(),
  ]

  private static let layerNorm = LayerDeclaration(
    "LayerNorm", Operation.layerNorm.doc, layerFields,
    held: [.optionalParameter("weight"), .optionalParameter("bias")],
    describe: {
      Text.of("normalized_shape eps= elementwise_affine=", layerFields, $0)
        + ", bias=\($0.bool(2) && $0.bool(3) ? "True" : "False")"
    },
    initial: { options, _ in
      let dtype = options.dtype(4) ?? .default
      return [
        options.bool(2) ? try .ones(options.ints(0), dtype) : nil,
        options.bool(2) && options.bool(3) ? try .zeros(options.ints(0), dtype) : nil,
      ]
    },
    formula: { layer, options, inputs in
      [try inputs.tensor(0).layerNorm(options.ints(0), layer.held(0), layer.held(1), epsilon: options.float(1))]
    })

  private static let rmsNorm = LayerDeclaration(
    "RMSNorm", Operation.rmsNorm.doc,
    [shapeField, Operation.rmsNorm.fields[3], affineField, .dtype()], held: [.optionalParameter("weight")],
    text: "normalized_shape eps= elementwise_affine=",
    initial: { options, _ in
      [options.bool(2) ? try .ones(options.ints(0), options.dtype(3) ?? .default) : nil]
    },
    formula: { layer, options, inputs in
      [try inputs.tensor(0).rmsNorm(options.ints(0), layer.held(0), epsilon: options.optionalFloat(1))]
    })

  private static let crossMapNorm = LayerDeclaration(
    "CrossMapLRN2d", "LocalResponseNorm with windows as Torch counted them: the first channel never leaves them.",
    [
      .int("size", in: 1...Double(Int32.max), "The number of neighbouring channels."), .float("alpha", default: 1e-4),
      .float("beta", default: 0.75), .scalar("k", default: 1),
    ], text: "size alpha= beta= k="
  ) { _, options, inputs in
    let x = inputs.tensor(0)
    guard x.rank == 4 else { throw SNNError.shape("CrossMapLRN2d: expected 4D input, got shape \(x.shape)") }
    let (size, channels) = (options.int(0), x.shape[1])
    let reach = (size - 1) / 2
    let number = try Tensor.arange(0, .int(channels))
    let distance = try (number.unsqueeze(1) - number).abs()
    let isFirst = try (number == 0).logicalAnd(number.unsqueeze(1) > .int(reach))
    let isNear = try (distance <= .int(reach)).logicalOr(isFirst).cast(to: x.dtype)
    let squares = try x.square().reshape([x.shape[0], channels, -1])
    let sums = try isNear.matmul(squares).reshape(Array(x.shape))
    let scale = try sums * .float(options.float(1) / Double(size)) + options.scalar(3)
    return [try x * scale.pow(.float(-options.float(2)))]
  }
}
