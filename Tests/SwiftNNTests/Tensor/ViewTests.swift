import Testing

@testable import SwiftNN

/// Views show the memory of the tensor that they come from, and copies are made only where memory cannot be shown.
@Suite struct ViewTests {
  private struct Chain: Decodable {
    let steps: [[CaseArgument]]
    let shape: [Int]
    let values: [Int]
    let shares: Bool
  }

  @Test func chains() throws {
    for chain in try Golden.read("views.json", as: [Chain].self) {
      let source = try Tensor.arange(0, 24).reshape([2, 3, 4])
      var x = source
      for step in chain.steps {
        guard case .string(let name)? = step.first else { continue }
        x = try Registry.apply(name, [.tensor(x)] + step.dropFirst().map { try value($0) })[0]
      }
      #expect(Array(x.shape) == chain.shape, "\(chain.steps)")
      #expect(try x.array(of: Int.self) == chain.values, "\(chain.steps)")
      #expect(x.sharesMemory(with: source) == chain.shares, "\(chain.steps)")
    }
  }

  private func value(_ argument: CaseArgument) throws -> Value {
    switch argument {
    case .int(let number): .int(number)
    case .ints(let numbers): .ints(numbers)
    default: throw Golden.Missing(name: "\(argument)")
    }
  }

  @Test func viewsRefuseWhatNeedsACopy() throws {
    let x = try Tensor.arange(0, 6).reshape([2, 3]).transpose(0, 1)
    let text = message { _ = try x.view([6]) }
    #expect(text?.hasPrefix("view:") == true)
    #expect(try x.reshape([6]).array(of: Int.self) == [0, 3, 1, 4, 2, 5])
  }

  @Test func changesShowInAllViews() throws {
    let x = try Tensor.zeros([2, 3])
    let column = try x.transpose(0, 1).select(0, 2)
    try column.copy(from: Tensor([5, 6] as [Float]))
    #expect(try x.array() == [0, 0, 5, 0, 0, 6])
    #expect(x.version == column.version && x.version == 1)
    try x.copy(from: Tensor(1.0))
    #expect(try column.array() == [1, 1])
  }

  @Test func overlappingCopies() throws {
    let x = try Tensor.arange(0, 6)
    try x.narrow(0, 1, 5).copy(from: x.narrow(0, 0, 5))
    #expect(try x.array(of: Int.self) == [0, 0, 1, 2, 3, 4])
    let square = try Tensor.arange(0, 4).reshape([2, 2])
    try square.copy(from: square.transpose(0, 1))
    #expect(try square.array(of: Int.self) == [0, 2, 1, 3])
  }

  @Test func repeatedElementsCannotBeWritten() throws {
    let x = try Tensor.zeros([1, 3]).expand([4, 3])
    let text = message { try x.copy(from: Tensor(1.0)) }
    #expect(text?.hasPrefix("copy_:") == true)
  }

  @Test func lengthsOfSlices() throws {
    let x = try Tensor.arange(0, 10)
    #expect(try x.slice(0, from: 7, to: 3).count == 0)
    #expect(try x.slice(0, from: -3).array(of: Int.self) == [7, 8, 9])
    #expect(try x.slice(0, from: 1, to: 100, step: 4).array(of: Int.self) == [1, 5, 9])
    #expect(try x.slice(0, from: Int.min, to: Int.max, step: Int.max).array(of: Int.self) == [0])
    #expect(throws: SNNError.self) { try x.slice(0, step: 0) }
    #expect(throws: SNNError.self) { try x.slice(0, step: -1) }
  }
}
