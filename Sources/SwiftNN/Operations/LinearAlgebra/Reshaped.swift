/// Linear equations whose unknowns are tensors, and matrices made of vectors.
extension Operation {
  static let tensorEquations: [Operation] = [tensorInverse, tensorSolve, vander, vanderClassic, linalgDiagonal]

  static let tensorInverse = Operation(
    "tensorinv", "The inverse of A as a map from its last axes to its first ind.",
    [.tensor("A"), .int("ind", default: 2)], places: .linalg
  ) {
    let (a, split) = ($0.tensor(0), $0.int(1))
    guard split > 0 else { throw SNNError.argument("tensorinv: expected ind to be positive, got \(split)") }
    let (first, last) = (a.shape.prefix(split), a.shape.dropFirst(split))
    let size = first.reduce(1, *)
    guard size == last.reduce(1, *) else {
      throw SNNError.shape(
        "tensorinv: expected self to satisfy prod(self.shape[ind:]) == prod(self.shape[:ind]), got \(a.shape) and ind "
          + "\(split)")
    }
    return try a.reshaped(to: [size, size]).inverse().reshaped(to: Dimensions(Array(last) + first))
  }

  static let tensorSolve = Operation(
    "tensorsolve", "The X whose product with A over all axes of X is B.",
    [.tensor("A"), .tensor("B"), Field("dims", .ints, "Axes of A that are moved to its end first.").optional],
    places: .linalg
  ) {
    var a = $0.tensor(0)
    let b = $0.tensor(1)
    if let dims = $0.optionalInts(2) {
      let moved = try dims.map { try a.shape.axis($0, operation: "tensorsolve") }
      guard Set(moved).count == moved.count, a.rank > 0 || moved.isEmpty else {
        throw SNNError.index("tensorsolve: a dimension appears more than once in \(dims)")
      }
      a = try a.permute(a.shape.indices.filter { !moved.contains($0) } + moved)
    }
    let unknown = Dimensions(Array(a.shape.dropFirst(b.rank)))
    guard a.shape.prefix(b.rank).reduce(1, *) == b.count, unknown.product == b.count else {
      throw SNNError.shape(
        "tensorsolve: expected self to satisfy prod(self.shape[other.ndim:]) == prod(self.shape[:other.ndim]) == "
          + "other.numel(), got shapes \(a.shape) and \(b.shape)")
    }
    return try a.reshaped(to: [b.count, b.count]).solve(b.reshaped(to: [b.count])).reshaped(to: unknown)
  }

  private static let width = Field("N", .int, "The number of columns; that of elements without it.").optional

  static let vander = Operation(
    "vander.linalg", "The powers of every element, from 0 on, along a new last axis.", [.tensor("x"), width.keyword],
    places: .linalg
  ) {
    let x = try $0.tensor(0).atLeast(1)
    let count = $0.optionalInt(1) ?? x.shape[x.rank - 1]
    guard count > 1 else { throw SNNError.argument("vander: N must be greater than 1, got \(count)") }
    return try x.powers(count, "vander")
  }

  static let vanderClassic = Operation(
    "vander", "The powers of the elements of a vector, one row each, the greatest power first.",
    [.tensor("x"), width, .bool("increasing", default: false, "The greatest power last.")], places: .function
  ) {
    let x = $0.tensor(0)
    guard x.rank == 1 else { throw SNNError.shape("vander: x must be a one-dimensional tensor, got shape \(x.shape)") }
    let powers = try x.powers($0.optionalInt(1) ?? x.count, "vander")
    return try $0.bool(2) ? powers : powers.flip([1])
  }

  static let linalgDiagonal = Operation(
    "diagonal.linalg", "A view of the diagonals of two axes, as the last axis.",
    [
      .tensor("A"), .int("offset", default: 0).keyword, .int("dim1", default: -2).keyword,
      .int("dim2", default: -1).keyword,
    ], places: .linalg
  ) { try $0.tensor(0).diagonal($0.int(1), $0.int(2), $0.int(3)) }
}

extension Tensor {
  /// The powers of every element below `count`, along a new last axis.
  fileprivate func powers(_ count: Int, _ operation: String) throws(SNNError) -> Tensor {
    guard count >= 0 else { throw .argument("\(operation): N must be non-negative, got \(count)") }
    let x = try cast(to: dtype.isFloatingPoint ? dtype : .int64)
    let one = try Dimensions.shape(shape + [1], operation: operation)
    guard count > 1 else { return try Tensor.full(Dimensions.shape(shape + [count], operation: operation), 1, x.dtype) }
    let repeated = try x.unsqueeze(-1).expanded(to: Dimensions.shape(shape + [count - 1], operation: operation))
    return try Tensor.cat([Tensor.full(one, 1, x.dtype), repeated.cumprod(-1)], -1)
  }
}
