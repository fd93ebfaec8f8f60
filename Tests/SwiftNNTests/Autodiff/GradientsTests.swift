import Foundation
import Synchronization
import Testing

@testable import SwiftNN

/// The calls that differentiate, and what can be hung onto them.
@Suite struct GradientsTests {
  private func leaf(_ numbers: [Double] = [1, 2, 3]) throws -> Tensor { try Tensor(numbers).leaf() }
  private func numbers(_ tensor: Tensor?) throws -> [Double]? { try tensor?.array(of: Double.self) }

  @Test func higherOrders() throws {
    let x = try leaf()
    var y = try (x * x * x * x).sum()
    var orders: [[Double]] = []
    for _ in 0..<4 {
      let g = try Gradients.of(y, withRespectTo: x, createGraph: true)
      orders.append(try g.array(of: Double.self))
      y = try g.sum()
    }
    #expect(orders == [[4, 32, 108], [12, 48, 108], [24, 48, 72], [24, 24, 24]])
  }

  @Test func backwardAccumulates() throws {
    let x = try leaf()
    try (x * 2).sum().backward()
    try (x * x).sum().backward()
    #expect(try numbers(x.gradient) == [4, 6, 8])
    try x.setGradient(nil)
    #expect(x.gradient == nil)
  }

  /// Two leaves that receive the same tensor must not share it.
  @Test func accumulatedGradientsAreSeparate() throws {
    let (a, b) = (try leaf(), try leaf())
    try (a + b).backward(Tensor([1.0, 1, 1]))
    #expect(a.gradient?.sharesMemory(with: b.gradient!) == false)
    try (a + b).backward(Tensor([1.0, 1, 1]))
    #expect(try numbers(a.gradient) == [2, 2, 2] && numbers(b.gradient) == [2, 2, 2])
  }

  @Test func seedsAreNotKept() throws {
    let x = try leaf()
    let seed = try Tensor([1.0, 2, 3])
    try (x + 0).backward(seed)
    try (x + 0).backward(seed)
    #expect(try numbers(seed) == [1, 2, 3] && numbers(x.gradient) == [2, 4, 6])
  }

  @Test func gradLeavesLeavesAlone() throws {
    let x = try leaf()
    _ = try Gradients.of((x * x).sum(), withRespectTo: x)
    #expect(x.gradient == nil)
  }

  @Test func backwardIntoChosenInputs() throws {
    let (a, b) = (try leaf(), try leaf())
    let product = try a * b
    try Gradients.backward([product.sum()], inputs: [a])
    #expect(try numbers(a.gradient) == [1, 2, 3] && b.gradient == nil)
  }

  @Test func seedsMustFit() throws {
    let y = try leaf() * 2
    #expect(throws: SNNError.self) { try y.backward() }
    #expect(throws: SNNError.self) { try y.backward(Tensor([1.0])) }
    #expect(throws: SNNError.self) { try Gradients.backward([y], seeds: []) }
    #expect(throws: SNNError.self) { try Gradients.backward([]) }
    #expect(throws: SNNError.self) { try Tensor([1.0]).backward() }
  }

  @Test func severalOutputs() throws {
    let x = try leaf()
    let seeds = try [Tensor([1.0, 1, 1]), Tensor([1.0, 10, 100])]
    let g = try Gradients.of([x * 2, x * x], withRespectTo: [x], seeds: seeds)
    #expect(try numbers(g[0]) == [4, 42, 602])
    // The same output twice counts twice.
    let y = try (x * 3).sum()
    #expect(try numbers(Gradients.of([y, y], withRespectTo: [x])[0]) == [6, 6, 6])
  }

  @Test func gradientOfAnIntermediateValue() throws {
    let x = try leaf()
    let y = try x * 2
    let z = try (y * y).sum()
    let g = try Gradients.of([z], withRespectTo: [y, x, z], retainGraph: true)
    #expect(try numbers(g[0]) == [4, 8, 12] && numbers(g[1]) == [8, 16, 24] && numbers(g[2]) == [1])
  }

  @Test func unusedInputs() throws {
    let (a, b) = (try leaf(), try leaf())
    let y = try (a * 2).sum()
    let text = message { _ = try Gradients.of([y], withRespectTo: [a, b], retainGraph: true) }
    #expect(text?.hasPrefix("grad:") == true && text?.contains("allow_unused") == true)
    let g = try Gradients.of([y], withRespectTo: [a, b], allowUnused: true)
    #expect(try numbers(g[0]) == [2, 2, 2] && g[1] == nil)
    #expect(throws: SNNError.self) { try Gradients.of([(a * 2).sum()], withRespectTo: [Tensor([1.0])]) }
  }

  @Test func graphsAreUsedOnce() throws {
    let x = try leaf()
    let y = try x.square().sum()
    try y.backward(retainGraph: true)
    try y.backward()
    let text = message { try y.backward() }
    #expect(text?.contains("a second time") == true)
    #expect(try numbers(x.gradient) == [4, 8, 12])
  }

  @Test func recordingModes() throws {
    let x = try leaf()
    #expect(Gradients.isEnabled)
    let y = try Gradients.with(enabled: false) {
      #expect(!Gradients.isEnabled)
      let inner = try Gradients.with(enabled: true) { try x * 2 }
      #expect(inner.requiresGradient && !Gradients.isEnabled)
      return try x * 2
    }
    #expect(Gradients.isEnabled && !y.requiresGradient && y.isLeaf)
    struct Stop: Error {}
    #expect(throws: Stop.self) { try Gradients.with(enabled: false) { throw Stop() } }
    #expect(Gradients.isEnabled)
  }

  @Test func modesBelongToTheThread() {
    let seen = Mutex(false)
    Gradients.with(enabled: false) {
      let finished = DispatchSemaphore(value: 0)
      Thread.detachNewThread {
        seen.withLock { $0 = Gradients.isEnabled }
        finished.signal()
      }
      finished.wait()
    }
    #expect(seen.withLock { $0 })
  }

  @Test func detachedTensorsShareMemory() throws {
    let x = try leaf()
    let y = try (x * 2)
    let z = y.detach()
    #expect(!z.requiresGradient && z.sharesMemory(with: y))
    try (z * y).sum().backward()
    #expect(try numbers(x.gradient) == [4, 8, 12])
  }

  @Test func integersHaveNoGradients() throws {
    #expect(throws: SNNError.self) { try Tensor([1, 2]).setRequiresGradient(true) }
    #expect(try leaf().argmax().requiresGradient == false)
    #expect(try leaf().cast(to: .int64).requiresGradient == false)
  }

  @Test func flagsOfInnerValuesStay() throws {
    let y = try leaf() * 2
    #expect(throws: SNNError.self) { try y.setRequiresGradient(false) }
  }

  @Test func assignedGradientsMustFit() throws {
    let x = try leaf()
    #expect(throws: SNNError.self) { try x.setGradient(Tensor([1.0])) }
    #expect(throws: SNNError.self) { try x.setGradient(Tensor([1, 2, 3] as [Float])) }
    #expect(throws: SNNError.self) { try x.setGradient(x) }
    try x.setGradient(Tensor([1.0, 1, 1]))
    try (x * x).sum().backward()
    #expect(try numbers(x.gradient) == [3, 5, 7])
  }

  @Test func createdGraphsStay() throws {
    let x = try leaf()
    try (x * x * x).sum().backward(createGraph: true)
    let g = x.gradient!
    #expect(g.requiresGradient)
    #expect(try numbers(Gradients.of(g.sum(), withRespectTo: x)) == [6, 12, 18])
  }

  @Test func conversionsAreUndone() throws {
    let x = try Tensor([1, 2] as [Float])
    try x.setRequiresGradient(true)
    try (x.cast(to: .float64) * Tensor([3.0, 4.0])).sum().backward()
    #expect(x.gradient?.dtype == .float32)
    #expect(try x.gradient?.array() == [3, 4])
  }
}
