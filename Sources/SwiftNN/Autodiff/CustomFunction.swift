/// A function whose derivative the caller gives: from the gradients of the results to those of the inputs.
public typealias CustomDerivative = ([Tensor?]) throws -> [Tensor?]

/// A recorded function of the caller.
private struct CustomFunction: Primitive, @unchecked Sendable {
  let name: String
  let derivativeRule: CustomDerivative
  let saves: Saves = []

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results {
    throw SNNError(.internal, "\(name): is recorded after it was computed")
  }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {}

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    let found = try derivativeRule(Array(p.gradients))
    guard found.count == p.node.edges.count else {
      throw SNNError.gradient(
        "\(name): returned an incorrect number of gradients (expected \(p.node.edges.count), got \(found.count))")
    }
    for (i, gradient) in found.enumerated() where p.needs(i) {
      guard let gradient, (try? Dimensions.broadcast(gradient.shape, p.inputSpec(i).shape, operation: name)) == nil
      else { continue }
      throw SNNError.shape(
        "\(name): returned an invalid gradient at index \(i) - got \(gradient.shape) but expected shape compatible with "
          + "\(p.inputSpec(i).shape)")
    }
    return Few(found)
  }
}

extension Gradients {
  /// Computes `forward` outside the graph and records it with a derivative of its own.
  ///
  /// A derivative made of operations can be differentiated again.
  public static func custom(
    _ name: String, _ inputs: [Tensor], forward: ([Tensor]) throws -> [Tensor], derivative: @escaping CustomDerivative
  ) throws(SNNError) -> [Tensor] {
    let outputs: [Tensor]
    do { outputs = try with(enabled: false) { try forward(inputs) } } catch { throw SNNError.from(error) }
    return try record(name, inputs, outputs, derivative: derivative)
  }

  /// Records results that were computed outside the graph, as those of a function with a derivative of its own.
  public static func record(
    _ name: String, _ inputs: [Tensor], _ outputs: [Tensor], derivative: @escaping CustomDerivative
  ) throws(SNNError) -> [Tensor] {
    let results = outputs.map { $0.alias() }
    let all = try recordExamples(name, inputs, results, derivative)
    return try recordOneLevel(name, inputs, all, derivative: derivative)
  }

  /// Records the examples behind the innermost level in a graph of their own.
  private static func recordExamples(
    _ name: String, _ inputs: [Tensor], _ outputs: [Tensor], _ derivative: @escaping CustomDerivative
  ) throws(SNNError) -> [Tensor] {
    let both: Few<Tensor> = Few(inputs + outputs)
    guard both.haveBatches else { return outputs }
    let examples = try Examples(both, operation: name)
    let (level, size) = (examples.level, examples.size)
    let isMapped = inputs.indices.map { examples.isMapped($0) }
    let recorded = try record(
      name, inputs.indices.map { examples.plain($0) },
      outputs.indices.map { i throws(SNNError) in try examples.all(inputs.count + i) }
    ) { gradients in
      let found = try derivative(gradients.map { $0.map { Tensor(each: $0, level: level) } })
      return try found.enumerated().map { i, gradient in
        guard let gradient else { return nil }
        guard i < isMapped.count, !isMapped[i] else { return try gradient.examples(at: level, size) }
        // The same value went into every example.
        return try gradient.examples(at: level, size).sum([0])
      }
    }
    return recorded.map { Tensor(each: $0, level: level) }
  }

  /// Records what one example sees.
  static func recordOneLevel(
    _ name: String, _ inputs: [Tensor], _ results: [Tensor], derivative: @escaping CustomDerivative
  ) throws(SNNError) -> [Tensor] {
    guard areRecorded, Few(inputs).needGradients, !results.isEmpty else { return results }
    let specs = Results(results.map { TensorSpec($0.shape, $0.dtype) })
    try CustomFunction(name: name, derivativeRule: derivative).record(Few(inputs), Few(results), specs)
    return results
  }
}
