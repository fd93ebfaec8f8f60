import Testing

@testable import SwiftNN

/// Hooks see gradients, and may change them.
@Suite struct HookTests {
  private final class Seen: @unchecked Sendable {
    var gradients: [[Double]] = []

    func note(_ tensor: Tensor) throws { gradients.append(try tensor.array(of: Double.self)) }
  }

  @Test func leafHooks() throws {
    let x = try Tensor([1.0, 2.0]).leaf()
    let seen = Seen()
    try x.addHook {
      try seen.note($0)
      return try $0 * 10
    }
    try (x * x + x).sum().backward()
    // Once, with the whole gradient.
    #expect(seen.gradients == [[3, 5]])
    #expect(try x.gradient?.array(of: Double.self) == [30, 50])
  }

  @Test func hooksRunInOrder() throws {
    let x = try Tensor([1.0]).leaf()
    try x.addHook { try $0 + 1 }
    try x.addHook { try $0 * 2 }
    try (x * 5).sum().backward()
    #expect(try x.gradient?.item().double == 12)
  }

  @Test func innerHooks() throws {
    let x = try Tensor([1.0, 2.0]).leaf()
    let y = try x * 3
    try y.addHook { try $0 * 2 }
    try y.retainGradient()
    try y.retainGradient()
    try y.addHook { try $0 + 1 }
    try (y * y).sum().backward()
    // The retained gradient is what is left after all hooks.
    #expect(try y.gradient?.array(of: Double.self) == [13, 25])
    #expect(try x.gradient?.array(of: Double.self) == [39, 75])
  }

  @Test func removedHooksAreSilent() throws {
    let x = try Tensor([1.0]).leaf()
    let y = try x * 1
    let seen = Seen()
    let first = try x.addHook {
      try seen.note($0)
      return nil
    }
    let second = try y.addHook {
      try seen.note($0)
      return nil
    }
    try x.removeHook(first)
    try y.removeHook(second)
    try y.sum().backward()
    #expect(seen.gradients.isEmpty)
    #expect(throws: SNNError.self) { try x.removeHook(first) }
  }

  @Test func failuresStopThePass() throws {
    struct Stop: Error {}
    let x = try Tensor([1.0]).leaf()
    try x.addHook { _ in throw Stop() }
    let error = #expect(throws: SNNError.self) { try (x * 2).sum().backward() }
    #expect(error?.code == .callback && error?.message.contains("Stop") == true)
    #expect(x.gradient == nil && Gradients.isEnabled)
  }

  @Test func shapesAreChecked() throws {
    let x = try Tensor([1.0, 2.0]).leaf()
    try x.addHook { _ in try Tensor([1.0]) }
    #expect(message { try (x * 2).sum().backward() }?.hasPrefix("hook:") == true)
  }

  @Test func onlyTensorsWithGradientsHaveHooks() throws {
    let x = try Tensor([1.0])
    #expect(throws: SNNError.self) { try x.addHook { _ in nil } }
    #expect(throws: SNNError.self) { try x.retainGradient() }
  }

  @Test func hooksAlsoSeeGradCalls() throws {
    let x = try Tensor([1.0, 2.0]).leaf()
    try x.addHook { try $0 * 10 }
    #expect(try Gradients.of((x * 2).sum(), withRespectTo: x).array(of: Double.self) == [20, 20])
  }
}
