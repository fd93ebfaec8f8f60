import Testing

@testable import SwiftNN

/// The checks of derivatives must find mistakes, and must not find any where there are none.
@Suite struct GradientCheckTests {
  private static let point: [Double] = [0.3, -1.2, 2.0]

  private func point() throws -> Tensor { try Tensor(Self.point) }

  /// x³, with a derivative of the caller's choosing.
  private func cube(_ derivative: @escaping @Sendable (Tensor, Tensor) throws -> Tensor) -> GradientCheck.Function {
    { inputs in
      let x = inputs[0]
      return try Gradients.custom(
        "cube", [x], forward: { try [$0[0] * $0[0] * $0[0]] }, derivative: { [try derivative($0[0]!, x)] })
    }
  }

  @Test func rightDerivativesPass() throws {
    let function = cube { g, x in try g * (3 * x * x) }
    #expect(try GradientCheck.first(function, at: [point()]) == nil)
    #expect(try GradientCheck.second(function, at: [point()]) == nil)
    #expect(try GradientCheck.forward(function, at: [point()]) == nil)
  }

  @Test func wrongFirstDerivativeIsReported() throws {
    let function = cube { g, x in try g * (3.0001 * x * x) }
    #expect(try GradientCheck.first(function, at: [point()]) != nil)
    #expect(try GradientCheck.forward(function, at: [point()]) != nil)
  }

  @Test func missingDerivativeIsReported() throws {
    let function: GradientCheck.Function = { inputs in
      try Gradients.custom(
        "cube", inputs, forward: { try [$0[0] * $0[0] * $0[0]] }, derivative: { _ in [nil] })
    }
    #expect(try GradientCheck.first(function, at: [point()]) != nil)
  }

  /// Right values, but the derivative forgets that it depends on the input.
  @Test func wrongSecondDerivativeIsReported() throws {
    let function = cube { g, x in try g * (3 * x.detach() * x.detach()) }
    #expect(try GradientCheck.first(function, at: [point()]) == nil)
    #expect(try GradientCheck.second(function, at: [point()]) != nil)
  }

  /// A derivative that is right for the usual seed alone.
  @Test func derivativeThatForgetsTheSeedIsReported() throws {
    let function = cube { _, x in try 3 * x * x }
    #expect(try GradientCheck.first(function, at: [point()]) != nil)
  }

  /// Only one of two inputs is wrong.
  @Test func theWrongInputIsNamed() throws {
    let function: GradientCheck.Function = { inputs in
      let (a, b) = (inputs[0], inputs[1])
      return try Gradients.custom(
        "product", inputs, forward: { try [$0[0] * $0[1]] }, derivative: { [try $0[0]! * b, try $0[0]! * a * 2] })
    }
    let problem = try GradientCheck.first(function, at: [point(), point()])
    #expect(problem?.contains("input 1") == true)
  }

  @Test func comparisonsFindDifferences() throws {
    let a = try Tensor([1, 2, .nan] as [Double])
    #expect(try difference(a, a.clone()) == nil)
    #expect(try difference(a, a + 1e-8) != nil)
    #expect(try difference(a, a.cast(to: .float32)) != nil)
    #expect(try difference(a, a.unsqueeze(0)) != nil)
    #expect(try difference(Tensor([1.0, .infinity]), Tensor([1.0, -.infinity])) != nil)
    #expect(try difference(Tensor([1.0]), Tensor([Double.nan])) != nil)
    #expect(try difference(Tensor([1, 2]), Tensor([1, 3])) != nil)
    #expect(try difference([a], []) != nil)
  }
}
