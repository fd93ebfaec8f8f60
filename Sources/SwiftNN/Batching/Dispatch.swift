import Synchronization

extension Primitive {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? { nil }

  /// Runs for every example of the innermost level, and records that for one example.
  ///
  /// The operations on all examples are recorded among themselves, so that gradients of outer functions find their way.
  @inline(never)
  func forEach(_ inputs: Few<Tensor>) throws(SNNError) -> [Tensor] {
    let specs = try infer(inputs)
    let examples = try Examples(inputs, operation: name)
    var all = try batched(examples)
    if all == nil { all = try oneByOne(examples, specs) }
    let results = all.unsafelyUnwrapped.map { Tensor(each: $0, level: examples.level) }
    if Gradients.areRecorded, inputs.needGradients { try record(inputs, Few(results), specs) }
    return results
  }

  /// The way without a rule: example after example.
  private func oneByOne(_ examples: Examples, _ specs: Results) throws(SNNError) -> [Tensor] {
    guard examples.size > 0 else {
      return try (0..<specs.count).map { i throws(SNNError) in
        try Tensor.empty([0] + specs[i].shape, specs[i].dtype, operation: name)
      }
    }
    OneByOne.remark(name)
    var results: [[Tensor]] = Array(repeating: [], count: specs.count)
    for number in 0..<examples.size {
      for (i, result) in try all(examples.example(number)).enumerated() { results[i].append(result) }
    }
    return try results.map { parts throws(SNNError) in try Tensor.stack(parts) }
  }
}

extension ViewPrimitive {
  /// The view of every example: where a rule makes it one, a view itself, so that it can be changed in place.
  @inline(never)
  func forEach(_ input: Tensor) throws(SNNError) -> Tensor {
    let view = try forEach(Few(input))[0]
    if Gradients.areRecorded, input.dtype.isFloatingPoint, view.storage === input.storage {
      view.viewBase = input.currentBase ?? input
      view.viewVersion = input.storage.version
    }
    return view
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
