import Testing

@testable import SwiftNN

/// Changes in place, of tensors and through views, with the gradients that PyTorch gives.
@Suite struct InPlaceTests {
  private struct Program: Decodable {
    struct Input: Decodable {
      let name: String
      let shape: [Int]
      let values: [Double]
    }

    let name: String
    let inputs: [Input]
    let steps: [[Argument]]
    let values: [Double]
    let gradients: [[Double]]
  }

  /// A variable, a list of them, or a constant.
  private enum Argument: Decodable {
    case names([String])
    case other(CaseArgument)

    private struct Names: Decodable {
      let names: [String]
    }

    init(from decoder: any Decoder) throws {
      if let list = try? Names(from: decoder) {
        self = .names(list.names)
      } else {
        self = .other(try CaseArgument(from: decoder))
      }
    }
  }

  private func run(_ program: Program) throws -> [String: Tensor] {
    var known: [String: Tensor] = [:]
    for input in program.inputs {
      known[input.name] = try Tensor(input.values, input.shape).leaf()
    }
    func variable(_ name: String) throws -> Tensor {
      guard let tensor = known[String(name.dropFirst())] else { throw Golden.Missing(name: name) }
      return tensor
    }
    func value(_ argument: Argument) throws -> Value {
      switch argument {
      case .names(let names): .tensors(try names.map(variable))
      case .other(.string(let name)): .tensor(try variable(name))
      case .other(.int(let number)): .int(number)
      case .other(.float(let number)): .float(number)
      case .other(.ints(let numbers)): .ints(numbers)
      case .other(let other): throw Golden.Missing(name: "\(other)")
      }
    }
    for step in program.steps {
      guard case .other(.string(let result)) = step[0], case .other(.string(let operation)) = step[1] else { continue }
      known[result] = try Registry.apply(operation, step.dropFirst(2).map(value))[0]
    }
    return known
  }

  @Test func programs() throws {
    for program in try Golden.read("in_place.json", as: [Program].self) {
      let known = try run(program)
      let y = known["y"]!
      #expect(difference(try y.array(of: Double.self), program.values, .tight) == nil, "\(program.name)")
      let leaves = program.inputs.map { known[$0.name]! }
      let gradients = try GradientCheck.gradients(
        of: Projection.first.total([y]), at: leaves, createGraph: false)
      for (i, gradient) in gradients.enumerated() {
        let problem = difference(try gradient.array(of: Double.self), program.gradients[i], .tight)
        #expect(problem == nil, "\(program.name): gradient of \(program.inputs[i].name)")
      }
    }
  }

  /// What the graph saved and somebody changed is an error that names the operation.
  @Test func changedValuesAreReported() throws {
    let x = try Tensor([0.5, 2.0]).leaf()
    func spoiled(_ make: (Tensor) throws -> Tensor) throws -> String {
      let y = try x * 1
      let z = try make(y)
      _ = try Registry.apply("mul_", [.tensor(y), .float(2)])
      return message { try z.sum().backward() } ?? "no error"
    }
    #expect(try spoiled { try $0.log() }.hasPrefix("log:"))
    #expect(try spoiled { try $0 * $0 }.hasPrefix("mul:"))
    #expect(try spoiled { try $0.pow(3) }.hasPrefix("pow:"))
    let text = try spoiled { try $0.square() }
    #expect(text.contains("modified by an inplace operation") && text.contains("version 1"))
    #expect(try spoiled { try $0 + 1 } == "no error")
  }

  @Test func changedResultsAreReported() throws {
    let x = try Tensor([0.5, 2.0]).leaf()
    let z = try x.exp()
    let w = try z * 3
    try z.detach().copy(from: Tensor(1.0))
    #expect(message { try w.sum().backward() }?.hasPrefix("exp:") == true)
  }

  @Test func viewsShareTheCounter() throws {
    let x = try Tensor([[1.0, 2.0], [3.0, 4.0]].flatMap(\.self), [2, 2])
    let weight = try Tensor([1.0, 1.0]).leaf()
    let product = try x.select(0, 0) * weight
    try x.select(0, 1).copy(from: Tensor(0.0))
    #expect(message { try product.sum().backward() }?.hasPrefix("mul:") == true)
  }

  @Test func leavesAreProtected() throws {
    let x = try Tensor([1.0, 2.0]).leaf()
    #expect(message { try x.copy(from: Tensor(0.0)) }?.contains("leaf") == true)
    #expect(message { try x.narrow(0, 0, 1).copy(from: Tensor(0.0)) }?.contains("leaf") == true)
    try Gradients.with(enabled: false) { _ = try x.copy(from: Tensor([5.0, 6.0])) }
    #expect(try x.array(of: Double.self) == [5, 6] && x.requiresGradient && x.version == 1)
  }

  @Test func shapesAndCategoriesMustFit() throws {
    let x = try Tensor([1, 2])
    let wide = try Tensor.ones([3, 2], .int64)
    #expect(throws: SNNError.self) { try Registry.apply("add_", [.tensor(x), .float(1.5)]) }
    #expect(throws: SNNError.self) { try Registry.apply("add_", [.tensor(x), .tensor(wide)]) }
    #expect(throws: SNNError.self) { try x.copy(from: wide) }
    #expect(try x.array(of: Int.self) == [1, 2] && x.version == 0)
  }

  /// Changing a view outside a graph, then asking the base for gradients.
  @Test func baseBecomesPartOfTheGraph() throws {
    let w = try Tensor([1, 2, 3] as [Double]).leaf()
    let base = try Tensor.zeros([2, 3], .float64)
    try base.select(0, 1).copy(from: w * 2)
    try base.select(0, 0).copy(from: w * w)
    #expect(base.requiresGradient && !base.isLeaf)
    try (base * base).sum().backward()
    #expect(try w.gradient?.array(of: Double.self) == [4 + 8, 32 + 16, 108 + 24])
  }

  @Test func copyingALeaf() throws {
    let w = try Tensor([1.0, 2.0]).leaf()
    let x = try Tensor.zeros([2], .float64)
    try x.copy(from: w)
    try (x * x).sum().backward()
    #expect(try w.gradient?.array(of: Double.self) == [2, 4])
  }
  /// What is overwritten by a constant stays in the graph, with no influence, as in PyTorch.
  @Test func overwritingKeepsTheGraph() throws {
    let w = try Tensor([1.0, 2.0]).leaf()
    let x = try w * 3
    try x.copy(from: Tensor(0))
    #expect(x.requiresGradient && !x.isLeaf)
    try (x * x + w).sum().backward()
    #expect(try w.gradient?.array(of: Double.self) == [1, 1])
  }
}
