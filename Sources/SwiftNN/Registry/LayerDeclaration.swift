/// A layer as every language knows it: its name, its arguments, how one is made and how it is called.
public final class LayerDeclaration: Sendable {
  public let name: String
  public let doc: String
  public let fields: [Field]
  /// What a call takes.
  public let inputs: [Field]
  /// The names of what a call gives. Those with the same word before a dot stand together in Python: "state.h", "state.c"
  /// are the tuple (h, c).
  public let results: [String]
  /// What stands between the parentheses when the layer is printed; all arguments but the dtype unless given.
  private let describe: (@Sendable (Arguments) -> String)?
  private let make: @Sendable (Arguments) throws -> any Layer
  private let call: @Sendable (any Layer, Arguments) throws -> [Tensor?]

  init<Made: Layer & SendableMetatype>(
    _ name: String, _ doc: String, _ fields: [Field], inputs: [Field], results: [String],
    describe: (@Sendable (Arguments) -> String)? = nil, make: @escaping @Sendable (Arguments) throws -> Made,
    call: @escaping @Sendable (Made, Arguments) throws -> [Tensor?]
  ) {
    self.name = name
    self.doc = doc
    self.fields = fields
    self.inputs = inputs
    self.results = results
    self.describe = describe
    self.make = make
    self.call = { layer, arguments in
      guard let layer = layer as? Made else {
        throw SNNError.argument("\(name): cannot call a \(type(of: layer)), only a \(Made.self)")
      }
      return try call(layer, arguments)
    }
  }

  /// A layer of one tensor that gives one tensor.
  convenience init<Made: Layer & SendableMetatype>(
    _ name: String, _ doc: String, _ fields: [Field], describe: (@Sendable (Arguments) -> String)? = nil,
    make: @escaping @Sendable (Arguments) throws -> Made
  ) {
    self.init(
      name, doc, fields, inputs: [.tensor("input")], results: ["output"], describe: describe, make: make
    ) { layer, arguments in [try layer(arguments.tensor(0))] }
  }

  /// What a layer made by this declaration gives for arguments in the order of `inputs`.
  public func call(_ layer: any Layer, _ values: [Value]) throws(SNNError) -> [Tensor?] {
    let complete = try inputs.complete(values, of: name)
    do { return try complete.withUnsafeBufferPointer { try call(layer, Arguments(values: $0)) } } catch {
      throw SNNError.from(error)
    }
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
