/// The input added to what a layer makes of it.
public final class Residual: HookedLayer {
  public let module: any Layer
  public var hooks = ForwardHooks()

  public init(_ module: any Layer) { self.module = module }

  public func callAsFunction(_ input: Tensor) throws(SNNError) -> Tensor {
    try called(input) { x throws(SNNError) in try x + module(x) }
  }
}

extension LayerDeclaration {
  static let residual = LayerDeclaration(
    "Residual", "The input added to what a module makes of it.", [Field("module", .layer)], describe: nothing,
    make: { Residual($0.layer(0)) })
}
