/// Encoder layers, one after another.
public final class TransformerEncoder: HookedLayer {
  public let layers: [any Layer]
  public let norm: (any Layer)?
  public var hooks = ForwardHooks()

  /// Copies of the layer, and a norm behind the last.
  public init(_ layer: TransformerEncoderLayer, _ numLayers: Int, norm: (any Layer)? = nil) throws(SNNError) {
    layers = try (0..<Swift.max(numLayers, 0)).map { _ throws(SNNError) in try layer.copy() }
    self.norm = norm
  }

  public func callAsFunction(_ src: Tensor) throws(SNNError) -> Tensor { try self(src, mask: nil) }

  /// Whether the mask hides all later positions is seen from it unless `isCausal` says so.
  public func callAsFunction(
    _ src: Tensor, mask: Tensor?, keyPaddingMask: Tensor? = nil, isCausal: Bool? = nil
  ) throws(SNNError) -> Tensor {
    try called(src) { src throws(SNNError) in
      var x = src
      let isCausal = try mask.isCausal(isCausal)
      for case let layer as TransformerEncoderLayer in layers {
        x = try layer(x, mask: mask, keyPaddingMask: keyPaddingMask, isCausal: isCausal)
      }
      if let norm { x = try norm(x) }
      return x
    }
  }

  public var members: [(name: String, value: Any)] { [("layers", layers)] + (norm.map { [("norm", $0)] } ?? []) }
}

/// Decoder layers, one after another.
public final class TransformerDecoder: HookedLayer, SeveralInputLayer {
  public let layers: [any Layer]
  public let norm: (any Layer)?
  public var hooks = ForwardHooks()

  /// Copies of the layer, and a norm behind the last.
  public init(_ layer: TransformerDecoderLayer, _ numLayers: Int, norm: (any Layer)? = nil) throws(SNNError) {
    layers = try (0..<Swift.max(numLayers, 0)).map { _ throws(SNNError) in try layer.copy() }
    self.norm = norm
  }

  public func callAsFunction(
    _ tgt: Tensor, _ memory: Tensor, _ masks: DecoderMasks = DecoderMasks()
  ) throws(SNNError) -> Tensor {
    try called([tgt, memory], results: 1) { given throws(SNNError) in
      var (x, masks) = (given[0], masks)
      masks.targetIsCausal = try masks.target.isCausal(masks.targetIsCausal)
      for case let layer as TransformerDecoderLayer in layers { x = try layer(x, given[1], masks) }
      if let norm { x = try norm(x) }
      return [x]
    }[0]
  }

  public func forward(_ inputs: [Tensor]) throws(SNNError) -> [Tensor] {
    guard inputs.count == 2 else { throw .argument("TransformerDecoder: expects 2 inputs, got \(inputs.count)") }
    return [try self(inputs[0], inputs[1])]
  }

  public var members: [(name: String, value: Any)] { [("layers", layers)] + (norm.map { [("norm", $0)] } ?? []) }
}

/// An encoder, and a decoder that looks at its result.
public final class Transformer: HookedLayer, SeveralInputLayer {
  public let encoder: TransformerEncoder
  public let decoder: TransformerDecoder
  public var hooks = ForwardHooks()
  private let model: Int
  private let isBatchFirst: Bool

  public init(
    _ dModel: Int = 512, _ nhead: Int = 8, numEncoderLayers: Int = 6, numDecoderLayers: Int = 6,
    _ options: TransformerOptions = TransformerOptions(), customEncoder: TransformerEncoder? = nil,
    customDecoder: TransformerDecoder? = nil, generator: Generator? = nil
  ) throws(SNNError) {
    if let customEncoder {
      encoder = customEncoder
    } else {
      encoder = try TransformerEncoder(
        TransformerEncoderLayer(dModel, nhead, options, generator: generator), numEncoderLayers,
        norm: LayerNorm.inTransformer(dModel, options))
    }
    if let customDecoder {
      decoder = customDecoder
    } else {
      decoder = try TransformerDecoder(
        TransformerDecoderLayer(dModel, nhead, options, generator: generator), numDecoderLayers,
        norm: LayerNorm.inTransformer(dModel, options))
    }
    (model, isBatchFirst) = (dModel, options.batchFirst)
    for weight in parameters where weight.rank == 2 {
      try weight.setData(.xavierUniform(weight.shape[0], weight.shape[1], weight.dtype, generator))
    }
  }

  public func callAsFunction(
    _ src: Tensor, _ tgt: Tensor, sourceMask: Tensor? = nil, sourcePadding: Tensor? = nil, sourceIsCausal: Bool? = nil,
    _ masks: DecoderMasks = DecoderMasks()
  ) throws(SNNError) -> Tensor {
    let axis = isBatchFirst ? 0 : 1
    guard src.rank != 3 || tgt.rank == 3 && src.shape[axis] == tgt.shape[axis] else {
      throw .shape(
        "Transformer: the batch number of src and tgt must be equal, got shapes \(src.shape) and \(tgt.shape)")
    }
    guard src.shape.last == model, tgt.shape.last == model else {
      throw .shape(
        "Transformer: the feature number of src and tgt must be equal to d_model \(model), got shapes \(src.shape) and "
          + "\(tgt.shape)")
    }
    return try called([src, tgt], results: 1) { given throws(SNNError) in
      let memory = try encoder(given[0], mask: sourceMask, keyPaddingMask: sourcePadding, isCausal: sourceIsCausal)
      return [try decoder(given[1], memory, masks)]
    }[0]
  }

  public func forward(_ inputs: [Tensor]) throws(SNNError) -> [Tensor] {
    guard inputs.count == 2 else { throw .argument("Transformer: expects 2 inputs, got \(inputs.count)") }
    return [try self(inputs[0], inputs[1])]
  }

  /// -∞ where a position is later than that of the row, else 0.
  public static func squareSubsequentMask(_ size: Int, _ dtype: DType = .default) throws(SNNError) -> Tensor {
    try Tensor.full([size, size], .float(-.infinity), dtype).triu(1)
  }
}

extension Tensor? {
  /// Whether this is the mask that hides all later positions: as the caller says, or by its numbers.
  fileprivate func isCausal(_ hint: Bool?) throws(SNNError) -> Bool {
    if let hint { return hint }
    guard let mask = self, mask.rank == 2, mask.shape[0] == mask.shape[1] else { return false }
    let causal = try Transformer.squareSubsequentMask(mask.shape[0], mask.dtype == .bool ? .float32 : mask.dtype)
    return try !(mask.detach() != causal.cast(to: mask.dtype)).holdsAnywhere()
  }
}
