/// A layer one of whose weights is computed from others before each call. Its parameters have the names that they have in PyTorch:
/// those of the layer, without the weight, and behind them what is learned instead.
public class Reparametrized: Layer, TrainingSensitive {
  public let module: any Layer
  public final var isTraining = true { didSet { module.train(isTraining) } }
  private let cell: any StateCell
  private let learned: [(name: String, value: Any)]

  fileprivate init(_ module: any Layer, _ weight: OwnWeight, learned: [(suffix: String, value: Any)]) {
    (self.module, cell) = (module, weight.cell)
    self.learned = learned.map { (weight.name + $0.suffix, $0.value) }
  }

  /// The weight as it is now.
  fileprivate func weight() throws(SNNError) -> Tensor {
    throw SNNError(.internal, "\(Self.self): does not say what its weight is")
  }

  public final func callAsFunction(_ input: Tensor) throws(SNNError) -> Tensor {
    cell.tensor = try weight()
    return try module(input)
  }

  public final func forward(_ inputs: [Tensor]) throws(SNNError) -> [Tensor] {
    cell.tensor = try weight()
    return try module.forward(inputs)
  }

  public final var members: [(name: String, value: Any)] {
    module.members.filter { ($0.value as? any StateCell) !== cell } + learned
  }
}

/// A parameter of a layer itself, not of its children.
private struct OwnWeight {
  let name: String
  let cell: any StateCell
  let tensor: Tensor

  init(_ module: any Layer, _ name: String, _ operation: String) throws(SNNError) {
    let found = module.members.first { $0.name == name }?.value as? any StateCell
    guard let found, found.isParameter, let tensor = found.tensor else {
      throw SNNError(.name, "\(operation): the module has no parameter '\(name)' of its own")
    }
    guard tensor.rank > 0, tensor.dtype.isFloatingPoint else {
      throw .shape(
        "\(operation): expects a floating-point parameter with axes, got \(tensor.dtype.name)\(tensor.shape)")
    }
    (self.name, cell) = (name, found)
    self.tensor = try Gradients.with(enabled: false) { () throws(SNNError) in try tensor.detach().clone() }
  }
}

/// A layer with a weight of g · v / |v|: its length and its direction are learned.
public final class WeightNorm: Reparametrized {
  private let length: Parameter
  private let direction: Parameter
  private let dim: Int?

  /// The lengths are those of the slices along `dim`, or that of the whole weight without.
  public init(_ module: any Layer, name: String = "weight", dim: Int? = 0) throws(SNNError) {
    let weight = try OwnWeight(module, name, "WeightNorm")
    self.dim = try dim.map { dim throws(SNNError) in try weight.tensor.shape.axis(dim, operation: "WeightNorm") }
    length = Parameter(wrappedValue: try weight.tensor.length(except: self.dim))
    direction = Parameter(wrappedValue: weight.tensor)
    super.init(module, weight, learned: [("_g", length), ("_v", direction)])
  }

  fileprivate override func weight() throws(SNNError) -> Tensor {
    let v = direction.wrappedValue
    return try v * (length.wrappedValue / v.length(except: dim))
  }
}

/// A layer with a weight divided by its greatest singular value, which power iterations follow while training.
public final class SpectralNorm: Reparametrized {
  private let original: Parameter
  private let left: Buffer
  private let right: Buffer
  private let (dim, iterations, epsilon): (Int, Int, Double)

  /// Rows of the weight lie along `dim`: 0, and 1 for transposed convolutions, unless given.
  public init(
    _ module: any Layer, name: String = "weight", powerIterations: Int = 1, epsilon: Double = 1e-12, dim: Int? = nil,
    generator: Generator? = nil
  ) throws(SNNError) {
    let weight = try OwnWeight(module, name, "SpectralNorm")
    guard powerIterations > 0 else {
      throw .argument(
        "SpectralNorm: Expected n_power_iterations to be positive, but got n_power_iterations=\(powerIterations)")
    }
    let isTransposed = (module as? DeclaredLayer)?.declaration.name.utf8.starts(with: "ConvTranspose".utf8) ?? false
    let axis = try weight.tensor.shape.axis(dim ?? (isTransposed ? 1 : 0), operation: "SpectralNorm")
    let matrix = try weight.tensor.matrix(along: axis)
    func direction(_ size: Int) throws(SNNError) -> Buffer {
      let drawn = try Tensor.normal([size], mean: 0, std: 1, matrix.dtype, generator)
      return Buffer(wrappedValue: try drawn.normalize(p: 2, [0], epsilon: epsilon))
    }
    (left, right) = (try direction(matrix.shape[0]), try direction(matrix.shape[1]))
    original = Parameter(wrappedValue: weight.tensor)
    (self.dim, iterations, self.epsilon) = (axis, powerIterations, epsilon)
    super.init(module, weight, learned: [("_orig", original), ("_u", left), ("_v", right)])
    try iterate(matrix, 15)
  }

  /// Moves the estimates of the first singular vectors.
  private func iterate(_ matrix: Tensor, _ times: Int) throws(SNNError) {
    try Gradients.with(enabled: false) { () throws(SNNError) in
      for _ in 0..<times {
        guard let v = right.tensor else { break }
        let u = try matrix.matmul(v).normalize(p: 2, [0], epsilon: epsilon)
        (left.tensor, right.tensor) = (u, try matrix.transpose(0, 1).matmul(u).normalize(p: 2, [0], epsilon: epsilon))
      }
    }
  }

  fileprivate override func weight() throws(SNNError) -> Tensor {
    let matrix = try original.wrappedValue.matrix(along: dim)
    if isTraining { try iterate(matrix.detach(), iterations) }
    guard let u = left.tensor, let v = right.tensor else {
      throw .argument("SpectralNorm: cannot do without its singular vectors")
    }
    return try original.wrappedValue / (u * matrix.matmul(v)).sum()
  }
}

extension Tensor {
  /// The norms over all axes but one, or over all.
  fileprivate func length(except axis: Int?) throws(SNNError) -> Tensor {
    try size(p: 2, axis.map { axis in (0..<rank).filter { $0 != axis } } ?? Array(0..<rank), keepDim: axis != nil)
  }

  /// This tensor as a matrix with one row for each position of an axis.
  fileprivate func matrix(along axis: Int) throws(SNNError) -> Tensor {
    try movedim([axis], [0]).reshape([shape[axis], shape[axis] > 0 ? count / shape[axis] : 0])
  }
}

extension LayerDeclaration {
  static let weightNorms: [LayerDeclaration] = [weightNorm, spectralNorm]

  private static let wrapped: [Field] = [
    Field("module", .layer), .string("name", default: "weight", "The parameter that is computed."),
  ]

  private static let weightNorm = LayerDeclaration(
    "WeightNorm",
    "A module with a weight of g · v / |v|: its length `weight_g` and its direction `weight_v` are learned.",
    wrapped + [Field.int("dim", default: 0, "The slices along this axis have a length each; -1: the whole has one.")],
    describe: nothing,
    make: { try WeightNorm($0.layer(0), name: $0.string(1), dim: $0.int(2) == -1 ? nil : $0.int(2)) })

  private static let spectralNorm = LayerDeclaration(
    "SpectralNorm",
    "A module with a weight divided by its greatest singular value, which power iterations follow while training: `weight_orig` is "
      + "learned, `weight_u` and `weight_v` are buffers.",
    wrapped + [
      .int("n_power_iterations", default: 1, in: 1...Double(1 << 20)), .float("eps", default: 1e-12),
      Field("dim", .int, "The axis of the rows: 0, and 1 for transposed convolutions, without.").optional,
    ], describe: nothing,
    make: {
      try SpectralNorm(
        $0.layer(0), name: $0.string(1), powerIterations: $0.int(2), epsilon: $0.float(3), dim: $0.optionalInt(4))
    })
}
