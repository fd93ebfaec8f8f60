/// Watches one run of a model: which layer asks for which operations, what they cost, and what comes out.
///
/// Layers that are entered and left are found by that. Operations on a parameter belong to its layer in any case, so that models
/// that call their layers one by one are understood as well.
public final class Observation: GraphWatcher {
  private var rows: [ModelReport.Row] = []
  private var positions: [String: Int] = [:]
  /// The rows that the run came by.
  private var order: [Int] = []
  private var scopes: [String] = [""]
  private var owners: [ObjectIdentifier: String] = [:]
  private var fields: [ObjectIdentifier: ReceptiveField] = [:]
  /// What a position in `fields` or a signal belongs to has to stay.
  private var kept: [Tensor] = []
  private var signals: [(row: Int, tensor: Tensor)] = []
  private let watchesSignals: Bool

  /// The observation of this thread.
  public static var ofThread: Observation? { current(Observation.self) }

  /// What `body` does with a model of these parameters and buffers. With `signals`, which need that `body` also asks for
  /// gradients, activations and gradients are measured.
  public static func report(
    _ model: String, _ state: [(name: String, tensor: Tensor, isParameter: Bool)], signals: Bool = false,
    _ body: () throws -> Void
  ) throws(SNNError) -> ModelReport {
    let observation = Observation(model, state, signals)
    // What needs no gradient is not recorded, and so not seen.
    let frozen = state.filter(\.isParameter).map(\.tensor).filter {
      $0.isLeaf && $0.dtype.isFloatingPoint && !$0.leafRequiresGradient
    }
    if !signals { for tensor in frozen { tensor.leafRequiresGradient = true } }
    defer { if !signals { for tensor in frozen { tensor.leafRequiresGradient = false } } }
    do { try observation.watch { try Gradients.with(enabled: true, body) } } catch { throw SNNError.from(error) }
    return try observation.finished()
  }

  private init(
    _ model: String, _ state: [(name: String, tensor: Tensor, isParameter: Bool)], _ watchesSignals: Bool
  ) {
    self.watchesSignals = watchesSignals
    super.init()
    _ = row("", model)
    for (name, tensor, isParameter) in state where owners[ObjectIdentifier(tensor)] == nil {
      let path = Observation.parent(of: name)
      owners[ObjectIdentifier(tensor)] = path
      kept.append(tensor)
      let at = row(path, "")
      if isParameter { rows[at].parameters += tensor.count }
      rows[at].stateBytes += tensor.count * tensor.dtype.size
    }
  }

  private static func parent(of name: String) -> String {
    let parts = name.utf8.lastIndex(of: UInt8(ascii: "."))
    return parts.map { String(name[..<$0]) } ?? ""
  }

  private func row(_ path: String, _ type: String) -> Int {
    if let known = positions[path] {
      if !type.isEmpty { rows[known].layer = type }
      return known
    }
    positions[path] = rows.count
    rows.append(ModelReport.Row(name: path, layer: type))
    return rows.count - 1
  }

  private func seen(_ position: Int) {
    if !order.contains(position) { order.append(position) }
  }

  // MARK: What the model reports

  /// The calls until `leave` are those of a layer with this name inside of the one entered before.
  public func enter(_ name: String, _ layer: String) {
    let outer = scopes[scopes.count - 1]
    scopes.append(outer.isEmpty || name.isEmpty ? outer + name : "\(outer).\(name)")
    seen(row(scopes[scopes.count - 1], layer))
  }

  public func leave(_ outputs: [Tensor]) {
    guard scopes.count > 1, let path = scopes.popLast(), let output = outputs.first else { return }
    finish(row(path, ""), output)
  }

  private func finish(_ position: Int, _ output: Tensor) {
    rows[position].shape = Array(output.shape)
    rows[position].outputBytes = output.count * output.dtype.size
    if let field = fields[ObjectIdentifier(output)] { rows[position].field = field }
    guard watchesSignals, output.dtype.isFloatingPoint else { return }
    signals.removeAll { $0.row == position }
    signals.append((position, output))
    try? output.retainGradient()
  }

  override func note(_ primitive: any Primitive, _ inputs: Few<Tensor>, _ outputs: Few<Tensor>) {
    super.note(primitive, inputs, outputs)
    let work = primitive.work(inputs, outputs)
    var field = ReceptiveField()
    var path = scopes[scopes.count - 1]
    var owner: String?
    for i in 0..<inputs.count {
      let identity = ObjectIdentifier(inputs[i])
      if let found = fields[identity] { field.join(found) }
      if let found = owners[identity], owner == nil || Observation.isInside(found, owner.unsafelyUnwrapped) {
        owner = found
      }
    }
    for window in work.windows { field.slide(window) }
    if !field.isEmpty {
      for i in 0..<outputs.count {
        fields[ObjectIdentifier(outputs[i])] = field
        kept.append(outputs[i])
      }
    }
    if let owner, Observation.isInside(owner, path) { path = owner }
    let position = row(path, "")
    rows[position].flops += work.flops
    seen(position)
    guard let owner, owner == path else { return }
    if inputs.count > 1 { return finish(position, outputs[0]) }
    // A parameter in another form, as its transpose, still belongs to its layer.
    owners[ObjectIdentifier(outputs[0])] = owner
    kept.append(outputs[0])
  }

  private func finished() throws(SNNError) -> ModelReport {
    for (position, tensor) in signals { rows[position].signal = try Signal(tensor) }
    let shown = order.map { rows[$0] }.filter { row in
      !isContainer(row.name) || !watchesSignals && (row.parameters > 0 || row.flops > 0)
    }
    let unseen = rows.indices.filter { !order.contains($0) && rows[$0].stateBytes > 0 }.map { rows[$0] }
    return ModelReport(model: rows[0].layer, rows: shown + unseen, hasSignals: watchesSignals)
  }

  private func isContainer(_ path: String) -> Bool {
    rows.contains { Observation.isInside($0.name, path) }
  }

  /// Whether a path lies below another.
  private static func isInside(_ path: String, _ outer: String) -> Bool {
    outer.isEmpty ? !path.isEmpty : path.utf8.starts(with: "\(outer).".utf8)
  }
}

extension Layer {
  /// Calls a child, and says so to the observation of this thread.
  func observed(_ name: @autoclosure () -> String, _ inputs: [Tensor]) throws(SNNError) -> [Tensor] {
    guard let observation = Observation.ofThread else { return try forward(inputs) }
    observation.enter(name(), reportName)
    let outputs = try forward(inputs)
    observation.leave(outputs)
    return outputs
  }

  /// The names and tensors of all parameters and buffers.
  private var tensors: [(name: String, tensor: Tensor, isParameter: Bool)] {
    state.compactMap { item in item.cell.tensor.map { (item.name, $0, item.cell.isParameter) } }
  }

  /// Parameters, operations, bytes, shapes and receptive fields of the layers, from one run in evaluation mode.
  public func summary(_ inputs: [Tensor]) throws(SNNError) -> ModelReport {
    let variables = inputs.map { input in
      let variable = input.detach()
      if variable.dtype.isFloatingPoint { variable.leafRequiresGradient = true }
      return variable
    }
    return try evaluating { () throws(SNNError) in
      try Observation.report(reportName, tensors) { _ = try observed("", variables) }
    }
  }

  /// How activations and gradients go through the layers, from one batch: `loss` turns the results into one number. The
  /// gradients of the parameters are left as they are.
  public func signals(_ inputs: [Tensor], loss: ([Tensor]) throws -> Tensor) throws(SNNError) -> ModelReport {
    let before = parameters.map { ($0, $0.gradient) }
    defer { for (parameter, gradient) in before { try? parameter.setGradient(gradient) } }
    return try Observation.report(reportName, tensors, signals: true) { try loss(observed("", inputs)).backward() }
  }
}
