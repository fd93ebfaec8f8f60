/// A layer as every language knows it: its name, its arguments, how one is made and how it is called.
public final class LayerDeclaration: Sendable {
  public let name: String
  public let doc: String
  public let fields: [Field]
  /// What a call takes.
  public let inputs: [Field]
  /// The names of what a call gives, none where the arguments decide how much that is. Those with the same word before a
  /// dot stand together in Python: "state.h", "state.c" are the tuple (h, c).
  public let results: [String]
  /// The parameters and buffers of a layer that is a `DeclaredLayer`; nil for one with a Swift class of its own.
  public let held: [HeldTensor]?
  /// Whether making or calling a layer draws random numbers.
  public let drawsNumbers: Bool
  /// Whether a `DeclaredLayer` draws random numbers when it is called in training.
  let isNoisy: Bool
  /// What stands between the parentheses when the layer is printed; all arguments but the dtype unless given.
  private let describe: (@Sendable (Arguments) -> String)?
  typealias Formula = @Sendable (DeclaredLayer, _ options: Arguments, _ inputs: Arguments) throws -> [Tensor?]
  private let make: @Sendable (LayerDeclaration, [Value]) throws -> any Layer
  private let call: @Sendable (any Layer, Arguments) throws -> [Tensor?]
  /// What the tensors of a `DeclaredLayer` begin with.
  let initial: @Sendable (Arguments, Generator?) throws -> [Tensor?]

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
    held = nil
    (drawsNumbers, isNoisy) = (false, false)
    initial = { _, _ in [] }
    self.make = { _, values in try values.withUnsafeBufferPointer { try make(Arguments(values: $0)) } }
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

  /// For layers that print their children alone.
  @Sendable static func nothing(_ arguments: Arguments) -> String { "" }

  /// A layer without a Swift class of its own: the tensors that it holds, what they begin with, and a formula. How it is
  /// printed is a `text` as `Text` reads it, or `describe` where that is not enough.
  init(
    _ name: String, _ doc: String, _ fields: [Field], inputs: [Field] = [.tensor("input")],
    results: [String] = ["output"], held: [HeldTensor] = [], drawsNumbers: Bool = false, isNoisy: Bool = false,
    text: String = "", describe: (@Sendable (Arguments) -> String)? = nil,
    initial: @escaping @Sendable (Arguments, Generator?) throws -> [Tensor?] = { _, _ in [] },
    formula: @escaping Formula
  ) {
    self.name = name
    self.doc = doc
    self.fields = fields
    self.inputs = inputs
    self.results = results
    self.held = held
    (self.drawsNumbers, self.isNoisy) = (drawsNumbers, isNoisy)
    self.describe = describe ?? { Text.of(text, fields, $0) }
    self.initial = initial
    make = { declaration, configuration in try DeclaredLayer(complete: configuration, of: declaration) }
    call = { layer, inputs in
      guard let layer = layer as? DeclaredLayer, layer.declaration.name == name else {
        throw SNNError.argument("\(name): cannot call a \(type(of: layer)), only a \(name)")
      }
      return try layer.evaluated(inputs, formula)
    }
  }

  /// Stands for a part of a model, which is made with the model and called with one tensor.
  public init(part name: String) {
    (self.name, doc, fields, inputs, results) = (name, "", [], [.tensor("input")], ["output"])
    (held, drawsNumbers, isNoisy, describe, initial) = (nil, false, false, Self.nothing, { _, _ in [] })
    make = { _, _ in throw SNNError(.unsupported, "\(name): is made with the model that it belongs to") }
    call = { layer, arguments in try layer.forward([arguments.tensor(0)]) }
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
    do { return (try make(self, complete), complete) } catch { throw SNNError.from(error) }
  }
}

/// A parameter or buffer by name, as a declaration knows it.
public struct HeldTensor: Sendable {
  public let name: String
  public var isParameter = true
  /// May be absent.
  public var isOptional = false

  static func parameter(_ name: String) -> HeldTensor { HeldTensor(name: name) }
  static func optionalParameter(_ name: String) -> HeldTensor { HeldTensor(name: name, isOptional: true) }
  static func buffer(_ name: String) -> HeldTensor { HeldTensor(name: name, isParameter: false, isOptional: true) }

  func cell(_ tensor: Tensor?) -> any StateCell {
    guard isParameter else { return Buffer(wrappedValue: tensor) }
    guard !isOptional, let tensor else { return OptionalParameter(wrappedValue: tensor) }
    return Parameter(wrappedValue: tensor)
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
