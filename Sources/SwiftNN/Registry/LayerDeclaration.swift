/// A layer as every language knows it: its name, its arguments and how one is made.
public final class LayerDeclaration: Sendable {
  public let name: String
  public let doc: String
  public let fields: [Field]
  /// What stands between the parentheses when the layer is printed; all arguments but the dtype unless given.
  private let describe: (@Sendable (Arguments) -> String)?
  let make: @Sendable (Arguments) throws -> any Layer

  init(
    _ name: String, _ doc: String, _ fields: [Field], describe: (@Sendable (Arguments) -> String)? = nil,
    make: @escaping @Sendable (Arguments) throws -> any Layer
  ) {
    self.name = name
    self.doc = doc
    self.fields = fields
    self.describe = describe
    self.make = make
  }

  /// A new layer from arguments in the order of the fields, and all of them with their defaults filled in.
  public func make(_ values: [Value]) throws(SNNError) -> (layer: any Layer, configuration: [Value]) {
    let complete = try fields.complete(values, of: name)
    do { return (try complete.withUnsafeBufferPointer { try make(Arguments(values: $0)) }, complete) } catch {
      throw SNNError.from(error)
    }
  }
}

extension LayerDeclaration {
  /// What stands between the parentheses when the layer is printed.
  public func text(_ configuration: [Value]) -> String {
    if let describe { return configuration.withUnsafeBufferPointer { describe(Arguments(values: $0)) } }
    return zip(fields, configuration).filter { $0.0.kind != .dtype && $0.0.kind != .layers }
      .map { "\($0.0.name)=\($0.1.pythonText)" }.joined(separator: ", ")
  }

  /// Name and arguments, from which an equal layer can be made.
  public func configurationJSON(_ configuration: [Value]) -> String {
    JSON.object([("name", JSON.string(name))] + zip(fields, configuration).map { ($0.0.name, $0.1.json) })
  }
}

extension [Field] {
  /// The arguments of a call with every default filled in, checked.
  func complete(_ values: [Value], of owner: String) throws(SNNError) -> [Value] {
    guard values.count <= count else {
      throw .argument("\(owner): takes at most \(count) arguments, got \(values.count)")
    }
    var complete: [Value] = []
    for i in indices { complete.append(try self[i].resolve(i < values.count ? values[i] : nil, of: owner)) }
    return complete
  }
}
