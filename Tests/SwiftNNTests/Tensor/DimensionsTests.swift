import Testing

@testable import SwiftNN

/// Sizes from outside are checked once, and sizes that were checked cannot go wrong.
@Suite struct DimensionsTests {
  @Test func negativeSizesAreRefused() {
    for sizes in [[-1], [2, -3], [0, -1], [Int.min], [Int.max, Int.min]] {
      #expect(throws: SNNError.self) { try Dimensions.shape(sizes, operation: "test") }
    }
  }

  @Test func overflowIsRefused() {
    for sizes in [[Int.max], [Int.max, 2], [1 << 32, 1 << 32], [1 << 31, 1 << 31, 4], [1 << 46]] {
      let text = message { _ = try Dimensions.shape(sizes, operation: "test") }
      #expect(text?.hasPrefix("test:") == true && text?.contains("\(sizes)") == true)
    }
  }

  /// Without elements no memory is asked for, but strides must not overflow either.
  @Test func emptyShapesMayBeLong() throws {
    let empty = try Tensor.zeros([1 << 20, 0, 1 << 20])
    #expect(empty.count == 0)
    #expect(try empty.sum().item().double == 0)
    #expect(throws: SNNError.self) { try Tensor.zeros([1 << 40, 0, 1 << 40]) }
  }

  @Test func ranks() throws {
    let most = Array(repeating: 1, count: Dimensions.maximumRank)
    #expect(try Tensor.zeros(most).rank == 12)
    #expect(throws: SNNError.self) { try Tensor.zeros(most + [1]) }
    #expect(throws: SNNError.self) { try Tensor.zeros(most).unsqueeze(0) }
    #expect(throws: SNNError.self) { try Tensor.stack([.zeros(most), .zeros(most)]) }
    #expect(throws: SNNError.self) { try Tensor.zeros(most).reshape(most + [1]) }
    #expect(throws: SNNError.self) { try Tensor.zeros(most).expand([2] + most) }
  }

  @Test func contiguousStrides() {
    #expect(Dimensions([2, 3, 4]).contiguousStrides == [12, 4, 1])
    #expect(Dimensions([2, 0, 4]).contiguousStrides == [4, 4, 1])
    #expect(Dimensions([Int]()).contiguousStrides == [])
  }

  @Test func editing() {
    var list: Dimensions = [2, 3]
    list.insert(5, at: 1)
    list.append(7)
    #expect(list == [2, 5, 3, 7])
    #expect(list.remove(at: 0) == 2)
    #expect(list == [5, 3, 7] && list.product == 105 && list.description == "[5, 3, 7]")
    #expect(list != [5, 3] && Set([list, [5, 3, 7]]).count == 1)
  }

  @Test(arguments: [
    ([2, 3], [3], [2, 3]), ([2, 1], [3], [2, 3]), ([], [4], [4]), ([0, 1], [1, 5], [0, 5]), ([1], [0], [0]),
    ([5, 1, 2], [4, 1], [5, 4, 2]),
  ])
  func broadcast(_ a: [Int], _ b: [Int], _ expected: [Int]) throws {
    #expect(try Array(Dimensions.broadcast(Dimensions(a), Dimensions(b), operation: "test")) == expected)
    #expect(try Array(Dimensions.broadcast(Dimensions(b), Dimensions(a), operation: "test")) == expected)
  }

  @Test func broadcastRefusals() {
    let text = message { _ = try Dimensions.broadcast([2, 3], [2, 4], operation: "add") }
    #expect(text?.contains("3") == true && text?.contains("4") == true && text?.hasPrefix("add:") == true)
    #expect(throws: SNNError.self) { try Dimensions.broadcast([0], [2], operation: "test") }
  }

  @Test func axes() throws {
    let shape: Dimensions = [2, 3, 4]
    #expect(try (-3...2).map { try shape.axis($0, operation: "test") } == [0, 1, 2, 0, 1, 2])
    #expect(try Dimensions().axis(-1, operation: "test") == 0)
    for dim in [3, -4, Int.max, Int.min] {
      #expect(throws: SNNError.self) { try shape.axis(dim, operation: "test") }
    }
  }
}
