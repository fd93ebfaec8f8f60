import Testing

@testable import SwiftNN

/// Large graphs are built, differentiated and freed without deep stacks, and nothing of them is left.
@Suite struct GraphTests {
  @Test func chainOfAMillion() throws {
    let x = try Tensor.ones([1]).leaf()
    var y: Tensor? = x
    for _ in 0..<1_000_000 { y = try y! + x }
    try y!.sum().backward()
    #expect(try x.gradient?.item().double == 1_000_001)
    y = nil
  }

  @Test func unusedChainOfAMillion() throws {
    let x = try Tensor.ones([1]).leaf()
    var y: Tensor? = x
    for _ in 0..<1_000_000 { y = try y! * 1 }
    weak let last = y
    y = nil
    #expect(last == nil)
  }

  @Test func chainOfViews() throws {
    let x = try Tensor.ones([2, 3], .float64).leaf()
    var y: Tensor? = x
    for _ in 0..<100_000 { y = try y!.transpose(0, 1) }
    try (y! * y!).sum().backward()
    #expect(try x.gradient?.array(of: Double.self) == Array(repeating: 2, count: 6))
    y = nil
  }

  @Test func chainOfChangesInPlace() throws {
    let x = try Tensor.ones([2], .float64).leaf()
    let y = try x * 1
    for _ in 0..<100_000 { _ = try Registry.apply("add_", [.tensor(y), .tensor(x)]) }
    try y.sum().backward()
    #expect(try x.gradient?.array(of: Double.self) == [100_001, 100_001])
  }

  /// One value used by 10⁵ others.
  @Test func fanOut() throws {
    let x = try Tensor([3.0]).leaf()
    let parts = try (0..<100_000).map { try x * .int($0 % 3) }
    try Tensor.cat(parts).sum().backward()
    #expect(try x.gradient?.item().double == 99_999)
  }

  /// One operation with 10⁵ inputs.
  @Test func fanIn() throws {
    let leaves = try (0..<100_000).map { try Tensor([Double($0)]).leaf() }
    let joined = try Tensor.cat(leaves)
    try (joined * joined).sum().backward()
    #expect(try leaves[77_777].gradient?.item().double == 155_554)
    #expect(leaves.allSatisfy { $0.gradient != nil })
  }

  /// Each level uses the one below twice: 2⁶⁰ paths, 60 nodes.
  @Test func everyNodeIsVisitedOnce() throws {
    let x = try Tensor([1.0]).leaf()
    var y = x
    for _ in 0..<60 { y = try y + y }
    try y.sum().backward()
    #expect(try x.gradient?.item().double == 0x1p60)
  }

  @Test func graphsAreFreed() throws {
    weak var inner: Tensor?
    weak var saved: Tensor?
    let x = try Tensor([1.0, 2.0]).leaf()
    do {
      let y = try x * 2
      let weight = try Tensor([5.0, 6.0])
      inner = y
      saved = weight
      var loss: Tensor? = try (y * weight).exp().sum()
      #expect(inner != nil && saved != nil)
      loss = nil
      _ = loss
    }
    #expect(inner == nil && saved == nil)
  }

  /// A result that its own node saved must not keep itself alive.
  @Test(arguments: ["exp", "sigmoid", "tanh", "sqrt", "relu", "amax", "softmax"])
  func savedResultsAreFreed(_ name: String) throws {
    weak var result: Tensor?
    let x = try Tensor([1.0, 2.0]).leaf()
    do {
      let y = try Registry.apply(name, [.tensor(x)] + (name == "softmax" ? [.int(0)] : []))[0]
      result = y
      try y.sum().backward(createGraph: true)
    }
    // A gradient with a graph of its own may hold what it was made from.
    try x.setGradient(nil)
    #expect(result == nil)
  }

  @Test func backwardFreesWhatWasSaved() throws {
    weak var saved: Tensor?
    let x = try Tensor([1.0, 2.0]).leaf()
    let product: Tensor
    do {
      let weight = try Tensor([5.0, 6.0])
      saved = weight
      product = try (x * weight).sum()
    }
    #expect(saved != nil)
    try product.backward()
    #expect(saved == nil)
  }

  @Test func hooksAndCustomFunctionsAreFreed() throws {
    final class Token {}
    weak var token: Token?
    do {
      let kept = Token()
      token = kept
      let x = try Tensor([1.0]).leaf()
      try x.addHook { _ in
        _ = kept
        return nil
      }
      let derivative: CustomDerivative = { gradients in
        _ = kept
        return gradients
      }
      try Gradients.custom("same", [x], forward: { [try $0[0] * 1] }, derivative: derivative)[0].sum().backward()
    }
    #expect(token == nil)
  }

  @Test func graphsOfSeveralThreads() async throws {
    try await withThrowingTaskGroup(of: Double.self) { group in
      for i in 0..<8 {
        group.addTask {
          let x = try Tensor([Double(i)]).leaf()
          var y = x
          for _ in 0..<200 { y = try (y + x) * 0.5 }
          try y.sum().backward()
          return try x.gradient!.item().double
        }
      }
      for try await slope in group { #expect(abs(slope - 1) < 1e-12) }
    }
  }
}
