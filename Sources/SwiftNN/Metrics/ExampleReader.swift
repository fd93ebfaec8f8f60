import CKernels

/// Reads what a metric is given into the form of kernels: contiguous, outside any graph, in the order of the examples.
struct ExampleReader {
  let owner: String

  var none: SNNError { .argument("\(owner): there is nothing to judge: update had no examples") }

  /// Finite numbers in float64.
  func numbers(_ tensor: Tensor, _ name: String) throws(SNNError) -> Tensor {
    try checkNumbers(tensor, name, finite: true)
    return try tensor.detach().cast(to: .float64).contiguous()
  }

  /// Whole numbers as int64.
  func integers(_ tensor: Tensor, _ name: String) throws(SNNError) -> Tensor {
    try tensor.requireElements(owner)
    guard tensor.dtype.isFloatingPoint else { return try tensor.detach().cast(to: .int64).contiguous() }
    let numbers = try numbers(tensor, name)
    let result = try Tensor(uninitialized: tensor.shape, .int64, operation: owner)
    let place = ck_whole_numbers(Int64(tensor.count), result.integers, numbers.doubles)
    guard place < 0 else {
      throw .argument("\(owner): \(name) must be classes, got \(numbers.doubles[Int(place)]) at position \(place)")
    }
    return result
  }

  /// NaN is an error, and where numbers have to be finite, infinity.
  @discardableResult
  func checkNumbers(_ tensor: Tensor, _ name: String, finite: Bool) throws(SNNError) -> Tensor {
    try tensor.requireElements(owner)
    let all = try tensor.detach().contiguous()
    let place = ck_first_improper(all.dtype.kernel, finite, Int64(all.count), all.data)
    guard place < 0 else {
      throw .argument("\(owner): \(name) contain NaN\(finite ? " or infinity" : ""), first at position \(place)")
    }
    return all
  }

  /// One weight for each of the targets, or for each along their first axis, in float64.
  func weights(_ weights: Tensor?, of shape: Dimensions) throws(SNNError) -> Tensor? {
    guard let weights else { return nil }
    let numbers = try numbers(weights, "weights")
    if numbers.shape == shape { return numbers }
    guard numbers.rank == 1, shape.count > 0, numbers.shape[0] == shape[0] else {
      throw .shape("\(owner): expects weights of shape \(shape) or [\(shape.first ?? 1)], got \(numbers.shape)")
    }
    let column = try numbers.reshape([numbers.count] + Array(repeating: 1, count: shape.count - 1))
    return try column.expanded(to: shape).contiguous()
  }
}

extension Tensor {
  var integers: UnsafeMutablePointer<Int64> { data.assumingMemoryBound(to: Int64.self) }

  /// Whether numbers of this shape are scores of one class each, for targets of that shape: [N, C, d1, …] and [N, d1, …].
  func hasClassAxis(for targets: Tensor) -> Bool {
    guard rank == targets.rank + 1, rank >= 2 else { return false }
    for axis in 0..<targets.rank where targets.shape[axis] != shape[axis == 0 ? 0 : axis + 1] { return false }
    return true
  }
}
