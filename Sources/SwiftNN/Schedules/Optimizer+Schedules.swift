extension Optimizer.Group {
  /// What schedules may keep with a group.
  static let noteNames = ["initial_lr", "max_lr", "min_lr", "max_momentum", "base_momentum", "swa_lr"]
}

/// What schedules read and change.
extension Optimizer {
  func setNote(_ name: String, _ value: Value, group: Int) throws(SNNError) {
    guard case .float(let number) = try Field.float(name).resolve(value, of: declaration.name) else { return }
    groups[group].notes[name] = number
  }

  private func position(of option: String) throws(SNNError) -> Int {
    guard let position = declaration.fields.firstIndex(where: { $0.name == option }) else {
      throw SNNError(.name, "\(declaration.name): there is no option '\(option)' to schedule")
    }
    return position
  }

  func rate(ofGroup group: Int) throws(SNNError) -> Double {
    guard case .float(let rate) = try groups[group].options[position(of: "lr")] else { return .nan }
    return rate
  }

  func rates() throws(SNNError) -> [Double] {
    var all: [Double] = []
    for group in groups.indices { all.append(try rate(ofGroup: group)) }
    return all
  }

  /// Sets a rate, also one beyond the range that the optimizer takes at its start: a schedule that has passed its end may ask for it.
  func setRate(_ rate: Double, group: Int) throws(SNNError) { try replace("lr", .float(rate), group: group) }

  /// The option that stands for momentum: PyTorch's schedules move the first of `betas` where there are some.
  var momentumOption: String? {
    ["betas", "momentum"].first { name in declaration.fields.contains { $0.name == name } }
  }

  func setMomentum(_ momentum: Double, group: Int) throws(SNNError) {
    guard let option = momentumOption else { return }
    var value = Value.float(momentum)
    if option == "betas", case .floats(let betas) = try groups[group].options[position(of: option)] {
      value = .floats([momentum] + betas.dropFirst())
    }
    try replace(option, value, group: group)
  }

  private func replace(_ option: String, _ value: Value, group: Int) throws(SNNError) {
    var options = groups[group].options
    options[try position(of: option)] = value
    groups[group].rule = try rule(options)
    groups[group].options = options
  }
}
