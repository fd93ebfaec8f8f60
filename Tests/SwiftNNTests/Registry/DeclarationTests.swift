import Foundation
import Testing

@testable import SwiftNN

/// Declarations say enough for every language, and say it well.
@Suite struct DeclarationTests {
  private static let owners: [(name: String, doc: String, fields: [Field])] =
    Registry.operations.map { ($0.name, $0.doc, $0.fields) } + Registry.layers.map { ($0.name, $0.doc, $0.fields) }
    + Registry.optimizers.map { ($0.name, $0.doc, $0.fields) } + Registry.schedules.map { ($0.name, $0.doc, $0.fields) }

  @Test func fieldsAreConsistent() {
    for owner in Self.owners {
      #expect(owner.doc.hasSuffix("."), "\(owner.name) has no sentence of documentation")
      #expect(Set(owner.fields.map(\.name)).count == owner.fields.count, "\(owner.name) repeats a name")
      let firstDefault = owner.fields.firstIndex { $0.defaultValue != nil } ?? owner.fields.count
      let lastNeeded = owner.fields.lastIndex { $0.defaultValue == nil && !$0.isKeywordOnly } ?? -1
      #expect(lastNeeded < firstDefault, "\(owner.name): an argument with a default stands before one without")
    }
  }

  @Test func defaultsAreValid() {
    for owner in Self.owners {
      for field in owner.fields {
        guard let value = field.defaultValue else { continue }
        if case .none = value {
          #expect(field.isOptional, "\(owner.name): \(field.name)")
        } else {
          #expect(message { _ = try field.resolve(value, of: owner.name) } == nil, "\(owner.name): \(field.name)")
        }
      }
    }
  }

  @Test func numbersAreKept() {
    for (i, operation) in Registry.operations.enumerated() { #expect(Registry.operationNumber(operation.name) == i) }
    for (i, layer) in Registry.layers.enumerated() { #expect(Registry.layerNumber(layer.name) == i) }
    for (i, optimizer) in Registry.optimizers.enumerated() { #expect(Registry.optimizerNumber(optimizer.name) == i) }
    #expect(Registry.operationNumber("no_such_operation") == nil)
    #expect(message { _ = try Registry.apply("no_such_operation", []) }?.contains("no_such_operation") == true)
  }

  @Test func schemasAreJSON() throws {
    let schemas =
      Registry.operations.map(\.schema) + Registry.layers.map(\.schema) + Registry.optimizers.map(\.schema)
      + Registry.schedules.map(\.schema)
    for schema in schemas {
      let object = try JSONSerialization.jsonObject(with: Data(schema.utf8)) as? [String: Any]
      #expect(object?["name"] is String && object?["fields"] is [[String: Any]])
    }
    let text = JSON.string("\"\\\n\t\u{1}é")
    #expect(try JSONDecoder().decode(String.self, from: Data(text.utf8)) == "\"\\\n\t\u{1}é")
  }

  /// A layer made by name from its defaults, where it has them all.
  @Test func layersAreMadeByName() throws {
    for layer in Registry.layers where layer.fields.allSatisfy({ $0.defaultValue != nil }) {
      let (_, configuration) = try layer.make([])
      #expect(configuration.count == layer.fields.count)
      let json = Data(layer.configurationJSON(configuration).utf8)
      #expect(try JSONSerialization.jsonObject(with: json) is [String: Any])
    }
    let (linear, configuration) = try Registry.layers[Registry.layerNumber("Linear")!].make([.int(3), .int(2)])
    #expect(linear.parameters.count == 2 && configuration.count == 4)
  }

  @Test func placesAreNamed() {
    for operation in Registry.operations {
      let places = operation.places
      #expect(places.names.count == places.rawValue.nonzeroBitCount, "\(operation.name)")
      guard places.contains(.method) else { continue }
      #expect(operation.fields.first.map { [.tensor, .operand].contains($0.kind) } == true, "\(operation.name)")
    }
  }
}
