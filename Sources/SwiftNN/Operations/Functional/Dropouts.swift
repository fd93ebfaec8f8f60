extension Operation {
  static let channelDropouts: [Operation] = [
    channelDropout(1), channelDropout(2), channelDropout(3), alphaDropout, featureAlphaDropout,
  ]

  private static let probability = Field.float("p", default: 0.5, in: 0...1, "The probability of dropping.")

  private static func channelDropout(_ axes: Int) -> Operation {
    Operation(
      "dropout\(axes)d", "Zeroes whole channels with probability p and scales the others by 1 / (1 - p).",
      [.tensor("input"), probability, .bool("training", default: true), .inplaceSwitch, .generator], places: .functional
    ) { arguments in
      try arguments.tensor(0).written(over: arguments.bool(3), operation: "dropout\(axes)d") {
        try $0.channelDropout(
          arguments.float(1), axes: axes, training: arguments.bool(2), arguments.generator(4))
      }
    }
  }

  static let alphaDropout = alpha(
    "alpha_dropout", "Dropout to the least value of selu, which keeps mean and variance.", wholeChannels: false)
  static let featureAlphaDropout = alpha(
    "feature_alpha_dropout", "alpha_dropout of whole channels.", wholeChannels: true)

  private static func alpha(_ name: String, _ doc: String, wholeChannels: Bool) -> Operation {
    Operation(
      name, doc,
      [.tensor("input"), probability, .bool("training", default: false), .inplaceSwitch, .generator],
      places: .functional
    ) { arguments in
      try arguments.tensor(0).written(over: arguments.bool(3), operation: name) {
        try $0.alphaDropout(
          arguments.float(1), training: arguments.bool(2), wholeChannels: wholeChannels, arguments.generator(4), name)
      }
    }
  }
}

extension Tensor {
  /// One number for every channel: the first two axes, or the first alone where there is no batch.
  private func channelShape(batched: Bool) -> Dimensions {
    var mask = Dimensions(repeating: 1, count: rank)
    for i in 0..<Swift.min(batched ? 2 : 1, rank) { mask[i] = shape[i] }
    return mask
  }

  func channelDropout(_ p: Double, axes: Int, training: Bool, _ generator: Generator?) throws(SNNError) -> Tensor {
    // As in PyTorch, dropout2d takes three axes for a batch of sequences, not for an image without its batch.
    let isSingle = axes != 2 && rank == axes + 1
    guard rank == axes + 2 || rank == axes + 1 else {
      throw .shape("dropout\(axes)d: expects \(axes + 1)D or \(axes + 2)D input, got shape \(shape)")
    }
    guard training, p > 0 else { return self }
    guard dtype.isFloatingPoint else { throw .dtype("dropout\(axes)d: expects a floating dtype, got \(dtype.name)") }
    let kept = try Tensor.mask(channelShape(batched: !isSingle), probability: 1 - p, dtype, generator)
    return try p == 1 ? self * kept : self * (kept * .float(1 / (1 - p)))
  }

  func alphaDropout(
    _ p: Double, training: Bool, wholeChannels: Bool, _ generator: Generator?, _ name: String
  ) throws(SNNError) -> Tensor {
    guard training, p > 0, count > 0 else { return self }
    guard !wholeChannels || rank >= 2 else {
      throw .shape("\(name): Feature dropout requires at least 2 dimensions in the input, got shape \(shape)")
    }
    guard dtype.isFloatingPoint else { throw .dtype("\(name): expects a floating dtype, got \(dtype.name)") }
    let mask = wholeChannels ? channelShape(batched: true) : shape
    let kept = try Tensor.mask(mask, probability: 1 - p, dtype, generator)
    guard p < 1 else { return try self * kept }
    let least = 1.7580993408473766
    let scale = 1 / ((least * least * p + 1) * (1 - p)).squareRoot()
    let shift = try (kept - 1) * .float(least * scale) + .float(least * scale * p)
    return try self * (kept * .float(scale)) + shift
  }
}
