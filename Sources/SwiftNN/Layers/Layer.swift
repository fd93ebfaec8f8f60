/// Something that turns tensors into a tensor and may have parameters: a layer, or a model made of layers.
///
/// A struct or class of layers is a layer: its parameters are those of its properties, named by the properties, with
/// `imagesPerRow` spelled `images_per_row`.
public protocol Layer {
  func callAsFunction(_ input: Tensor) throws(SNNError) -> Tensor

  /// For layers of several inputs or results; those of one need not care.
  func forward(_ inputs: [Tensor]) throws(SNNError) -> [Tensor]

  /// The children and parameters by name, in the order of their declaration. Found by reflection unless given.
  var members: [(name: String, value: Any)] { get }
}

/// A layer that cannot do with one tensor: it is called with several, or by `forward`.
public protocol SeveralInputLayer: Layer {}

extension SeveralInputLayer {
  public func callAsFunction(_ input: Tensor) throws(SNNError) -> Tensor {
    throw .argument("\(Self.self): expects several inputs, got 1")
  }
}

/// A layer that behaves differently while it is trained.
public protocol TrainingSensitive: AnyObject {
  var isTraining: Bool { get set }
}

extension Layer {
  public func forward(_ inputs: [Tensor]) throws(SNNError) -> [Tensor] {
    guard inputs.count == 1 else {
      throw .argument("\(Self.self): expects 1 input, got \(inputs.count)")
    }
    do throws(SNNError) { return [try self(inputs[0])] } catch { throw error.located(in: self) }
  }

  public var members: [(name: String, value: Any)] { memberList(Mirror(reflecting: self)) }
}

/// The properties by their names in Python, those of the superclass first.
private func memberList(_ mirror: Mirror) -> [(name: String, value: Any)] {
  let inherited = mirror.superclassMirror.map(memberList) ?? []
  return inherited
    + mirror.children.compactMap { child in
      child.label.map { (snakeCase($0.hasPrefix("_") ? String($0.dropFirst()) : $0), child.value) }
    }
}

/// A cell that holds a tensor of a layer, so that a tensor found by name can be replaced.
public protocol StateCell: AnyObject {
  var tensor: Tensor? { get set }
  var isParameter: Bool { get }
  /// Whether the layer can do without it.
  var isOptional: Bool { get }
  /// Whether it is saved with the layer.
  var isPersistent: Bool { get }
}

extension StateCell {
  public var isPersistent: Bool { true }
}

/// A tensor that is learned: `@Parameter var weight: Tensor`. Assigning one asks for its gradients.
@propertyWrapper
public final class Parameter: StateCell {
  private var stored: Tensor

  public init(wrappedValue: Tensor) {
    stored = wrappedValue
    wrappedValue.askForGradients()
  }

  public var wrappedValue: Tensor {
    get { stored }
    set {
      stored = newValue
      newValue.askForGradients()
    }
  }

  /// The tensor as it is, learned or frozen.
  public var tensor: Tensor? {
    get { stored }
    set { if let newValue { stored = newValue } }
  }

  public var isParameter: Bool { true }
  public var isOptional: Bool { false }
}

/// A learned tensor that may be absent, as the bias of a layer without one.
@propertyWrapper
public final class OptionalParameter: StateCell {
  public var tensor: Tensor?

  public init(wrappedValue: Tensor?) {
    tensor = wrappedValue
    wrappedValue?.askForGradients()
  }

  public var wrappedValue: Tensor? {
    get { tensor }
    set {
      tensor = newValue
      newValue?.askForGradients()
    }
  }

  public var isParameter: Bool { true }
  public var isOptional: Bool { true }
}

extension Tensor {
  func askForGradients() {
    if isLeaf, dtype.isFloatingPoint { leafRequiresGradient = true }
  }
}

/// A tensor that belongs to a layer's state without being learned, as running statistics.
@propertyWrapper
public final class Buffer: StateCell {
  public var wrappedValue: Tensor?
  public let isPersistent: Bool

  public init(wrappedValue: Tensor?, persistent: Bool = true) {
    self.wrappedValue = wrappedValue
    isPersistent = persistent
  }

  public var tensor: Tensor? {
    get { wrappedValue }
    set { wrappedValue = newValue }
  }
  public var isParameter: Bool { false }
  public var isOptional: Bool { true }
}

/// A parameter or buffer with its name.
public struct NamedState {
  public let name: String
  public let cell: any StateCell
}

extension Layer {
  /// All parameters and buffers of this layer and its children, named as in PyTorch's `state_dict`.
  public var state: [NamedState] {
    var found: [NamedState] = []
    collectState(self, "", &found)
    return found
  }

  /// All parameters, each once.
  public var parameters: [Tensor] {
    var seen: Set<ObjectIdentifier> = []
    return state.compactMap { $0.cell.isParameter ? $0.cell.tensor : nil }.filter {
      seen.insert(ObjectIdentifier($0)).inserted
    }
  }

  /// This layer and its children, those that behave differently while they are trained.
  var trainingSensitive: [any TrainingSensitive] {
    var found: [any TrainingSensitive] = []
    collectSensitive(self, &found)
    return found
  }

  /// Sets this layer and its children to training or evaluation mode.
  public func train(_ isTraining: Bool = true) {
    for layer in trainingSensitive { layer.isTraining = isTraining }
  }

  public func eval() { train(false) }

  /// What `body` gives in evaluation mode; afterwards every layer is in the mode that it was in.
  func evaluating<Result>(_ body: () throws(SNNError) -> Result) throws(SNNError) -> Result {
    let sensitive = trainingSensitive
    let modes = sensitive.map(\.isTraining)
    for layer in sensitive { layer.isTraining = false }
    defer { for (layer, mode) in zip(sensitive, modes) { layer.isTraining = mode } }
    return try body()
  }
}

extension Layer {
  /// Calls a part of this layer: mistakes in it are reported with this name. Where the part is a layer of this library, its name
  /// is found without; `SNNError.located(in:)` adds it to an error of a model's own call.
  public func part<Result>(
    _ name: @autoclosure () -> String, _ call: () throws(SNNError) -> Result
  ) throws(SNNError) -> Result {
    do throws(SNNError) { return try call() } catch { throw error.within(name()) }
  }
}

private func collectState(_ value: Any, _ prefix: String, _ found: inout [NamedState]) {
  switch value {
  case let cell as any StateCell: found.append(NamedState(name: prefix, cell: cell))
  case let layer as any Layer:
    for member in layer.members { collectState(member.value, join(prefix, member.name), &found) }
  case let list as [any Layer]:
    for (i, layer) in list.enumerated() { collectState(layer, join(prefix, "\(i)"), &found) }
  default: break
  }
}

private func collectSensitive(_ value: Any, _ found: inout [any TrainingSensitive]) {
  if let sensitive = value as? any TrainingSensitive { found.append(sensitive) }
  switch value {
  case let computed as Reparametrized: collectSensitive(computed.module, &found)
  case let layer as any Layer: for member in layer.members { collectSensitive(member.value, &found) }
  case let list as [any Layer]: for layer in list { collectSensitive(layer, &found) }
  default: break
  }
}

private func join(_ prefix: String, _ name: String) -> String { prefix.isEmpty ? name : "\(prefix).\(name)" }

/// `imagesPerRow` as `images_per_row`.
private func snakeCase(_ name: String) -> String {
  var result = ""
  for character in name {
    if ("A"..."Z").contains(character) { result += "_" + character.lowercased() } else { result.append(character) }
  }
  return result
}
