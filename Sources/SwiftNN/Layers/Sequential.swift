/// Layers one after another.
public struct Sequential: Layer {
  public let layers: [any Layer]

  public init(_ layers: any Layer...) { self.layers = layers }
  public init(_ layers: [any Layer]) { self.layers = layers }

  public func callAsFunction(_ input: Tensor) throws(SNNError) -> Tensor {
    var x = input
    for (i, layer) in layers.enumerated() { x = try part("\(i)") { () throws(SNNError) in try layer(x) } }
    return x
  }

  public func forward(_ inputs: [Tensor]) throws(SNNError) -> [Tensor] {
    var values = inputs
    for (i, layer) in layers.enumerated() {
      values = try part("\(i)") { () throws(SNNError) in try layer.forward(values) }
    }
    return values
  }

  public var members: [(name: String, value: Any)] { layers.enumerated().map { ("\($0)", $1) } }
}

extension LayerDeclaration {
  static let sequential = LayerDeclaration(
    "Sequential", "Modules one after another.", [.layers("modules")]
  ) { Sequential($0.layers(0)) }
}
