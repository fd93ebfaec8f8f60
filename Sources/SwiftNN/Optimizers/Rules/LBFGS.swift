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
      KeptState("func_evals", .longNumber), KeptState("n_iter", .longNumber), KeptState("d", .flat),
      KeptState("t", .longNumber), KeptState("old_dirs", .flats), KeptState("old_stps", .flats), KeptState("ro", .flat),
      KeptState("H_diag", .longNumber), KeptState("prev_flat_grad", .flat), KeptState("prev_loss", .longNumber),
    ], countsSteps: false,
    deriving: { values in
      if case (.int(let iterations), .none) = (values[1], values[2]) { values[2] = .int(iterations * 5 / 4) }
    },
    make: { o in
      LimitedMemory(
        lr: o.float("lr"), iterations: o.int("max_iter"), evaluations: o.count("max_eval") ?? o.int("max_iter") * 5 / 4,
        slope: o.float("tolerance_grad"), change: o.float("tolerance_change"), history: o.int("history_size"),
        searches: o.word("line_search_fn") != nil, sign: o.bool("maximize") ? -1 : 1)
    })
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
      (memory.gradient, memory.loss) = (here.gradient, here.loss * sign)
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
      (memory.way, memory.length) = (direction, length)
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

/// The last changes of the gradient and of the place, which stand for the second derivatives. Kept by PyTorch's names.
private struct Memory {
  private enum Place: Int {
    case evaluations, iterations, way, length, gradients, places, inverses, scale, gradient, loss
  }

  var iterations: Int
  var evaluations: Int
  /// Of the last iteration: the gradient and the loss where it began, its direction and how far it went.
  var gradient, way: Tensor?
  var length, loss: Double
  private var changes: [(gradient: Tensor, place: Tensor, inverse: Double)] = []

  init(_ flat: FlatParameters) throws(SNNError) {
    let state = flat.all[0].state
    func vectors(_ place: Place) throws(SNNError) -> Tensor? {
      guard let kept = state.tensors[place.rawValue] else { return nil }
      guard kept.shape[kept.rank - 1] == flat.count else {
        throw .shape(
          "LBFGS: the state that was loaded is one of \(kept.shape[kept.rank - 1]) numbers, not \(flat.count)")
      }
      return try kept.cast(to: flat.dtype)
    }
    iterations = try Self.count(state, Place.iterations.rawValue)
    evaluations = try Self.count(state, Place.evaluations.rawValue)
    length = try state.number(Place.length.rawValue, startingAt: 0)
    loss = try state.number(Place.loss.rawValue, startingAt: 0)
    (gradient, way) = (try vectors(.gradient), try vectors(.way))
    if let gradients = try vectors(.gradients), let places = try vectors(.places) {
      guard gradients.shape == places.shape else {
        throw .shape("LBFGS: there are \(gradients.shape[0]) old_dirs and \(places.shape[0]) old_stps")
      }
      for row in 0..<gradients.shape[0] { try remember(gradients.select(0, row), places.select(0, row)) }
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
    (gradient, way) = (nil, nil)
    changes = []
  }

  /// How long the first direction is, before it is bent by the changes.
  private var scale: Double {
    get throws(SNNError) {
      try changes.last.map { last throws(SNNError) in try 1 / last.inverse / last.gradient.dot(last.gradient).number }
        ?? 1
    }
  }

  /// Takes in the change that the last step made, unless it curves the wrong way, and gives the next direction.
  mutating func direction(_ slope: Tensor, limit: Int) throws(SNNError) -> Tensor {
    iterations += 1
    if iterations == 1 { changes = [] }
    if iterations > 1, let gradient, let way {
      let (change, step) = (try slope - gradient, try way * .float(length))
      if try change.dot(step).number > 1e-10 {
        if changes.count >= limit { changes.removeFirst(changes.count - limit + 1) }
        try remember(change, step)
      }
    }
    var direction = try -slope
    var shares: [Double] = []
    for old in changes.reversed() {
      let share = try old.place.dot(direction).number * old.inverse
      direction = try direction - old.gradient * .float(share)
      shares.append(share)
    }
    if !changes.isEmpty { direction = try direction * .float(scale) }
    for (old, share) in zip(changes, shares.reversed()) {
      let back = try old.gradient.dot(direction).number * old.inverse
      direction = try direction + old.place * .float(share - back)
    }
    return direction
  }

  func save(_ flat: FlatParameters) throws(SNNError) {
    let first = flat.all[0]
    let (state, dtype) = (first.state, first.parameter.dtype.working)
    func keep(_ place: Place, _ tensor: Tensor?) throws(SNNError) {
      state.tensors[place.rawValue] = try tensor.map { tensor throws(SNNError) in try tensor.cast(to: dtype).clone() }
    }
    func keep(_ place: Place, _ number: Double) throws(SNNError) {
      try state.setNumber(place.rawValue, to: number, .float64)
    }
    try keep(.evaluations, Double(evaluations))
    try keep(.iterations, Double(iterations))
    try keep(.gradient, gradient)
    try keep(.way, way)
    try keep(.length, length)
    try keep(.loss, loss)
    try keep(.scale, scale)
    try keep(.gradients, changes.isEmpty ? nil : .stack(changes.map(\.gradient)))
    try keep(.places, changes.isEmpty ? nil : .stack(changes.map(\.place)))
    try keep(.inverses, changes.isEmpty ? nil : Tensor(changes.map(\.inverse)))
  }
}
