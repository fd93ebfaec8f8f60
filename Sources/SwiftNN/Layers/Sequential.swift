/// Layers one after another.
public class Sequential: HookedLayer {
  public final let layers: [any Layer]
  public final var hooks = ForwardHooks()

  public init(_ layers: any Layer...) { self.layers = layers }
  public init(_ layers: [any Layer]) { self.layers = layers }

  public func callAsFunction(_ input: Tensor) throws(SNNError) -> Tensor {
    if Observation.isOn { return try forward([input])[0] }
    return try called(input) { x throws(SNNError) in
      var x = x
      for (i, layer) in layers.enumerated() { x = try step(i, layer) { () throws(SNNError) in try layer(x) } }
      return x
    }
  }

  public func forward(_ inputs: [Tensor]) throws(SNNError) -> [Tensor] {
    func results(_ inputs: [Tensor]) throws(SNNError) -> [Tensor] {
      var values = inputs
      for (i, layer) in layers.enumerated() {
        values = try step(i, layer) { () throws(SNNError) in try layer.observed("\(i)", values) }
      }
      return values
    }
    do throws(SNNError) {
      return try hooks.isEmpty ? results(inputs) : hooked(inputs, results: nil, results)
    } catch { throw error.located(in: self) }
  }

  private func step<Result>(
    _ i: Int, _ layer: any Layer, _ call: () throws(SNNError) -> Result
  ) throws(SNNError) -> Result {
    do throws(SNNError) { return try call() } catch { throw error.located(in: layer).within("\(i)") }
  }

  public var members: [(name: String, value: Any)] { layers.enumerated().map { ("\($0)", $1) } }
}

extension LayerDeclaration {
  static let sequential = LayerDeclaration(
    "Sequential", "Modules one after another.", [.layers("modules")]
  ) { Sequential($0.layers(0)) }
}
