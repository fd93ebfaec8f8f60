@testable import SwiftNN

/// A call of an operation with the arguments of a case, ready to be made.
struct Call {
  let operation: Operation
  /// In the order of the operation's fields.
  var values: [Value]
  /// The tensors of which gradients are asked, in the order of the arguments.
  private(set) var leaves: [Tensor] = []
  private let hasAnySigns: Bool

  struct Unfit: Error, CustomStringConvertible {
    let description: String
  }

  /// `prepare` turns the stored tensors into those of the call.
  init(_ test: Case, prepare: (Tensor) throws -> Tensor = { $0 }) throws {
    guard let number = Registry.operationNumber(test.operation) else {
      throw Unfit(description: "there is no operation \(test.operation)")
    }
    operation = Registry.operations[number]
    hasAnySigns = test.hasAnySigns
    values = Array(repeating: .none, count: operation.fields.count)
    guard test.arguments.count <= values.count else { throw Unfit(description: "\(test.text): too many arguments") }
    for (i, argument) in test.arguments.enumerated() { values[i] = try value(argument, prepare) }
    // By position of the fields, as Python evaluates them in the order in which the case names them: that of the letters
    // where several have gradients.
    for (name, argument) in test.named.sorted(by: { $0.key < $1.key }) {
      guard let field = operation.fields.firstIndex(where: { $0.name == name }) else {
        throw Unfit(description: "\(test.text): \(test.operation) has no argument \(name)")
      }
      values[field] = try value(argument, prepare)
    }
  }

  private mutating func value(_ argument: CaseArgument, _ prepare: (Tensor) throws -> Tensor) throws -> Value {
    try argument.value { try tensor($0, prepare) }
  }

  private mutating func tensor(_ stored: CaseArgument.Stored, _ prepare: (Tensor) throws -> Tensor) throws -> Tensor {
    let tensor = try prepare(Golden.tensor(stored.tensor)).detach()
    if stored.grad == true {
      if tensor.dtype.isFloatingPoint { try tensor.setRequiresGradient(true) }
      leaves.append(tensor)
    }
    return tensor
  }

  /// The results. An operation that changes its first argument gets a copy of it; random numbers are always the same.
  func run() throws -> [Tensor] { try run(operation.name, inPlace: operation.isInPlace) }

  /// The results of the operation's in-place form.
  func runInPlace() throws -> [Tensor] { try run(operation.inPlaceName, inPlace: true) }

  private func run(_ name: String, inPlace: Bool) throws -> [Tensor] {
    var values = values
    if inPlace, case .tensor(let target)? = values.first { values[0] = .tensor(try target.clone()) }
    if let field = operation.fields.firstIndex(where: { $0.kind == .generator }), case .none = values[field] {
      values[field] = .generator(Generator(seed: 7))
    }
    let results = try Registry.apply(name, values)
    return hasAnySigns ? try results.map { try $0.abs() } : results
  }

  /// Whether two calls give the same: all but those of uninitialised memory.
  func isRepeatable(_ test: Case) -> Bool {
    !test.hasAnyValues || operation.fields.contains { $0.kind == .generator }
  }

  /// Whether differences of values say what the derivatives are: not at kinks and not at infinities.
  func hasDifferences(_ test: Case) throws -> Bool {
    guard test.hasDifferences, test.gradients != nil || test.hasAnyValues, operation.isDifferentiable else {
      return false
    }
    return try (leaves + run()).allSatisfy { try $0.array(of: Double.self).allSatisfy(\.isFinite) }
  }

  /// The same call with other leaves.
  func with(leaves new: [Tensor]) -> Call {
    func replaced(_ tensor: Tensor) -> Tensor {
      leaves.firstIndex { $0 === tensor }.map { new[$0] } ?? tensor
    }
    var copy = self
    copy.leaves = new
    copy.values = values.map { value in
      switch value {
      case .tensor(let tensor): .tensor(replaced(tensor))
      case .tensors(let list): .tensors(list.map { $0.map(replaced) })
      default: value
      }
    }
    return copy
  }

  /// The results as a function of the leaves.
  func function(_ leaves: [Tensor]) throws -> [Tensor] { try with(leaves: leaves).run() }

  /// The same with the symmetric part of the first leaf, so that its two triangles change together.
  func functionOfSymmetric(_ leaves: [Tensor]) throws -> [Tensor] {
    let half = try (leaves[0] + leaves[0].transpose(-2, -1)) * 0.5
    return try function([half] + leaves.dropFirst())
  }
}
