extension Optimizer {
  /// Moves every parameter that has a gradient.
  public func step() throws(SNNError) {
    if let group = groups.first, group.rule is any ClosureRule {
      throw .argument("\(declaration.name): takes its gradients itself: step needs a closure")
    }
    if !hasLeft, takesGradientsElsewhere {
      throw .argument(
        "\(wanderer): takes gradients elsewhere: step needs a closure, or a first step before the gradients")
    }
    try Gradients.with(enabled: false) { () throws(SNNError) in
      goBack()
      try move(gathered())
    }
  }

  /// Moves every parameter by the gradients that the closure leaves, and gives the loss that it returns.
  ///
  /// The closure clears the gradients, computes the loss and calls `backward`. Some optimizers call it several times, with
  /// parameters that lie elsewhere; when it throws, these are put back.
  @discardableResult
  public func step(_ closure: () throws -> Tensor) throws(SNNError) -> Tensor {
    try Gradients.with(enabled: false) { () throws(SNNError) in
      goBack()
      defer { outputs = [] }
      guard let rule = groups.first?.rule as? any ClosureRule else {
        let loss = try evaluate(closure)
        try move(gathered())
        return loss
      }
      let all = groups.flatMap { zip($0.parameters, $0.states).map(OptimizedParameter.init) }
      let loss = try rule.step(all) { () throws(SNNError) in
        outputs = []
        let loss = try evaluate(closure)
        for one in try changed(gathered()) { one.home.ensureExtras().gradient = one.gradient }
        return Outcome(loss: loss, outputs: outputs)
      }
      try settle(gathered())
      return loss
    }
  }

  /// Moves the parameters to where the gradients of a step are taken; `step` takes them back before it moves them on.
  ///
  /// For SGD with `look_ahead`, along its momentum; for SAM, along the gradients that there are.
  public func firstStep() throws(SNNError) {
    guard takesGradientsElsewhere else {
      throw .argument("\(declaration.name): takes its gradients where the parameters are: there is no first step")
    }
    guard !hasLeft else { throw .argument("\(wanderer): one first step is followed by a step") }
    guard !makesExcursions || !looksAhead else {
      throw .argument("\(wanderer): takes two first steps around look_ahead: step needs a closure")
    }
    try Gradients.with(enabled: false) { () throws(SNNError) in
      try makesExcursions ? makeExcursion() : lookAhead()
      hasLeft = true
    }
  }

  // MARK: Parts of a step

  private var makesExcursions: Bool { wrappings.contains { $0.wrapper.makesExcursions } }
  private var looksAhead: Bool { groups.contains { $0.rule.looksAhead } }
  private var takesGradientsElsewhere: Bool { makesExcursions || looksAhead }
  private var wanderer: String {
    wrappings.first { $0.wrapper.makesExcursions }?.declaration.name ?? declaration.name
  }

  private func lookAhead() throws(SNNError) {
    var moves: [(Tensor, by: Tensor)] = []
    for group in groups {
      for (parameter, state) in zip(group.parameters, group.states) {
        if let move = try group.rule.lookAhead(parameter, state) { moves.append((parameter, move)) }
      }
    }
    try leave(moves)
  }

  private func makeExcursion() throws(SNNError) {
    let moving = try gathered()
    for wrapping in wrappings {
      if let excursion = try wrapping.wrapper.excursion(moving) {
        try leave(zip(moving.map(\.home), excursion).map { ($0, by: $1) })
      }
    }
  }

  /// Moves parameters, and remembers where they were.
  private func leave(_ moves: [(Tensor, by: Tensor)]) throws(SNNError) {
    var left: [(parameter: Tensor, values: Tensor)] = []
    var targets: [Tensor] = []
    for (parameter, move) in moves {
      left.append((parameter, try parameter.detach().clone()))
      targets.append(try parameter.detach() + move)
    }
    for (one, target) in zip(left, targets) { one.parameter.replaceElements(target) }
    origins += left
  }

  private func goBack() {
    for (parameter, values) in origins.reversed() { parameter.replaceElements(values) }
    origins = []
    hasLeft = false
  }

  /// The loss where gradients are wanted, or where the way there began.
  private func evaluate(_ closure: () throws -> Tensor) throws(SNNError) -> Tensor {
    func called() throws(SNNError) -> Tensor {
      do { return try Gradients.with(enabled: true, closure) } catch { throw SNNError.from(error) }
    }
    guard takesGradientsElsewhere else { return try called() }
    defer { goBack() }
    try lookAhead()
    let loss = try called()
    if makesExcursions {
      try makeExcursion()
      _ = try called()
    }
    return loss
  }

  /// The parameters that have gradients, once everything about them is found right.
  private func gathered() throws(SNNError) -> [Moving] {
    var all: [Moving] = []
    for (g, group) in groups.enumerated() {
      for (i, parameter) in group.parameters.enumerated() {
        guard let gradient = parameter.gradient else { continue }
        let state = group.states[i]
        try check(parameter, gradient, state, i)
        all.append(
          Moving(
            home: parameter, group: g, parameter: try parameter.contiguous(), gradient: try gradient.contiguous(),
            state: state, isNew: !state.tensors.contains { $0 != nil }))
      }
    }
    return all
  }

  private func check(_ parameter: Tensor, _ gradient: Tensor, _ state: ParameterState, _ index: Int) throws(SNNError) {
    func complain(_ what: String, _ other: Tensor) -> String {
      "\(declaration.name): parameter \(index) has shape \(parameter.shape) and dtype \(parameter.dtype.name), its \(what) "
        + "\(other.shape) and \(other.dtype.name)"
    }
    guard gradient.shape == parameter.shape, gradient.dtype == parameter.dtype, parameter.dtype.isFloatingPoint else {
      throw .gradient(complain("gradient", gradient))
    }
    for (form, kept) in zip(kept, state.tensors) {
      guard let kept,
        kept.shape != form.shape(for: parameter.shape, like: kept.shape) || kept.dtype != form.dtype(for: parameter)
      else {
        continue
      }
      throw .shape(complain("'\(form.name)'", kept))
    }
  }

  private func changed(_ moving: [Moving]) throws(SNNError) -> [Moving] {
    var moving = moving
    for wrapping in wrappings { try wrapping.wrapper.before(&moving, first: wrapping.first) }
    return moving
  }

  private func move(_ gathered: [Moving]) throws(SNNError) {
    let moving = try changed(gathered)
    for one in moving { one.state.step += 1 }
    do throws(SNNError) {
      for (g, group) in groups.enumerated() { try group.rule.update(moving.filter { $0.group == g }) }
    } catch {
      for one in moving { one.state.step -= 1 }
      throw error
    }
    try settle(moving)
  }

  /// What follows when the parameters have moved.
  private func settle(_ moving: [Moving]) throws(SNNError) {
    for wrapping in wrappings { try wrapping.wrapper.after(moving, first: wrapping.first) }
    for one in moving {
      if one.parameter !== one.home { one.home.fill(copying: one.parameter) }
      one.home.storage.version += 1
    }
  }
}

extension Tensor {
  /// Writes elements over those of a parameter, outside of any graph; not where it has been given another shape meanwhile.
  func replaceElements(_ elements: Tensor) {
    guard shape == elements.shape, dtype == elements.dtype else { return }
    fill(copying: elements)
    storage.version += 1
  }
}
