extension Operation {
  static let layerNorms: [Operation] = [layerNorm, groupNorm, rmsNorm, localResponseNorm]

  private static let normalizedShape = Field.ints(
    "normalized_shape", "The sizes of the last axes, which are one group.")

  static let layerNorm = Operation(
    "layer_norm", "The last axes with mean 0 and variance 1.",
    [.tensor("input"), normalizedShape] + affine + [epsilon], places: [.function, .functional]
  ) {
    try $0.tensor(0).layerNorm($0.ints(1), $0.optionalTensor(2), $0.optionalTensor(3), epsilon: $0.float(4))
  }

  static let groupNorm = Operation(
    "group_norm", "Groups of channels of each image with mean 0 and variance 1.",
    [.tensor("input"), .int("num_groups")] + affine + [epsilon], places: [.function, .functional]
  ) {
    try $0.tensor(0).groupNorm($0.int(1), $0.optionalTensor(2), $0.optionalTensor(3), epsilon: $0.float(4))
  }

  static let rmsNorm = Operation(
    "rms_norm", "The last axes divided by the root of the mean of their squares.",
    [
      .tensor("input"), normalizedShape, affine[0],
      Field("eps", .float, "Is added to the mean; the dtype's epsilon without it.").optional,
    ], places: [.function, .functional]
  ) { try $0.tensor(0).rmsNorm($0.ints(1), $0.optionalTensor(2), epsilon: $0.optionalFloat(3)) }

  static let localResponseNorm = Operation(
    "local_response_norm", "input / (k + alpha · mean of the squares of neighbouring channels) ^ beta.",
    [
      .tensor("input"), .int("size", "The number of neighbouring channels."), .float("alpha", default: 1e-4),
      .float("beta", default: 0.75), .float("k", default: 1),
    ], places: .functional
  ) {
    try $0.tensor(0).localResponseNorm($0.int(1), alpha: $0.float(2), beta: $0.float(3), k: $0.float(4))
  }
}

extension Tensor {
  public func layerNorm(
    _ normalizedShape: [Int], _ weight: Tensor? = nil, _ bias: Tensor? = nil, epsilon: Double = 1e-5
  ) throws(SNNError) -> Tensor {
    let layout = try lastAxes(normalizedShape, weight, bias, "layer_norm")
    return try normalized(layout, weight, bias, epsilon: epsilon, "layer_norm").output
  }

  /// The last axes divided by the root of the mean of their squares.
  public func rmsNorm(
    _ normalizedShape: [Int], _ weight: Tensor? = nil, epsilon: Double? = nil
  ) throws(SNNError) -> Tensor {
    let layout = try lastAxes(normalizedShape, weight, nil, "rms_norm")
    return try normalized(
      layout, weight, nil, epsilon: epsilon ?? dtype.machineEpsilon, isCentred: false, "rms_norm"
    ).output
  }

  public func groupNorm(
    _ groups: Int, _ weight: Tensor? = nil, _ bias: Tensor? = nil, epsilon: Double = 1e-5
  ) throws(SNNError) -> Tensor {
    guard rank >= 2 else {
      throw .shape("group_norm: Expected at least 2 dimensions for input tensor but received \(rank)")
    }
    guard groups > 0, shape[1] > 0, shape[1] % groups == 0 else {
      throw .argument(
        "group_norm: Expected number of channels in input to be divisible by num_groups, but got input of shape \(shape) "
          + "and num_groups=\(groups)")
    }
    for operand in [weight, bias] where operand.map({ $0.shape != [shape[1]] }) == true {
      throw .shape("group_norm: expected weight and bias of shape [\(shape[1])], got \(operand?.shape ?? [])")
    }
    guard count == 0 || count != groups else {
      throw .argument("group_norm: Expected more than 1 value per channel when training, got input size \(shape)")
    }
    let layout = NormLayout.groups(
      shape[0], groups, shape[1] / groups, shape.dropFirst(2).reduce(1, *))
    return try normalized(layout, weight, bias, epsilon: epsilon, "group_norm").output
  }

  private func lastAxes(
    _ sizes: [Int], _ weight: Tensor?, _ bias: Tensor?, _ name: String
  ) throws(SNNError) -> NormLayout {
    guard !sizes.isEmpty, rank >= sizes.count, shape.last(sizes.count) == sizes else {
      throw .shape(
        "\(name): Given normalized_shape=\(sizes), expected input with shape [*, \(sizes)], but got input of size \(shape)"
      )
    }
    for operand in [weight, bias] where operand.map({ Array($0.shape) != sizes }) == true {
      throw .shape(
        "\(name): Expected weight and bias of the same shape as normalized_shape \(sizes), got \(operand?.shape ?? [])")
    }
    return .rows(shape.dropLast(sizes.count).reduce(1, *), sizes.reduce(1, *))
  }

  public func localResponseNorm(
    _ size: Int, alpha: Double = 1e-4, beta: Double = 0.75, k: Double = 1
  ) throws(SNNError) -> Tensor {
    guard rank >= 3 else {
      throw .shape("local_response_norm: Expected 3D or higher dimensionality input (got \(rank) dimensions)")
    }
    guard size > 0, dtype.isFloatingPoint else {
      throw .argument(
        "local_response_norm: expects a positive size and a floating input, got \(size) and \(dtype.name)")
    }
    guard count > 0 else { return self }
    var neighbours = Weights(size: shape[1])
    for channel in 0..<shape[1] {
      let first = Swift.max(channel - size / 2, 0)
      let last = Swift.min(channel + (Swift.min(size, 1 << 45) - 1) / 2, shape[1] - 1)
      for other in first...last { neighbours.add(other, 1 / Double(size)) }
      neighbours.endPlace()
    }
    let squares = try Resample(axis: 1, weights: neighbours, name: "local_response_norm")(square())
    return try self / (squares * .float(alpha) + .float(k)).pow(.float(beta))
  }
}

extension DType {
  /// The distance from 1 to the next number.
  fileprivate var machineEpsilon: Double {
    switch self {
    case .float64: 0x1p-52
    case .float16: 0x1p-10
    case .bfloat16: 0x1p-7
    default: 0x1p-23
    }
  }
}
