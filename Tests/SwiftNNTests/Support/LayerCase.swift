@testable import SwiftNN

/// One line of the table of layers, with the golden results.
struct LayerCase: Decodable, Sendable {
  let text: String
  let layer: String
  let arguments: [CaseArgument]
  let named: [String: CaseArgument]
  let inputs: [CaseArgument]
  /// Further arguments of the call.
  let call: [String: CaseArgument]
  /// How PyTorch prints the layer.
  let repr: String
  let state: [State]
  /// Mean, deviation, least and greatest of what each parameter begins with in so many draws.
  let initial: [String: [Double]]
  let draws: Int
  let training: Run
  let evaluation: Run

  struct State: Decodable, Sendable {
    let name: String
    let tensor: String
    let parameter: Bool
  }

  /// Keys of what a call gives; only shapes are known of random numbers.
  struct Run: Decodable, Sendable {
    let results: [String]?
    let shapes: [Case.Specification]?
    let gradients: [String]?
    let second: [String]?
    /// The parameters and buffers after the call.
    let state: [String]?
  }

  struct Unfit: Error, CustomStringConvertible {
    let description: String
  }

  private static func declaration(_ name: String) throws -> LayerDeclaration {
    guard let number = Registry.layerNumber(name) else { throw Unfit(description: "there is no layer \(name)") }
    return Registry.layers[number]
  }

  /// The layer as its declaration makes it.
  func made() throws -> (layer: any Layer, declaration: LayerDeclaration, text: String) {
    let declaration = try Self.declaration(layer)
    let values = try arguments.map { try value($0) }
    let (layer, configuration) = try declaration.make(declaration.fields.placed(values, named.mapValues(value), text))
    return (layer, declaration, declaration.text(configuration))
  }

  /// The layer with the golden numbers in its parameters and buffers.
  func ready() throws -> (layer: any Layer, declaration: LayerDeclaration) {
    let (layer, declaration, _) = try made()
    for (cell, stored) in zip(layer.present, state) {
      let old = cell.cell.tensor
      let new = try Golden.tensor(stored.tensor)
      if old?.requiresGradient == true { try new.setRequiresGradient(true) }
      cell.cell.tensor = new
    }
    return (layer, declaration)
  }

  /// The arguments of the call, in the order of the declaration, and the tensors whose gradients are asked for.
  func callArguments(_ declaration: LayerDeclaration) throws -> (values: [Value], leaves: [Tensor]) {
    var leaves: [Tensor] = []
    func callValue(_ argument: CaseArgument) throws -> Value {
      try argument.value { stored in
        let tensor = try Golden.tensor(stored.tensor)
        if stored.grad == true { leaves.append(try tensor.leaf()) }
        return stored.grad == true ? leaves[leaves.count - 1] : tensor
      }
    }
    let given = try inputs.map(callValue)
    var further: [String: Value] = [:]
    for (name, argument) in call.sorted(by: { $0.key < $1.key }) { further[name] = try callValue(argument) }
    return (try declaration.inputs.placed(given, further, text), leaves)
  }

  private func value(_ argument: CaseArgument) throws -> Value { try argument.value { try Golden.tensor($0.tensor) } }
}

extension Layer {
  /// The parameters and buffers that are there.
  var present: [NamedState] { state.filter { $0.cell.tensor != nil } }
}

extension [Field] {
  /// Arguments by position and by name in the order of the fields.
  func placed(_ positional: [Value], _ named: [String: Value], _ text: String) throws -> [Value] {
    var values = [Value](repeating: .none, count: count)
    guard positional.count <= count else { throw LayerCase.Unfit(description: "\(text): too many arguments") }
    for (i, value) in positional.enumerated() { values[i] = value }
    for (name, value) in named {
      guard let field = firstIndex(where: { $0.name == name }) else {
        throw LayerCase.Unfit(description: "\(text): there is no argument \(name)")
      }
      values[field] = value.isNone ? self[field].absent : value
    }
    return values
  }
}

extension Field {
  /// What says that there is none, where that is not the default.
  fileprivate var absent: Value { if case .float? = defaultValue { .float(.nan) } else { .none } }
}

/// All cases of layers.
enum LayerTable {
  private struct File: Decodable {
    let cases: [LayerCase]
  }

  static let cases: [LayerCase] = {
    do { return try Golden.read("layers.json", as: File.self).cases } catch { fatalError("layers.json: \(error)") }
  }()

  static let byLayer = Dictionary(grouping: cases, by: \.layer)

  /// The names of layers that have cases.
  static let layers: [String] = Registry.layers.map(\.name).filter { byLayer[$0] != nil }
}
