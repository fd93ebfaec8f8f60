import Testing

@testable import SwiftNN

/// What must not matter: how the arguments lie in memory, the element type, the form of the call.
@Suite struct VariantTests {
  /// The same numbers in other memory.
  enum Layout: CaseIterable {
    /// Axes in reversed order.
    case transposed
    /// Every second position of a larger tensor, from the second on.
    case strided
    /// A row of a larger tensor.
    case shifted

    func laid(_ x: Tensor) throws -> Tensor {
      let reversed = Array((0..<x.rank).reversed())
      switch self {
      case .transposed: return try x.permute(reversed).clone().permute(reversed)
      case .strided:
        guard x.rank > 0 else { return try Tensor.stack([x, x]).select(0, 1) }
        var sizes = Array(x.shape)
        sizes[sizes.count - 1] = 2 * sizes[sizes.count - 1] + 1
        let room = try Tensor.full(sizes, 1, x.dtype)
        try room.slice(-1, from: 1, to: sizes[sizes.count - 1], step: 2).copy(from: x)
        return try room.slice(-1, from: 1, to: sizes[sizes.count - 1], step: 2)
      case .shifted: return try Tensor.stack([x, x]).select(0, 1)
      }
    }
  }

  private func results(_ call: Call) throws -> [Tensor] {
    var results = try call.run()
    if call.leaves.contains(where: { $0.count > 0 }), results.contains(where: \.requiresGradient) {
      results += try GradientCheck.gradients(of: call.function, at: call.leaves, createGraph: false)
    }
    return results
  }

  @Test(arguments: Table.operations)
  func layout(of name: String) {
    forEachCase(of: name) { test in
      let call = try Call(test)
      guard test.hasLayouts, call.isRepeatable(test) else { return nil }
      let expected = try results(call)
      for layout in Layout.allCases {
        let actual = try results(Call(test) { try layout.laid($0) })
        if let problem = try difference(actual, expected) { return "\(layout): \(problem)" }
      }
      return nil
    }
  }

  /// A repeated first row, once as a view with stride 0 and once in memory.
  @Test(arguments: Table.operations)
  func expandedArguments(of name: String) {
    func repeated(_ x: Tensor) throws -> Tensor {
      guard x.dtype.isFloatingPoint, x.rank > 0, x.shape[0] > 1 else { return x }
      return try x.narrow(0, 0, 1).expand(Array(x.shape))
    }
    forEachCase(of: name) { test in
      let call = try Call(test) { try repeated($0).clone() }
      guard test.hasLayouts, call.isRepeatable(test) else { return nil }
      let expected: [Tensor]
      do { expected = try results(call) } catch {
        // Equal rows are refused as singular, in memory and as a view.
        let text = message { _ = try results(Call(test, prepare: repeated)) }
        return text == "\(error)" ? nil : "\(text ?? "nothing"), expected \(error)"
      }
      do { return try difference(results(Call(test, prepare: repeated)), expected) } catch let error as SNNError {
        // What changes an argument cannot change one element at several positions.
        return error.message.contains("more than one element of the written-to tensor") ? nil : error.message
      }
    }
  }

  /// Results in a shorter dtype are those of the same numbers in float64, rounded.
  @Test(arguments: Table.operations, [DType.float32, .bfloat16, .float16])
  func shorterDType(of name: String, _ dtype: DType) {
    forEachCase(of: name) { test in
      let isReal = try Call(test).leaves.contains { $0.dtype == .float64 }
      // float_power computes in float64 whatever it gets.
      guard isReal, test.operation != "float_power", test.hasHalves || dtype == .float32, !test.hasAnyValues,
        !test.namesDType
      else { return nil }
      func rounded(_ x: Tensor) throws -> Tensor { x.dtype == .float64 ? try x.cast(to: dtype) : x }
      let short = try Call(test, prepare: rounded).run()
      let long = try Call(test) { try rounded($0).cast(to: $0.dtype) }.run()
      if short.count != long.count { return "\(short.count) results, expected \(long.count)" }
      var tolerance = test.tolerance(for: dtype)
      for (a, b) in zip(short, long) {
        let numbers = try b.array(of: Double.self)
        // Sums of terms of both signs lose what their largest term rounds.
        let greatest = numbers.filter(\.isFinite).map(abs).max() ?? 0
        tolerance.absolute = max(tolerance.absolute, tolerance.relative * greatest)
        if b.dtype == .float64, a.dtype != dtype { return "dtype \(a.dtype.name), expected \(dtype.name)" }
        if let problem = try difference(a.cast(to: .float64), b.cast(to: .float64), tolerance) {
          return "\(dtype.name): \(problem)"
        }
      }
      return nil
    }
  }

  /// `name_` gives the values and gradients of `name`, or refuses where those do not fit into the tensor.
  @Test(arguments: Table.declared.filter(\.hasInPlaceForm).map(\.name))
  func inPlaceForm(of name: String) {
    forEachCase(of: name) { test in
      let call = try Call(test)
      guard case .tensor(let target)? = call.values.first else { return nil }
      let expected = try call.run()[0]
      let fits = expected.shape == target.shape && expected.dtype.category <= target.dtype.category
      guard fits else {
        let text = message { _ = try call.runInPlace() }
        return text?.hasPrefix(name) == true ? nil : "\(name)_ should have refused, said \(text ?? "nothing")"
      }
      let actual = try call.runInPlace()[0]
      if let problem = try difference(actual, expected.cast(to: target.dtype)) { return problem }
      guard test.gradients != nil else { return nil }
      let first = try GradientCheck.gradients(of: call.function, at: call.leaves, createGraph: false)
      let changed: GradientCheck.Function = { try call.with(leaves: $0).runInPlace() }
      return try difference(GradientCheck.gradients(of: changed, at: call.leaves, createGraph: false), first)
    }
  }
}
