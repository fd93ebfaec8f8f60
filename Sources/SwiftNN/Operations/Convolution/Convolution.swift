import CKernels

/// The sizes of x, w and y in y = w * x, for up to three axes.
struct ConvolutionGeometry: Sendable {
  var batch: Int
  var groups: Int
  /// Channels of a group.
  var xChannels: Int
  var yChannels: Int
  var xSize: [Int]
  var ySize: [Int]
  var kernel: [Int]
  var stride: [Int]
  /// Before the first place of x; what comes after the last follows from the sizes.
  var padding: [Int]
  var dilation: [Int]

  var xShape: Dimensions { Dimensions([batch, groups * xChannels] + xSize) }
  var yShape: Dimensions { Dimensions([batch, groups * yChannels] + ySize) }
  var wShape: Dimensions { Dimensions([groups * yChannels, xChannels] + kernel) }

  fileprivate func arguments(_ dtype: DType) -> ck_conv {
    func triple(_ values: [Int], _ fill: Int64) -> (Int64, Int64, Int64) {
      let all = Array(repeating: fill, count: 3 - values.count) + values.map { Int64($0) }
      return (all[0], all[1], all[2])
    }
    return ck_conv(
      dtype: dtype.kernel, batch: Int64(batch), groups: Int64(groups), x_channels: Int64(xChannels),
      y_channels: Int64(yChannels), x_size: triple(xSize, 1), y_size: triple(ySize, 1), kernel: triple(kernel, 1),
      stride: triple(stride, 1), padding: triple(padding, 0), dilation: triple(dilation, 1))
  }
}

/// One of the three sides of a convolution, from the other two. Each is linear in both, and their derivatives are the
/// other sides, so that there are derivatives of every order.
struct Convolution: Primitive {
  enum Side: Sendable { case x, w, y }

  let geometry: ConvolutionGeometry
  /// The result: y from (x, w), x from (y, w), w from (x, y). The first two may have a bias as a third input.
  let side: Side
  let name: String
  let saves: Saves = .inputsForOthers

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results {
    let shape =
      switch side {
      case .x: geometry.xShape
      case .w: geometry.wShape
      case .y: geometry.yShape
      }
    return Results(try Dimensions.shape(shape, operation: name), inputs[0].dtype)
  }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    let out = outputs[0]
    if inputs[0].count == 0 || inputs[1].count == 0 {
      out.fill(with: 0)
      if inputs.count == 3 { out.fill(copying: try alongChannels(inputs[2]).expanded(to: out.shape)) }
      return
    }
    guard out.count > 0 else { return }
    // Whole numbers are exact up to 2^53.
    let dtype = out.dtype.workingFloat
    let (a, b) = (try inputs[0].plain(dtype), try inputs[1].plain(dtype))
    let bias = try inputs.count == 3 ? inputs[2].plain(dtype) : nil
    let target = out.dtype == dtype ? out : try Tensor(uninitialized: out.shape, dtype, operation: name)
    var arguments = geometry.arguments(dtype)
    let isDone =
      switch side {
      case .y: ck_conv_y(&arguments, a.data, b.data, bias?.data, target.data)
      case .x: ck_conv_x(&arguments, a.data, b.data, bias?.data, target.data)
      case .w: ck_conv_w(&arguments, a.data, b.data, target.data)
      }
    guard isDone else { throw SNNError(.memory, "\(name): cannot allocate memory for packing") }
    if target !== out { out.fill(copying: target) }
  }

  func work(_ inputs: Few<Tensor>, _ outputs: Few<Tensor>) -> Work {
    let places =
      geometry.ySize + geometry.kernel + [geometry.batch, geometry.groups, geometry.xChannels, geometry.yChannels]
    var work = Work(flops: places.reduce(2.0) { $0 * Double($1) })
    guard side == .y else { return work }
    for (i, kernel) in geometry.kernel.reversed().enumerated() {
      let axis = geometry.kernel.count - 1 - i
      work.windows.append(
        Work.Window(axis: i, span: (kernel - 1) * geometry.dilation[axis] + 1, step: geometry.stride[axis]))
    }
    return work
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    func of(_ side: Side, _ a: @autoclosure () throws -> Tensor, _ b: @autoclosure () throws -> Tensor) throws -> Tensor
    {
      try Convolution(geometry: geometry, side: side, name: name)(a(), b())
    }
    var gradients: Few<Tensor?>
    switch side {
    case .y: gradients = Few(p.needs(0) ? try of(.x, p.g, p.b) : nil, p.needs(1) ? try of(.w, p.a, p.g) : nil)
    case .x: gradients = Few(p.needs(0) ? try of(.y, p.g, p.b) : nil, p.needs(1) ? try of(.w, p.g, p.a) : nil)
    case .w: gradients = Few(p.needs(0) ? try of(.x, p.b, p.g) : nil, p.needs(1) ? try of(.y, p.a, p.g) : nil)
    }
    guard p.node.edges.count == 3 else { return gradients }
    let others = [0] + Array(2..<(geometry.kernel.count + 2))
    gradients.append(p.needs(2) ? try p.g.sum(others) : nil)
    return gradients
  }

  private func alongChannels(_ bias: Tensor) throws(SNNError) -> Tensor {
    try bias.detach().reshaped(to: Dimensions([bias.count] + Array(repeating: 1, count: geometry.kernel.count)))
  }
}

extension Tensor {
  /// Contiguous elements of a dtype, outside any graph.
  func plain(_ dtype: DType) throws(SNNError) -> Tensor {
    self.dtype == dtype && isContiguous ? self : try copied(to: dtype)
  }
}

/// The arguments of a convolution, as PyTorch names them.
struct ConvolutionArguments {
  enum Padding {
    case numbers([Int])
    /// Nothing.
    case valid
    /// As much as keeps the sizes.
    case same
  }

  var stride: [Int] = [1]
  var padding: Padding = .numbers([0])
  var dilation: [Int] = [1]
  var groups = 1
  var outputPadding: [Int] = [0]
}

extension Tensor {
  /// The sum over windows of images [N, C, …] or [C, …], weighted by [channels out, channels in / groups, …].
  func convolution(
    _ weight: Tensor, _ bias: Tensor?, _ arguments: ConvolutionArguments, _ spatial: Spatial
  ) throws(SNNError) -> Tensor {
    let (images, isSingle) = try spatial.batch(self)
    let (axes, name) = (spatial.axes, spatial.operation)
    try images.checkWeights(weight, bias, arguments.groups, spatial)
    guard weight.shape[1] * arguments.groups == images.shape[1] else {
      throw .shape(
        "\(name): Given groups=\(arguments.groups), weight of size \(weight.shape), expected input\(shape) to have "
          + "\(weight.shape[1] * arguments.groups) channels, but got \(images.shape[1]) channels instead")
    }
    let kernel = weight.shape.last(axes)
    var geometry = ConvolutionGeometry(
      batch: images.shape[0], groups: arguments.groups, xChannels: weight.shape[1],
      yChannels: weight.shape[0] / arguments.groups, xSize: images.shape.last(axes), ySize: [], kernel: kernel,
      stride: try spatial.numbers(arguments.stride, "stride", atLeast: 1), padding: [],
      dilation: try spatial.numbers(arguments.dilation, "dilation", atLeast: 1))
    let padding = try geometry.padding(arguments.padding, spatial)
    geometry.padding = padding.map(\.before)
    for i in 0..<axes {
      let span = try spatial.span(kernel[i], geometry.dilation[i])
      let room = geometry.xSize[i] + padding[i].before + padding[i].after
      guard kernel[i] > 0, room >= span else {
        throw .shape(
          "\(name): Calculated padded input size per channel: \(zip(geometry.xSize, padding).map { $0 + $1.before + $1.after }). "
            + "Kernel size: \(kernel). Kernel size can't be greater than actual input size")
      }
      geometry.ySize.append((room - span) / geometry.stride[i] + 1)
    }
    return try images.convolved(.y, geometry, weight, bias, isSingle, name)
  }

  /// The transpose of a convolution over its input: weights are [channels in, channels out / groups, …].
  func transposedConvolution(
    _ weight: Tensor, _ bias: Tensor?, _ arguments: ConvolutionArguments, _ spatial: Spatial
  ) throws(SNNError) -> Tensor {
    let (images, isSingle) = try spatial.batch(self)
    let (axes, name) = (spatial.axes, spatial.operation)
    try images.checkWeights(weight, bias, arguments.groups, spatial, isTransposed: true)
    guard weight.shape[0] == images.shape[1] else {
      throw .shape(
        "\(name): Given transposed=1, weight of size \(weight.shape), expected input\(shape) to have "
          + "\(weight.shape[0]) channels, but got \(images.shape[1]) channels instead")
    }
    var geometry = ConvolutionGeometry(
      batch: images.shape[0], groups: arguments.groups, xChannels: weight.shape[1],
      yChannels: weight.shape[0] / arguments.groups, xSize: [], ySize: images.shape.last(axes),
      kernel: weight.shape.last(axes), stride: try spatial.numbers(arguments.stride, "stride", atLeast: 1), padding: [],
      dilation: try spatial.numbers(arguments.dilation, "dilation", atLeast: 1))
    geometry.padding = try geometry.padding(arguments.padding, spatial).map(\.before)
    let extra = try spatial.numbers(arguments.outputPadding, "output_padding", atLeast: 0)
    for i in 0..<axes {
      guard extra[i] < Swift.max(geometry.stride[i], geometry.dilation[i]) else {
        throw .argument(
          "\(name): output padding must be smaller than either stride or dilation, but got output_padding \(extra), "
            + "stride \(geometry.stride), dilation \(geometry.dilation)")
      }
      let (places, overflow) = (geometry.ySize[i] - 1).multipliedReportingOverflow(by: geometry.stride[i])
      let span = try spatial.span(geometry.kernel[i], geometry.dilation[i])
      let size = overflow ? 0 : places - 2 * geometry.padding[i] + span + extra[i]
      guard !overflow, size > 0, geometry.kernel[i] > 0 else {
        throw .shape(
          "\(name): Given input size per channel: \(geometry.ySize), stride \(geometry.stride), padding "
            + "\(geometry.padding) and kernel size \(geometry.kernel), the output size of axis \(i) is not possible")
      }
      geometry.xSize.append(size)
    }
    return try images.convolved(.x, geometry, weight, bias, isSingle, name)
  }

  private func convolved(
    _ side: Convolution.Side, _ geometry: ConvolutionGeometry, _ weight: Tensor, _ bias: Tensor?, _ isSingle: Bool,
    _ name: String
  ) throws(SNNError) -> Tensor {
    var operands = Few(self, weight)
    if let bias { operands.append(bias) }
    let result = try Convolution(geometry: geometry, side: side, name: name)(operands)
    return isSingle ? try result.squeeze([0]) : result
  }

  private func checkWeights(
    _ weight: Tensor, _ bias: Tensor?, _ groups: Int, _ spatial: Spatial, isTransposed: Bool = false
  ) throws(SNNError) {
    let name = spatial.operation
    guard weight.rank == spatial.axes + 2 else {
      throw .shape("\(name): expects a weight of \(spatial.axes + 2) dimensions, got shape \(weight.shape)")
    }
    guard dtype != .bool else { throw .dtype("\(name): not implemented for bool") }
    for operand in [weight, bias ?? weight] where operand.dtype != dtype {
      throw .dtype(
        "\(name): Input type (\(dtype.name)) and weight or bias type (\(operand.dtype.name)) should be the same")
    }
    guard groups > 0 else { throw .argument("\(name): non-positive groups is not supported, got \(groups)") }
    guard weight.shape[0] >= groups, weight.shape[0] % groups == 0 else {
      throw .shape(
        "\(name): Given groups=\(groups), expected weight to be at least \(groups) at dimension 0 and divisible by it, "
          + "but got weight of size \(weight.shape) instead")
    }
    // Sizes are at most 2^45, but numbers of groups are not limited by any memory.
    let channels = weight.shape[1].multipliedReportingOverflow(by: groups)
    guard !channels.overflow else {
      throw .shape("\(name): \(groups) groups of \(weight.shape[1]) channels are too many")
    }
    let expected = isTransposed ? channels.partialValue : weight.shape[0]
    if let bias, bias.shape != [expected] {
      throw .shape(
        "\(name): Given weight of size \(weight.shape), expected bias to be 1-dimensional with \(expected) elements, but "
          + "got bias of size \(bias.shape) instead")
    }
  }
}

extension ConvolutionGeometry {
  fileprivate func padding(
    _ given: ConvolutionArguments.Padding, _ spatial: Spatial
  ) throws(SNNError) -> [(before: Int, after: Int)] {
    switch given {
    case .numbers(let numbers): return try spatial.numbers(numbers, "padding", atLeast: 0).map { ($0, $0) }
    case .valid: return kernel.map { _ in (0, 0) }
    case .same:
      guard stride.allSatisfy({ $0 == 1 }) else {
        throw .argument("\(spatial.operation): padding='same' is not supported for strided convolutions")
      }
      return try kernel.indices.map { i throws(SNNError) in
        let total = Swift.max(try spatial.span(kernel[i], dilation[i]) - 1, 0)
        return (total / 2, total - total / 2)
      }
    }
  }
}
