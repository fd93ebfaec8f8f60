extension Operation {
  static let matrixNorms: [Operation] = [matrixNorm, matrixNormOrder, linalgNorm, linalgNormName]

  private static let dims = Field.ints("dim", default: [-2, -1], "The axes of the matrices.")
  private static let keepDim = Field.bool("keepdim", default: false, "Keeps the reduced axes with size 1.")

  static let matrixNorm = Operation(
    "matrix_norm", "A norm of matrices: fro, the root of the sum of squares, or nuc, the sum of the singular values.",
    [.tensor("A"), .choice("ord", of: ["fro", "nuc"], default: "fro"), dims, keepDim, .dtype().keyword], places: .linalg
  ) {
    try $0.tensor(0).converted($0.dtype(4)).norm(
      overMatrix: $0.ints(2), keepDim: $0.bool(3), "matrix_norm", word: $0.string(1))
  }

  static let matrixNormOrder = Operation(
    "matrix_norm.order", "A norm of matrices: 1 and -1 of columns, inf and -inf of rows, 2 and -2 of singular values.",
    [.tensor("A"), .scalar("ord"), dims, keepDim, .dtype().keyword], places: .linalg
  ) {
    try $0.tensor(0).converted($0.dtype(4)).norm(
      overMatrix: $0.ints(2), keepDim: $0.bool(3), "matrix_norm", $0.float(1))
  }

  private static let anyDims = Field("dim", .ints, "One axis: of vectors; two: of matrices.").optional

  static let linalgNorm = Operation(
    "norm.linalg", "A norm of vectors, or, where there are two axes and ord is given, of matrices.",
    [.tensor("A"), Field("ord", .scalar).optional, anyDims, keepDim, .dtype().keyword], places: .linalg
  ) {
    let x = try $0.tensor(0).converted($0.dtype(4))
    let (order, dims, keepDim) = ($0.optionalFloat(1), $0.optionalInts(2), $0.bool(3))
    guard x.dtype.isFloatingPoint else {
      throw SNNError.dtype("norm: expected a floating-point tensor, got \(x.dtype.name)")
    }
    if let order, (dims?.count ?? x.rank) == 2 {
      return try x.norm(overMatrix: dims ?? [0, 1], keepDim: keepDim, "norm", order)
    }
    guard let order else { return try x.size(p: 2, dims ?? [], keepDim: keepDim) }
    guard dims?.count ?? x.rank <= 1 else {
      throw SNNError.argument(
        "norm: if ord is given, the input must be 1D or 2D or dim name 1 or 2 axes, got shape \(x.shape)")
    }
    return try x.size(p: order, dims ?? [], keepDim: keepDim)
  }

  static let linalgNormName = Operation(
    "norm.linalg_name", "A norm of matrices with a name.",
    [.tensor("A"), .choice("ord", of: ["fro", "nuc"]), anyDims, keepDim, .dtype().keyword], places: .linalg
  ) {
    let x = try $0.tensor(0).converted($0.dtype(4))
    let dims = $0.optionalInts(2) ?? Array(0..<x.rank)
    return try x.norm(overMatrix: dims, keepDim: $0.bool(3), "norm", word: $0.string(1))
  }
}

extension Tensor {
  fileprivate func converted(_ dtype: DType?) throws(SNNError) -> Tensor { try cast(to: dtype ?? self.dtype) }

  /// fro, the root of the sum of squares, or nuc, the sum of the singular values.
  public func matrixNorm(_ name: String) throws(SNNError) -> Tensor {
    try norm(overMatrix: [-2, -1], keepDim: false, "matrix_norm", word: name)
  }

  public func matrixNorm(_ order: Double) throws(SNNError) -> Tensor {
    try norm(overMatrix: [-2, -1], keepDim: false, "matrix_norm", order)
  }

  /// The two axes of matrices, checked.
  private func matrixAxes(_ dims: [Int], _ operation: String) throws(SNNError) -> [Int] {
    guard dims.count == 2, rank >= 2 else {
      throw .argument("\(operation): dim must be a 2-tuple of axes, got \(dims) for shape \(shape)")
    }
    guard dtype.isFloatingPoint else {
      throw .dtype("\(operation): expected a floating-point tensor, got \(dtype.name)")
    }
    let axes = try dims.map { dim throws(SNNError) in try shape.axis(dim, operation: operation) }
    guard axes[0] != axes[1] else { throw .index("\(operation): dims must be different, got \(dims)") }
    return axes
  }

  func norm(overMatrix dims: [Int], keepDim: Bool, _ operation: String, word: String) throws(SNNError)
    -> Tensor
  {
    let axes = try matrixAxes(dims, operation)
    if word == "fro" { return try size(p: 2, axes, keepDim: keepDim) }
    return try singular(axes, keepDim) { values throws(SNNError) in try values.sum([-1]) }
  }

  fileprivate func norm(overMatrix dims: [Int], keepDim: Bool, _ operation: String, _ order: Double) throws(SNNError)
    -> Tensor
  {
    let axes = try matrixAxes(dims, operation)
    switch order.magnitude {
    case 1, .infinity:
      let (summed, kept) = order.magnitude == 1 ? (axes[0], axes[1]) : (axes[1], axes[0])
      let sums = try abs().sum([summed], keepDim: true)
      let extreme = try order > 0 ? sums.amax([kept], keepDim: true) : sums.amin([kept], keepDim: true)
      return try keepDim ? extreme : extreme.squeeze(axes)
    case 2:
      return try singular(axes, keepDim) { values throws(SNNError) in
        try order > 0 ? values.amax([-1]) : values.amin([-1])
      }
    default:
      throw .argument("\(operation): order \(order) is not supported for matrices; 1, -1, 2, -2, inf and -inf are")
    }
  }

  /// A reduction of the singular values of the matrices over two axes.
  private func singular(
    _ axes: [Int], _ keepDim: Bool, _ reduce: (Tensor) throws(SNNError) -> Tensor
  ) throws(SNNError) -> Tensor {
    let reduced = try reduce(movedim(axes, [-2, -1]).singularValues())
    guard keepDim else { return reduced }
    return try reduced.unsqueeze(axes.min().unsafelyUnwrapped).unsqueeze(axes.max().unsafelyUnwrapped)
  }
}
