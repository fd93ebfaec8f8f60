import Testing

@testable import SwiftNN

/// Runs every case of an operation; each problem is reported with the case's line.
func forEachCase(of name: String, _ body: (Case) throws -> String?) {
  for test in Table.byOperation[name] ?? [] {
    do {
      if let problem = try body(test) { Issue.record("\(test.text): \(problem)") }
    } catch {
      Issue.record("\(test.text): \(error)")
    }
  }
}

/// Values and derivatives of every operation against the golden numbers.
@Suite struct CaseTests {
  @Test(arguments: Table.operations)
  func value(of name: String) {
    forEachCase(of: name) { test in
      let actual = try Call(test).run()
      if let shapes = test.shapes {
        let found = actual.map { "\($0.dtype.name)\($0.shape)" }
        let expected = shapes.map { "\($0.dtype)\(Dimensions($0.shape))" }
        return found == expected ? nil : "\(found), expected \(expected)"
      }
      let expected = try (test.results ?? []).map(Golden.tensor)
      if actual.count != expected.count { return "\(actual.count) results, expected \(expected.count)" }
      for (a, b) in zip(actual, expected) {
        if let problem = try difference(a, b, test.tolerance(for: b.dtype)) { return problem }
      }
      return nil
    }
  }

  @Test(arguments: Table.operations)
  func gradient(of name: String) {
    forEachCase(of: name) { test in
      guard let expected = try test.gradients?.map(Golden.tensor) else { return nil }
      let call = try Call(test)
      let first = try GradientCheck.gradients(of: call.function, at: call.leaves, createGraph: false)
      return try difference(first, expected, test.tolerance(for: .float64))
    }
  }

  /// The fused kernels of the first order and the formulas that have derivatives themselves agree.
  @Test(arguments: Table.operations)
  func secondGradient(of name: String) {
    forEachCase(of: name) { test in
      guard let expected = try test.gradients?.map(Golden.tensor) else { return nil }
      let call = try Call(test)
      let first = try GradientCheck.gradients(of: call.function, at: call.leaves, createGraph: true)
      if let problem = try difference(first, expected, test.tolerance(for: .float64)) { return problem }
      guard let twice = try test.second?.map(Golden.tensor) else { return nil }
      let total = try Projection.second.total(ofAll: first)
      let second = try GradientCheck.gradients(of: total, at: call.leaves, createGraph: false)
      return try difference(second, twice, test.tolerance(for: .float64))
    }
  }

  /// Gradients of both orders and the directional derivative against differences of values.
  @Test(arguments: Table.operations)
  func differences(of name: String) {
    forEachCase(of: name) { test in
      let call = try Call(test)
      guard try call.hasDifferences(test) else { return nil }
      let function = test.isSymmetric ? call.functionOfSymmetric : call.function
      return try GradientCheck.first(function, at: call.leaves)
        ?? GradientCheck.second(function, at: call.leaves)
        ?? GradientCheck.forward(function, at: call.leaves)
    }
  }
}
