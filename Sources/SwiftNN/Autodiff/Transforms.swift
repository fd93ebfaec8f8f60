/// A function of tensors with one tensor as its value.
public typealias TensorFunction = ([Tensor]) throws -> Tensor
/// A function of tensors with several results.
public typealias TensorsFunction = ([Tensor]) throws -> [Tensor]

/// The value of a function of one element, and its gradients by all inputs.
public func valueAndGradients(
  at inputs: [Tensor], of function: TensorFunction
) throws(SNNError) -> (value: Tensor, gradients: [Tensor]) {
  let point = try Point(inputs) { [try function($0)] }
  guard point.outputs[0].count == 1, point.outputs[0].rank == 0 else {
    throw .gradient(
      "grad: Expected the function to return a scalar Tensor, got tensor with \(point.outputs[0].rank) dims. Maybe you "
        + "wanted to use the vjp or jacobian APIs instead?")
  }
  return (try point.settled()[0], try point.pullback([nil]))
}

/// The gradients of a function of one element by all inputs.
public func gradients(at inputs: [Tensor], of function: TensorFunction) throws(SNNError) -> [Tensor] {
  try valueAndGradients(at: inputs, of: function).gradients
}

/// The gradient of a function of one tensor.
public func gradient(at input: Tensor, of function: (Tensor) throws -> Tensor) throws(SNNError) -> Tensor {
  try gradients(at: [input]) { try function($0[0]) }[0]
}

/// The value of a function of one tensor, and its gradient.
public func valueAndGradient(
  at input: Tensor, of function: (Tensor) throws -> Tensor
) throws(SNNError) -> (value: Tensor, gradient: Tensor) {
  let both = try valueAndGradients(at: [input]) { try function($0[0]) }
  return (both.value, both.gradients[0])
}

/// The results of a function, and what pulls seeds of theirs back to the inputs.
public func vjp(
  at inputs: [Tensor], of function: TensorsFunction
) throws(SNNError) -> (values: [Tensor], pullback: ([Tensor]) throws(SNNError) -> [Tensor]) {
  let point = try Point(inputs, function)
  return (try point.settled(), { seeds throws(SNNError) in try point.pullback(seeds) })
}

/// The results of a function, and their change when the inputs move along `tangents`.
public func jvp(
  at inputs: [Tensor], along tangents: [Tensor], of function: TensorsFunction
) throws(SNNError) -> (values: [Tensor], changes: [Tensor]) {
  let point = try Point(inputs, function)
  return (try point.settled(), try point.pushforward(tangents))
}

/// The product of the second derivatives of a function of one element and `vectors`.
public func hessianVectorProduct(
  at inputs: [Tensor], along vectors: [Tensor], of function: TensorFunction
) throws(SNNError) -> [Tensor] {
  let point = try Point(inputs) { [try function($0)] }
  guard point.outputs[0].requiresGradient else {
    return try inputs.map { input throws(SNNError) in try input.zerosLike() }
  }
  return try Gradients.hvp(
    point.outputs[0], withRespectTo: point.variables, vectors: vectors, createGraph: point.isOpen(with: vectors))
}

/// The product of the Gauss-Newton matrix and `vectors`: of the second derivatives of `loss` by what `function` gives, between the
/// first derivatives of the function.
public func gaussNewtonProduct(
  at inputs: [Tensor], along vectors: [Tensor], of function: TensorFunction, loss: (Tensor) throws -> Tensor
) throws(SNNError) -> [Tensor] {
  let point = try Point(inputs) {
    let output = try function($0)
    return [output, try loss(output)]
  }
  return try Gradients.gaussNewtonProduct(
    point.outputs[1], through: [point.outputs[0]], withRespectTo: point.variables, vectors: vectors,
    createGraph: point.isOpen(with: vectors))
}

/// The derivatives of each element of a function's value by each element of its input, of shape [value, input].
///
/// - Parameter forward: goes along the elements of the input instead of those of the value: better for few of them.
public func jacobian(
  at input: Tensor, forward: Bool = false, chunkSize: Int? = nil, of function: (Tensor) throws -> Tensor
) throws(SNNError) -> Tensor {
  let point = try Point([input]) { [try function($0[0])] }
  let value = point.outputs[0]
  let source = forward ? input : value
  let basis = try Tensor.eye(source.count, nil, source.dtype).reshaped(to: source.shape.behindExamples(source.count))
  let map = VectorizedMap(chunkSize: chunkSize)
  let rows = try map([basis], dims: [0]) { direction in
    forward ? try point.pushforward(direction) : try point.pullback(direction)
  }[0]
  let shape = try Dimensions.shape(Array(value.shape) + Array(input.shape), operation: "jacobian")
  guard forward else { return try rows.reshaped(to: shape) }
  return try rows.reshaped(to: [input.count, value.count]).transpose(0, 1).reshaped(to: shape)
}

/// The second derivatives of a function of one element, of shape [input, input].
public func hessian(
  at input: Tensor, chunkSize: Int? = nil, of function: (Tensor) throws -> Tensor
) throws(SNNError) -> Tensor {
  try jacobian(at: input, chunkSize: chunkSize) { try gradient(at: $0, of: function) }
}

/// A function, written for one example, of many: their axis is the first one of every input and result.
public func vmap(
  randomness: Randomness = .error, chunkSize: Int? = nil, _ function: @escaping (Tensor) throws -> Tensor
) -> (Tensor) throws(SNNError) -> Tensor {
  { input throws(SNNError) in
    try VectorizedMap(randomness: randomness, chunkSize: chunkSize)([input], dims: [0]) { [try function($0[0])] }[0]
  }
}

/// A function of several tensors, written for one example, of many.
///
/// - Parameter inDims: for each input the axis of the examples, nil for one that is the same for all; without it, the first.
public func vmap(
  inDims: [Int?]? = nil, outDims: [Int]? = nil, randomness: Randomness = .error, chunkSize: Int? = nil,
  _ function: @escaping TensorsFunction
) -> ([Tensor]) throws(SNNError) -> [Tensor] {
  { inputs throws(SNNError) in
    let map = VectorizedMap(randomness: randomness, chunkSize: chunkSize)
    return try map(inputs, dims: inDims ?? inputs.map { _ in 0 }, outDims: outDims, function)
  }
}

/// A function's results at a point, with the graph that leads from variables to them.
private struct Point {
  let variables: [Tensor]
  let outputs: [Tensor]

  init(_ inputs: [Tensor], _ function: TensorsFunction) throws(SNNError) {
    do {
      let variables = try inputs.map { try Gradients.variable($0) }
      self.variables = variables
      outputs = try Gradients.with(enabled: true) { try function(variables) }
    } catch { throw SNNError.from(error) }
  }

  func settled() throws(SNNError) -> [Tensor] {
    try outputs.map { output throws(SNNError) in try Gradients.settled(output, besides: variables) }
  }

  /// Whether gradients flow through the derivatives here, from what is around the function.
  func isOpen(with directions: [Tensor?]) throws(SNNError) -> Bool {
    guard Gradients.areRecorded else { return false }
    if directions.contains(where: { $0?.requiresGradientAnywhere == true }) { return true }
    for output in outputs where try Gradients.isOpen(output, besides: variables) { return true }
    return false
  }

  func pullback(_ seeds: [Tensor?]) throws(SNNError) -> [Tensor] {
    guard seeds.count == outputs.count else {
      throw .argument("vjp: expects \(outputs.count) seeds, got \(seeds.count)")
    }
    let reached = outputs.indices.filter { outputs[$0].requiresGradient }
    guard !reached.isEmpty else { return try variables.map { variable throws(SNNError) in try variable.zerosLike() } }
    let found = try Gradients.of(
      reached.map { outputs[$0] }, withRespectTo: variables, seeds: reached.map { seeds[$0] }, retainGraph: true,
      createGraph: isOpen(with: seeds), allowUnused: true)
    return try variables.indices.map { i throws(SNNError) in
      if let gradient = found[i] { return gradient }
      return try variables[i].zerosLike()
    }
  }

  func pushforward(_ tangents: [Tensor]) throws(SNNError) -> [Tensor] {
    try Gradients.jvp(outputs, withRespectTo: variables, tangents: tangents, createGraph: isOpen(with: tangents))
  }
}
