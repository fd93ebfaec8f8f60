/// What a residual network is made of, by torchvision's names.
public struct ResNetOptions: Sendable {
  public var classes = 1000
  /// Each block begins as the identity: the scale of its last norm is 0.
  public var zeroInitResidual = false
  public var groups = 1
  public var widthPerGroup = 64
  /// For the last three stages, whether the kernels spread instead of the windows being fewer.
  public var replaceStrideWithDilation = [false, false, false]
  /// A layer that is made from a number of channels.
  public var norm = "BatchNorm2d"
  /// Begins with a 3×3 convolution and keeps the size, as for 32×32 images.
  public var smallImages = false
  public var dtype: DType = .default

  public init() {}
}

/// A residual network for images; parameters are named as in torchvision.
public final class ResNet: HookedLayer {
  public let conv1: Conv2d
  public let bn1: any Layer
  public let relu: ReLU
  public let maxpool: any Layer
  public let stages: [Sequential]
  public let avgpool: AdaptiveAvgPool2d
  public let fc: Linear
  public var hooks = ForwardHooks()

  /// `layers` blocks in each of four stages, of two 3×3 convolutions or, with `bottleneck`, of a 3×3 between two 1×1.
  public init(
    _ layers: [Int], bottleneck: Bool, _ options: ResNetOptions = ResNetOptions(), generator: Generator? = nil
  ) throws(SNNError) {
    let o = options
    guard layers.count == 4, layers.allSatisfy({ (1...1000).contains($0) }) else {
      throw .argument("ResNet: expects 4 numbers of blocks from 1 to 1000, got \(layers)")
    }
    guard o.replaceStrideWithDilation.count == 3 else {
      throw .argument(
        "ResNet: replace_stride_with_dilation should be None or a 3-element tuple, got "
          + "\(o.replaceStrideWithDilation.count) elements")
    }
    let parts = ResNetParts(options: o, isBottleneck: bottleneck, generator: generator)
    conv1 = try parts.convolution(3, 64, o.smallImages ? 3 : 7, stride: o.smallImages ? 1 : 2)
    bn1 = try parts.norm(64)
    relu = ReLU(inplace: true)
    maxpool = o.smallImages ? Identity() : MaxPool2d(3, stride: 2, padding: 1)
    var stages: [Sequential] = []
    var (width, dilation) = (64, 1)
    for (i, count) in layers.enumerated() {
      let planes = 64 << i
      let before = dilation
      var stride = i == 0 ? 1 : 2
      if i > 0, o.replaceStrideWithDilation[i - 1] { (dilation, stride) = (dilation * 2, 1) }
      var blocks: [any Layer] = []
      for k in 0..<count {
        let first = k == 0
        blocks.append(try parts.block(width, planes, stride: first ? stride : 1, dilation: first ? before : dilation))
        width = planes * (bottleneck ? 4 : 1)
      }
      stages.append(Sequential(blocks))
    }
    self.stages = stages
    avgpool = try AdaptiveAvgPool2d([1, 1])
    fc = try Linear(width, o.classes, dtype: o.dtype, generator: generator)
  }

  public func callAsFunction(_ input: Tensor) throws(SNNError) -> Tensor {
    try called(input) { x throws(SNNError) in
      var x = try maxpool(relu(bn1(conv1(x))))
      for stage in stages { x = try stage(x) }
      return try fc(avgpool(x).flatten(1))
    }
  }

  public var members: [(name: String, value: Any)] {
    [("conv1", conv1), ("bn1", bn1), ("relu", relu), ("maxpool", maxpool)]
      + stages.enumerated().map { ("layer\($0 + 1)", $1) } + [("avgpool", avgpool), ("fc", fc)]
  }
}

/// Makes the layers of a residual network.
private struct ResNetParts {
  let options: ResNetOptions
  let isBottleneck: Bool
  let generator: Generator?

  /// A convolution that keeps the size but for its stride, with Kaiming's normal numbers by what goes out.
  func convolution(
    _ inward: Int, _ outward: Int, _ kernel: Int, stride: Int = 1, groups: Int = 1, dilation: Int = 1
  ) throws(SNNError) -> Conv2d {
    let layer = try Conv2d(
      inward, outward, kernel, stride: stride, padding: .init(kernel / 2 * dilation), dilation: dilation,
      groups: groups, bias: false, dtype: options.dtype, generator: generator)
    let std = (2 / Double(outward * kernel * kernel)).squareRoot()
    layer.weight = try .normal(Array(layer.weight.shape), mean: 0, std: std, options.dtype, generator)
    return layer
  }

  /// With a scale of 0 where it is the last of a block and that is asked for.
  func norm(_ channels: Int, isLast: Bool = false) throws(SNNError) -> any Layer {
    let declaration = try LayerDeclaration.known(options.norm, as: "norm_layer")
    let takesChannels = !declaration.fields.isEmpty
    let values: [Value] = [.int(channels), .none, .none, .none, .none, .dtype(options.dtype)]
    let layer = try declaration.make(takesChannels ? values : []).layer
    if isLast, options.zeroInitResidual { try (layer as? BatchNorm2d)?.weight?.detach().fill(with: 0) }
    return layer
  }

  func block(_ inward: Int, _ planes: Int, stride: Int, dilation: Int) throws(SNNError) -> any Layer {
    let outward = planes * (isBottleneck ? 4 : 1)
    var downsample: Sequential?
    if stride != 1 || inward != outward {
      downsample = Sequential(try convolution(inward, outward, 1, stride: stride), try norm(outward))
    }
    guard 1...1 << 20 ~= options.widthPerGroup, 1...1 << 20 ~= options.groups else {
      throw .argument(
        "ResNet: expects groups and width_per_group between 1 and \(1 << 20), got \(options.groups) and "
          + "\(options.widthPerGroup)")
    }
    if isBottleneck {
      let width = planes * options.widthPerGroup / 64 * options.groups
      return Bottleneck(
        convolutions: [
          try convolution(inward, width, 1),
          try convolution(width, width, 3, stride: stride, groups: options.groups, dilation: dilation),
          try convolution(width, outward, 1),
        ], norms: [try norm(width), try norm(width), try norm(outward, isLast: true)], downsample)
    }
    guard options.groups == 1, options.widthPerGroup == 64 else {
      throw .argument(
        "BasicBlock: only supports groups=1 and base_width=64, got \(options.groups) and \(options.widthPerGroup)")
    }
    guard dilation == 1 else {
      throw SNNError(.unsupported, "BasicBlock: Dilation > 1 not supported in BasicBlock, got \(dilation)")
    }
    return BasicBlock(
      convolutions: [try convolution(inward, planes, 3, stride: stride), try convolution(planes, planes, 3)],
      norms: [try norm(planes), try norm(planes, isLast: true)], downsample)
  }
}

/// Convolutions with a norm behind each, added to what comes in.
private class ResidualBlock: HookedLayer {
  final let convolutions: [Conv2d]
  final let norms: [any Layer]
  final let relu = ReLU(inplace: true)
  final let downsample: Sequential?
  final var hooks = ForwardHooks()

  init(convolutions: [Conv2d], norms: [any Layer], _ downsample: Sequential?) {
    (self.convolutions, self.norms, self.downsample) = (convolutions, norms, downsample)
  }

  final func callAsFunction(_ input: Tensor) throws(SNNError) -> Tensor {
    try called(input) { input throws(SNNError) in
      var x = input
      for (i, convolution) in convolutions.enumerated() {
        x = try norms[i](convolution(x))
        if i < convolutions.count - 1 { x = try relu(x) }
      }
      return try relu(x + (downsample?(input) ?? input))
    }
  }

  /// Where torchvision prints the activation.
  var activationPosition: Int { 2 }

  final var members: [(name: String, value: Any)] {
    var all: [(name: String, value: Any)] = []
    for i in convolutions.indices { all += [("conv\(i + 1)", convolutions[i]), ("bn\(i + 1)", norms[i])] }
    all.insert(("relu", relu), at: activationPosition)
    return all + (downsample.map { [("downsample", $0)] } ?? [])
  }
}

private final class BasicBlock: ResidualBlock {}

private final class Bottleneck: ResidualBlock {
  override var activationPosition: Int { 6 }
}

extension LayerDeclaration {
  static let resNets: [LayerDeclaration] = [
    resNet(18, [2, 2, 2, 2]), resNet(34, [3, 4, 6, 3]), resNet(50, [3, 4, 6, 3], bottleneck: true),
    resNet(101, [3, 4, 23, 3], bottleneck: true),
  ]

  private static func resNet(_ depth: Int, _ layers: [Int], bottleneck: Bool = false) -> LayerDeclaration {
    LayerDeclaration(
      "models.resnet\(depth)", "A residual network of \(depth) layers for images, as torchvision has it.",
      [
        .int("num_classes", default: 1000, in: 0...Double(1 << 24)),
        .bool("zero_init_residual", default: false, "Each block begins as the identity."),
        .int("groups", default: 1, in: 1...Double(1 << 16), "Of the 3×3 convolutions of blocks with three."),
        .int("width_per_group", default: 64, in: 1...Double(1 << 16)),
        .ints(
          "replace_stride_with_dilation", default: [0, 0, 0],
          "For the last three stages, 1 where kernels spread instead of windows being fewer."
        ),
        .choice("norm_layer", of: ["BatchNorm2d", "InstanceNorm2d", "Identity"], default: "BatchNorm2d"),
        .bool("small_images", default: false, "Begins with a 3×3 convolution and no pool, for 32×32 images.").keyword,
        .dtype().keyword,
      ], describe: nothing
    ) {
      var o = ResNetOptions()
      (o.classes, o.zeroInitResidual, o.groups, o.widthPerGroup) = ($0.int(0), $0.bool(1), $0.int(2), $0.int(3))
      (o.replaceStrideWithDilation, o.norm) = ($0.ints(4).map { $0 != 0 }, $0.string(5))
      (o.smallImages, o.dtype) = ($0.bool(6), $0.dtype(7) ?? .default)
      return try ResNet(layers, bottleneck: bottleneck, o)
    }
  }
}
