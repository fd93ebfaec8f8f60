import Synchronization

extension Primitive {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? { nil }
}

/// Operations on tensors that stand for many examples. Not generic: one body serves all primitives.
enum Batching {
  /// Runs for every example of the innermost level, and records that for one example.
  ///
  /// The operations on all examples are recorded among themselves, so that gradients of outer functions find their way.
  @inline(never)
  static func forEach(_ primitive: any Primitive, _ inputs: Few<Tensor>) throws(SNNError) -> [Tensor] {
    let specs = try primitive.infer(inputs)
    let examples = try Examples(inputs, operation: primitive.name)
    var all = try primitive.batched(examples)
    if all == nil { all = try oneByOne(primitive, examples, specs) }
    let results = all.unsafelyUnwrapped.map { Tensor(each: $0, level: examples.level) }
    if Gradients.areRecorded, inputs.needGradients { try primitive.record(inputs, Few(results), specs) }
    return results
  }

  /// The view of every example: where a rule makes it one, a view itself, so that it can be changed in place.
  @inline(never)
  static func forEach(viewing primitive: any Primitive, _ input: Tensor) throws(SNNError) -> Tensor {
    let view = try forEach(primitive, Few(input))[0]
    if Gradients.areRecorded, input.dtype.isFloatingPoint, view.storage === input.storage {
      view.viewBase = input.currentBase ?? input
      view.viewVersion = input.storage.version
    }
    return view
  }

  /// The way without a rule: example after example.
  private static func oneByOne(
    _ primitive: any Primitive, _ examples: Examples, _ specs: Results
  ) throws(SNNError) -> [Tensor] {
    var results: [[Tensor]] = Array(repeating: [], count: specs.count)
    if examples.size == 0 {
      return try results.indices.map { i throws(SNNError) in
        try Tensor.empty([0] + specs[i].shape, specs[i].dtype, operation: primitive.name)
      }
    }
    OneByOne.remark(primitive.name)
    for number in 0..<examples.size {
      for (i, result) in try primitive.all(examples.example(number)).enumerated() { results[i].append(result) }
    }
    return try results.map { parts throws(SNNError) in try Tensor.stack(parts) }
  }
}

extension OneByOne {
  private static let known = Mutex<Set<String>>([])

  /// Says once for each operation that it runs example after example.
  static func remark(_ name: String) {
    guard known.withLock({ $0.insert(name).inserted }) else { return }
    Log.warning(
      "vmap: \(name) has no rule for many examples at once and runs for one after the other, which takes longer")
  }
}
