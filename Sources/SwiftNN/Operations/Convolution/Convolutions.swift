extension Operation {
  static let convolutions: [Operation] =
    (1...3).flatMap { [convolution($0), paddedConvolution($0), transposedConvolution($0)] } + [anyConvolution]

  private static let places: Places = [.function, .functional]
  private static let input = Field.tensor("input", "Images [N, channels, …], or one without N.")
  private static let bias = Field("bias", .tensor, "A number for each channel of the result.").optional
  private static let weight = Field.tensor("weight", "[channels out, channels in / groups, …].")
  private static let stride = Field.ints("stride", default: [1], "From one window to the next.")
  private static let dilation = Field.ints("dilation", default: [1], "From one element of a window to the next.")
  private static let groups = Field.int("groups", default: 1, "Parts of the channels that are convolved on their own.")

  private static func convolution(_ axes: Int) -> Operation {
    Operation(
      "conv\(axes)d", "Weighted sums over windows of \(axes) axes.",
      [input, weight, bias, stride, .ints("padding", default: [0], "Zeros on either side."), dilation, groups],
      places: places
    ) {
      try $0.tensor(0).convolution(
        $0.tensor(1), $0.optionalTensor(2),
        ConvolutionArguments(
          stride: $0.ints(3), padding: .numbers($0.ints(4)), dilation: $0.ints(5), groups: $0.int(6)),
        Spatial(operation: "conv\(axes)d", axes: axes))
    }
  }

  private static func paddedConvolution(_ axes: Int) -> Operation {
    Operation(
      "conv\(axes)d.padding", "Weighted sums over windows of \(axes) axes; 'same' padding keeps the sizes.",
      [
        input, weight, bias, stride,
        .choice("padding", of: ["valid", "same"], default: "valid", "'valid' for none."), dilation, groups,
      ], places: places
    ) {
      try $0.tensor(0).convolution(
        $0.tensor(1), $0.optionalTensor(2),
        ConvolutionArguments(
          stride: $0.ints(3), padding: $0.string(4) == "same" ? .same : .valid, dilation: $0.ints(5), groups: $0.int(6)),
        Spatial(operation: "conv\(axes)d", axes: axes))
    }
  }

  private static func transposedConvolution(_ axes: Int) -> Operation {
    Operation(
      "conv_transpose\(axes)d", "The transpose of conv\(axes)d: every element spreads over a window.",
      [
        input, .tensor("weight", "[channels in, channels out / groups, …]."), bias, stride,
        .ints("padding", default: [0], "What is cut off on either side."),
        .ints("output_padding", default: [0], "What is added at the end."), groups, dilation,
      ], places: places
    ) {
      try $0.tensor(0).transposedConvolution(
        $0.tensor(1), $0.optionalTensor(2),
        ConvolutionArguments(
          stride: $0.ints(3), padding: .numbers($0.ints(4)), dilation: $0.ints(7), groups: $0.int(6),
          outputPadding: $0.ints(5)),
        Spatial(operation: "conv_transpose\(axes)d", axes: axes))
    }
  }

  private static let anyConvolution = Operation(
    "convolution", "A convolution, or its transpose, over as many axes as the weights have.",
    [
      input, weight, bias, stride, .ints("padding", default: [0]), dilation, .bool("transposed", default: false),
      .ints("output_padding", default: [0]), groups,
    ], places: .function
  ) {
    let (x, w) = ($0.tensor(0), $0.tensor(1))
    guard (3...5).contains(w.rank) else {
      throw SNNError.shape("convolution: expects a weight of 3 to 5 dimensions, got shape \(w.shape)")
    }
    let spatial = Spatial(operation: "convolution", axes: w.rank - 2)
    let arguments = ConvolutionArguments(
      stride: $0.ints(3), padding: .numbers($0.ints(4)), dilation: $0.ints(5), groups: $0.int(8),
      outputPadding: $0.ints(7))
    return try $0.bool(6)
      ? x.transposedConvolution(w, $0.optionalTensor(2), arguments, spatial)
      : x.convolution(w, $0.optionalTensor(2), arguments, spatial)
  }
}

extension Tensor {
  public func conv1d(
    _ weight: Tensor, _ bias: Tensor? = nil, stride: [Int] = [1], padding: [Int] = [0], dilation: [Int] = [1],
    groups: Int = 1
  ) throws(SNNError) -> Tensor { try convolution(1, weight, bias, stride, padding, dilation, groups) }

  public func conv2d(
    _ weight: Tensor, _ bias: Tensor? = nil, stride: [Int] = [1], padding: [Int] = [0], dilation: [Int] = [1],
    groups: Int = 1
  ) throws(SNNError) -> Tensor { try convolution(2, weight, bias, stride, padding, dilation, groups) }

  public func conv3d(
    _ weight: Tensor, _ bias: Tensor? = nil, stride: [Int] = [1], padding: [Int] = [0], dilation: [Int] = [1],
    groups: Int = 1
  ) throws(SNNError) -> Tensor { try convolution(3, weight, bias, stride, padding, dilation, groups) }

  private func convolution(
    _ axes: Int, _ weight: Tensor, _ bias: Tensor?, _ stride: [Int], _ padding: [Int], _ dilation: [Int], _ groups: Int
  ) throws(SNNError) -> Tensor {
    try convolution(
      weight, bias,
      ConvolutionArguments(stride: stride, padding: .numbers(padding), dilation: dilation, groups: groups),
      Spatial(operation: "conv\(axes)d", axes: axes))
  }
}
