extension Operation {
  static let vectorProducts: [Operation] = [bmm, mv, dot, vdot, inner, outer, vecdot, cross, crossOfAxis, kron]

  static let bmm = Operation(
    "bmm", "The products of two batches of matrices.", [.tensor("input"), .tensor("mat2")]
  ) { try $0.tensor(0).bmm($0.tensor(1)) }

  static let mv = Operation("mv", "A matrix times a vector.", [.tensor("input"), .tensor("vec")]) {
    try $0.tensor(0).mv($0.tensor(1))
  }

  static let dot = Operation("dot", "The sum of the products of two vectors.", [.tensor("input"), .tensor("tensor")]) {
    try $0.tensor(0).dot($0.tensor(1))
  }

  static let vdot = Operation("vdot", "The sum of the products of two vectors.", [.tensor("input"), .tensor("other")]) {
    try $0.tensor(0).dot($0.tensor(1), operation: "vdot")
  }

  static let inner = Operation(
    "inner", "Sums of products over the last axes; a number scales.", [.tensor("input"), .tensor("other")]
  ) { try $0.tensor(0).inner($0.tensor(1)) }

  static let outer = Operation(
    "outer", "All products of an element of one vector and one of another.", [.tensor("input"), .tensor("vec2")],
    aliases: ["ger"]
  ) { try $0.tensor(0).outer($0.tensor(1)) }

  static let vecdot = Operation(
    "vecdot", "Sums of products along an axis.",
    [.tensor("x"), .tensor("y"), .int("dim", default: -1).keyword], places: .linalg
  ) { try $0.tensor(0).vecdot($0.tensor(1), $0.int(2)) }

  static let cross = Operation(
    "cross", "The cross product along an axis of 3; without dim, the first of them.",
    [.tensor("input"), .tensor("other"), Field("dim", .int).optional]
  ) {
    let (a, b) = ($0.tensor(0), $0.tensor(1))
    if let dim = $0.optionalInt(2) { return try a.cross(b, dim) }
    let shape = try Dimensions.broadcast(a.shape, b.shape, operation: "cross")
    guard let axis = shape.firstIndex(of: 3) else {
      throw SNNError.shape("cross: no dimension of size 3 in input of shape \(a.shape)")
    }
    return try a.cross(b, axis)
  }

  static let crossOfAxis = Operation(
    "cross.linalg", "The cross product along an axis of 3.",
    [.tensor("input"), .tensor("other"), .int("dim", default: -1).keyword], places: .linalg
  ) { try $0.tensor(0).cross($0.tensor(1), $0.int(2)) }

  static let kron = Operation(
    "kron", "The Kronecker product: input with every element replaced by it times other.",
    [.tensor("input"), .tensor("other")]
  ) { try $0.tensor(0).kron($0.tensor(1)) }
}

extension Tensor {
  public func bmm(_ other: Tensor) throws(SNNError) -> Tensor {
    guard rank == 3, other.rank == 3, shape[0] == other.shape[0] else {
      throw .shape("bmm: expects two batches of as many matrices, got shapes \(shape) and \(other.shape)")
    }
    return try matmul(other)
  }

  public func mv(_ vector: Tensor) throws(SNNError) -> Tensor {
    guard rank == 2, vector.rank == 1 else {
      throw .shape("mv: expects a matrix and a vector, got shapes \(shape) and \(vector.shape)")
    }
    return try matmul(vector)
  }

  public func dot(_ other: Tensor) throws(SNNError) -> Tensor { try dot(other, operation: "dot") }

  func dot(_ other: Tensor, operation: String) throws(SNNError) -> Tensor {
    guard rank == 1, shape == other.shape else {
      throw .shape("\(operation): expects two vectors of one length, got shapes \(shape) and \(other.shape)")
    }
    return try matmul(other)
  }

  public func inner(_ other: Tensor) throws(SNNError) -> Tensor {
    if rank == 0 || other.rank == 0 { return try self * other }
    let (k, l) = (shape[rank - 1], other.shape[other.rank - 1])
    guard k == l else {
      throw .shape("inner: the last dimensions must match, got shapes \(shape) and \(other.shape)")
    }
    return try tensordot(other, [rank - 1], [other.rank - 1])
  }

  public func outer(_ other: Tensor) throws(SNNError) -> Tensor {
    guard rank == 1, other.rank == 1 else {
      throw .shape("outer: expects two vectors, got shapes \(shape) and \(other.shape)")
    }
    return try unsqueeze(1) * other
  }

  public func vecdot(_ other: Tensor, _ dim: Int = -1) throws(SNNError) -> Tensor {
    let product = try self * other
    return try product.sum([product.shape.axis(dim, operation: "vecdot")], dtype: product.dtype)
  }

  public func cross(_ other: Tensor, _ dim: Int = -1) throws(SNNError) -> Tensor {
    guard rank == other.rank else {
      throw .shape("cross: inputs must have the same number of dimensions, got shapes \(shape) and \(other.shape)")
    }
    let axis = try shape.axis(dim, operation: "cross")
    guard rank > 0, shape[axis] == 3, other.shape[axis] == 3 else {
      throw .shape("cross: inputs dimension \(dim) must have length 3, got shapes \(shape) and \(other.shape)")
    }
    let next = try Tensor([1, 2, 0])
    let last = try Tensor([2, 0, 1])
    return try indexSelect(axis, next) * other.indexSelect(axis, last) - indexSelect(axis, last)
      * other.indexSelect(axis, next)
  }

  public func kron(_ other: Tensor) throws(SNNError) -> Tensor {
    let count = Swift.max(rank, other.rank)
    let mine = Array(repeating: 1, count: count - rank) + shape
    let theirs = Array(repeating: 1, count: count - other.rank) + other.shape
    var (left, right): ([Int], [Int]) = ([], [])
    for (a, b) in zip(mine, theirs) {
      if a != 1 || b == 1 {
        left.append(a)
        right.append(1)
      }
      if b != 1 {
        left.append(1)
        right.append(b)
      }
    }
    guard left.count <= Dimensions.maximumRank else {
      throw .shape("kron: shapes \(shape) and \(other.shape) need more than \(Dimensions.maximumRank) dimensions")
    }
    var sizes: [Int] = []
    for (a, b) in zip(mine, theirs) {
      let (size, overflow) = a.multipliedReportingOverflow(by: b)
      sizes.append(overflow ? .max : size)
    }
    let target = try Dimensions.shape(sizes, operation: "kron")
    return try (reshaped(to: Dimensions(left)) * other.reshaped(to: Dimensions(right))).reshaped(to: target)
  }
}
