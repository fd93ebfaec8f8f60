/// x·weightᵀ + bias over the last axis.
public class Linear: ConfiguredLayer, HookedLayer, Resettable {
  /// [outFeatures, inFeatures]
  @Parameter public var weight: Tensor
  /// [outFeatures]
  @OptionalParameter public var bias: Tensor?
  public var hooks = ForwardHooks()

  /// Weights and bias are drawn uniformly from ±1/√inFeatures, as PyTorch draws them.
  public init(
    _ inFeatures: Int, _ outFeatures: Int, bias: Bool = true, dtype: DType = .default, generator: Generator? = nil
  ) throws(SNNError) {
    let bound = inFeatures > 0 ? 1 / Double(inFeatures).squareRoot() : 0
    weight = try Tensor.uniform([outFeatures, inFeatures], -bound, bound, dtype, generator)
    self.bias = bias ? try Tensor.uniform([outFeatures], -bound, bound, dtype, generator) : nil
  }

  /// A projection whose weight is that of an embedding.
  init(tiedTo embedding: Embedding, bias: OptionalParameter = OptionalParameter(wrappedValue: nil)) throws(SNNError) {
    guard let cell = embedding.members[0].value as? Parameter else {
      throw SNNError(.internal, "Embedding: has no weight")
    }
    (_weight, _bias) = (cell, bias)
  }

  public var declaration: LayerDeclaration { .linear }
  public var configuration: [Value] {
    [.int(weight.shape[1]), .int(weight.shape[0]), .bool(bias != nil), .dtype(weight.dtype)]
  }

  public func resetParameters(_ generator: Generator?) throws(SNNError) {
    let fresh = try Linear(
      weight.shape[1], weight.shape[0], bias: bias != nil, dtype: weight.dtype, generator: generator)
    try weight.overwriteInitially(fresh.weight)
    if let bias, let new = fresh.bias { try bias.overwriteInitially(new) }
  }

  public func callAsFunction(_ input: Tensor) throws(SNNError) -> Tensor {
    try called(input) { x throws(SNNError) in try x.linear(weight, bias) }
  }
}

extension LayerDeclaration {
  static let linear = LayerDeclaration(
    "Linear", "input · weightᵀ + bias.",
    [
      .int("in_features", in: 0...Double(Int32.max)), .int("out_features", in: 0...Double(Int32.max)),
      .bool("bias", default: true), .dtype(),
    ]
  ) { try Linear($0.int(0), $0.int(1), bias: $0.bool(2), dtype: $0.dtype(3) ?? .default) }
}
