import Testing

@testable import SwiftNN

/// What vmap promises beside the operations: axes, nesting, chunks, random numbers, changes in place and errors.
@Suite struct VectorizedMapTests {
  private func numbers(_ shape: [Int]) throws -> Tensor {
    try (Tensor.arange(0, .int(shape.reduce(1, *)), .float64) * 0.7).sin().reshape(shape)
  }

  @Test func examplesLieAlongAnyAxis() throws {
    let x = try numbers([2, 3, 4])
    for axis in -3..<3 {
      let map = VectorizedMap()
      let sums = try map([x], dims: [axis], outDims: [-1]) { [try $0[0].cumsum(0)] }[0]
      let place = axis < 0 ? axis + 3 : axis
      for i in 0..<x.shape[place] {
        #expect(try difference(sums.select(-1, i), x.select(place, i).cumsum(0)) == nil)
      }
    }
  }

  @Test func callsStandWithinCalls() throws {
    let (a, b) = (try numbers([3, 5]), try numbers([4, 5]).cos())
    let outer = vmap(inDims: [0, nil]) { rows in
      let inner = vmap(inDims: [nil, 0]) { [try ($0[0] * $0[1]).sum()] }
      return try inner(rows)
    }
    #expect(try difference(outer([a, b])[0], a.matmul(b.transpose(0, 1))) == nil)
  }

  @Test func chunksGiveTheSame() throws {
    let x = try numbers([7, 3])
    let whole = try vmap { try $0.softmax(0) }(x)
    for size in [1, 2, 7, 100] {
      #expect(try difference(vmap(chunkSize: size) { try $0.softmax(0) }(x), whole) == nil)
    }
  }

  @Test func noExamplesGiveNone() throws {
    let empty = try Tensor.zeros([0, 3], .float64)
    #expect(try vmap { try $0.sin().sum() }(empty).shape == [0])
    #expect(try vmap { try $0.median() }(empty).shape == [0])
  }

  @Test func randomNumbersDifferOnlyWhereAsked() throws {
    let x = try Tensor.zeros([3, 8], .float64)
    func drawn(_ randomness: Randomness) throws -> Tensor {
      try vmap(randomness: randomness) { try $0 + Tensor.uniform([8], 0, 1, .float64) }(x)
    }
    let same = try drawn(.same)
    #expect(try difference(same.select(0, 0), same.select(0, 2)) == nil)
    let different = try drawn(.different)
    #expect(try difference(different.select(0, 0), different.select(0, 2)) != nil)
    let error = #expect(throws: SNNError.self) { try drawn(.error) }
    #expect(error?.message.contains("random operation") == true)
  }

  /// Numbers of each example are those of one draw for all: the position in the sequence moves as far.
  @Test func differentNumbersAreThoseOfOneDraw() throws {
    let generator = Generator(seed: 3)
    let together = try vmap(randomness: .different) { x in try x + Tensor.uniform([4], 0, 1, .float64, generator) }(
      Tensor.zeros([5, 4], .float64))
    #expect(try difference(together, Tensor.uniform([5, 4], 0, 1, .float64, Generator(seed: 3))) == nil)
  }

  @Test func changesInPlaceStayInTheirExample() throws {
    let x = try numbers([3, 4])
    let before = try x.clone()
    let changed = try vmap { row in
      let copy = try row.clone()
      try copy.select(0, 1).copy(from: row.sum())
      return copy
    }(x)
    for i in 0..<3 {
      let row = try before.select(0, i).clone()
      try row.select(0, 1).copy(from: before.select(0, i).sum())
      #expect(try difference(changed.select(0, i), row) == nil)
    }
    #expect(try difference(x, before) == nil)
  }

  @Test func changingWhatIsTheSameForAllIsAnError() throws {
    let shared = try Tensor.zeros([4], .float64)
    let error = #expect(throws: SNNError.self) { try vmap { try shared.copy(from: $0) }(numbers([3, 4])) }
    #expect(error?.message.hasPrefix("copy_: vmap:") == true)
    #expect(try difference(shared, Tensor.zeros([4], .float64)) == nil)
  }

  @Test func numbersOfOneAmongManyCannotBeRead() throws {
    let x = try numbers([3, 4])
    for read: @Sendable (Tensor) throws -> Void in [
      { _ = try $0.sum().item() }, { _ = try $0.array(of: Double.self) }, { _ = try $0.nonzero() },
      { _ = try $0.maskedSelect($0 > 0) }, { _ = try $0.unique() },
    ] {
      let error = #expect(throws: SNNError.self) {
        try vmap { row in
          try read(row)
          return row
        }(x)
      }
      #expect(error?.message.contains("vmap:") == true)
    }
  }

  @Test func examplesThatLeaveTheirCallCannotBeRead() throws {
    var kept: Tensor?
    _ = try vmap { row in
      kept = row
      return row
    }(numbers([3, 4]))
    let left = try #require(kept)
    #expect(throws: SNNError.self) { try (left + 1).array(of: Double.self) }
    #expect(left.description.hasPrefix("BatchedTensor(3 examples of shape [4]"))
  }

  @Test func badCallsAreErrors() throws {
    let x = try numbers([3, 4])
    let map = VectorizedMap()
    func message(_ body: () throws -> Void) -> String {
      do { try body() } catch { return "\(error)" }
      return ""
    }
    #expect(message { _ = try map([x], dims: [2]) { $0 } }.contains("Got in_dim=2"))
    #expect(message { _ = try map([x], dims: [nil]) { $0 } }.contains("every in_dim is None"))
    #expect(message { _ = try map([x, x], dims: [0, 1]) { $0 } }.contains("got sizes [3, 4]"))
    #expect(message { _ = try map([x], dims: [0, 0]) { $0 } }.contains("2 in_dims for 1 inputs"))
    #expect(message { _ = try map([x], dims: [0], outDims: [5]) { $0 } }.contains("out of range"))
    #expect(message { _ = try VectorizedMap(chunkSize: 0)([x], dims: [0]) { $0 } }.contains("chunk_size"))
    let deep = try Tensor.zeros([2] + Array(repeating: 1, count: 11))
    #expect(message { _ = try vmap { try $0.unsqueeze(0) }(deep) }.contains("at most 11 dimensions"))
  }

  /// A call that fails leaves nothing behind that later calls would see.
  @Test func failuresEndTheCall() throws {
    struct Stop: Error {}
    #expect(throws: SNNError.self) { try vmap { _ in throw Stop() }(numbers([3, 4])) }
    #expect(try Tensor.uniform([3]).count == 3)
  }

  @Test func operationsWithoutRuleSaySoOnce() throws {
    let remarks = Remarks()
    Log.setReceiver { level, text in if level == .warning { remarks.add(text) } }
    defer { Log.setReceiver(nil) }
    for _ in 0..<2 {
      let counts = try vmap { try Registry.apply("histc", [.tensor($0), .int(3), .float(-1), .float(1)])[0] }(
        numbers([2, 6]))
      #expect(counts.shape == [2, 3])
    }
    #expect(remarks.texts.filter { $0.contains("histc") }.count <= 1)
  }
}

private final class Remarks: @unchecked Sendable {
  private(set) var texts: [String] = []
  func add(_ text: String) { texts.append(text) }
}
