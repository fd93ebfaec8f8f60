/// max(0, x).
public struct ReLU: Layer {
  public init() {}
  public func callAsFunction(_ input: Tensor) throws(SNNError) -> Tensor { try input.relu() }
}

extension LayerDeclaration {
  static let relu = LayerDeclaration(
    "ReLU", "max(0, input).", [.inplace], describe: { $0.bool(0) ? "inplace=True" : "" }, make: { _ in ReLU() })
}

extension Field {
  /// PyTorch's switch for saving memory.
  static let inplace = Field.bool("inplace", default: false, "Accepted; the result is always new memory.")
}
