/// Derivatives along a direction. The gradient is linear in the seeds, so its derivative by them, whatever their value, is
/// the derivative of the function itself.
extension Gradients {
  /// The change of `outputs` when `inputs`, which they were computed from, move along `tangents`.
  public static func jvp(
    _ outputs: [Tensor], withRespectTo inputs: [Tensor], tangents: [Tensor], createGraph: Bool = false
  ) throws(SNNError) -> [Tensor] {
    try requireDirections(tangents, like: inputs, "jvp")
    let reached = outputs.indices.filter { outputs[$0].requiresGradient }
    var results = try outputs.map { output throws(SNNError) in try output.zerosLike() }
    guard !reached.isEmpty else { return results }
    let seeds = try reached.map { i throws(SNNError) in try variable(irregular(like: outputs[i])) }
    let slopes = try of(
      reached.map { outputs[$0] }, withRespectTo: inputs, seeds: seeds, createGraph: true, allowUnused: true)
    let used = inputs.indices.filter { slopes[$0]?.requiresGradient == true }
    guard !used.isEmpty else { return results }
    let found = try of(
      used.map { slopes[$0].unsafelyUnwrapped }, withRespectTo: seeds, seeds: used.map { tangents[$0] },
      retainGraph: true, createGraph: createGraph, allowUnused: true)
    for (i, change) in zip(reached, found) { if let change { results[i] = change } }
    return results
  }

  /// The product of the second derivatives of `output` and `vectors`, and nil for an input that they do not reach.
  public static func hvp(
    _ output: Tensor, withRespectTo inputs: [Tensor], vectors: [Tensor], createGraph: Bool = false
  ) throws(SNNError) -> [Tensor] {
    try requireDirections(vectors, like: inputs, "hvp")
    let slopes = try of([output], withRespectTo: inputs, createGraph: true, allowUnused: true)
    let used = inputs.indices.filter { slopes[$0]?.requiresGradient == true }
    var results = try inputs.map { input throws(SNNError) in try input.zerosLike() }
    guard !used.isEmpty else { return results }
    let found = try of(
      used.map { slopes[$0].unsafelyUnwrapped }, withRespectTo: inputs, seeds: used.map { vectors[$0] },
      retainGraph: true, createGraph: createGraph, allowUnused: true)
    for (i, product) in found.enumerated() { if let product { results[i] = product } }
    return results
  }

  /// The product of the Gauss-Newton matrix JᵀHJ and `vectors`: J are the derivatives of `outputs` by the inputs, H the second
  /// derivatives of `loss` by the outputs, of which none may be computed from another (Schraudolph 2002).
  public static func gaussNewtonProduct(
    _ loss: Tensor, through outputs: [Tensor], withRespectTo inputs: [Tensor], vectors: [Tensor],
    createGraph: Bool = false
  ) throws(SNNError) -> [Tensor] {
    try requireDirections(vectors, like: inputs, "gauss_newton_product")
    guard loss.count == 1 else {
      throw .gradient("gauss_newton_product: expects a loss of one element, got shape \(loss.shape)")
    }
    var results = try inputs.map { input throws(SNNError) in try input.zerosLike() }
    let reached = outputs.filter(\.requiresGradient)
    guard loss.requiresGradient, !reached.isEmpty else { return results }
    let moves = try jvp(reached, withRespectTo: inputs, tangents: vectors, createGraph: createGraph)
    let seeds = try hvp(loss, withRespectTo: reached, vectors: moves, createGraph: createGraph)
    let found = try of(
      reached, withRespectTo: inputs, seeds: seeds, retainGraph: true, createGraph: createGraph, allowUnused: true)
    for (i, product) in found.enumerated() { if let product { results[i] = product } }
    return results
  }

  private static func requireDirections(_ vectors: [Tensor], like inputs: [Tensor], _ name: String) throws(SNNError) {
    guard vectors.count == inputs.count else {
      throw .argument("\(name): got \(inputs.count) inputs and \(vectors.count) directions")
    }
    for (vector, input) in zip(vectors, inputs) where vector.shape != input.shape {
      throw .shape("\(name): a direction has shape \(vector.shape), but its input has shape \(input.shape)")
    }
  }

  /// Seeds without zeros and without pattern: rules that look at the sign of a gradient are linear on either side.
  private static func irregular(like tensor: Tensor) throws(SNNError) -> Tensor {
    let angles = try Tensor.arange(0, .int(tensor.count), .float64) + 1
    return try (angles.cos() * 0.25 + 1).cast(to: tensor.dtype).reshaped(to: tensor.shape)
  }
}
