import Foundation
import Testing

@testable import SwiftNN

/// Models made from the registry alone, by the smallest arguments that they take.
@Suite struct ModelTests {
  private static let arguments: [String: [Value]] = [
    "models.MLP": [.int(4), .ints([5, 3])], "models.LeNet": [.int(3)], "models.CifarCNN": [.int(3)],
    "models.resnet18": [.int(3)], "models.resnet34": [.int(3)], "models.resnet50": [.int(3)],
    "models.resnet101": [.int(3)],
    "models.RNNModel": [.string("GRU"), .int(9), .int(4), .int(4), .int(1), .float(0), .bool(true)],
    "models.GPT2LMHeadModel": [.int(9), .int(8), .int(4), .int(1), .int(2)],
    "models.BertModel": [.int(9), .int(4), .int(1), .int(2), .int(5)],
    "models.BertForMaskedLM": [.int(9), .int(4), .int(1), .int(2), .int(5)],
    "models.BertForSequenceClassification": [.int(9), .int(4), .int(1), .int(2), .int(5)],
  ]

  @Test func mistakesAreErrors() throws {
    #expect(throws: SNNError.self) { try LeNet(activation: "Foo") }
    #expect(throws: SNNError.self) { try CifarCNN(activation: "Foo") }
    var options = ResNetOptions()
    options.norm = "Foo"
    #expect(throws: SNNError.self) { try ResNet([1, 1, 1, 1], bottleneck: false, options) }
    options = ResNetOptions()
    options.widthPerGroup = .max
    #expect(throws: SNNError.self) { try ResNet([1, 1, 1, 1], bottleneck: true, options) }
  }

  private static func input(_ name: String) throws -> Tensor {
    switch name {
    case "models.MLP": try .normal([6, 4])
    case "models.LeNet": try .normal([2, 1, 28, 28])
    case "models.CifarCNN": try .normal([2, 3, 32, 32])
    case _ where name.contains("resnet"): try .normal([2, 3, 64, 64])
    default: try Tensor([3, 1, 4, 1, 5, 8] as [Int]).reshape([2, 3])
    }
  }

  @Test(arguments: Registry.layers.map(\.name).filter { $0.hasPrefix("models.") })
  func madeRunTrainedAndSaved(_ name: String) throws {
    let number = try #require(Registry.layerNumber(name))
    let declaration = Registry.layers[number]
    let arguments = try #require(Self.arguments[name])
    let model = try declaration.make(arguments).layer
    let optimizer = try Optimizer(model.parameters, SGD(lr: 1e-3))
    let input = try Self.input(name)
    let before = try model.parameters.map { try $0.detach().clone() }
    let results = try declaration.call(model, [.tensor(input)]).compactMap { $0 }
    try results.map { try $0.square().mean() }.reduce(Tensor.zeros([])) { try $0 + $1 }.backward()
    try optimizer.step()
    let moved = try zip(before, model.parameters).contains { try ($0 != $1).holdsAnywhere() }
    #expect(moved)

    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("model.safetensors").path
    try model.save(to: path)
    let other = try declaration.make(arguments).layer
    _ = try other.load(from: path)
    model.eval()
    other.eval()
    let (mine, theirs) = try (declaration.call(model, [.tensor(input)]), declaration.call(other, [.tensor(input)]))
    for (a, b) in zip(mine, theirs) { #expect(try a?.array() == b?.array()) }
  }

  @Test func numbersOfParameters() throws {
    func count(_ model: any Layer) -> Int { model.parameters.reduce(0) { $0 + $1.count } }
    #expect(try count(CifarCNN()) == 268_650)
    #expect(try count(LeNet(imageSize: 32, padding: 0)) == 61706)
    #expect(try count(ResNet([2, 2, 2, 2], bottleneck: false)) == 11_689_512)
    #expect(try count(ResNet([3, 4, 6, 3], bottleneck: true)) == 25_557_032)
  }

  @Test func residualNetworksRefuseWhatTorchvisionRefuses() throws {
    var options = ResNetOptions()
    options.groups = 2
    #expect(throws: SNNError.self) { try ResNet([1, 1, 1, 1], bottleneck: false, options) }
    #expect(throws: Never.self) { try ResNet([1, 1, 1, 1], bottleneck: true, options) }
    options = ResNetOptions()
    options.replaceStrideWithDilation = [false, true, false]
    #expect(throws: SNNError.self) { try ResNet([2, 2, 2, 2], bottleneck: false, options) }
    options.replaceStrideWithDilation = [false]
    #expect(throws: SNNError.self) { try ResNet([1, 1, 1, 1], bottleneck: true, options) }
    #expect(throws: SNNError.self) { try ResNet([1, 1, 1], bottleneck: true) }
  }

  @Test func hooksStandAroundTheLayersOfAModel() throws {
    let model = try LeNet(classes: 3)
    let x = try Tensor.normal([2, 1, 28, 28])
    let expected = try model(x).array()
    var seen: [[Int]] = []
    let child = try #require(try model.child("fc1") as? Linear)
    let id = child.addHook { inputs, forward in
      let outputs = try forward(inputs)
      seen.append(Array(outputs[0].shape))
      return [try outputs[0] * 0]
    }
    #expect(try model(x).array() != expected)
    #expect(seen == [[2, 120]])
    let second = model.fullyConnected(3).addHook { _, _ in [try .ones([2, 3])] }
    #expect(try model(x).array() == Array(repeating: 1, count: 6))
    try child.removeHook(id)
    try model.fullyConnected(3).removeHook(second)
    #expect(try model(x).array() == expected)
    #expect(throws: SNNError.self) { try child.removeHook(id) }
    child.addHook { _, forward in try forward([]) }
    #expect(throws: SNNError.self) { try model(x) }
  }

  @Test func hooksSeeWhatSequencesGive() throws {
    let model = try RNNModel("LSTM", tokens: 5, embedding: 3, hidden: 4, layers: 1)
    var counts: [Int] = []
    model.rnn.addHook { inputs, forward in
      let outputs = try forward(inputs)
      counts += [inputs.count, outputs.count]
      return outputs
    }
    _ = try model(Tensor([1, 2, 3]))
    #expect(counts == [1, 3])
    model.rnn.addHook { inputs, forward in Array(try forward(inputs).prefix(1)) }
    #expect(throws: SNNError.self) { try model(Tensor([1, 2, 3])) }
  }

  @Test func writing() throws {
    let model = try RNNModel("LSTM", tokens: 7, embedding: 6, hidden: 6, layers: 2, tieWeights: true)
    let start = try Tensor([1, 2, 3, 4]).reshape([2, 2])
    let texts = try (0..<2).map { _ in
      try model.generate([start], length: 9, temperature: 0.7, topK: 3, generator: Generator(seed: 4))[0]
    }
    #expect(texts[0].shape == [9, 2] && model.drop.isTraining)
    #expect(try texts[0].array(of: Int.self) == texts[1].array(of: Int.self))
    // The likeliest token after each other one, written step by step.
    model.eval()
    let written = try model.generate([start], length: 3, temperature: 0)
    var (x, state): (Tensor, [Tensor]) = (start, [])
    for i in 0..<3 {
      let results = try model.forward([x] + state)
      state = Array(results.dropFirst())
      x = try results[0].narrow(0, results[0].shape[0] - 1, 1).argmax(-1)
      #expect(try x.array(of: Int.self) == written[0].narrow(0, i, 1).array(of: Int.self))
    }
    #expect(throws: SNNError.self) { try model.generate([start], length: 0) }
    #expect(throws: SNNError.self) { try model.generate([start], length: 1, temperature: -1) }
    #expect(throws: SNNError.self) { try model.generate([.zeros([0, 2], .int64)], length: 1) }
    #expect(throws: SNNError.self) {
      try RNNModel("LSTM", tokens: 7, embedding: 5, hidden: 6, layers: 1, tieWeights: true)
    }
  }

  /// A model of a user, whose layers are called as properties.
  private struct Net: Layer {
    let first: Linear
    let blocks: [any Layer]

    func callAsFunction(_ input: Tensor) throws(SNNError) -> Tensor {
      var x = try first(input).relu()
      for block in blocks { x = try block(x) }
      return x
    }
  }

  @Test func errorsNameLayersThatAreCalledAsProperties() throws {
    let model = Net(first: try Linear(4, 3), blocks: [try Linear(3, 3), Residual(try Linear(2, 2))])
    let x = try Tensor.ones([1, 4])
    #expect(message { _ = try model.forward([x]) }.hasPrefix("blocks.1.module: linear: expects 2"))
    #expect(message { _ = try Sequential(model)(x) }.hasPrefix("0.blocks.1.module: linear: expects 2"))
    let direct = mistake { () throws(SNNError) in _ = try model(x) }
    #expect(direct?.located(in: model).message.hasPrefix("blocks.1.module: linear:") == true)
    let net = try ResNet([1, 1, 1, 1], bottleneck: true)
    #expect(message { _ = try net(.ones([1, 4, 8, 8])) }.hasPrefix("conv1: conv2d:"))
  }
}

private func message(_ body: () throws -> Void) -> String {
  do { try body() } catch { return "\(error)" }
  return ""
}

private func mistake(_ body: () throws(SNNError) -> Void) -> SNNError? {
  do throws(SNNError) { try body() } catch { return error }
  return nil
}

extension ImageClassifier {
  fileprivate func fullyConnected(_ number: Int) -> Linear { linears[number - 1] }
}
