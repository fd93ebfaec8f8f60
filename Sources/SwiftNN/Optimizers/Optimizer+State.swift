/// What is kept of the parameters, by name.
extension Optimizer {
  public var stateNames: [String] { (declaration.countsSteps ? ["step"] : []) + kept.map(\.name) }

  /// A state of one parameter, nil where there is none yet. `step` comes as a float32 scalar, as in PyTorch.
  public func state(_ name: String, group: Int, index: Int) throws(SNNError) -> Tensor? {
    let state = try groups[checked(group, index)].states[index]
    if name == "step", declaration.countsSteps {
      return state.isEmpty ? nil : try Tensor(.int(state.step), .float32)
    }
    return state.tensors[try position(name)]
  }

  /// Copies a saved state of one parameter.
  public func setState(_ name: String, group: Int, index: Int, to value: Tensor) throws(SNNError) {
    let parameter = try groups[checked(group, index)].parameters[index]
    let state = groups[group].states[index]
    if name == "step", declaration.countsSteps {
      let step = try value.item().double
      guard step >= 0, step <= 0x1p53 else {
        throw .argument("\(declaration.name): expects a step between 0 and 2^53, got \(step)")
      }
      state.step = Int(step)
      return
    }
    let position = try position(name)
    guard let shape = kept[position].shape(for: parameter.shape, like: value.shape) else {
      throw .shape("\(declaration.name): there is no '\(name)' of a parameter of shape \(parameter.shape)")
    }
    guard value.shape == shape else {
      throw .shape("\(declaration.name): expects '\(name)' of shape \(shape), got \(value.shape)")
    }
    state.tensors[position] = try Gradients.with(enabled: false) { () throws(SNNError) in
      try Tensor.full(shape, 0, kept[position].dtype(for: parameter)).copy(from: value)
    }
  }

  /// Goes back to what a new optimizer keeps of a parameter.
  public func clearState(group: Int, index: Int) throws(SNNError) {
    let parameter = try groups[checked(group, index)].parameters[index]
    let fresh = ParameterState(count: kept.count)
    try groups[group].rule.begin(fresh, of: parameter)
    (groups[group].states[index].step, groups[group].states[index].tensors) = (fresh.step, fresh.tensors)
  }

  private func position(_ name: String) throws(SNNError) -> Int {
    guard let position = kept.firstIndex(where: { $0.name == name }) else {
      throw SNNError(.name, "\(declaration.name): there is no state '\(name)'")
    }
    return position
  }
}
