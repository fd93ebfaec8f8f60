import CKernels

/// How one parameter is moved by its gradient. A value without state: the optimizer keeps that.
public protocol UpdateRule: Sendable {
  static var declaration: OptimizerDeclaration { get }
  /// The options in the order of the declaration's fields.
  var options: [Value] { get }
  func update(_ parameter: Tensor, _ gradient: Tensor, _ state: inout ParameterState) throws(SNNError)
}

/// What an optimizer remembers of one parameter.
public struct ParameterState {
  /// How often the parameter was updated.
  public var step = 0
  /// By position in the declaration's names.
  var tensors: [Tensor?]

  /// The state tensor at a position, made of zeros when there is none. Halves keep their state in float32.
  mutating func tensor(_ index: Int, like parameter: Tensor) throws(SNNError) -> Tensor {
    if let tensor = tensors[index] { return tensor }
    let new = try Tensor.full(parameter.shape, 0, ParameterState.dtype(for: parameter))
    tensors[index] = new
    return new
  }

  static func dtype(for parameter: Tensor) -> DType { parameter.dtype.working }
}

/// An optimizer as every language knows it: its name, its options and the rule they make.
public final class OptimizerDeclaration: Sendable {
  public let name: String
  public let doc: String
  public let fields: [Field]
  /// The names of the state tensors of a parameter, as in PyTorch's `state_dict`, without `step`.
  public let stateNames: [String]
  public let countsSteps: Bool
  let make: @Sendable (Arguments) throws -> any UpdateRule

  init(
    _ name: String, _ doc: String, _ fields: [Field], state stateNames: [String], countsSteps: Bool,
    make: @escaping @Sendable (Arguments) throws -> any UpdateRule
  ) {
    self.name = name
    self.doc = doc
    self.fields = fields
    self.stateNames = stateNames
    self.countsSteps = countsSteps
    self.make = make
  }

  func make(_ complete: [Value]) throws(SNNError) -> any UpdateRule {
    do { return try complete.withUnsafeBufferPointer { try make(Arguments(values: $0)) } } catch {
      throw SNNError.from(error)
    }
  }
}

/// Moves parameters by their gradients: `try Optimizer(model.parameters, SGD(lr: 0.1))`.
public final class Optimizer {
  public struct Group {
    public let parameters: [Tensor]
    public internal(set) var options: [Value]
    var rule: any UpdateRule
    fileprivate var states: [ParameterState]
    /// What schedules keep with a group, as its initial rate, by PyTorch's names.
    var notes: [String: Double] = [:]
  }

  public let declaration: OptimizerDeclaration
  public internal(set) var groups: [Group] = []

  public convenience init(_ parameters: [Tensor], _ rule: some UpdateRule) throws(SNNError) {
    try self.init(type(of: rule).declaration, parameters, rule.options)
  }

  /// An optimizer by declaration, with options in the order of its fields.
  public init(_ declaration: OptimizerDeclaration, _ parameters: [Tensor], _ options: [Value]) throws(SNNError) {
    self.declaration = declaration
    guard !parameters.isEmpty else { throw .argument("\(declaration.name): optimizer got an empty parameter list") }
    try addGroup(parameters, options)
  }

  /// Parameters with options of their own; those left out take the declaration's defaults.
  public func addGroup(_ parameters: [Tensor], _ options: [Value]) throws(SNNError) {
    var known = Set(groups.flatMap(\.parameters).map(ObjectIdentifier.init))
    for (i, parameter) in parameters.enumerated() {
      guard parameter.isLeaf else {
        throw .argument("\(declaration.name): can't optimize a non-leaf Tensor (parameter \(i))")
      }
      guard parameter.dtype.isFloatingPoint else {
        throw .dtype(
          "\(declaration.name): parameter \(i) is of dtype \(parameter.dtype.name), which cannot be optimized")
      }
      guard known.insert(ObjectIdentifier(parameter)).inserted else {
        throw .argument("\(declaration.name): parameter \(i) appears more than once")
      }
    }
    let complete = try declaration.fields.complete(options, of: declaration.name)
    let fresh = ParameterState(tensors: Array(repeating: nil, count: declaration.stateNames.count))
    groups.append(
      Group(
        parameters: parameters, options: complete, rule: try declaration.make(complete),
        states: Array(repeating: fresh, count: parameters.count)))
  }

  public func addGroup(_ parameters: [Tensor], _ rule: some UpdateRule) throws(SNNError) {
    try addGroup(parameters, rule.options)
  }

  /// Moves every parameter that has a gradient.
  public func step() throws(SNNError) {
    try Gradients.with(enabled: false) { () throws(SNNError) in
      for g in groups.indices {
        for (i, parameter) in groups[g].parameters.enumerated() {
          guard let gradient = parameter.gradient else { continue }
          try update(parameter, gradient.contiguous(), group: g, index: i)
        }
      }
    }
  }

  private func update(_ parameter: Tensor, _ gradient: Tensor, group: Int, index: Int) throws(SNNError) {
    guard gradient.shape == parameter.shape, gradient.dtype == parameter.dtype, parameter.dtype.isFloatingPoint else {
      throw .gradient(
        "\(declaration.name): parameter \(index) has shape \(parameter.shape) and dtype \(parameter.dtype.name), its gradient "
          + "\(gradient.shape) and \(gradient.dtype.name)")
    }
    for (name, state) in zip(declaration.stateNames, groups[group].states[index].tensors) {
      guard let state, state.shape != parameter.shape || state.dtype != ParameterState.dtype(for: parameter) else {
        continue
      }
      throw .shape(
        "\(declaration.name): parameter \(index) has shape \(parameter.shape) and dtype \(parameter.dtype.name), its '\(name)' "
          + "\(state.shape) and \(state.dtype.name)")
    }
    let target = try parameter.contiguous()
    groups[group].states[index].step += 1
    try groups[group].rule.update(target, gradient, &groups[group].states[index])
    if target !== parameter { parameter.fill(copying: target) }
    parameter.storage.version += 1
  }

  /// Forgets the gradients of all parameters.
  public func zeroGradients() {
    for group in groups { for parameter in group.parameters { parameter.extras?.gradient = nil } }
  }

  // MARK: Options and state by name

  public func option(_ name: String, group: Int) throws(SNNError) -> Value {
    if let note = try groups[checked(group)].notes[name] { return .float(note) }
    return try groups[group].options[field(name)]
  }

  public func setOption(_ name: String, _ value: Value, group: Int) throws(SNNError) {
    if Group.noteNames.contains(name) { return try setNote(name, value, group: checked(group)) }
    let position = try field(name)
    var options = try groups[checked(group)].options
    options[position] = try declaration.fields[position].resolve(value, of: declaration.name)
    groups[group].rule = try declaration.make(options)
    groups[group].options = options
  }

  /// The names of what is remembered of each parameter.
  public var stateNames: [String] { (declaration.countsSteps ? ["step"] : []) + declaration.stateNames }

  /// A state of one parameter, nil where there is none yet. `step` comes as a float32 scalar, as in PyTorch.
  public func state(_ name: String, group: Int, index: Int) throws(SNNError) -> Tensor? {
    let state = try groups[checked(group, index)].states[index]
    if name == "step", declaration.countsSteps {
      return state.step == 0 ? nil : try Tensor(.int(state.step), .float32)
    }
    return state.tensors[try statePosition(name)]
  }

  /// Copies a saved state of one parameter.
  public func setState(_ name: String, group: Int, index: Int, to value: Tensor) throws(SNNError) {
    let parameter = try groups[checked(group, index)].parameters[index]
    if name == "step", declaration.countsSteps {
      let step = try value.item().double
      guard step >= 0, step <= 0x1p53 else {
        throw .argument("\(declaration.name): expects a step between 0 and 2^53, got \(step)")
      }
      groups[group].states[index].step = Int(step)
      return
    }
    let position = try statePosition(name)
    guard value.shape == parameter.shape else {
      throw .shape("\(declaration.name): expects '\(name)' of shape \(parameter.shape), got \(value.shape)")
    }
    let state = try Gradients.with(enabled: false) { () throws(SNNError) in
      var fresh = ParameterState(tensors: [nil])
      return try fresh.tensor(0, like: parameter).copy(from: value)
    }
    groups[group].states[index].tensors[position] = state
  }

  public func parameter(group: Int, index: Int) throws(SNNError) -> Tensor {
    try groups[checked(group, index)].parameters[index]
  }

  private func field(_ name: String) throws(SNNError) -> Int {
    guard let position = declaration.fields.firstIndex(where: { $0.name == name }) else {
      throw SNNError(.name, "\(declaration.name): there is no option '\(name)'")
    }
    return position
  }

  private func statePosition(_ name: String) throws(SNNError) -> Int {
    guard let position = declaration.stateNames.firstIndex(of: name) else {
      throw SNNError(.name, "\(declaration.name): there is no state '\(name)'")
    }
    return position
  }

  @discardableResult
  private func checked(_ group: Int, _ index: Int? = nil) throws(SNNError) -> Int {
    guard groups.indices.contains(group) else {
      throw .index("\(declaration.name): there is no parameter group \(group) of \(groups.count)")
    }
    if let index, !groups[group].parameters.indices.contains(index) {
      throw .index(
        "\(declaration.name): there is no parameter \(index) of \(groups[group].parameters.count) in group \(group)")
    }
    return group
  }
}
