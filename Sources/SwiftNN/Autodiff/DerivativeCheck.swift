/// Compares derivatives of a function with differences of its values.
public struct DerivativeCheck: Sendable {
  /// How far an element is moved to either side.
  public var step = 1e-6
  public var absoluteTolerance = 1e-5
  public var relativeTolerance = 1e-3
  /// How much two passes at the same point may differ.
  public var nondeterminism = 0.0
  public var checksBackward = true
  public var checksForward = false
  /// Whether many seeds at once give what each gives by itself.
  public var checksBatched = false
  /// Compares one number for each pair of a result and an input instead of whole Jacobians.
  public var isFast = false

  public init() {}

  /// Throws an error that shows the numbers of the first pair of a result and an input that differs.
  ///
  /// The function is called with `inputs` themselves, whose elements are moved in place and put back.
  public func callAsFunction(_ inputs: [Tensor], _ function: TensorsFunction) throws(SNNError) {
    let checked = inputs.indices.filter { inputs[$0].requiresGradient }
    guard !checked.isEmpty else {
      throw .argument(
        "gradcheck expects at least one input tensor to require gradient, but none of them have requires_grad=True.")
    }
    for i in checked { try requireMovable(inputs[i], i) }
    func values() throws(SNNError) -> [Tensor] {
      do { return try Gradients.with(enabled: true) { try function(inputs) } } catch { throw SNNError.from(error) }
    }
    let outputs = try values()
    let differentiable = outputs.indices.filter { outputs[$0].dtype.isFloatingPoint }
    guard !differentiable.isEmpty else { throw .argument("gradcheck: the function returns no tensor of real numbers") }
    for i in checked {
      let directions = isFast ? [Self.weights(inputs[i].count, 5)] : Self.units(inputs[i].count)
      let numeric = try directions.map { direction throws(SNNError) in
        try differences(inputs[i], direction, differentiable, values)
      }
      for (k, output) in differentiable.enumerated() {
        let rows = numeric.map { $0[k] }
        let pair = Pair(output: output, input: i, rows: rows)
        if checksBackward { try compare(pair, try backward(outputs[output], inputs[i], directions), "") }
        if checksForward {
          try compare(pair, try forward(outputs[output], inputs[i], directions), " in forward mode")
        }
        if checksBatched { try compareBatched(outputs[output], inputs[i], pair) }
      }
    }
  }

  /// The same for the gradients of the function, as functions of its inputs and of `seeds`.
  public func second(_ inputs: [Tensor], seeds: [Tensor]? = nil, _ function: TensorsFunction) throws(SNNError) {
    let outputs: [Tensor]
    do { outputs = try Gradients.with(enabled: true) { try function(inputs) } } catch { throw SNNError.from(error) }
    let differentiable = outputs.indices.filter { outputs[$0].requiresGradient }
    guard !differentiable.isEmpty else { throw .gradient("gradgradcheck: no output requires gradients") }
    var given: [Tensor] = []
    for (k, i) in differentiable.enumerated() {
      if let seeds, k < seeds.count {
        given.append(seeds[k])
        continue
      }
      let seed = try Tensor(Self.weights(outputs[i].count, 7), Array(outputs[i].shape)).cast(to: outputs[i].dtype)
      try seed.setRequiresGradient(true)
      given.append(seed)
    }
    try self(inputs + given) { point in
      let outputs = try function(Array(point.prefix(inputs.count)))
      let variables = inputs.indices.filter { inputs[$0].requiresGradient }.map { point[$0] }
      let found = try Gradients.of(
        differentiable.map { outputs[$0] }, withRespectTo: variables, seeds: Array(point.dropFirst(inputs.count)),
        createGraph: true, allowUnused: true)
      return try zip(found, variables).map { try $0 ?? $1.zerosLike() }
    }
  }

  /// One result and one input: for each direction of the input the change of each element of the result.
  private struct Pair {
    let output: Int
    let input: Int
    let rows: [[Double]]
  }

  private func requireMovable(_ input: Tensor, _ index: Int) throws(SNNError) {
    try input.requireElements("gradcheck")
    for i in 0..<input.rank where input.strides[i] == 0 && input.shape[i] > 1 {
      throw .argument(
        "gradcheck: The \(index)th input has a dimension with stride 0. gradcheck only supports inputs that are "
          + "non-overlapping to be able to compute the numerical gradients correctly.")
    }
  }

  // MARK: Differences

  private func differences(
    _ input: Tensor, _ direction: [Double], _ outputs: [Int], _ function: () throws(SNNError) -> [Tensor]
  ) throws(SNNError) -> [[Double]] {
    let numbers = try input.array(of: Double.self)
    func values(_ distance: Double) throws(SNNError) -> [[Double]] {
      input.write(zip(numbers, direction).map { $0 + distance * $1 })
      defer { input.write(numbers) }
      let results = try function()
      return try outputs.map { i throws(SNNError) in
        guard i < results.count else { throw .argument("gradcheck: the function returned fewer results than before") }
        return try results[i].array(of: Double.self)
      }
    }
    let (above, below) = (try values(step), try values(-step))
    return zip(above, below).map { zip($0, $1).map { ($0 - $1) / (2 * step) } }
  }

  // MARK: Derivatives

  private func backward(_ output: Tensor, _ input: Tensor, _ directions: [[Double]]) throws(SNNError) -> [[Double]] {
    var columns: [[Double]] = []
    for seed in isFast ? [Self.weights(output.count, 7)] : Self.units(output.count) {
      let gradient = try pulled(output, input, seed)
      let again = try pulled(output, input, seed)
      if zip(gradient, again).contains(where: { abs($0 - $1) > nondeterminism }) {
        throw .gradient(
          "Backward is not reentrant, i.e., running backward with same input and grad_output multiple times gives "
            + "different values, although analytical gradient matches numerical gradient. The tolerance for "
            + "nondeterminism was \(nondeterminism).")
      }
      columns.append(gradient)
    }
    guard !isFast else { return [[zip(columns[0], directions[0]).reduce(0) { $0 + $1.0 * $1.1 }]] }
    return directions.indices.map { row in columns.map { $0[row] } }
  }

  private func pulled(_ output: Tensor, _ input: Tensor, _ seed: [Double]) throws(SNNError) -> [Double] {
    let zeros = Array(repeating: 0.0, count: input.count)
    guard output.requiresGradient else { return zeros }
    let weights = try Tensor(seed, Array(output.shape)).cast(to: output.dtype)
    let found = try Gradients.of(
      [output], withRespectTo: [input], seeds: [weights], retainGraph: true, allowUnused: true)
    guard let gradient = found[0] else { return zeros }
    return try gradient.array(of: Double.self)
  }

  private func forward(_ output: Tensor, _ input: Tensor, _ directions: [[Double]]) throws(SNNError) -> [[Double]] {
    let rows = try directions.map { direction throws(SNNError) in
      let tangent = try Tensor(direction, Array(input.shape)).cast(to: input.dtype)
      return try Gradients.jvp([output], withRespectTo: [input], tangents: [tangent])[0].array(of: Double.self)
    }
    return isFast ? [[projected(rows[0])]] : rows
  }

  private func compareBatched(_ output: Tensor, _ input: Tensor, _ pair: Pair) throws(SNNError) {
    guard output.requiresGradient, output.count > 0 else { return }
    let seeds = [Self.weights(output.count, 7), Self.weights(output.count, 5)]
    let both = try Tensor(seeds.flatMap(\.self), [2] + Array(output.shape)).cast(to: output.dtype)
    let together = try VectorizedMap()([both], dims: [0]) { seed in
      let found = try Gradients.of(
        [output], withRespectTo: [input], seeds: seed, retainGraph: true, allowUnused: true)
      return [try found[0] ?? input.zerosLike()]
    }[0]
    let alone = try seeds.map { seed throws(SNNError) in try pulled(output, input, seed) }
    let batched = try together.array(of: Double.self)
    let rows = [Array(batched.prefix(input.count)), Array(batched.suffix(input.count))]
    try compare(
      Pair(output: pair.output, input: pair.input, rows: alone), rows, " with many seeds at once", plain: true)
  }

  // MARK: Comparison

  private func compare(
    _ pair: Pair, _ analytic: [[Double]], _ mode: String, plain: Bool = false
  ) throws(SNNError) {
    let numeric = isFast && !plain ? [[projected(pair.rows[0])]] : pair.rows
    for (expected, actual) in zip(numeric, analytic) {
      for (e, a) in zip(expected, actual) {
        let isClose = a == e || abs(a - e) <= absoluteTolerance + relativeTolerance * abs(e) || a.isNaN && e.isNaN
        guard !isClose else { continue }
        throw .gradient(
          "Jacobian mismatch\(mode) for output \(pair.output) with respect to input \(pair.input),\n"
            + "numerical:\(try Self.text(numeric))\nanalytical:\(try Self.text(analytic))\n")
      }
    }
  }

  private func projected(_ row: [Double]) -> Double {
    zip(row, Self.weights(row.count, 7)).reduce(0) { $0 + $1.0 * $1.1 }
  }

  private static func text(_ rows: [[Double]]) throws(SNNError) -> String {
    try Tensor(rows.flatMap(\.self), [rows.count, rows.first?.count ?? 0]).description
  }

  private static func units(_ count: Int) -> [[Double]] {
    (0..<count).map { i in (0..<count).map { $0 == i ? 1 : 0 } }
  }

  /// Numbers without zeros and without pattern.
  private static func weights(_ count: Int, _ factor: Int) -> [Double] {
    (0..<count).map { Double($0 * factor % 11) / 8 - 0.7 }
  }
}

extension Tensor {
  /// Writes numbers over all elements, in row-major order, and nothing into any graph.
  fileprivate func write(_ numbers: [Double]) {
    var position = Dimensions(repeating: 0, count: rank)
    for number in numbers {
      var place = offset
      for i in 0..<rank { place += position[i] * strides[i] }
      Tensor(storage: storage, offset: place, shape: [], strides: [], dtype: dtype).fill(with: .float(number))
      var axis = rank - 1
      while axis >= 0 {
        position[axis] += 1
        if position[axis] < shape[axis] { break }
        position[axis] = 0
        axis -= 1
      }
    }
  }
}

/// Compares the gradients of a function with differences of its values; throws where they differ.
public func gradcheck(
  _ inputs: [Tensor], options: DerivativeCheck = DerivativeCheck(), _ function: TensorsFunction
) throws(SNNError) {
  try options(inputs, function)
}

/// Compares the gradients of a function's gradients with differences; throws where they differ.
public func gradgradcheck(
  _ inputs: [Tensor], options: DerivativeCheck = DerivativeCheck(), _ function: TensorsFunction
) throws(SNNError) {
  try options.second(inputs, function)
}
