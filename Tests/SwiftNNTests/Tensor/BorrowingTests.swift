import Testing

@testable import SwiftNN

/// Memory that somebody else owns is given back once.
@Suite struct BorrowingTests {
  private final class Counter: @unchecked Sendable {
    var releases = 0
  }

  private func withMemory(_ count: Int, _ body: (UnsafeMutablePointer<Double>, Counter) throws -> Void) rethrows {
    let memory = UnsafeMutablePointer<Double>.allocate(capacity: count)
    defer { memory.deallocate() }
    for i in 0..<count { memory[i] = Double(i) }
    try body(memory, Counter())
  }

  @Test func releasedOnceWhenTheLastViewGoes() throws {
    try withMemory(6) { memory, counter in
      var tensor: Tensor? = try Tensor.borrowing(memory, [2, 3], .float64) { counter.releases += 1 }
      var view: Tensor? = try tensor?.transpose(0, 1).select(0, 1)
      #expect(try view?.array(of: Double.self) == [1, 4])
      tensor = nil
      #expect(counter.releases == 0)
      #expect(try view?.array(of: Double.self) == [1, 4])
      view = nil
      #expect(counter.releases == 1)
    }
  }

  @Test func keptByTheGraph() throws {
    try withMemory(3) { memory, counter in
      let weight = try Tensor([1.0, 2, 3])
      try weight.setRequiresGradient(true)
      var result: Tensor? = try weight * Tensor.borrowing(memory, [3], .float64) { counter.releases += 1 }
      #expect(counter.releases == 0)
      try result?.sum().backward()
      #expect(try weight.gradient?.array(of: Double.self) == [0, 1, 2])
      result = nil
      #expect(counter.releases == 1)
    }
  }

  @Test func notReleasedOnFailure() throws {
    withMemory(6) { memory, counter in
      let release = { counter.releases += 1 }
      let calls: [() throws -> Tensor] = [
        { try .borrowing(memory, [2, -3], .float64, release: release) },
        { try .borrowing(memory, [1 << 40, 1 << 40], .float64, release: release) },
        { try .borrowing(memory, [2, 3], strides: [3], .float64, release: release) },
        { try .borrowing(memory, [2, 3], strides: [Int.max, 1], .float64, release: release) },
        { try .borrowing(nil, [2, 3], .float64, release: release) },
        { try .borrowing(UnsafeMutableRawPointer(memory) + 1, [2], .float64, release: release) },
        { try .borrowing(memory, Array(repeating: 1, count: 13), .float64, release: release) },
      ]
      for call in calls { #expect(throws: SNNError.self) { try call() } }
      #expect(counter.releases == 0)
    }
  }

  @Test func nothingMayBeBorrowedFromNowhere() throws {
    let counter = Counter()
    var empty: Tensor? = try Tensor.borrowing(nil, [0, 3], .float32) { counter.releases += 1 }
    #expect(empty?.count == 0)
    empty = nil
    #expect(counter.releases == 1)
  }

  @Test func stridesMayBeNegativeOrZero() throws {
    try withMemory(6) { memory, counter in
      let reversed = try Tensor.borrowing(memory + 5, [6], strides: [-1], .float64) {}
      #expect(try reversed.array(of: Double.self) == [5, 4, 3, 2, 1, 0])
      #expect(try (reversed * 2).sum([0]).item().double == 30)
      #expect(try reversed.slice(0, from: 1, to: 6, step: 2).array(of: Double.self) == [4, 2, 0])
      #expect(try reversed.reshape([2, 3]).array(of: Double.self) == [5, 4, 3, 2, 1, 0])
      let repeated = try Tensor.borrowing(memory + 2, [2, 2], strides: [0, 3], .float64) {}
      #expect(try repeated.array(of: Double.self) == [2, 5, 2, 5])
      #expect(counter.releases == 0)
    }
  }

  @Test func changesAreShared() throws {
    try withMemory(4) { memory, _ in
      let tensor = try Tensor.borrowing(memory, [4], .float64) {}
      memory[1] = 10
      #expect(try tensor.array(of: Double.self) == [0, 10, 2, 3])
      try tensor.select(0, 3).copy(from: Tensor(-1.0))
      #expect(memory[3] == -1)
    }
  }

  @Test func touchingTellsTheGraph() throws {
    let memory = try Tensor([1.0, 2.0])
    let weight = try Tensor([3.0, 4.0])
    try weight.setRequiresGradient(true)
    let product = try (weight * memory).sum()
    memory.touch()
    let text = message { try product.backward() }
    #expect(text?.hasPrefix("mul:") == true)
  }
}
