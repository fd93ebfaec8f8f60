extension Operation {
  static let batchNorms: [Operation] = [batchNorm, instanceNorm]

  private static let statistics = [
    Field("running_mean", .tensor, "Means so far, which training changes.").optional,
    Field("running_var", .tensor, "Variances so far, which training changes.").optional,
  ]
  static let affine = [
    Field("weight", .tensor, "Multiplies the result.").optional,
    Field("bias", .tensor, "Is added to the result.").optional,
  ]
  static let epsilon = Field.float("eps", default: 1e-5, "Is added to the variance.")
  private static let momentum = Field.float("momentum", default: 0.1, "The share of the new statistics.")

  static let batchNorm = Operation(
    "batch_norm", "Each channel with mean 0 and variance 1, over the batch or by the statistics so far.",
    [.tensor("input")] + statistics + affine
      + [.bool("training", default: false), momentum, epsilon], places: .functional
  ) {
    try $0.tensor(0).batchNorm(
      RunningStatistics(mean: $0.optionalTensor(1), variance: $0.optionalTensor(2), momentum: $0.float(6)),
      $0.optionalTensor(3), $0.optionalTensor(4), training: $0.bool(5), epsilon: $0.float(7))
  }

  static let instanceNorm = Operation(
    "instance_norm", "Each channel of each image with mean 0 and variance 1.",
    [.tensor("input")] + statistics + affine
      + [.bool("use_input_stats", default: true, "Else those so far are used."), momentum, epsilon], places: .functional
  ) {
    try $0.tensor(0).instanceNorm(
      RunningStatistics(mean: $0.optionalTensor(1), variance: $0.optionalTensor(2), momentum: $0.float(6)),
      $0.optionalTensor(3), $0.optionalTensor(4), usesInput: $0.bool(5), epsilon: $0.float(7))
  }
}

/// Means and variances of channels that training keeps.
struct RunningStatistics {
  let mean: Tensor?
  let variance: Tensor?
  /// The share of what is new.
  let momentum: Double

  fileprivate func check(_ channels: Int, _ name: String) throws(SNNError) {
    for (field, tensor) in [("running_mean", mean), ("running_var", variance)] {
      guard let tensor else { continue }
      guard tensor.shape == [channels] else {
        throw .shape("\(name): \(field) should contain \(channels) elements not \(tensor.shape)")
      }
      guard !tensor.requiresGradient else { throw .gradient("\(name): \(field) must not require a gradient") }
      guard tensor.dtype.isFloatingPoint else {
        throw .dtype("\(name): \(field) must be floating, got \(tensor.dtype.name)")
      }
    }
  }

  /// Takes in the statistics of a batch, whose variance is that of a sample of `count`.
  fileprivate func take(_ newMean: Tensor, _ newVariance: Tensor, count: Int) throws(SNNError) {
    let unbiased = try newVariance * .float(Double(count) / Double(Swift.max(count - 1, 0)))
    for (old, new) in [(mean, newMean), (variance, unbiased)] {
      guard let old else { continue }
      old.fill(copying: try (old.detach() * .float(1 - momentum) + new * .float(momentum)).cast(to: old.dtype))
      old.touch()
    }
  }
}

extension Tensor {
  /// Each channel with mean 0 and variance 1; `statistics` are used, and changed, as training says.
  func batchNorm(
    _ statistics: RunningStatistics, _ weight: Tensor?, _ bias: Tensor?, training: Bool, epsilon: Double
  ) throws(SNNError) -> Tensor {
    let name = "batch_norm"
    guard rank >= 2 else { throw .shape("\(name): expects an input of at least 2 dimensions, got shape \(shape)") }
    let (batch, channels) = (shape[0], shape[1])
    let places = shape.dropFirst(2).reduce(1, *)
    try statistics.check(channels, name)
    guard training else {
      return try shifted(by: statistics, weight, bias, epsilon: epsilon, name)
    }
    guard batch * places != 1 else {
      throw .argument("\(name): Expected more than 1 value per channel when training, got input size \(shape)")
    }
    // Short runs are worth a copy with the channels in front.
    let isCopied = places < 64
    let layout = isCopied ? NormLayout.groups(1, channels, 1, batch * places) : .channels(batch, channels, places)
    let turned = try isCopied ? transpose(0, 1).contiguous() : self
    let (output, mean, variance) = try turned.normalized(layout, weight, bias, epsilon: epsilon, name)
    try statistics.take(mean, variance, count: batch * places)
    return try isCopied ? output.transpose(0, 1).contiguous() : output
  }

  /// Each channel of each image with mean 0 and variance 1.
  func instanceNorm(
    _ statistics: RunningStatistics, _ weight: Tensor?, _ bias: Tensor?, usesInput: Bool, epsilon: Double
  ) throws(SNNError) -> Tensor {
    let name = "instance_norm"
    guard rank >= 2 else { throw .shape("\(name): expects an input of at least 2 dimensions, got shape \(shape)") }
    let (batch, channels) = (shape[0], shape[1])
    let places = shape.dropFirst(2).reduce(1, *)
    try statistics.check(channels, name)
    guard usesInput else { return try shifted(by: statistics, weight, bias, epsilon: epsilon, name) }
    guard places != 1 else {
      throw .argument("\(name): Expected more than 1 spatial element when training, got input size \(shape)")
    }
    let (output, mean, variance) = try normalized(
      .groups(batch, channels, 1, places), weight, bias, epsilon: epsilon, name)
    try statistics.take(
      mean.reshaped(to: [batch, channels]).mean([0]), variance.reshaped(to: [batch, channels]).mean([0]), count: places)
    return output
  }

  /// Each channel less a mean, divided by the root of a variance.
  private func shifted(
    by statistics: RunningStatistics, _ weight: Tensor?, _ bias: Tensor?, epsilon: Double, _ name: String
  ) throws(SNNError) -> Tensor {
    guard let mean = statistics.mean, let variance = statistics.variance else {
      throw .argument("\(name): Expected running_mean and running_var to be defined when training=False")
    }
    guard dtype.isFloatingPoint else { throw .dtype("\(name): not implemented for \(dtype.name)") }
    for operand in [weight, bias] where operand.map({ $0.shape != [shape[1]] }) == true {
      throw .shape("\(name): expected weight and bias of shape [\(shape[1])], got \(operand?.shape ?? [])")
    }
    let working = dtype.working
    var along = Dimensions(repeating: 1, count: rank)
    along[1] = shape[1]
    var scale = try (variance.cast(to: working) + .float(epsilon)).rsqrt()
    if let weight { scale = try scale * weight.cast(to: working) }
    var shift = try -mean.cast(to: working) * scale
    if let bias { shift = try shift + bias.cast(to: working) }
    let result = try cast(to: working) * scale.reshaped(to: along) + shift.reshaped(to: along)
    return try result.cast(to: dtype)
  }
}
