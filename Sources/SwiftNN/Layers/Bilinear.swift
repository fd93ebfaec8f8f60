/// x₁ᵀ·W·x₂ + bias for every output feature.
public final class Bilinear: SeveralInputLayer, Resettable {
  /// [outFeatures, in1Features, in2Features]
  @Parameter public var weight: Tensor
  /// [outFeatures]
  @OptionalParameter public var bias: Tensor?

  /// Weights and bias are drawn uniformly from ±1/√in1Features, as PyTorch draws them.
  public init(
    _ in1Features: Int, _ in2Features: Int, _ outFeatures: Int, bias: Bool = true, dtype: DType = .default,
    generator: Generator? = nil
  ) throws(SNNError) {
    guard in1Features > 0 else { throw .argument("Bilinear: in1_features must be greater than 0, got \(in1Features)") }
    let bound = 1 / Double(in1Features).squareRoot()
    weight = try Tensor.uniform([outFeatures, in1Features, in2Features], -bound, bound, dtype, generator)
    self.bias = bias ? try Tensor.uniform([outFeatures], -bound, bound, dtype, generator) : nil
  }

  public func resetParameters(_ generator: Generator?) throws(SNNError) {
    let fresh = try Bilinear(
      weight.shape[1], weight.shape[2], weight.shape[0], bias: bias != nil, dtype: weight.dtype, generator: generator)
    try weight.overwriteInitially(fresh.weight)
    if let bias, let new = fresh.bias { try bias.overwriteInitially(new) }
  }

  public func callAsFunction(_ input1: Tensor, _ input2: Tensor) throws(SNNError) -> Tensor {
    try input1.bilinear(input2, weight, bias)
  }

  public func forward(_ inputs: [Tensor]) throws(SNNError) -> [Tensor] {
    guard inputs.count == 2 else { throw .argument("Bilinear: expects 2 inputs, got \(inputs.count)") }
    return [try self(inputs[0], inputs[1])]
  }
}

extension LayerDeclaration {
  static let bilinear = LayerDeclaration(
    "Bilinear", "input1ᵀ · weight · input2 + bias for every output feature.",
    [
      .int("in1_features", in: 1...Double(Int32.max)), .int("in2_features", in: 0...Double(Int32.max)),
      .int("out_features", in: 0...Double(Int32.max)), .bool("bias", default: true), .dtype(),
    ], inputs: [.tensor("input1"), .tensor("input2")], results: ["output"]
  ) {
    try Bilinear($0.int(0), $0.int(1), $0.int(2), bias: $0.bool(3), dtype: $0.dtype(4) ?? .default)
  } call: { layer, inputs in
    [try layer(inputs.tensor(0), inputs.tensor(1))]
  }
}
