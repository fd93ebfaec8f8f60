/// The input added to what a layer makes of it.
public struct Residual: Layer {
  public let module: any Layer

  public init(_ module: any Layer) { self.module = module }

  public func callAsFunction(_ input: Tensor) throws(SNNError) -> Tensor {
    try input + part("module") { () throws(SNNError) in try module(input) }
  }
}

extension LayerDeclaration {
  static let residual = LayerDeclaration(
    "Residual", "The input added to what a module makes of it.", [Field("module", .layer)], describe: nothing,
    make: { Residual($0.layer(0)) })
}
