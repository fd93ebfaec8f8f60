import Testing

@testable import SwiftNN

/// Layers whose weights are computed from others.
@Suite struct WeightNormTests {
  private func names(_ layer: any Layer) -> [String] {
    layer.state.filter { $0.cell.tensor != nil }.map(\.name)
  }

  @Test func weightNorm() throws {
    let linear = try Linear(3, 2, dtype: .float64, generator: Generator(seed: 1))
    let x = try Tensor.uniform([4, 3], -1, 1, .float64, Generator(seed: 2))
    let expected = try linear(x).detach()
    let layer = try WeightNorm(linear)
    #expect(names(layer) == ["bias", "weight_g", "weight_v"])
    #expect(layer.parameters.map { Array($0.shape) } == [[2], [2, 1], [2, 3]])
    #expect(try difference(layer(x), expected) == nil)
    #expect(layer.text == linear.text)
    // The gradient of the direction is at right angles to it.
    let (g, v) = (layer.parameters[1], layer.parameters[2])
    let found = try Gradients.of([layer(x).square().sum()], withRespectTo: [g, v])
    let along = try (found[1]! * v).sum([1]).abs().amax().item().double
    #expect(along < 1e-12)
    #expect(try found[0]!.abs().amax().item().double > 0)
    // Twice the length is twice the product.
    try Gradients.with(enabled: false) { try g.copy(from: g * 2) }
    let twice = try (layer(x) - linear.bias!).detach()
    #expect(try difference(twice, (expected - linear.bias!.detach()) * 2) == nil)
    let convolution = try WeightNorm(Conv1d(2, 3, 2), dim: nil)
    #expect(convolution.parameters.map { Array($0.shape) } == [[3], [], [3, 2, 2]])
  }

  @Test func spectralNorm() throws {
    let linear = try Linear(3, 4, bias: false, dtype: .float64, generator: Generator(seed: 3))
    let given = try linear.weight.detach().clone()
    let layer = try SpectralNorm(linear, generator: Generator(seed: 4))
    #expect(names(layer) == ["weight_orig", "weight_u", "weight_v"])
    let identity = try Tensor.eye(3, nil, .float64)
    for _ in 0..<200 { _ = try layer(identity) }
    let greatest = try Registry.apply("svdvals", [.tensor(given)])[0].amax().item().double
    #expect(try difference(layer(identity).transpose(0, 1), given / .float(greatest)) == nil)
    layer.eval()
    let before = try layer.state[1].cell.tensor!.array(of: Double.self)
    _ = try layer(identity)
    #expect(try layer.state[1].cell.tensor!.array(of: Double.self) == before)
    let transposed = try SpectralNorm(ConvTranspose1d(2, 3, 2))
    #expect(transposed.state.first { $0.name == "weight_u" }?.cell.tensor?.shape == [3])
  }

  @Test func modesGoThrough() throws {
    let dropout = try DropConnectLinear(3, 2, generator: Generator(seed: 5))
    let layer = try WeightNorm(dropout)
    layer.eval()
    #expect(!dropout.isTraining)
    layer.setNoise(true)
    #expect(dropout.isTraining && !layer.isTraining)
  }

  @Test func mistakes() throws {
    #expect(message { _ = try WeightNorm(ReLU()) }?.contains("no parameter 'weight'") == true)
    #expect(message { _ = try WeightNorm(Linear(2, 2), name: "") } != nil)
    #expect(message { _ = try WeightNorm(Sequential(Linear(2, 2)), name: "0.weight") } != nil)
    #expect(message { _ = try WeightNorm(Linear(2, 2), dim: 2) } != nil)
    #expect(message { _ = try SpectralNorm(Linear(2, 2), powerIterations: 0) } != nil)
    #expect(message { _ = try WeightNorm(Linear(2, 2))(Tensor.ones([1, 3])) } != nil)
  }
}
