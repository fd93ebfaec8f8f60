/// Moves parameters by their gradients: `try Optimizer(model.parameters, SGD(lr: 0.1))`.
public final class Optimizer {
  public struct Group {
    public let parameters: [Tensor]
    public internal(set) var options: [Value]
    var rule: any UpdateRule
    let states: [ParameterState]
    /// What schedules keep with a group, as its initial rate, by PyTorch's names.
    var notes: [String: Double] = [:]
  }

  struct Wrapping {
    let declaration: WrapperDeclaration
    let wrapper: any StepWrapper
    /// Where its tensors begin among those of a parameter.
    let first: Int
  }

  public let declaration: OptimizerDeclaration
  public internal(set) var groups: [Group] = []
  private(set) var wrappings: [Wrapping] = []
  /// What is kept of each parameter, by the optimizer and by what is wrapped around it.
  private(set) var kept: [KeptState]
  /// Where parameters stood before they were moved to where gradients are taken.
  var origins: [(parameter: Tensor, values: Tensor)] = []
  /// What the loss of a closure is a function of, the outputs of the model, where the optimizer asks for it: the closure says so.
  /// Held until the step ends.
  public var outputs: [Tensor] = []
  /// What another language may read until it asks for more.
  public var lent: AnyObject?
  /// `firstStep` was taken, and `step` was not.
  var hasLeft = false

  public convenience init<Choice: OptimizerChoice>(_ parameters: [Tensor], _ choice: Choice) throws(SNNError) {
    try self.init(Choice.declaration, parameters, choice.options)
  }

  /// An optimizer by declaration, with options in the order of its fields.
  public init(_ declaration: OptimizerDeclaration, _ parameters: [Tensor], _ options: [Value]) throws(SNNError) {
    self.declaration = declaration
    kept = declaration.kept
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
    var complete = try declaration.fields.complete(options, of: declaration.name)
    declaration.derive(&complete)
    let rule = try rule(complete)
    guard groups.isEmpty || !(rule is any ClosureRule) else {
      throw .argument("\(declaration.name): doesn't support per-parameter options (parameter groups)")
    }
    let states = parameters.map { _ in ParameterState(count: kept.count) }
    for (parameter, state) in zip(parameters, states) { try rule.begin(state, of: parameter) }
    groups.append(Group(parameters: parameters, options: complete, rule: rule, states: states))
  }

  public func addGroup(_ parameters: [Tensor], _ choice: some OptimizerChoice) throws(SNNError) {
    try addGroup(parameters, choice.options)
  }

  /// Does something around every step: `try optimizer.wrap(Lookahead(k: 5))`. What is wrapped later is further outside.
  public func wrap<Choice: WrapperChoice>(_ choice: Choice) throws(SNNError) {
    try wrap(Choice.declaration, choice.options)
  }

  /// A wrapper by declaration, with options in the order of its fields.
  public func wrap(_ wrapper: WrapperDeclaration, _ options: [Value]) throws(SNNError) {
    guard !wrappings.contains(where: { $0.declaration === wrapper }) else {
      throw .argument("\(wrapper.name): is around this optimizer already")
    }
    let complete = try wrapper.fields.complete(options, of: wrapper.name)
    let made = try wrapper.make(Options(owner: wrapper.name, fields: wrapper.fields, values: complete))
    wrappings.append(Wrapping(declaration: wrapper, wrapper: made, first: kept.count))
    kept += wrapper.kept
    for state in groups.flatMap(\.states) { state.tensors += wrapper.kept.map { _ in nil } }
  }

  /// Forgets the gradients of all parameters.
  public func zeroGradients() {
    for group in groups { for parameter in group.parameters { parameter.extras?.gradient = nil } }
  }

  func rule(_ options: [Value]) throws(SNNError) -> any UpdateRule {
    try declaration.make(Options(owner: declaration.name, fields: declaration.fields, values: options))
  }

  // MARK: Options

  public func option(_ name: String, group: Int) throws(SNNError) -> Value {
    if let note = try groups[checked(group)].notes[name] { return .float(note) }
    return try groups[group].options[field(name)]
  }

  public func setOption(_ name: String, _ value: Value, group: Int) throws(SNNError) {
    if Group.noteNames.contains(name) { return try setNote(name, value, group: checked(group)) }
    let position = try field(name)
    var options = try groups[checked(group)].options
    options[position] = try declaration.fields[position].resolve(value, of: declaration.name)
    groups[group].rule = try rule(options)
    groups[group].options = options
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

  @discardableResult
  func checked(_ group: Int, _ index: Int? = nil) throws(SNNError) -> Int {
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
