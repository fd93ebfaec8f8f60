/// Methods that make tensors of another's dtype.
extension Operation {
  static let newTensors: [Operation] = [newZeros, newOnes, newFull, newEmpty]

  private static func new(_ name: String, _ doc: String, _ value: Scalar) -> Operation {
    Operation(
      name, doc, [.tensor("input"), .ints("size"), .dtype().keyword], places: .method, differentiable: false
    ) { try Tensor.full($0.ints(1), value, $0.dtype(2) ?? $0.tensor(0).dtype, operation: name) }
  }

  static let newZeros = new("new_zeros", "Zeros of input's dtype.", 0)
  static let newOnes = new("new_ones", "Ones of input's dtype.", 1)

  static let newFull = Operation(
    "new_full", "One number everywhere, in input's dtype.",
    [.tensor("input"), .ints("size"), .scalar("fill_value"), .dtype().keyword], places: .method, differentiable: false
  ) { try Tensor.full($0.ints(1), $0.scalar(2), $0.dtype(3) ?? $0.tensor(0).dtype, operation: "new_full") }

  static let newEmpty = Operation(
    "new_empty", "Memory as it comes, of input's dtype.", [.tensor("input"), .ints("size"), .dtype().keyword],
    places: .method, differentiable: false
  ) { try Tensor.empty($0.ints(1), $0.dtype(2) ?? $0.tensor(0).dtype, operation: "new_empty") }
}
