import Testing

@testable import SwiftNN

/// Functions of the caller with derivatives of their own.
@Suite struct CustomFunctionTests {
  @Test func derivativesAreUsed() throws {
    let x = try Tensor([1.0, 2.0]).leaf()
    let y = try Gradients.custom(
      "straight_through", [x], forward: { [try ($0[0] > 1.5).cast(to: .float64)] }, derivative: { $0 })[0]
    #expect(try y.array(of: Double.self) == [0, 1])
    #expect(y.gradientFunctionName == "straight_through")
    try (y * Tensor([3.0, 4.0])).sum().backward()
    #expect(try x.gradient?.array(of: Double.self) == [3, 4])
  }

  @Test func severalResults() throws {
    let (a, b) = (try Tensor([2.0]).leaf(), try Tensor([5.0]).leaf())
    let derivative: CustomDerivative = { g in
      let zero = try Tensor.zeros([1], .float64)
      let (sum, product) = (g[0] ?? zero, g[1] ?? zero)
      return [try sum + product * b, try sum + product * a]
    }
    let results = try Gradients.custom(
      "sum_and_product", [a, b], forward: { [try $0[0] + $0[1], try $0[0] * $0[1]] }, derivative: derivative)
    let both = try Gradients.of(results, withRespectTo: [a, b], retainGraph: true)
    #expect(try both.map { try $0!.item().double } == [6, 3])
    let one = try Gradients.of([results[1]], withRespectTo: [a, b])
    #expect(try one.map { try $0!.item().double } == [5, 2])
  }

  @Test func wrongNumbersAndShapesAreReported() throws {
    let x = try Tensor([1.0, 2.0]).leaf()
    func failing(_ derivative: @escaping CustomDerivative) -> String? {
      message {
        let y = try Gradients.custom("mine", [x], forward: { [try $0[0] * 1] }, derivative: derivative)[0]
        try y.sum().backward()
      }
    }
    #expect(failing { _ in [] }?.hasPrefix("mine:") == true)
    #expect(failing { [$0[0], $0[0]] }?.hasPrefix("mine:") == true)
    #expect(failing { _ in [try Tensor([1.0, 2, 3])] }?.hasPrefix("mine:") == true)
    struct Stop: Error {}
    #expect(failing { _ in throw Stop() }?.contains("Stop") == true)
    #expect(failing { _ in [nil] } == nil)
  }

  @Test func withoutGradientsNothingIsRecorded() throws {
    let x = try Tensor([1.0])
    let y = try Gradients.custom("mine", [x], forward: { [try $0[0] * 1] }, derivative: { $0 })[0]
    #expect(y.isLeaf && !y.requiresGradient)
  }

  @Test func forwardRunsOutsideTheGraph() throws {
    let x = try Tensor([1.0]).leaf()
    _ = try Gradients.custom(
      "mine", [x],
      forward: {
        #expect(!Gradients.isEnabled)
        return [try $0[0] * 1]
      }, derivative: { $0 })
  }
}
