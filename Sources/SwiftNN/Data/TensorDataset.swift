import CKernels

/// Tensors whose first axis counts the examples. Their memory is shown, not copied.
public final class TensorDataset: Dataset {
  public let tensors: [Tensor]
  public let count: Int

  public init(_ tensors: [Tensor]) throws(SNNError) {
    guard let first = tensors.first else { throw .argument("TensorDataset: expects at least one tensor") }
    for (i, tensor) in tensors.enumerated() {
      try tensor.requireElements("TensorDataset")
      guard tensor.rank > 0 else { throw .shape("TensorDataset: tensor \(i) has no axis that counts examples") }
      guard tensor.shape[0] == first.shape[0] else {
        throw .shape(
          "TensorDataset: Size mismatch between tensors: tensor 0 has \(first.shape[0]) examples, and tensor \(i) "
            + "\(tensor.shape[0])")
      }
    }
    self.tensors = tensors.map { $0.detach() }
    count = first.shape[0]
  }

  public func examples(_ numbers: [Int]) throws(SNNError) -> [Tensor] {
    var parts: [Tensor] = []
    parts.reserveCapacity(tensors.count)
    for tensor in tensors { parts.append(try tensor.rows(numbers)) }
    return parts
  }

  /// Windows of `length` neighbours along the first axis of `sequence`, each `step` behind the one before. With an offset there is
  /// a second part: the windows so much later, as what follows each.
  public static func windows(of sequence: Tensor, length: Int, step: Int = 1, offset: Int? = nil) throws(SNNError)
    -> TensorDataset
  {
    try sequence.requireElements("windows")
    guard sequence.rank > 0, sequence.rank < Dimensions.maximumRank else {
      throw .shape("windows: expects between 1 and \(Dimensions.maximumRank - 1) axes, got shape \(sequence.shape)")
    }
    let steps = sequence.shape[0]
    let later = offset ?? 0
    guard length > 0, step > 0, later >= 0 else {
      throw .argument(
        "windows: expects a length and a step above 0 and an offset of at least 0, got \(length), \(step) and \(later)")
    }
    guard length <= steps, later <= steps - length else {
      throw .shape("windows: a sequence of \(steps) steps has no window of \(length) with offset \(later)")
    }
    let count = (steps - length - later) / step + 1
    var parts: [Tensor] = []
    for start in offset == nil ? [0] : [0, later] {
      var shown = Geometry(sequence.detach())
      shown.offset += start * shown.strides[0]
      shown.shape[0] = length
      shown.shape.insert(count, at: 0)
      shown.strides.insert(count > 1 ? step * shown.strides[0] : 0, at: 0)
      parts.append(Tensor(storage: sequence.storage, shown, sequence.dtype))
    }
    return try TensorDataset(parts)
  }
}

extension Tensor {
  /// A copy of the rows of these numbers, outside any graph.
  func rows(_ numbers: [Int]) throws(SNNError) -> Tensor {
    var size = shape
    size[0] = numbers.count
    let rows = try Tensor(uninitialized: size, dtype, operation: "examples")
    let wrong = numbers.withInt64 { list in
      shape.withPointer { shape in
        strides.withPointer { strides in
          ck_take_rows(
            dtype.kernel, Int32(rank), shape, strides, list.baseAddress, Int64(list.count), rows.data, data)
        }
      }
    }
    guard wrong < 0 else {
      throw .index("examples: there are \(shape[0]) examples, and no number \(numbers[Int(wrong)])")
    }
    return rows
  }
}

extension [Int] {
  func withInt64<Result>(_ body: (UnsafeBufferPointer<Int64>) -> Result) -> Result {
    withUnsafeBufferPointer { $0.withMemoryRebound(to: Int64.self, body) }
  }
}
