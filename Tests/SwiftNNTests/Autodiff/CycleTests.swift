import Testing

@testable import SwiftNN

/// A tensor that is changed in place is part of the graph behind its own node; nothing of that may stay alive.
@Suite struct CycleTests {
  private func isFreed(_ program: (_ weight: Tensor) throws -> Tensor) throws -> Bool {
    weak var changed: Tensor?
    let weight = try Tensor([1.0, 2.0]).leaf()
    do {
      let tensor = try program(weight)
      changed = tensor
      try tensor.sum().backward()
      #expect(weight.gradient != nil)
    }
    return changed == nil
  }

  private func apply(_ name: String, _ target: Tensor, _ other: Tensor) throws {
    _ = try Registry.apply(name, [.tensor(target), .tensor(other)])
  }

  @Test func addedToItself() throws {
    #expect(
      try isFreed { weight in
        let h = try weight * 1
        for _ in 0..<3 { try apply("add_", h, h * 2) }
        return h
      })
  }

  @Test func addedToAProductOfItself() throws {
    #expect(
      try isFreed { weight in
        let h = try Tensor.zeros([2], .float64)
        for _ in 0..<3 { try apply("add_", h, h.clone() * weight + weight) }
        return h
      })
  }

  /// The product was made before the first change and is used by the second.
  @Test func usedLater() throws {
    #expect(
      try isFreed { weight in
        let h = try weight * 1
        let early = try h + weight
        try apply("add_", h, weight)
        let late = try h + weight
        try apply("add_", h, late)
        try apply("add_", h, early)
        return h
      })
  }

  @Test func rowsOfABuffer() throws {
    #expect(
      try isFreed { weight in
        let buffer = try Tensor.zeros([4, 2], .float64)
        for i in 0..<4 { try buffer.select(0, i).copy(from: buffer.sum([0]) + weight) }
        return buffer
      })
  }

  /// The work of a change does not grow with the number of changes before it.
  @Test func manyChanges() throws {
    let weight = try Tensor([1.0, 2.0]).leaf()
    let total = try Tensor.zeros([2], .float64)
    for i in 0..<50_000 { try apply("add_", total, weight * .int(i % 2)) }
    try total.sum().backward()
    #expect(try weight.gradient?.array(of: Double.self) == [25_000, 25_000])
  }
}
