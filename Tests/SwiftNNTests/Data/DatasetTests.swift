import Testing

@testable import SwiftNN

@Suite struct DatasetTests {
  private func parts(_ dataset: any Dataset, _ numbers: [Int]) throws -> [[Float]] {
    try dataset.examples(numbers).map { try $0.array() }
  }

  @Test func rowsInAnyOrderOfAnyLayout() throws {
    let plain = try Tensor((0..<60).map { Float($0) }, [5, 3, 4])
    let layouts = [
      plain, try plain.transpose(1, 2).contiguous().transpose(1, 2),
      try plain.transpose(0, 2).contiguous().transpose(0, 2),
      try Tensor.cat([plain, plain], 1).narrow(1, 0, 3),
    ]
    for numbers in [[], [2], [0, 1, 2], [4, 0, 3, 3, 1], Array(0..<5)] {
      let expected = numbers.flatMap { number in (0..<12).map { Float(number * 12 + $0) } }
      for layout in layouts {
        let part = try TensorDataset([layout]).examples(numbers)[0]
        #expect(try part.array() == expected && part.isContiguous && Array(part.shape) == [numbers.count, 3, 4])
      }
    }
    for dtype in DType.allCases {
      let part = try TensorDataset([plain.cast(to: dtype)]).examples([3, 1])[0]
      #expect(try part.array(of: Float.self) == plain.cast(to: dtype).rows([3, 1]).array(of: Float.self))
      #expect(part.dtype == dtype)
    }
    #expect(throws: SNNError(.index, "examples: there are 5 examples, and no number 5")) {
      try parts(TensorDataset([plain]), [0, 5])
    }
    #expect(throws: SNNError.self) { try parts(TensorDataset([plain]), [-1]) }
  }

  @Test func memoryIsShownNotCopied() throws {
    let memory = try Tensor([1, 2, 3] as [Float])
    let dataset = try TensorDataset([memory])
    memory.unsafeData.storeBytes(of: 9, as: Float.self)
    #expect(try parts(dataset, [0]) == [[9]])
    let wide = try TensorDataset([Tensor.zeros([3, 0])])
    #expect(try Array(wide.examples([2, 0])[0].shape) == [2, 0])
  }

  @Test func tensorsMustFit() throws {
    #expect(throws: SNNError.self) { try TensorDataset([]) }
    #expect(throws: SNNError.self) { try TensorDataset([Tensor(1)]) }
    #expect(throws: SNNError.self) { try TensorDataset([Tensor([1.0]), Tensor([1.0, 2])]) }
  }

  @Test func windowsOfASequence() throws {
    let sequence = try Tensor((0..<10).map { Float($0) })
    let plain = try TensorDataset.windows(of: sequence, length: 4)
    #expect(plain.count == 7 && plain.tensors.count == 1)
    #expect(try parts(plain, [6, 0]) == [[6, 7, 8, 9, 0, 1, 2, 3]])
    let pairs = try TensorDataset.windows(of: sequence, length: 3, step: 2, offset: 1)
    #expect(pairs.count == 4)
    #expect(try parts(pairs, [3]) == [[6, 7, 8], [7, 8, 9]])
    #expect(pairs.tensors[0].sharesMemory(with: sequence))
    let single = try TensorDataset.windows(of: sequence, length: 10)
    #expect(try parts(single, [0]) == [sequence.array()])
    let rows = try TensorDataset.windows(of: sequence.reshape([5, 2]), length: 2, step: 3)
    #expect(try parts(rows, [1]) == [[6, 7, 8, 9]])
    for (length, step, offset) in [(0, 1, 0), (11, 1, 0), (4, 0, 0), (4, 1, 7), (4, 1, -1), (.max, .max, .max)] {
      #expect(throws: SNNError.self) {
        try TensorDataset.windows(of: sequence, length: length, step: step, offset: offset)
      }
    }
  }

  @Test func datasetsOfDatasets() throws {
    let first = try TensorDataset([Tensor([0, 1, 2] as [Float]), Tensor([0, 10, 20] as [Float])])
    let second = try TensorDataset([Tensor([3, 4] as [Float]), Tensor([30, 40] as [Float])])
    let joined = try ConcatDataset([first, Subset(first, []), second])
    #expect(joined.count == 5)
    #expect(try parts(joined, [4, 0, 3, 2, 4]) == [[4, 0, 3, 2, 4], [40, 0, 30, 20, 40]])
    #expect(try parts(joined, [1, 2]) == [[1, 2], [10, 20]])
    #expect(try parts(joined, []) == [[], []])
    #expect(throws: SNNError.self) { try parts(joined, [5]) }
    let some = try Subset(joined, [4, 0, 4])
    #expect(try parts(some, [2, 1]) == [[4, 0], [40, 0]])
    #expect(throws: SNNError.self) { try parts(some, [3]) }
    #expect(throws: SNNError.self) { try Subset(joined, [5]) }
    let stacked = try StackDataset([second, Subset(joined, [0, 1])])
    #expect(try parts(stacked, [1]) == [[4], [40], [1], [10]])
    #expect(throws: SNNError.self) { try StackDataset([first, second]) }
    #expect(throws: SNNError.self) { try ConcatDataset([]) }
    let mixed = try ConcatDataset([first, TensorDataset([Tensor([1.0])])])
    #expect(throws: SNNError.self) { try parts(mixed, [0, 3]) }
  }

  @Test func functionsGiveExamples() throws {
    let squares = try FunctionDataset(count: 4) { numbers in [try Tensor(numbers.map { Float($0 * $0) })] }
    #expect(try parts(squares, [3, 1]) == [[9, 1]])
    #expect(throws: SNNError.self) { try parts(squares, [4]) }
    #expect(throws: SNNError.self) { try FunctionDataset(count: -1) { _ in [] } }
    let wrong = try FunctionDataset(count: 4) { _ in [try Tensor([1.0])] }
    #expect(throws: SNNError.self) { try wrong.examples([0, 1]) }
  }
}
