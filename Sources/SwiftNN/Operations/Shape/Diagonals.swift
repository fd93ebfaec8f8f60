extension Operation {
  static let diagonals: [Operation] = [diagonal, diag, diagEmbed, diagFlat, trace, tril, triu]

  private static let offset = Field.int("offset", default: 0, "Above the main diagonal; below it where negative.")

  static let diagonal = Operation(
    "diagonal", "A view of the diagonals of two axes, as the last axis.",
    [.tensor("input"), offset, .int("dim1", default: 0), .int("dim2", default: 1)]
  ) { try $0.tensor(0).diagonal($0.int(1), $0.int(2), $0.int(3)) }

  static let diag = Operation(
    "diag", "The diagonal of a matrix, or the matrix with a vector on its diagonal.",
    [.tensor("input"), .int("diagonal", default: 0)]
  ) {
    let x = $0.tensor(0)
    guard x.rank == 1 || x.rank == 2 else {
      throw SNNError.shape("diag: supports 1D or 2D tensors, got shape \(x.shape)")
    }
    return try x.rank == 1 ? x.diagonalEmbedded($0.int(1)) : x.diagonal($0.int(1))
  }

  static let diagEmbed = Operation(
    "diag_embed", "Matrices with the last axis on their diagonals and zeros elsewhere.",
    [.tensor("input"), offset, .int("dim1", default: -2), .int("dim2", default: -1)]
  ) { try $0.tensor(0).diagonalEmbedded($0.int(1), $0.int(2), $0.int(3)) }

  static let diagFlat = Operation(
    "diagflat", "The matrix with all elements on its diagonal.", [.tensor("input"), offset]
  ) { try $0.tensor(0).reshape([-1]).diagonalEmbedded($0.int(1)) }

  static let trace = Operation("trace", "The sum of a matrix's diagonal.", [.tensor("input")]) {
    try $0.tensor(0).trace()
  }

  static let tril = Operation(
    "tril", "The lower triangle of matrices, zeros above a diagonal.",
    [.tensor("input"), .int("diagonal", default: 0)], hasInPlaceForm: true
  ) { try $0.tensor(0).tril($0.int(1)) }

  static let triu = Operation(
    "triu", "The upper triangle of matrices, zeros below a diagonal.",
    [.tensor("input"), .int("diagonal", default: 0)], hasInPlaceForm: true
  ) { try $0.tensor(0).triu($0.int(1)) }
}

/// The diagonals of two axes, as the last axis.
struct Diagonal: ViewPrimitive {
  let offset: Int
  var first: Int
  var second: Int
  let name = "diagonal"

  init(_ offset: Int, _ a: Int, _ b: Int, of shape: Dimensions, _ operation: String) throws(SNNError) {
    first = try shape.axis(a, operation: operation)
    second = try shape.axis(b, operation: operation)
    guard first != second, shape.count > 1 else {
      throw .index("\(operation): diagonal dimensions cannot be identical \(a), \(b) (input of shape \(shape))")
    }
    self.offset = Swift.min(Swift.max(offset, -(1 << 46)), 1 << 46)
  }

  func geometry(of x: Tensor) throws(SNNError) -> Geometry {
    let (rows, columns) = (x.shape[first] + Swift.min(offset, 0), x.shape[second] - Swift.max(offset, 0))
    let length = Swift.max(Swift.min(rows, columns), 0)
    var shown = Geometry(x)
    if length > 0 { shown.offset += offset > 0 ? offset * x.strides[second] : -offset * x.strides[first] }
    for axis in [Swift.max(first, second), Swift.min(first, second)] {
      shown.shape.remove(at: axis)
      shown.strides.remove(at: axis)
    }
    shown.shape.append(length)
    shown.strides.append(x.strides[first] &+ x.strides[second])
    return shown
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    Few(try Placed(view: self, shape: p.inputSpec(0).shape)(p.g))
  }
}

extension Tensor {
  public func diagonal(_ offset: Int = 0, _ dim1: Int = 0, _ dim2: Int = 1) throws(SNNError) -> Tensor {
    try Diagonal(offset, dim1, dim2, of: shape, "diagonal")(self)
  }

  /// Matrices with the last axis on their diagonals and zeros elsewhere.
  public func diagonalEmbedded(_ offset: Int = 0, _ dim1: Int = -2, _ dim2: Int = -1) throws(SNNError) -> Tensor {
    guard rank > 0, rank < Dimensions.maximumRank else {
      throw .shape("diag_embed: expects 1 to \(Dimensions.maximumRank - 1) dimensions, got shape \(shape)")
    }
    guard offset.magnitude <= 1 << 45 else {
      throw .shape("diag_embed: a matrix with the diagonal \(offset) has more elements than memory can hold")
    }
    let side = shape[rank - 1] + Int(offset.magnitude)
    var model = Dimensions(repeating: 1, count: rank + 1)
    let view = try Diagonal(offset, dim1, dim2, of: model, "diag_embed")
    var next = 0
    for i in model.indices {
      if i == view.first || i == view.second {
        model[i] = side
      } else {
        model[i] = shape[next]
        next += 1
      }
    }
    return try Placed(view: view, shape: Dimensions.shape(model, operation: "diag_embed"))(self)
  }

  public func trace() throws(SNNError) -> Tensor {
    guard rank == 2 else { throw .shape("trace: expected a matrix, but got tensor with dim \(rank)") }
    return try diagonal().sum()
  }

  public func tril(_ diagonal: Int = 0) throws(SNNError) -> Tensor {
    try masked(where: distanceFromDiagonal("tril") > .int(diagonal), 0)
  }

  public func triu(_ diagonal: Int = 0) throws(SNNError) -> Tensor {
    try masked(where: distanceFromDiagonal("triu") < .int(diagonal), 0)
  }

  /// Column less row of every position of the last two axes.
  private func distanceFromDiagonal(_ operation: String) throws(SNNError) -> Tensor {
    guard rank >= 2 else {
      throw .shape("\(operation): input tensor must have at least 2 dimensions, got shape \(shape)")
    }
    let rows = try Tensor.arange(0, .int(shape[rank - 2])).unsqueeze(1)
    return try Tensor.arange(0, .int(shape[rank - 1])) - rows
  }
}
