@testable import SwiftNN

/// An option as JSON writes it: a truth value, a number, a word or a list of numbers.
struct PlainOption: Decodable, Sendable {
  let value: Value

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let truth = try? container.decode(Bool.self) {
      value = .bool(truth)
    } else if let number = try? container.decode(Int.self) {
      value = .int(number)
    } else if let number = try? container.decode(Double.self) {
      value = .float(number)
    } else if let word = try? container.decode(String.self) {
      value = .string(word)
    } else {
      value = .floats(try container.decode([Double].self))
    }
  }
}

extension [String: PlainOption] {
  /// What a thing is made from, in the order of its fields; options that it has not are a mistake of the test.
  func inOrder(of declaration: Declaration) throws -> [SwiftNN.Value] {
    for name in keys where !declaration.fields.contains(where: { $0.name == name }) { throw Golden.Missing(name: name) }
    return declaration.fields.map { field in self[field.name]?.value ?? .none }
  }
}
