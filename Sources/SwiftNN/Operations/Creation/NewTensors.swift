/// Methods that make tensors of another's dtype.
extension Operation {
  static let newTensors: [Operation] = [
    newZeros, newOnes, newFull, newEmpty, newEmptyStrided, emptyStrided, emptyPermuted, scalarTensor,
  ]

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

  static let newEmptyStrided = Operation(
    "new_empty_strided", "Memory as it comes, of input's dtype, with the given steps between elements.",
    [.tensor("input"), .ints("size"), .ints("stride"), .dtype().keyword], places: .method, differentiable: false
  ) {
    try Tensor.empty(
      $0.ints(1), strides: $0.ints(2), $0.dtype(3) ?? $0.tensor(0).dtype, operation: "new_empty_strided")
  }

  static let emptyStrided = Operation(
    "empty_strided", "Memory as it comes, with the given steps between elements.",
    [.ints("size"), .ints("stride"), .dtype().keyword], places: .function, differentiable: false
  ) { try Tensor.empty($0.ints(0), strides: $0.ints(1), $0.dtype(2) ?? .default, operation: "empty_strided") }

  static let emptyPermuted = Operation(
    "empty_permuted", "Memory as it comes, whose axes lie in the given order, the densest last.",
    [.ints("size"), .ints("physical_layout"), .dtype().keyword], places: .function, differentiable: false
  ) {
    let (size, order) = ($0.ints(0), $0.ints(1))
    guard order.count == size.count, order.sorted() == Array(0..<size.count) else {
      throw SNNError.argument("empty_permuted: physical_layout must name each of \(size.count) axes once, got \(order)")
    }
    _ = try Dimensions.shape(size, operation: "empty_permuted")
    var strides = size
    var step = 1
    for axis in order.reversed() {
      strides[axis] = step
      // Wraps only next to an axis of size 0, where no step is taken.
      step &*= Swift.max(size[axis], 1)
    }
    return try Tensor.empty(size, strides: strides, $0.dtype(2) ?? .default, operation: "empty_permuted")
  }

  static let scalarTensor = Operation(
    "scalar_tensor", "One number as a tensor without axes.", [.scalar("s"), .dtype().keyword], places: .function,
    differentiable: false
  ) { try Tensor.full([], $0.scalar(0), $0.dtype(1) ?? .default, operation: "scalar_tensor") }
}

extension Tensor {
  /// Uninitialised memory with the given steps between elements, in an order of their own.
  static func empty(_ sizes: [Int], strides: [Int], _ dtype: DType, operation: String) throws(SNNError) -> Tensor {
    let shape = try Dimensions.shape(sizes, operation: operation)
    guard strides.count == sizes.count, shape.product == 0 || !strides.contains(where: { $0 < 0 }) else {
      throw .argument("\(operation): expects \(sizes.count) strides of at least 0, got \(strides)")
    }
    var reach = 1
    for (size, stride) in zip(sizes, strides) where shape.product > 0 {
      let (span, overflows) = (size - 1).multipliedReportingOverflow(by: stride)
      let (total, exceeds) = reach.addingReportingOverflow(span)
      guard !overflows, !exceeds else {
        throw .shape("\(operation): strides \(strides) of shape \(shape) are too large")
      }
      reach = total
    }
    let memory = try empty([shape.product > 0 ? reach : 0], dtype, operation: operation)
    return Tensor(storage: memory.storage, offset: 0, shape: shape, strides: Dimensions(strides), dtype: dtype)
  }
}
