extension OptimizerDeclaration {
  static let lbfgs = OptimizerDeclaration(
    "LBFGS",
    "L-BFGS: Newton's direction from the last changes of the gradient. Steps need a closure; after a loss or a gradient that "
      + "is not finite, the parameters go back to the best place of the step.",
    [
      .rate(1), .int("max_iter", default: 20, in: 1...0x1p31, "Iterations of one step."),
      .int("max_eval", in: 1...0x1p31, "Evaluations of one step; None: five for four iterations.").optional,
      .positive("tolerance_grad", 1e-7, "Invalid tolerance_grad", "Ends a step when no slope is greater."),
      .positive("tolerance_change", 1e-9, "Invalid tolerance_change", "Ends a step when less changes."),
      .int("history_size", default: 100, in: 1...0x1p20, "How many changes are remembered."),
      .choice("line_search_fn", of: ["strong_wolfe"], "How the length of a step is found; None: it is lr.").optional,
      .maximize.keyword,
    ],
    keeps: [
      KeptState("n_iter", .number), KeptState("func_evals", .number), "prev_flat_grad", "prev_step",
      KeptState("old_dirs", .history), KeptState("old_stps", .history),
    ], countsSteps: false
  ) { o in
    LimitedMemory(
      lr: o.float("lr"), iterations: o.int("max_iter"), evaluations: o.count("max_eval") ?? o.int("max_iter") * 5 / 4,
      slope: o.float("tolerance_grad"), change: o.float("tolerance_change"), history: o.int("history_size"),
      searches: o.word("line_search_fn") != nil, sign: o.bool("maximize") ? -1 : 1)
  }
}

private struct LimitedMemory: ClosureRule {
  let lr: Double
  let iterations, evaluations: Int
  let slope, change: Double
  let history: Int
  let searches: Bool
  let sign: Double

  func step(_ parameters: [OptimizedParameter], _ evaluate: () throws(SNNError) -> Outcome) throws(SNNError) -> Tensor {
    let flat = FlatParameters(parameters)
    let start = try flat.position
    do throws(SNNError) {
      return try minimize(flat, evaluate)
    } catch {
      flat.put(start)
      throw error
    }
  }

  private func minimize(_ flat: FlatParameters, _ evaluate: () throws(SNNError) -> Outcome) throws(SNNError) -> Tensor {
    func point() throws(SNNError) -> Evaluation {
      Evaluation(loss: try evaluate().loss.number * sign, gradient: try flat.gradient * .float(sign))
    }
    let first = try evaluate().loss
    var here = Evaluation(loss: try first.number * sign, gradient: try flat.gradient * .float(sign))
    var memory = try Memory(flat)
    var evaluated = 1
    guard try here.isFinite, try here.gradient.size > slope else {
      memory.evaluations += evaluated
      try memory.save(flat)
      return first
    }
    var best = (loss: here.loss, position: try flat.position)
    for iteration in 1...iterations {
      let direction = try memory.direction(here.gradient, limit: history)
      let isFirst = memory.iterations == 1
      let last = here
      memory.gradient = here.gradient
      var length = try isFirst ? min(1, 1 / here.gradient.abs().sum().number) * lr : lr
      let descent = try here.gradient.dot(direction).number
      // Also where it is not a number.
      guard descent <= -change else { break }
      if searches {
        let origin = try flat.position
        var search = StrongWolfe(most: evaluations - evaluated)
        (here, length) = try search.run(from: here, along: direction, length, descent) { length throws(SNNError) in
          try flat.move(length, along: direction)
          defer { flat.put(origin) }
          return try point()
        }
        evaluated += search.evaluated
        try flat.move(length, along: direction)
      } else {
        try flat.move(length, along: direction)
        if iteration < iterations {
          here = try point()
          evaluated += 1
        }
      }
      let taken = try direction * .float(length)
      memory.step = taken
      guard try here.isFinite, try taken.size.isFinite else {
        flat.put(best.position)
        memory.forget()
        break
      }
      if here.loss < best.loss { best = (here.loss, try flat.position) }
      guard iteration < iterations, evaluated < evaluations, try here.gradient.size > slope, try taken.size > change,
        Swift.abs(here.loss - last.loss) >= change
      else { break }
    }
    memory.evaluations += evaluated
    try memory.save(flat)
    return first
  }
}

/// The loss and the gradient of a place.
struct Evaluation {
  var loss: Double
  var gradient: Tensor

  var isFinite: Bool {
    get throws(SNNError) {
      guard loss.isFinite else { return false }
      return try gradient.size.isFinite
    }
  }
}

/// The last changes of the gradient and of the place, which stand for the second derivatives.
private struct Memory {
  var iterations: Int
  var evaluations: Int
  var gradient, step: Tensor?
  private var changes: [(gradient: Tensor, place: Tensor, inverse: Double)] = []

  init(_ flat: FlatParameters) throws(SNNError) {
    let state = flat.all[0].state
    iterations = try Self.count(state, 0)
    evaluations = try Self.count(state, 1)
    gradient = try flat.kept(2)
    step = try flat.kept(3)
    for row in 0..<(state.tensors[4]?.shape[0] ?? 0) {
      try remember(flat.kept(4, row: row), flat.kept(5, row: row))
    }
  }

  /// A number of times, also where somebody loaded something else.
  private static func count(_ state: ParameterState, _ index: Int) throws(SNNError) -> Int {
    min(max(Int(saturating: try state.number(index, startingAt: 0)), 0), 1 << 53)
  }

  private mutating func remember(_ gradient: Tensor, _ place: Tensor) throws(SNNError) {
    changes.append((gradient, place, 1 / (try gradient.dot(place).number)))
  }

  mutating func forget() {
    iterations = 0
    gradient = nil
    step = nil
    changes = []
  }

  /// Takes in the change that the last step made, unless it curves the wrong way, and gives the next direction.
  mutating func direction(_ slope: Tensor, limit: Int) throws(SNNError) -> Tensor {
    iterations += 1
    if iterations > 1, let gradient, let step {
      let change = try slope - gradient
      if try change.dot(step).number > 1e-10 {
        if changes.count >= limit { changes.removeFirst(changes.count - limit + 1) }
        try remember(change, step)
      }
    }
    var direction = try -slope
    guard let last = changes.last else { return direction }
    var shares: [Double] = []
    for old in changes.reversed() {
      let share = try old.place.dot(direction).number * old.inverse
      direction = try direction - old.gradient * .float(share)
      shares.append(share)
    }
    direction = try direction * .float(1 / last.inverse / last.gradient.dot(last.gradient).number)
    for (old, share) in zip(changes, shares.reversed()) {
      let back = try old.gradient.dot(direction).number * old.inverse
      direction = try direction + old.place * .float(share - back)
    }
    return direction
  }

  func save(_ flat: FlatParameters) throws(SNNError) {
    let state = flat.all[0].state
    try state.setNumber(0, to: Double(iterations))
    try state.setNumber(1, to: Double(evaluations))
    try flat.keep(gradient, 2)
    try flat.keep(step, 3)
    var first = 0
    for one in flat.all {
      func stacked(_ vectors: [Tensor]) throws(SNNError) -> Tensor? {
        guard !vectors.isEmpty else { return nil }
        let rows = try vectors.map { vector throws(SNNError) in
          try vector.narrow(0, first, one.parameter.count).reshaped(to: one.parameter.shape.behindExamples(1))
        }
        return try Tensor.cat(rows).cast(to: one.parameter.dtype.working)
      }
      one.state.tensors[4] = try stacked(changes.map(\.gradient))
      one.state.tensors[5] = try stacked(changes.map(\.place))
      first += one.parameter.count
    }
  }
}
