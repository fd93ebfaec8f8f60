/// The arguments that the layers of a transformer share.
public struct TransformerOptions: Sendable {
  public var feedforward = 2048
  public var dropout = 0.1
  public var activation = Activation.relu
  public var layerNormEpsilon = 1e-5
  public var batchFirst = false
  /// Norms stand before the blocks rather than behind the sums.
  public var normFirst = false
  public var bias = true
  public var dtype: DType = .default

  public init() {}

  public enum Activation: String, Sendable, CaseIterable { case relu, gelu }
}

/// A layer that can be made again, with parameters of its own that begin with the same numbers.
protocol Repeatable: Layer {
  func anew() throws(SNNError) -> Self
}

extension Repeatable {
  func copy() throws(SNNError) -> Self {
    let other = try anew()
    for (own, new) in zip(state, other.state) {
      let gradients = new.cell.tensor?.leafRequiresGradient ?? false
      new.cell.tensor = try own.cell.tensor?.detach().clone()
      new.cell.tensor?.leafRequiresGradient = gradients
    }
    other.train((self as? any TrainingSensitive)?.isTraining ?? true)
    return other
  }
}

/// Self-attention and two linear layers, each with a sum and a norm around it.
public final class TransformerEncoderLayer: Repeatable, HookedLayer, TrainingSensitive {
  public let selfAttn: MultiheadAttention
  public let linear1: Linear
  public let dropout: Dropout
  public let linear2: Linear
  public let norm1: LayerNorm
  public let norm2: LayerNorm
  public let dropout1: Dropout
  public let dropout2: Dropout
  public var isTraining = true
  public var hooks = ForwardHooks()
  private let (model, heads): (Int, Int)
  private let options: TransformerOptions

  public init(
    _ dModel: Int, _ nhead: Int, _ options: TransformerOptions = TransformerOptions(), generator: Generator? = nil
  ) throws(SNNError) {
    selfAttn = try .inTransformer(dModel, nhead, options, generator)
    linear1 = try Linear(
      dModel, options.feedforward, bias: options.bias, dtype: options.dtype, generator: generator)
    linear2 = try Linear(
      options.feedforward, dModel, bias: options.bias, dtype: options.dtype, generator: generator)
    (norm1, norm2) = (try .inTransformer(dModel, options), try .inTransformer(dModel, options))
    (dropout, dropout1, dropout2) = (
      try Dropout(options.dropout), try Dropout(options.dropout), try Dropout(options.dropout)
    )
    (model, heads, self.options) = (dModel, nhead, options)
  }

  func anew() throws(SNNError) -> TransformerEncoderLayer {
    try TransformerEncoderLayer(model, heads, options, generator: Generator(seed: 0))
  }

  public func callAsFunction(_ src: Tensor) throws(SNNError) -> Tensor { try self(src, mask: nil) }

  public func callAsFunction(
    _ src: Tensor, mask: Tensor?, keyPaddingMask: Tensor? = nil, isCausal: Bool = false
  ) throws(SNNError) -> Tensor {
    func attend(_ x: Tensor) throws(SNNError) -> Tensor {
      try dropout1(
        selfAttn(x, x, x, keyPaddingMask: keyPaddingMask, needWeights: false, mask: mask, isCausal: isCausal).output)
    }
    func feed(_ x: Tensor) throws(SNNError) -> Tensor {
      try dropout2(linear2(dropout(options.activation(linear1(x)))))
    }
    return try called(src) { src throws(SNNError) in
      if options.normFirst {
        let x = try src + attend(norm1(src))
        return try x + feed(norm2(x))
      }
      let x = try norm1(src + attend(src))
      return try norm2(x + feed(x))
    }
  }
}

/// Self-attention, attention to the encoder's result and two linear layers, each with a sum and a norm around it.
public final class TransformerDecoderLayer: Repeatable, HookedLayer, SeveralInputLayer, TrainingSensitive {
  public let selfAttn: MultiheadAttention
  public let multiheadAttn: MultiheadAttention
  public let linear1: Linear
  public let dropout: Dropout
  public let linear2: Linear
  public let norm1: LayerNorm
  public let norm2: LayerNorm
  public let norm3: LayerNorm
  public let dropout1: Dropout
  public let dropout2: Dropout
  public let dropout3: Dropout
  public var isTraining = true
  public var hooks = ForwardHooks()
  private let (model, heads): (Int, Int)
  private let options: TransformerOptions

  public init(
    _ dModel: Int, _ nhead: Int, _ options: TransformerOptions = TransformerOptions(), generator: Generator? = nil
  ) throws(SNNError) {
    selfAttn = try .inTransformer(dModel, nhead, options, generator)
    multiheadAttn = try .inTransformer(dModel, nhead, options, generator)
    linear1 = try Linear(
      dModel, options.feedforward, bias: options.bias, dtype: options.dtype, generator: generator)
    linear2 = try Linear(
      options.feedforward, dModel, bias: options.bias, dtype: options.dtype, generator: generator)
    norm1 = try .inTransformer(dModel, options)
    norm2 = try .inTransformer(dModel, options)
    norm3 = try .inTransformer(dModel, options)
    let p = options.dropout
    (dropout, dropout1, dropout2, dropout3) = (try Dropout(p), try Dropout(p), try Dropout(p), try Dropout(p))
    (model, heads, self.options) = (dModel, nhead, options)
  }

  func anew() throws(SNNError) -> TransformerDecoderLayer {
    try TransformerDecoderLayer(model, heads, options, generator: Generator(seed: 0))
  }

  public func callAsFunction(
    _ tgt: Tensor, _ memory: Tensor, _ masks: DecoderMasks = DecoderMasks()
  ) throws(SNNError) -> Tensor {
    try called([tgt, memory], results: 1) { given throws(SNNError) in [try unwatched(given[0], given[1], masks)] }[0]
  }

  private func unwatched(_ tgt: Tensor, _ memory: Tensor, _ masks: DecoderMasks) throws(SNNError) -> Tensor {
    func attend(_ x: Tensor) throws(SNNError) -> Tensor {
      try dropout1(
        selfAttn(
          x, x, x, keyPaddingMask: masks.targetPadding, needWeights: false, mask: masks.target,
          isCausal: masks.targetIsCausal ?? false
        ).output)
    }
    func look(_ x: Tensor) throws(SNNError) -> Tensor {
      try dropout2(
        multiheadAttn(
          x, memory, memory, keyPaddingMask: masks.memoryPadding, needWeights: false, mask: masks.memory,
          isCausal: masks.memoryIsCausal
        ).output)
    }
    func feed(_ x: Tensor) throws(SNNError) -> Tensor {
      try dropout3(linear2(dropout(options.activation(linear1(x)))))
    }
    if options.normFirst {
      var x = try tgt + attend(norm1(tgt))
      x = try x + look(norm2(x))
      return try x + feed(norm3(x))
    }
    var x = try norm1(tgt + attend(tgt))
    x = try norm2(x + look(x))
    return try norm3(x + feed(x))
  }

  public func forward(_ inputs: [Tensor]) throws(SNNError) -> [Tensor] {
    guard inputs.count == 2 else { throw .argument("TransformerDecoderLayer: expects 2 inputs, got \(inputs.count)") }
    return [try self(inputs[0], inputs[1])]
  }
}

/// The masks of a decoder: true where a key is not seen, or added to the scores.
public struct DecoderMasks {
  public var target: Tensor?
  public var memory: Tensor?
  public var targetPadding: Tensor?
  public var memoryPadding: Tensor?
  /// Whether the target's mask hides all later positions; nil to look at it.
  public var targetIsCausal: Bool?
  public var memoryIsCausal = false

  public init() {}
}

extension TransformerOptions.Activation {
  func callAsFunction(_ x: Tensor) throws(SNNError) -> Tensor { try self == .relu ? x.relu() : x.gelu() }
}

extension MultiheadAttention {
  fileprivate static func inTransformer(
    _ model: Int, _ heads: Int, _ options: TransformerOptions, _ generator: Generator?
  ) throws(SNNError) -> MultiheadAttention {
    try MultiheadAttention(
      model, heads, dropout: options.dropout, bias: options.bias, batchFirst: options.batchFirst, dtype: options.dtype,
      generator: generator)
  }
}

extension LayerNorm {
  static func inTransformer(_ model: Int, _ options: TransformerOptions) throws(SNNError) -> LayerNorm {
    try LayerNorm([model], eps: options.layerNormEpsilon, bias: options.bias, dtype: options.dtype)
  }
}
