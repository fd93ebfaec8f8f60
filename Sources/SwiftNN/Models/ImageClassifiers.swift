/// Convolutions, each with an activation and a pool behind it, and linear layers with activations between them.
public class ImageClassifier: HookedLayer {
  public final let convolutions: [Conv2d]
  public final let linears: [Linear]
  public final let activation: any Layer
  public final let pool: any Layer
  public final var hooks = ForwardHooks()

  /// For square images of that size.
  init(
    imageSize: Int, channels: [Int], kernel: Int, paddings: [Int], linears widths: [Int], activation: String,
    pooling: String = "max", _ dtype: DType, _ generator: Generator?
  ) throws(SNNError) {
    var size = imageSize
    var convolutions: [Conv2d] = []
    for (i, padding) in paddings.enumerated() {
      convolutions.append(
        try Conv2d(
          channels[i], channels[i + 1], kernel, padding: .init(padding), dtype: dtype, generator: generator))
      size = (size + 2 * padding - kernel + 1) / 2
    }
    guard size > 0 else {
      throw .argument("\(Self.self): images of \(imageSize) × \(imageSize) are too small for its kernels and pools")
    }
    let sizes = [channels[channels.count - 1] * size * size] + widths
    linears = try widths.indices.map { i throws(SNNError) in
      try Linear(sizes[i], sizes[i + 1], dtype: dtype, generator: generator)
    }
    self.convolutions = convolutions
    self.activation = try LayerDeclaration.known(activation, as: "activation").make([]).layer
    pool = pooling == "max" ? MaxPool2d(2) : AvgPool2d(2)
  }

  public final func callAsFunction(_ input: Tensor) throws(SNNError) -> Tensor {
    try called(input) { x throws(SNNError) in
      var x = x
      for convolution in convolutions { x = try pool(activation(convolution(x))) }
      x = try x.flatten(-3)
      for (i, linear) in linears.enumerated() { x = try i == 0 ? linear(x) : linear(activation(x)) }
      return x
    }
  }

  public final var members: [(name: String, value: Any)] {
    convolutions.enumerated().map { ("conv\($0 + 1)", $1) } + linears.enumerated().map { ("fc\($0 + 1)", $1) }
      + [("activation", activation), ("pool", pool)]
  }
}

/// LeNet-5: two convolutions of 5×5 and three linear layers. As in the paper of 1998 with "Tanh" and "avg", and images of 32×32
/// without padding.
public final class LeNet: ImageClassifier {
  public init(
    classes: Int = 10, inChannels: Int = 1, activation: String = "ReLU", pooling: String = "max", imageSize: Int = 28,
    padding: Int = 2, dtype: DType = .default, generator: Generator? = nil
  ) throws(SNNError) {
    try super.init(
      imageSize: imageSize, channels: [inChannels, 6, 16], kernel: 5, paddings: [padding, 0],
      linears: [120, 84, classes], activation: activation, pooling: pooling, dtype, generator)
  }
}

/// Convolutions of 3×3 that keep the size, and two linear layers: 268,650 numbers for 32×32 images of ten kinds.
public final class CifarCNN: ImageClassifier {
  public init(
    classes: Int = 10, inChannels: Int = 3, channels: [Int] = [16, 32], hidden: Int = 128, activation: String = "ReLU",
    imageSize: Int = 32, dtype: DType = .default, generator: Generator? = nil
  ) throws(SNNError) {
    guard channels.count <= 30, channels.allSatisfy({ $0 >= 0 }) else {
      throw .argument("CifarCNN: channels must be at most 30 numbers that are not negative, got \(channels)")
    }
    try super.init(
      imageSize: imageSize, channels: [inChannels] + channels, kernel: 3, paddings: channels.map { _ in 1 },
      linears: [hidden, classes], activation: activation, dtype, generator)
  }
}

/// Linear layers with a norm, an activation and dropout between them, as torchvision.ops.MLP has them.
public final class MLP: Sequential {
  public init(
    _ inChannels: Int, _ hiddenChannels: [Int], norm: String? = nil, activation: String = "ReLU", bias: Bool = true,
    dropout: Double = 0, dtype: DType = .default, generator: Generator? = nil
  ) throws(SNNError) {
    guard !hiddenChannels.isEmpty, hiddenChannels.allSatisfy({ (0...1 << 24).contains($0) }) else {
      throw .argument("MLP: hidden_channels must be at least one number from 0 to 16777216, got \(hiddenChannels)")
    }
    var layers: [any Layer] = []
    var width = inChannels
    for (i, next) in hiddenChannels.enumerated() {
      layers.append(try Linear(width, next, bias: bias, dtype: dtype, generator: generator))
      if i < hiddenChannels.count - 1 {
        switch norm {
        case "BatchNorm1d": layers.append(try BatchNorm1d(next, dtype: dtype))
        case "LayerNorm": layers.append(try LayerNorm(next, dtype: dtype))
        default: break
        }
        layers.append(try LayerDeclaration.known(activation, as: "activation").make([]).layer)
      }
      layers.append(try Dropout(dropout, generator: generator))
      width = next
    }
    super.init(layers)
  }
}

extension LayerDeclaration {
  private static let activationNames = activations.filter { $0.fields.allSatisfy { $0.defaultValue != nil } }.map(
    \.name)
  private static let activation = Field.choice("activation", of: activationNames, default: "ReLU")
  private static let classes = Field.int("num_classes", default: 10, in: 0...Double(1 << 24))

  private static func count(_ name: String, default value: Int, _ doc: String = "") -> Field {
    .int(name, default: value, in: 0...Double(1 << 16), doc)
  }

  static let leNet = LayerDeclaration(
    "models.LeNet",
    "LeNet-5: two convolutions and three linear layers. As in the paper with 'Tanh', 'avg', and images of 32 without padding.",
    [
      classes, count("in_channels", default: 1), activation, .choice("pooling", of: ["max", "avg"], default: "max"),
      count("image_size", default: 28), count("padding", default: 2, "Of the first convolution."), .dtype(),
    ], describe: nothing
  ) {
    try LeNet(
      classes: $0.int(0), inChannels: $0.int(1), activation: $0.string(2), pooling: $0.string(3), imageSize: $0.int(4),
      padding: $0.int(5), dtype: $0.dtype(6) ?? .default)
  }

  static let cifarCNN = LayerDeclaration(
    "models.CifarCNN", "Convolutions of 3×3 that keep the size, each with a pool, and two linear layers.",
    [
      classes, count("in_channels", default: 3), .ints("channels", default: [16, 32], "What each convolution gives."),
      count("hidden", default: 128, "What the first linear layer gives."), activation,
      count("image_size", default: 32), .dtype(),
    ], describe: nothing
  ) {
    try CifarCNN(
      classes: $0.int(0), inChannels: $0.int(1), channels: $0.ints(2), hidden: $0.int(3), activation: $0.string(4),
      imageSize: $0.int(5), dtype: $0.dtype(6) ?? .default)
  }

  static let mlp = LayerDeclaration(
    "models.MLP", "Linear layers with a norm, an activation and dropout between them, as torchvision.ops.MLP.",
    [
      .int("in_channels", in: 0...Double(1 << 24)), .ints("hidden_channels", "What each linear layer gives."),
      Field.choice("norm_layer", of: ["BatchNorm1d", "LayerNorm"]).optional,
      activation.changed(name: "activation_layer") { _ in }, .bool("bias", default: true),
      .float("dropout", default: 0, in: 0...1), .dtype(),
    ], describe: nothing
  ) {
    try MLP(
      $0.int(0), $0.ints(1), norm: $0.isNone(2) ? nil : $0.string(2), activation: $0.string(3), bias: $0.bool(4),
      dropout: $0.float(5), dtype: $0.dtype(6) ?? .default)
  }
}
