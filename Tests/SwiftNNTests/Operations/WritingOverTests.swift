import Testing

@testable import SwiftNN

/// The argument `inplace` of activations.
@Suite struct WritingOverTests {
  private static let names = Table.declared.filter { $0.fields.contains { $0.name == "inplace" } }.map(\.name)

  @Test(arguments: names)
  func writesTheResultOverTheInput(_ name: String) throws {
    let call = try Call(Table.byOperation[name]!.first { !$0.hasAnyValues }!)
    let expected = try call.run()[0]
    let field = call.operation.fields.firstIndex { $0.name == "inplace" }!
    var values = call.values
    guard case .tensor(let x) = values[0] else { return }
    let target = try x.detach().clone()
    values[0] = .tensor(target)
    values[field] = .bool(true)
    let result = try Registry.apply(name, values)[0]
    #expect(result === target)
    #expect(try difference(target, expected) == nil)
  }

  @Test func refusesALeaf() throws {
    let leaf = try Tensor([1.0, -1.0])
    try leaf.setRequiresGradient(true)
    let text = message { _ = try Registry.apply("relu", [.tensor(leaf), .bool(true)]) }
    #expect(text?.contains("leaf Variable") == true)
  }

  /// A step has no slope to follow: the error says whose.
  @Test func aStepHasNoDerivative() throws {
    let x = try Tensor([1.0, -1.0])
    try x.setRequiresGradient(true)
    let y = try Registry.apply("heaviside", [.tensor(x), .tensor(try Tensor([0.5, 0.5]))])[0]
    let text = message { _ = try Gradients.of(y.sum(), withRespectTo: x) }
    #expect(text?.hasPrefix("heaviside: has no derivative") == true)
  }
}
