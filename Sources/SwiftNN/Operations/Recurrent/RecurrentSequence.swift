import CKernels

/// One recurrent layer over whole sequences in one direction.
///
/// The inputs are the rows of all steps, the states before the first step, and the weights; the first results are the
/// states after each step and those after the last. The further results are what the derivative reads.
struct RecurrentSequence: Primitive {
  let cell: RecurrentCell
  /// The rows of each step, never more than in the step before; the rows of all steps lie one after another.
  let sizes: [Int]
  let isReversed: Bool
  let hasBias: Bool
  let hasProjection: Bool
  let name: String
  let saves: Saves = [.inputs, .outputs]

  /// The inputs by their meaning.
  private struct Operands {
    let x: Tensor
    let h: Tensor
    let c: Tensor?
    let weights: RecurrentWeights

    var hidden: Int { (c ?? h).shape[1] }
    var width: Int { h.shape[1] }
  }

  private func operands(_ inputs: [Tensor]) -> Operands {
    let states = cell.hasCellState ? 2 : 1
    return Operands(
      x: inputs[0], h: inputs[1], c: cell.hasCellState ? inputs[2] : nil,
      weights: RecurrentWeights(inputs[(1 + states)...], hasBias: hasBias, hasProjection: hasProjection))
  }

  /// Where a result stands: the gates of a cell that has but one are its states.
  private var cellResult: Int? { cell.hasCellState ? 2 : nil }
  private var gateResult: Int { cell.gates == 1 ? 0 : stateCount + 1 }
  private var asideResult: Int? { cell.gates == 1 ? nil : stateCount + 2 }
  private var stateCount: Int { cell.hasCellState ? 2 : 1 }

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results {
    let o = operands(Array(inputs))
    let (rows, dtype) = (o.x.shape[0], o.x.dtype)
    var specs = [TensorSpec([rows, o.width], dtype), TensorSpec(o.h.shape, dtype)]
    if let c = o.c { specs.append(TensorSpec(c.shape, dtype)) }
    if cell.gates > 1 {
      specs += [TensorSpec([rows, cell.gates * o.hidden], dtype), TensorSpec([rows, o.hidden], dtype)]
    }
    return Results(specs)
  }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    try Gradients.with(enabled: false) { () throws(SNNError) in
      let o = operands(Array(inputs))
      var factors = Few(o.x, try o.weights.input.transpose(0, 1))
      if let bias = try bias(o) { factors.append(bias) }
      try MatrixProduct(name: name).run(factors, into: Few(outputs[gateResult]))
      outputs[1].fill(copying: o.h)
      if let cellResult, let c = o.c { outputs[cellResult].fill(copying: c) }
      var values = ck_recurrent_values(
        gates: outputs[gateResult].data, aside: asideResult.map { outputs[$0].data }, output: outputs[0].data,
        h: outputs[1].data, c: cellResult.map { outputs[$0].data })
      guard try call(o, { ck_recurrent_forward($0, &values) }) else { throw memory() }
    }
  }

  /// What is added to the products of the inputs: both biases, but not that of a GRU's candidate.
  private func bias(_ o: Operands) throws(SNNError) -> Tensor? {
    guard let inputs = o.weights.inputBias, let states = o.weights.stateBias else { return nil }
    guard cell == .gru else { return try inputs + states }
    let (together, n) = (2 * o.hidden, o.hidden)
    return try .cat([
      inputs.narrow(0, 0, together) + states.narrow(0, 0, together), inputs.narrow(0, together, n),
    ])
  }

  /// Calls a kernel with the weights.
  private func call(
    _ o: Operands, _ kernel: (UnsafePointer<ck_recurrent>) -> Bool
  ) throws(SNNError) -> Bool {
    let dtype = o.x.dtype
    let weight = try o.weights.state.plain(dtype)
    let projection = try o.weights.projection?.plain(dtype)
    let bias = cell == .gru ? try o.weights.stateBias?.narrow(0, 2 * o.hidden, o.hidden).plain(dtype) : nil
    return sizes.map(Int64.init).withUnsafeBufferPointer { sizes in
      var arguments = ck_recurrent(
        dtype: dtype.kernel, cell: cell.kernel, reversed: isReversed, steps: Int64(sizes.count),
        sequences: Int64(o.h.shape[0]), hidden: Int64(o.hidden), projected: Int64(o.width), sizes: sizes.baseAddress,
        weight: weight.data, bias: bias.map { UnsafeRawPointer($0.data) },
        projection: projection.map { UnsafeRawPointer($0.data) })
      return withExtendedLifetime((weight, projection, bias)) { kernel(&arguments) }
    }
  }

  private func memory() -> SNNError { SNNError(.memory, "\(name): cannot allocate memory for the weights in order") }
}

extension RecurrentSequence {
  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    let inputs = try (0..<p.node.edges.count).map { try p.input($0) }
    let given = (0...stateCount).map { p.gradients[$0] }
    let haveBatches = Few(inputs + given.compactMap(\.self)).haveBatches
    return Few(try Gradients.areRecorded || haveBatches ? formula(p, inputs, given) : fused(p, operands(inputs), given))
  }

  /// The derivative of the formula, for those of higher order.
  private func formula(_ p: Pass, _ inputs: [Tensor], _ given: [Tensor?]) throws -> [Tensor?] {
    let creates = Gradients.areRecorded
    return try Gradients.with(enabled: true) {
      let needed = inputs.indices.filter(p.needs)
      var point = inputs
      for i in needed { point[i] = try Gradients.variable(inputs[i]) }
      let outputs = try formula(point)
      let reached = given.indices.filter { given[$0] != nil && outputs[$0].requiresGradient }
      var gradients = [Tensor?](repeating: nil, count: inputs.count)
      guard !reached.isEmpty else { return gradients }
      let found = try Gradients.of(
        reached.map { outputs[$0] }, withRespectTo: needed.map { point[$0] }, seeds: reached.map { given[$0] },
        createGraph: creates, allowUnused: true)
      for (i, gradient) in zip(needed, found) { gradients[i] = gradient }
      return gradients
    }
  }

  /// The states after each step and after the last, in operations.
  private func formula(_ inputs: [Tensor]) throws(SNNError) -> [Tensor] {
    let o = operands(inputs)
    let products = try o.x.linear(o.weights.input, o.weights.inputBias).split(sizes)
    var (h, c) = (o.h, o.c)
    var outputs = products
    let steps = isReversed ? Array(sizes.indices.reversed()) : Array(sizes.indices)
    for step in steps {
      let rows = sizes[step]
      let new = try cell.step(
        products[step], h.narrow(0, 0, rows), c.map { c throws(SNNError) in try c.narrow(0, 0, rows) }, o.weights)
      outputs[step] = new.h
      h = try new.h.followed(by: h)
      if let before = c { c = try new.c?.followed(by: before) }
    }
    return [try .cat(outputs), h] + (c.map { [$0] } ?? [])
  }

  /// The first order: the steps in one kernel, then the weights by one product each for all steps.
  private func fused(_ p: Pass, _ o: Operands, _ given: [Tensor?]) throws(SNNError) -> [Tensor?] {
    let (dtype, rows, n, width) = (o.x.dtype, o.x.shape[0], o.hidden, o.width)
    func room(_ shape: Dimensions) throws(SNNError) -> Tensor {
      try Tensor(uninitialized: shape, dtype, operation: name)
    }
    func sum(like state: Tensor, _ gradient: Tensor?) throws(SNNError) -> Tensor {
      guard let gradient else { return try .full(state.shape, 0, dtype) }
      return try gradient.copied(to: dtype)
    }
    let upstream = try given[0]?.plain(dtype)
    let (h, c) = (try o.h.plain(dtype), try o.c?.plain(dtype))
    let ofH = try sum(like: o.h, given[1])
    let ofC = try o.c.map { c throws(SNNError) in try sum(like: c, given[2]) }
    let gates = try room([rows, cell.gates * n])
    let before = try room([rows, width])
    let aside = cell == .gru ? try room([rows, n]) : nil
    let totals = hasProjection ? try room([rows, width]) : nil
    let savedAside = try asideResult.map { place throws(SNNError) in try p.output(place) }
    var values = ck_recurrent_values(
      gates: try p.output(gateResult).data, aside: savedAside?.data, output: try p.output(0).data, h: h.data, c: c?.data
    )
    var gradients = ck_recurrent_values(
      gates: gates.data, aside: aside?.data, output: upstream?.data, h: ofH.data, c: ofC?.data)
    let isDone = try call(o) { ck_recurrent_backward($0, &values, &gradients, before.data, totals?.data) }
    guard isDone else { throw memory() }

    func product(_ a: Tensor, _ b: Tensor) throws(SNNError) -> Tensor { try MatrixProduct(name: name)(a, b) }
    func ofWeight(_ gradient: Tensor, _ x: Tensor) throws(SNNError) -> Tensor {
      try product(gradient.transpose(0, 1), x)
    }
    /// The gradients that belong to the states: those of a GRU's candidate are apart.
    func ofStates(_ part: (Tensor) throws(SNNError) -> Tensor) throws(SNNError) -> Tensor {
      guard let aside else { return try part(gates) }
      return try .cat([part(gates.narrow(1, 0, 2 * n)), part(aside)])
    }
    let first = 1 + stateCount
    var found: [Tensor?] = [p.needs(0) ? try product(gates, o.weights.input) : nil, ofH]
    if cell.hasCellState { found.append(ofC) }
    found.append(p.needs(first) ? try ofWeight(gates, o.x) : nil)
    found.append(
      p.needs(first + 1) ? try ofStates { part throws(SNNError) in try ofWeight(part, before) } : nil)
    if hasBias {
      found.append(p.needs(first + 2) ? try gates.sum([0]) : nil)
      found.append(p.needs(first + 3) ? try ofStates { part throws(SNNError) in try part.sum([0]) } : nil)
    }
    if hasProjection, let totals, let savedAside {
      let shown = try p.output(gateResult).narrow(1, 3 * n, n) * savedAside.tanh()
      found.append(p.needs(p.node.edges.count - 1) ? try ofWeight(totals, shown) : nil)
    }
    return found
  }
}

extension Tensor {
  /// The rows behind those of this tensor as they were in another.
  fileprivate func followed(by other: Tensor) throws(SNNError) -> Tensor {
    let (rows, all) = (shape[0], other.shape[0])
    return rows == all ? self : try .cat([self, other.narrow(0, rows, all - rows)])
  }
}
