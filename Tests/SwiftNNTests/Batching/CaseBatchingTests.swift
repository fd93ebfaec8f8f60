import Testing

@testable import SwiftNN

/// Every operation for several examples at once against the same for one after the other.
@Suite struct CaseBatchingTests {
  @Test(arguments: Table.operations)
  func value(of name: String) {
    forEachBatch(of: name) { batch in
      let expected = try batch.oneByOne { try batch.call.values(at: $0) }
      let actual = try batch.atOnce { try batch.call.values(at: $0) }
      return try differences(actual, expected, batch.test)
    }
  }

  /// The gradient inside of vmap: each example has its own.
  @Test(arguments: Table.operations)
  func gradientOfEach(of name: String) {
    forEachBatch(of: name) { batch in
      guard batch.test.gradients != nil, batch.call.operation.isDifferentiable else { return nil }
      let expected = try batch.oneByOne { try batch.gradients(at: $0) }
      let actual = try batch.atOnce { try batch.gradients(at: $0) }
      return try differences(actual, expected, batch.test)
    }
  }

  /// The gradient of what vmap gives, by all examples.
  @Test(arguments: Table.operations)
  func gradientOfAll(of name: String) {
    forEachBatch(of: name) { batch in
      guard batch.test.gradients != nil, batch.call.operation.isDifferentiable else { return nil }
      let expected = try batch.gradientOfSum { try batch.oneByOne($0) { try batch.call.values(at: $0) } }
      let actual = try batch.gradientOfSum { try batch.atOnce($0) { try batch.call.values(at: $0) } }
      return try differences(actual, expected, batch.test)
    }
  }

  private func differences(_ actual: [Tensor], _ expected: [Tensor], _ test: Case) throws -> String? {
    if actual.count != expected.count { return "\(actual.count) results, expected \(expected.count)" }
    for (i, (a, b)) in zip(actual, expected).enumerated() {
      if let problem = try difference(a, b, test.tolerance(for: b.dtype)) { return "result \(i): \(problem)" }
    }
    return nil
  }

  /// All tensors of a case with examples, and each by itself.
  private func forEachBatch(of name: String, _ body: (Batched) throws -> String?) {
    forEachCase(of: name) { test in
      guard !test.hasAnyValues, !test.hasAnySigns else { return nil }
      let call = try Call(test)
      let count = call.tensors.count
      guard count > 0 else { return nil }
      var choices = [Array(repeating: true, count: count)]
      if count > 1 { choices += (0..<count).map { i in (0..<count).map { $0 == i } } }
      for isMapped in choices {
        // What is changed in place has to have examples when the values have.
        if call.operation.isInPlace, !isMapped[0] { continue }
        let batch = try Batched(test, call, isMapped)
        do {
          if let problem = try body(batch) { return "mapped \(isMapped): \(problem)" }
        } catch let error as SNNError where error.message.contains("whose shape depends on the numbers") {
          guard Self.dynamic.contains(name) else { return "mapped \(isMapped): \(error)" }
        } catch let error as SNNError where error.message.contains("not possible inside of vmap") {
          guard Self.refused.contains(name) else { return "mapped \(isMapped): \(error)" }
        } catch { return "mapped \(isMapped): \(error)" }
      }
      return nil
    }
  }

  /// Operations that change the memory of a tensor itself, which many examples share.
  private static let refused: Set<String> = [
    "resize_", "resize_as_", "squeeze_", "unsqueeze_", "transpose_", "t_", "swapaxes_", "swapdims_", "as_strided_",
    "as_strided_scatter",
  ]

  /// Operations whose results have shapes that depend on the numbers.
  private static let dynamic: Set<String> = [
    "argwhere", "bincount", "index", "masked_select", "nonzero", "nonzero.as_tuple",
    "nonzero_static", "one_hot", "repeat_interleave",
    "repeat_interleave.counts", "unique", "unique_consecutive",
    "where.condition", "index_put", "index_put_", "lstsq",
  ]
}

/// A case with two examples of some of its tensors.
private struct Batched {
  let test: Case
  let call: Call
  let isMapped: [Bool]
  let tensors: [Tensor]

  init(_ test: Case, _ call: Call, _ isMapped: [Bool]) throws {
    self.test = test
    self.call = call
    self.isMapped = isMapped
    let first = call.tensors
    var second = try first.map { tensor in
      tensor.dtype.isFloatingPoint && call.leaves.contains { $0 === tensor }
        ? try (tensor.detach() * .float(0.96875)).cast(to: tensor.dtype) : tensor
    }
    // Not every number is allowed everywhere.
    let there = zip(isMapped, zip(first, second)).map { $0 ? $1.1 : $1.0 }
    if (try? Call.shapes(call.values(at: first)) == Call.shapes(call.values(at: there))) != true { second = first }
    tensors = try zip(isMapped, zip(first, second)).map { isMapped, pair in
      isMapped ? try Tensor.stack([pair.0.detach(), pair.1.detach()]) : pair.0.detach()
    }
  }

  func oneByOne(_ tensors: [Tensor], _ body: ([Tensor]) throws -> [Tensor]) throws -> [Tensor] {
    let parts = try (0..<2).map { i in
      try body(try zip(tensors, isMapped).map { $1 ? try $0.select(0, i).clone() : $0 })
    }
    return try parts[0].indices.map { i in try Tensor.stack(parts.map { $0[i] }) }
  }

  func atOnce(_ tensors: [Tensor], _ body: ([Tensor]) throws -> [Tensor]) throws -> [Tensor] {
    try VectorizedMap(randomness: .same)(tensors, dims: isMapped.map { $0 ? 0 : nil }, body)
  }

  func oneByOne(_ body: ([Tensor]) throws -> [Tensor]) throws -> [Tensor] { try oneByOne(tensors, body) }
  func atOnce(_ body: ([Tensor]) throws -> [Tensor]) throws -> [Tensor] { try atOnce(tensors, body) }

  /// The gradients by the tensors of which the case asks for them.
  func gradients(at point: [Tensor]) throws -> [Tensor] {
    var point = point
    let asked = leafPositions
    for i in asked { point[i] = try Gradients.variable(point[i]) }
    let total = try Projection.first.total(call.values(at: point))
    return try GradientCheck.gradients(of: total, at: asked.map { point[$0] }, createGraph: false)
  }

  func gradientOfSum(_ body: ([Tensor]) throws -> [Tensor]) throws -> [Tensor] {
    var point = tensors
    let asked = leafPositions
    for i in asked { point[i] = try point[i].leaf() }
    let total = try Projection.first.total(body(point))
    return try GradientCheck.gradients(of: total, at: asked.map { point[$0] }, createGraph: false)
  }

  private var leafPositions: [Int] {
    call.tensors.indices.filter { i in
      call.tensors[i].dtype.isFloatingPoint && call.leaves.contains { $0 === call.tensors[i] }
    }
  }
}

extension Call {
  /// All tensors among the arguments, in order.
  fileprivate var tensors: [Tensor] {
    values.flatMap { value -> [Tensor] in
      switch value {
      case .tensor(let tensor): [tensor]
      case .tensors(let list): list.compactMap(\.self)
      default: []
      }
    }
  }

  /// The results with other tensors in their place.
  fileprivate func values(at tensors: [Tensor]) throws -> [Tensor] {
    var next = tensors[...]
    var copy = self
    copy.values = values.map { value in
      switch value {
      case .tensor: .tensor(next.removeFirst())
      case .tensors(let list): .tensors(list.map { $0 == nil ? nil : next.removeFirst() })
      default: value
      }
    }
    return try copy.run()
  }

  fileprivate static func shapes(_ tensors: [Tensor]) -> [Dimensions] { tensors.map(\.shape) }
}
