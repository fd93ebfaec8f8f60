import Testing

@testable import SwiftNN

/// One line of Tests/Golden/heads.json: what PyTorch makes of outputs and targets.
struct HeadCase: Decodable, Sendable, CustomStringConvertible {
  let head: String
  let options: [String: PlainOption]
  let shape: [Int]
  let outputs: [Double]
  let targets: [Double]
  let targetShape: [Int]
  let classes: Bool
  let loss: Double
  let gradient: [Double]
  let predictions: [Double]

  private struct File: Decodable {
    let cases: [HeadCase]
  }

  var description: String { "\(head) \(options)" }

  static let all: [HeadCase] = {
    do { return try Golden.read("heads.json", as: File.self).cases } catch { fatalError("heads.json: \(error)") }
  }()

  func make() throws -> Head {
    let number = try #require(Registry.number(of: head, in: .heads))
    let declaration = Registry.heads[number]
    return try declaration(options.inOrder(of: declaration))
  }
}

@Suite struct HeadTests {
  @Test(arguments: HeadCase.all) func losses(_ test: HeadCase) throws {
    let head = try test.make()
    let outputs = try Tensor(test.outputs, test.shape).leaf()
    let numbers = try Tensor(test.targets, test.targetShape)
    let loss = try head.loss.forward([outputs, test.classes ? numbers.cast(to: .int64) : numbers])[0]
    try loss.backward()
    let gradient = try #require(outputs.gradient)
    func check(_ tensor: Tensor, _ expected: [Double]) throws {
      for (a, b) in zip(try tensor.reshape([-1]).array(of: Double.self), expected) {
        #expect(abs(a - b) <= 1e-12 * max(abs(b), 1))
      }
    }
    try check(loss, [test.loss])
    try check(gradient, test.gradient)
    try check(head.activation(outputs), test.predictions)
  }

  @Test func typedFunctions() throws {
    let head = try Heads.binary(posWeight: 2)
    let (name, accuracy) = try #require(head.metrics.first)
    #expect(name == "accuracy" && accuracy.prefersMore)
    try accuracy.update(Tensor([1.0, -1, 3], [3, 1]), Tensor([1.0, 1, 1]), weights: nil)
    #expect(try accuracy.compute()[0].item().double == 2.0 / 3)
    #expect(accuracy.gathered.count > 0)
    accuracy.reset()
    #expect(accuracy.gathered.isEmpty)
    let wrong = message { _ = try head.loss.forward([Tensor.zeros([4, 1]), Tensor.zeros([4, 4])]) }
    #expect(wrong?.hasSuffix("got outputs of shape [4, 1] and targets of [4, 4]") == true)
    #expect(message { _ = try Heads.boundedRegression(low: 2, high: 1) }?.contains("low below high") == true)
    #expect(try Heads.regression().metrics.map(\.name) == ["mae", "rmse", "r2"])
    #expect(try ScaledSigmoid(-1, 3)(Tensor([0.0])).item().double == 1)
    #expect(try Exp()(Tensor([0.0])).item().double == 1)
  }
}
