extension Operation {
  static let contractions: [Operation] = [tensordot, tensordotAxes, bilinear]

  static let tensordot = Operation(
    "tensordot", "Sums of products over the last axes of one tensor and the first of another.",
    [.tensor("a"), .tensor("b"), .int("dims", default: 2, "The number of axes.")], places: .function
  ) {
    let (a, b, count) = ($0.tensor(0), $0.tensor(1), $0.int(2))
    guard count >= 0, count <= a.rank, count <= b.rank else {
      throw SNNError.argument("tensordot: dims must be between 0 and \(Swift.min(a.rank, b.rank)), got \(count)")
    }
    return try a.tensordot(b, Array((a.rank - count)..<a.rank), Array(0..<count))
  }

  static let tensordotAxes = Operation(
    "tensordot.axes", "Sums of products over chosen axes of two tensors.",
    [.tensor("a"), .tensor("b"), .ints("dims_a"), .ints("dims_b")], places: .function
  ) { try $0.tensor(0).tensordot($0.tensor(1), $0.ints(2), $0.ints(3)) }

  static let bilinear = Operation(
    "bilinear", "input1 · weight · input2 for every output feature, plus bias.",
    [.tensor("input1"), .tensor("input2"), .tensor("weight"), Field("bias", .tensor).optional],
    places: [.function, .functional]
  ) { try $0.tensor(0).bilinear($0.tensor(1), $0.tensor(2), $0.optionalTensor(3)) }
}

extension Tensor {
  /// Sums of products over pairs of axes; the remaining axes of both stand one after another.
  public func tensordot(_ other: Tensor, _ mine: [Int], _ theirs: [Int]) throws(SNNError) -> Tensor {
    guard mine.count == theirs.count else {
      throw .argument("tensordot: both dimension lists should have same length, got \(mine) and \(theirs)")
    }
    let left = try mine.map { dim throws(SNNError) in try shape.axis(dim, operation: "tensordot") }
    let right = try theirs.map { dim throws(SNNError) in try other.shape.axis(dim, operation: "tensordot") }
    for (axes, tensor) in [(left, self), (right, other)] where Set(axes).count != axes.count || axes.count > tensor.rank
    {
      throw .index("tensordot: a dimension appears more than once in \(axes)")
    }
    var (a, b) = (self, other)
    for (i, j) in zip(left, right) where a.shape[i] != b.shape[j] {
      // As in PyTorch, an axis of size 1 on one side sums the other side's axis.
      guard a.shape[i] == 1 || b.shape[j] == 1 else {
        throw .shape(
          "tensordot: contracted dimensions need to match, but first has size \(a.shape[i]) in dim \(i) and "
            + "second has size \(b.shape[j]) in dim \(j)")
      }
      if a.shape[i] == 1 {
        b = try b.sum([j], keepDim: true, dtype: b.dtype)
      } else {
        a = try a.sum([i], keepDim: true, dtype: a.dtype)
      }
    }
    let rows = a.shape.indices.filter { !left.contains($0) }
    let columns = b.shape.indices.filter { !right.contains($0) }
    let inside = left.reduce(1) { $0 * a.shape[$1] }
    let sizes = rows.map { a.shape[$0] } + columns.map { b.shape[$0] }
    let target = try Dimensions.shape(sizes, operation: "tensordot")
    let first = try a.permute(rows + left).reshaped(to: [rows.reduce(1) { $0 * a.shape[$1] }, inside])
    let second = try b.permute(right + columns).reshaped(to: [inside, columns.reduce(1) { $0 * b.shape[$1] }])
    return try first.matmul(second).reshaped(to: target)
  }

  public func bilinear(_ other: Tensor, _ weight: Tensor, _ bias: Tensor? = nil) throws(SNNError) -> Tensor {
    guard rank > 0, weight.rank == 3, shape.dropLast().elementsEqual(other.shape.dropLast()), rank == other.rank,
      shape[rank - 1] == weight.shape[1], other.shape[rank - 1] == weight.shape[2]
    else {
      throw .shape(
        "bilinear: inputs of shapes \(shape) and \(other.shape) do not fit the weight of shape \(weight.shape)")
    }
    let features = weight.shape[0]
    if let bias, bias.shape != [features] {
      throw .shape("bilinear: expects a bias of shape [\(features)], got \(bias.shape)")
    }
    let rows = shape.dropLast().reduce(1, *)
    let half = try reshaped(to: [rows, shape[rank - 1]]).tensordot(weight, [1], [1])
    let product = try half.matmul(other.reshaped(to: [rows, other.shape[rank - 1], 1]))
    let result = try product.reshaped(to: Dimensions(shape.dropLast() + [features]))
    return try bias.map { bias throws(SNNError) in try result + bias } ?? result
  }
}
