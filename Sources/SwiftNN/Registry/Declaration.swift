/// What every language knows of a thing that is asked for by name: its name, a line about it, and its options.
public class Declaration: @unchecked Sendable {
  public let name: String
  public let doc: String
  public let fields: [Field]

  init(_ name: String, _ doc: String, _ fields: [Field]) {
    self.name = name
    self.doc = doc
    self.fields = fields
  }

  public var schema: String {
    JSON.object([
      ("name", JSON.string(name)), ("doc", JSON.string(doc)), ("fields", JSON.array(fields.map(\.schema))),
    ])
  }
}

/// A declaration of something that is made from its options alone.
public final class Maker<Product>: Declaration, @unchecked Sendable {
  private let make: @Sendable (Options) throws(SNNError) -> Product

  init(
    _ name: String, _ doc: String, _ fields: [Field] = [],
    make: @escaping @Sendable (Options) throws(SNNError) -> Product
  ) {
    self.make = make
    super.init(name, doc, fields)
  }

  /// One with options in the order of the fields; those left out take their defaults.
  public func callAsFunction(_ options: [Value] = []) throws(SNNError) -> Product {
    try make(Options(owner: name, fields: fields, values: fields.complete(options, of: name)))
  }
}

/// The options of a declared thing by name: complete, of the declared kinds and in range.
struct Options {
  let owner: String
  let fields: [Field]
  let values: [Value]

  private subscript(name: String) -> Value {
    guard let position = fields.firstIndex(where: { $0.name == name }) else {
      preconditionFailure("\(owner) has no option \(name)")
    }
    return values[position]
  }

  func float(_ name: String) -> Double {
    guard case .float(let number) = self[name] else { preconditionFailure("\(name) is a float") }
    return number
  }

  func bool(_ name: String) -> Bool {
    guard case .bool(let truth) = self[name] else { preconditionFailure("\(name) is a bool") }
    return truth
  }

  func int(_ name: String) -> Int {
    guard case .int(let number) = self[name] else { preconditionFailure("\(name) is an int") }
    return number
  }

  /// An integer that may be left out.
  func count(_ name: String) -> Int? {
    guard case .int(let number) = self[name] else { return nil }
    return number
  }

  func dtype(_ name: String) -> DType? {
    guard case .dtype(let dtype) = self[name] else { return nil }
    return dtype
  }

  func word(_ name: String) -> String? {
    guard case .string(let word) = self[name] else { return nil }
    return word
  }

  /// A number that may be left out.
  func number(_ name: String) -> Double? {
    guard case .float(let number) = self[name] else { return nil }
    return number
  }

  func floats(_ name: String) -> [Double] {
    guard let numbers = numbers(name) else { preconditionFailure("\(name) is a list of floats") }
    return numbers
  }

  /// A list that may be left out.
  func numbers(_ name: String) -> [Double]? {
    guard case .floats(let numbers) = self[name] else { return nil }
    return numbers
  }

  func floats(_ name: String, _ count: Int) throws(SNNError) -> [Double] {
    let numbers = floats(name)
    guard numbers.count == count else {
      throw .argument("\(owner): expects \(count) \(name), got \(numbers.count)")
    }
    return numbers
  }

  func has(_ name: String) -> Bool { fields.contains { $0.name == name } }

  /// A list of integers that may be left out.
  func integers(_ name: String) -> [Int]? {
    guard case .ints(let numbers) = self[name] else { return nil }
    return numbers
  }

  /// A list of floats that may be left out.
  func list(_ name: String) -> [Double]? {
    guard case .floats(let numbers) = self[name] else { return nil }
    return numbers
  }

  /// A list of integers that may be left out.
  func ints(_ name: String) -> [Int]? {
    guard case .ints(let numbers) = self[name] else { return nil }
    return numbers
  }

  func scalar(_ name: String) -> Scalar {
    switch self[name] {
    case .int(let number): return .int(number)
    case .float(let number): return .float(number)
    case .bool(let truth): return .bool(truth)
    default: preconditionFailure("\(name) is a number")
    }
  }

  /// Two betas, each less than one.
  func betas() throws(SNNError) -> (Double, Double) {
    let betas = try floats("betas", 2)
    for (i, beta) in betas.enumerated() where !(beta >= 0 && beta < 1) {
      throw .argument("\(owner): Invalid beta parameter at index \(i): \(beta)")
    }
    return (betas[0], betas[1])
  }
}
