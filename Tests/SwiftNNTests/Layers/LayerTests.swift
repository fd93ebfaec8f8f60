import Testing

@testable import SwiftNN

/// Layers and models of layers: names, modes, parameters.
@Suite struct LayerTests {
  @Test func linear() throws {
    let layer = try Linear(3, 2, dtype: .float64)
    let x = try Tensor((0..<6).map(Double.init), [2, 3])
    let (weight, bias) = (try layer.weight.array(of: Double.self), try layer.bias!.array(of: Double.self))
    var expected: [Double] = []
    for row in 0..<2 {
      for column in 0..<2 {
        let products = (0..<3).map { Double(row * 3 + $0) * weight[column * 3 + $0] }
        expected.append(products.reduce(bias[column], +))
      }
    }
    #expect(difference(try layer(x).array(of: Double.self), expected, .tight) == nil)
    #expect(layer.weight.requiresGradient && layer.bias!.requiresGradient)
    #expect(try Linear(3, 2, bias: false).bias == nil)
    #expect(message { _ = try layer(Tensor.zeros([2, 4], .float64)) }?.hasPrefix("linear:") == true)
  }

  @Test func aDeclarationRefusesToCallAnotherLayer() throws {
    let text = message { _ = try LayerDeclaration.linear.call(ReLU(), [.tensor(.ones([1, 2]))]) }
    #expect(text == "Linear: cannot call a ReLU, only a Linear")
  }

  /// PyTorch draws weights and bias from ±1/√inFeatures.
  @Test func initialWeights() throws {
    let layer = try Linear(100, 50, generator: Generator(seed: 1))
    let numbers = try layer.weight.array() + layer.bias!.array()
    #expect(numbers.allSatisfy { abs($0) <= 0.1 } && numbers.contains { abs($0) > 0.09 })
    #expect(try Linear(100, 50, generator: Generator(seed: 1)).weight.array() == layer.weight.array())
  }

  @Test func names() throws {
    let inner = Sequential(try Linear(3, 3, bias: false), try Dropout())
    let model = Sequential(try Linear(4, 3), ReLU(), inner, try Linear(3, 1))
    let named = model.state.filter { $0.cell.tensor != nil }.map(\.name)
    #expect(named == ["0.weight", "0.bias", "2.0.weight", "3.weight", "3.bias"])
    #expect(model.parameters.map { Array($0.shape) } == [[3, 4], [3], [3, 3], [1, 3], [1]])
  }

  @Test func modes() throws {
    let dropout = try Dropout(0.5, generator: Generator(seed: 3))
    let model = Sequential(Sequential(dropout))
    let x = try Tensor.ones([1000])
    #expect(dropout.isTraining)
    #expect(try Set(model(x).array()) == [0, 2])
    model.eval()
    #expect(!dropout.isTraining)
    #expect(try model(x).array() == x.array())
    model.train()
    #expect(dropout.isTraining)
    #expect(throws: SNNError.self) { try Dropout(1.5) }
    #expect(throws: SNNError.self) { try Dropout(.nan) }
  }

  private struct Perceptron: Layer {
    let hiddenLayer: Linear
    let outputLayers: [any Layer]
    let dropout: Dropout
    let width = 5

    init() throws {
      hiddenLayer = try Linear(2, 5)
      outputLayers = [try Linear(5, 5), ReLU(), try Linear(5, 1)]
      dropout = try Dropout(0.1)
    }

    func callAsFunction(_ input: Tensor) throws(SNNError) -> Tensor {
      var x = try dropout(hiddenLayer(input).tanh())
      for layer in outputLayers { x = try layer(x) }
      return x
    }
  }

  @Test func structsOfLayers() throws {
    let model = try Perceptron()
    let names = model.state.map(\.name)
    #expect(
      names == [
        "hidden_layer.weight", "hidden_layer.bias", "output_layers.0.weight", "output_layers.0.bias",
        "output_layers.2.weight", "output_layers.2.bias",
      ])
    model.eval()
    #expect(!model.dropout.isTraining)
    #expect(try model(Tensor.ones([7, 2])).shape == [7, 1])
  }

  private final class Scaled: Layer {
    @Parameter var scale: Tensor
    @OptionalParameter var shift: Tensor?
    @Buffer var runningMean: Tensor?
    let inner: Linear

    init() throws {
      scale = try Tensor.ones([2])
      shift = nil
      runningMean = try Tensor.zeros([2])
      inner = try Linear(2, 2)
    }

    func callAsFunction(_ input: Tensor) throws(SNNError) -> Tensor { try inner(input * scale) }
  }

  @Test func classesOfTensors() throws {
    let model = try Scaled()
    #expect(model.state.map(\.name) == ["scale", "shift", "running_mean", "inner.weight", "inner.bias"])
    #expect(model.state.map(\.cell.isParameter) == [true, true, false, true, true])
    #expect(model.parameters.count == 3)
    model.state[0].cell.tensor = try Tensor([2, 3] as [Float])
    #expect(try model.scale.array() == [2, 3])
    try model(Tensor.ones([1, 2])).sum().backward()
    #expect(model.inner.weight.gradient != nil)
  }

  @Test func sharedParametersCountOnce() throws {
    let (a, b) = (try Linear(3, 3), try Linear(3, 3))
    b.weight = a.weight
    let model = Sequential(a, b)
    #expect(model.parameters.count == 3 && model.state.count == 4)
    try model(Tensor.ones([1, 3])).sum().backward()
    #expect(a.weight.gradient === b.weight.gradient)
  }

  @Test func oneInput() throws {
    let layer = try Linear(2, 2)
    #expect(throws: SNNError.self) { try layer.forward([.ones([1, 2]), .ones([1, 2])]) }
    #expect(try Sequential(layer, ReLU()).forward([.ones([1, 2])]).count == 1)
  }

  @Test func errorsNameThePathOfTheLayer() throws {
    let inner = Sequential(ReLU(), try Linear(3, 3))
    let model = Sequential(try Linear(4, 5), inner)
    let expected = "1.1: linear: expects 3 input features, got 5 (input of shape [2, 5])"
    #expect(message { _ = try model(.ones([2, 4])) } == expected)
    #expect(message { _ = try model.forward([.ones([2, 4])]) } == expected)
    #expect(message { _ = try inner(.ones([2, 5])) } == String(expected.dropFirst(2)))
  }

  @Test func typedLayers() throws {
    let model = Sequential(
      try Conv2d(3, 6, 3, padding: "same", dtype: .float64), LeakyReLU(0.1), MaxPool2d(2),
      MaxPool2d([2, 1], stride: 1),
      try BatchNorm2d(6, momentum: nil, dtype: .float64), Flatten(), try Dropout(0.1))
    #expect(try model(.ones([2, 3, 8, 8], .float64)).shape == [2, 6 * 3 * 4])
    #expect(
      model.state.map(\.name) == [
        "0.weight", "0.bias", "4.weight", "4.bias", "4.running_mean", "4.running_var", "4.num_batches_tracked",
      ])
    let norm = try BatchNorm1d(2)
    norm.weight = try Tensor([2, 3] as [Float])
    #expect(norm.weight?.requiresGradient == true && norm.runningMean?.requiresGradient == false)
    let loss = try CrossEntropyLoss(weight: .ones([3]), reduction: "sum")
    #expect(try loss(.zeros([2, 3]), Tensor([0, 2])).item().double - 2.1972245 < 1e-5)
    #expect(throws: SNNError.self) { try Conv2d(3, 4, 3, groups: 2) }
    #expect(throws: SNNError.self) { try CrossEntropyLoss(reduction: "most") }
  }

  @Test func residual() throws {
    let inner = try Linear(3, 3)
    let model = Sequential(Residual(inner), Residual(ReLU()))
    let x = try Tensor.normal([2, 3])
    let once = try x + inner(x)
    #expect(try model(x).array() == (once + once.relu()).array())
    #expect(model.state.map(\.name) == ["0.module.weight", "0.module.bias"])
    #expect(message { _ = try model(.ones([2, 4])) }?.hasPrefix("0.module: linear:") == true)
  }

  /// A model of layers, an optimizer and a loss learn a rule.
  @Test func training() throws {
    let generator = Generator(seed: 1)
    let x = try Tensor.normal([64, 4], from: generator)
    let target = try (x.slice(1, from: 0, to: 1).squeeze() > 0).cast(to: .int64)
    let model = Sequential(
      try Linear(4, 16, generator: generator), ReLU(), try Dropout(0.1, generator: generator),
      try Linear(16, 2, generator: generator))
    let optimizer = try Optimizer(model.parameters, Adam(lr: 0.01))
    var losses: [Double] = []
    for _ in 0..<200 {
      optimizer.zeroGradients()
      let loss = try model(x).crossEntropy(target)
      try loss.backward()
      try optimizer.step()
      losses.append(try loss.item().double)
    }
    #expect(losses[0] > 0.5 && losses[199] < 0.1)
  }
}
