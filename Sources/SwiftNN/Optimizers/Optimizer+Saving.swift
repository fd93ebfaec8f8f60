/// An optimizer in a checkpoint: its options as words, what it keeps of parameters as tensors.
extension Optimizer {
  /// Options and notes of the groups, as "0.lr".
  var optionsText: String {
    var members: [(name: String, value: Value)] = [("name", .string(declaration.name))]
    for (g, group) in groups.enumerated() {
      for (field, value) in zip(declaration.fields, group.options) { members.append(("\(g).\(field.name)", value)) }
      for name in Group.noteNames {
        if let note = group.notes[name] { members.append(("\(g).note.\(name)", .float(note))) }
      }
    }
    return FlatJSON.text(members)
  }

  /// What is kept of parameters, as "0.3.exp_avg": group, parameter, name. Nothing of a parameter that never moved.
  var stateTensors: [(name: String, tensor: Tensor)] {
    get throws(SNNError) {
      var all: [(name: String, tensor: Tensor)] = []
      for (g, group) in groups.enumerated() {
        for (i, state) in group.states.enumerated() where !state.isEmpty {
          all.append(("\(g).\(i).step", try Tensor(.int(state.step), .int64)))
          for (form, tensor) in zip(kept, state.tensors) {
            if let tensor { all.append(("\(g).\(i).\(form.name)", tensor)) }
          }
        }
      }
      return all
    }
  }

  /// Goes on from a saved state.
  func load(optionsText: String, _ tensors: [(name: String, tensor: Tensor)], _ owner: String) throws(SNNError) {
    let saved = try FlatJSON.values(optionsText, of: owner)
    guard case .string(let name)? = saved["name"], name == declaration.name else {
      throw .argument("\(owner): was saved with another optimizer than \(declaration.name)")
    }
    let places = Dictionary(tensors.map { ($0.name, $0.tensor) }) { first, _ in first }
    for (g, group) in groups.enumerated() {
      for (k, field) in declaration.fields.enumerated() {
        guard let value = saved["\(g).\(field.name)"] else {
          throw SNNError(.name, "\(owner): holds no option '\(field.name)' of group \(g)")
        }
        // Rates may stand beyond the range that an optimizer takes at its start.
        groups[g].options[k] = value.isNone ? value : try field.within(nil).resolve(value, of: declaration.name)
      }
      groups[g].rule = try rule(groups[g].options)
      for name in Group.noteNames {
        groups[g].notes[name] = saved["\(g).note.\(name)"] == nil ? nil : try saved.float("\(g).note.\(name)", owner)
      }
      for (i, state) in group.states.enumerated() {
        try clearState(group: g, index: i)
        guard let steps = places["\(g).\(i).step"] else { continue }
        for form in kept {
          if let tensor = places["\(g).\(i).\(form.name)"] { try setState(form.name, group: g, index: i, to: tensor) }
        }
        state.step = max(try steps.item().integer, 0)
      }
    }
  }
}
