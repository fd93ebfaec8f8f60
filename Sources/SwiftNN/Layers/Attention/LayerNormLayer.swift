/// The last axes with mean 0 and variance 1.
public final class LayerNorm: Layer {
  @OptionalParameter public var weight: Tensor?
  @OptionalParameter public var bias: Tensor?
  let normalizedShape: [Int]
  let eps: Double

  public init(_ normalizedShape: [Int], eps: Double = 1e-5, elementwiseAffine: Bool = true, bias: Bool = true, dtype: DType = .default)
    throws(SNNError)
  {
    weight = elementwiseAffine ? try .ones(normalizedShape, dtype) : nil
    self.bias = elementwiseAffine && bias ? try .zeros(normalizedShape, dtype) : nil
    (self.normalizedShape, self.eps) = (normalizedShape, eps)
  }

  public func callAsFunction(_ input: Tensor) throws(SNNError) -> Tensor {
    try input.layerNorm(normalizedShape, weight, bias, epsilon: eps)
  }
}

extension LayerDeclaration {
  static let layerNorm = LayerDeclaration(
    "LayerNorm", "The last axes with mean 0 and variance 1.",
    [.ints("normalized_shape"), .float("eps", default: 1e-5), .bool("elementwise_affine", default: true), .bool("bias", default: true), .dtype()]
  ) { try LayerNorm($0.ints(0), eps: $0.float(1), elementwiseAffine: $0.bool(2), bias: $0.bool(3), dtype: $0.dtype(4) ?? .default) }
}
