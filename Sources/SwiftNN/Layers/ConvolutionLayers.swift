extension LayerDeclaration {
  static let convolutions: [LayerDeclaration] = (1...3).map(convolution) + (1...3).map(transposedConvolution)

  private static let held: [HeldTensor] = [.parameter("weight"), .optionalParameter("bias")]

  /// The fields of both kinds in the order of PyTorch's classes.
  private static func fields(_ axes: Int, _ names: [String], padding: Field) -> [Field] {
    let channels = 0...Double(Int32.max)
    let modes = ["zeros", "reflect", "replicate", "circular"]
    let known: [Field] = [
      .int("in_channels", in: channels), .int("out_channels", in: channels), .ints("kernel_size"),
      .ints("stride", default: [1], "From one window to the next."), padding,
      .ints("output_padding", default: [0], "What is added at the end."),
      .ints("dilation", default: [1], "From one element of a window to the next."),
      .int("groups", default: 1, in: 1...Double(Int32.max), "Parts of the channels that are convolved on their own."),
      .bool("bias", default: true), .choice("padding_mode", of: modes, default: "zeros", "What the padding holds."),
      .dtype(),
    ]
    return names.compactMap { name in
      let field = known.first { $0.name == name }
      return field?.kind == .ints ? field?.changed { $0.length = axes } : field
    }
  }

  private static func convolution(_ axes: Int) -> LayerDeclaration {
    let name = "Conv\(axes)d"
    let padding = Field.ints("padding", default: [0], "What is added on either side, 'same' or 'valid'.").changed {
      $0.choices = ["valid", "same"]
    }
    let fields = fields(
      axes,
      [
        "in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups", "bias", "padding_mode",
        "dtype",
      ], padding: padding)
    return LayerDeclaration(
      name, "Weighted sums over windows of \(axes) axes.", fields, held: held, drawsNumbers: true,
      describe: {
        describe($0, fields, "in_channels out_channels kernel_size= stride= padding? dilation? groups? bias?", mode: 8)
      },
      initial: { options, generator in
        let (inward, outward, groups) = try channels(options, groups: options.int(6), name)
        if case .string("same") = options.values[4], options.ints(3).contains(where: { $0 != 1 }) {
          throw SNNError.argument("\(name): padding='same' is not supported for strided convolutions")
        }
        return try weights([outward, inward / groups] + options.ints(2), outward, options, bias: 7, generator)
      },
      formula: { layer, options, inputs in
        var x = inputs.tensor(0)
        let spatial = Spatial(operation: "conv\(axes)d", axes: axes)
        var padding: ConvolutionArguments.Padding =
          switch options.values[4] {
          case .string("same"): .same
          case .string: .valid
          default: .numbers(options.ints(4))
          }
        if options.string(8) != "zeros" {
          try spatial.checkRank(x.shape)
          let room = room(padding, kernel: options.ints(2), dilation: options.ints(5))
          x = try x.pad(room, mode: options.string(8))
          padding = .valid
        }
        let arguments = ConvolutionArguments(
          stride: options.ints(3), padding: padding, dilation: options.ints(5), groups: options.int(6))
        return [try x.convolution(layer.parameter(0), layer.held(1), arguments, spatial)]
      })
  }

  /// Widths before and after each axis, the last axis first, as `pad` takes them.
  private static func room(
    _ padding: ConvolutionArguments.Padding, kernel: [Int], dilation: [Int]
  ) -> [Int] {
    kernel.indices.reversed().flatMap { i in
      switch padding {
      case .numbers(let widths): return [widths[i], widths[i]]
      case .valid: return [0, 0]
      case .same:
        let total = dilation[i] &* (kernel[i] &- 1)
        return [total / 2, total - total / 2]
      }
    }
  }

  private static func transposedConvolution(_ axes: Int) -> LayerDeclaration {
    let name = "ConvTranspose\(axes)d"
    let fields = fields(
      axes,
      [
        "in_channels", "out_channels", "kernel_size", "stride", "padding", "output_padding", "groups", "bias",
        "dilation", "padding_mode", "dtype",
      ], padding: .ints("padding", default: [0], "What is cut off on either side."))
    let size = Field("output_size", .ints, "The sizes of the result, instead of output_padding.").optional
    return LayerDeclaration(
      name, "The transpose of Conv\(axes)d: every element spreads over a window.", fields,
      inputs: [.tensor("input"), size], held: held, drawsNumbers: true,
      describe: {
        describe(
          $0, fields, "in_channels out_channels kernel_size= stride= padding? dilation? output_padding? groups? bias?",
          mode: 9)
      },
      initial: { options, generator in
        let (inward, outward, groups) = try channels(options, groups: options.int(6), name)
        guard options.string(9) == "zeros" else {
          throw SNNError.argument("\(name): Only \"zeros\" padding mode is supported, got '\(options.string(9))'")
        }
        return try weights([inward, outward / groups] + options.ints(2), outward, options, bias: 7, generator)
      },
      formula: { layer, options, inputs in
        let x = inputs.tensor(0)
        let spatial = Spatial(operation: "conv_transpose\(axes)d", axes: axes)
        var arguments = ConvolutionArguments(
          stride: options.ints(3), padding: .numbers(options.ints(4)), dilation: options.ints(8),
          groups: options.int(6),
          outputPadding: options.ints(5))
        if let wanted = inputs.optionalInts(1) {
          arguments.outputPadding = try added(
            for: wanted, x, kernel: options.ints(2), options.ints(4), arguments, spatial)
        }
        return [try x.transposedConvolution(layer.parameter(0), layer.held(1), arguments, spatial)]
      })
  }

  /// What has to be added at the end for a result of the sizes asked for.
  private static func added(
    for given: [Int], _ x: Tensor, kernel: [Int], _ padding: [Int], _ arguments: ConvolutionArguments,
    _ spatial: Spatial
  ) throws(SNNError) -> [Int] {
    try spatial.checkRank(x.shape)
    let name = spatial.operation
    let wanted = given.count == x.rank ? Array(given.suffix(spatial.axes)) : given
    guard wanted.count == spatial.axes else {
      throw .argument("\(name): output_size must have \(spatial.axes) or \(x.rank) elements, got \(given.count)")
    }
    let sizes = x.shape.last(spatial.axes)
    return try wanted.indices.map { i throws(SNNError) in
      let span = try spatial.span(kernel[i], arguments.dilation[i])
      let (steps, overflow) = (sizes[i] - 1).multipliedReportingOverflow(by: arguments.stride[i])
      guard !overflow, steps.magnitude < 1 << 50, padding[i].magnitude < 1 << 50 else {
        throw .shape("\(name): stride \(arguments.stride) is too large for \(x.shape)")
      }
      let least = steps - 2 * padding[i] + span
      guard wanted[i] >= least, wanted[i] < least + arguments.stride[i] else {
        throw .argument(
          "\(name): requested an output size of \(wanted), but valid sizes of axis \(i) range from \(least) to "
            + "\(least + arguments.stride[i] - 1) for an input of \(sizes)")
      }
      return wanted[i] - least
    }
  }

  private static func channels(
    _ options: Arguments, groups: Int, _ name: String
  ) throws(SNNError) -> (Int, Int, Int) {
    let (inward, outward) = (options.int(0), options.int(1))
    guard inward % groups == 0, outward % groups == 0 else {
      throw .argument(
        "\(name): in_channels and out_channels must be divisible by groups, got \(inward), \(outward) and \(groups)")
    }
    return (inward, outward, groups)
  }

  /// Weights and bias drawn uniformly from ±1/√(numbers in a window), as PyTorch draws them.
  private static func weights(
    _ shape: [Int], _ outward: Int, _ options: Arguments, bias: Int, _ generator: Generator?
  ) throws(SNNError) -> [Tensor?] {
    let dtype = options.dtype(options.values.count - 1) ?? .default
    guard shape.allSatisfy({ $0 >= 0 }) else {
      throw .argument("kernel_size must be at least 0, got \(shape.dropFirst(2))")
    }
    let window = try Dimensions.shape(shape.dropFirst(), operation: "weight").product
    let bound = window > 0 ? 1 / Double(window).squareRoot() : 0
    return [
      try .uniform(shape, -bound, bound, dtype, generator),
      options.bool(bias) ? try .uniform([outward], -bound, bound, dtype, generator) : nil,
    ]
  }

  /// PyTorch writes the padding mode without quotes, and 'same' with them.
  private static func describe(_ options: Arguments, _ fields: [Field], _ format: String, mode: Int) -> String {
    let text = Text.of(format, fields, options)
    return options.string(mode) == "zeros" ? text : text + ", padding_mode=\(options.string(mode))"
  }
}
