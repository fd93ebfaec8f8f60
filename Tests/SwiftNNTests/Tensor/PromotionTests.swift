import Testing

@testable import SwiftNN

/// Mixed dtypes meet where PyTorch's table says.
@Suite struct PromotionTests {
  private struct Operand {
    let kind: String
    let dtype: String

    func tensor() throws -> Tensor {
      switch (kind, dtype) {
      case ("tensor", _): try Tensor.ones([2], DType(name: dtype)!)
      case ("scalar", _): try Tensor.ones([], DType(name: dtype)!)
      case (_, "float"): try Tensor(number: 1.5)
      case (_, "int"): try Tensor(number: 2)
      default: try Tensor(number: true)
      }
    }
  }

  private func rows() throws -> [(Operand, Operand, String)] {
    try Golden.read("promotion.json", as: [[String]].self).map {
      (Operand(kind: $0[0], dtype: $0[1]), Operand(kind: $0[2], dtype: $0[3]), $0[4])
    }
  }

  @Test func everyPair() throws {
    for (left, right, expected) in try rows() {
      let (a, b) = (try left.tensor(), try right.tensor())
      #expect(DType.result(of: a, b).name == expected, "\(left) and \(right)")
    }
  }

  @Test func sumsHaveThatDType() throws {
    for (left, right, expected) in try rows() {
      #expect(try (left.tensor() + right.tensor()).dtype.name == expected, "\(left) + \(right)")
    }
  }

  @Test func everyDTypeIsInTheTable() throws {
    let named = Set(try rows().map(\.0).filter { $0.kind == "tensor" }.map(\.dtype))
    #expect(named == Set(DType.allCases.map(\.name)))
  }

  @Test func names() {
    for dtype in DType.allCases { #expect(DType(name: dtype.name) == dtype) }
    #expect(DType(name: "complex64") == nil)
  }

  /// A plain real number counts as the default dtype, which is changed in a process of its own.
  @Test func defaultDType() async {
    await #expect(processExitsWith: .success) {
      #expect(DType.default == .float32)
      #expect(throws: SNNError.self) { try DType.setDefault(.int64) }
      try DType.setDefault(.float64)
      #expect(try Tensor.zeros([1]).dtype == .float64)
      #expect(try (Tensor([1, 2]) * 0.5).dtype == .float64)
      #expect(try (Tensor([1, 2]) / 2).dtype == .float64)
      #expect(try Tensor.full([1], 1.5).dtype == .float64)
      #expect(try (Tensor.ones([1], .float16) * 0.5).dtype == .float16)
      #expect(try Linear(2, 2).weight.dtype == .float64)
    }
  }
}
