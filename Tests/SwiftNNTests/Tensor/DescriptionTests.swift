import Testing

@testable import SwiftNN

/// Tensors print as PyTorch prints them, without the module's name before the dtype.
@Suite struct DescriptionTests {
  private struct Example: Decodable {
    let dtype: String
    let shape: [Int]
    /// Absent: 0, 1, 2 and so on.
    let values: [String]?
    let gradient: Bool
    let text: String
  }

  @Test func examples() throws {
    for example in try Golden.read("descriptions.json", as: [Example].self) {
      let values = example.values?.map { Double($0)! } ?? (0..<example.shape.reduce(1, *)).map(Double.init)
      let tensor = try Tensor(values, example.shape).cast(to: DType(name: example.dtype)!)
      try tensor.setRequiresGradient(example.gradient)
      #expect(tensor.description == example.text)
    }
  }

  @Test func functionsOfTheGraph() throws {
    let x = try Tensor([1.0, 2.0] as [Float])
    try x.setRequiresGradient(true)
    #expect(try (x * 2).description == "tensor([2., 4.], grad_fn=<MulBackward>)")
    #expect(try x.logSoftmax(0).gradientFunctionName != nil)
    #expect(try (x * 2).detach().description == "tensor([2., 4.])")
  }

  @Test func viewsPrintWhatTheyShow() throws {
    let x = try Tensor.arange(0, 6).reshape([2, 3]).transpose(0, 1)
    #expect(x.description == "tensor([[0, 3],\n        [1, 4],\n        [2, 5]])")
    #expect(try x.select(1, 1).description == "tensor([3, 4, 5])")
  }
}
