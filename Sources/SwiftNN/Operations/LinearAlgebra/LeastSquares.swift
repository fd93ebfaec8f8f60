extension Operation {
  static let leastSquares: [Operation] = [
    pinv, pinvRelative, pinverse, lstsq, matrixRank, matrixRankBelow, cond, condWord,
  ]

  private static let atol = Field.operand("atol", "Singular values up to it count as 0.").optional.keyword
  private static let rtol = Field.operand(
    "rtol", "The same as a part of the greatest; without both, rounding of the dtype."
  ).optional.keyword
  private static let hermitian = Field.bool("hermitian", default: false, "Only the lower triangle is read.").keyword

  static let pinv = Operation(
    "pinv", "The Moore-Penrose inverse.", [.tensor("A"), atol, rtol, hermitian], places: .linalg
  ) {
    try $0.tensor(0).pseudoInverse(atol: $0.optionalOperand(1), rtol: $0.optionalOperand(2), isSymmetric: $0.bool(3))
  }

  static let pinvRelative = Operation(
    "pinv.rcond", "The Moore-Penrose inverse.",
    [
      .tensor("A"), .operand("rcond", "Singular values below this part of the greatest count as 0."),
      .bool("hermitian", default: false),
    ], places: .linalg
  ) { try $0.tensor(0).pseudoInverse(atol: nil, rtol: $0.operand(1), isSymmetric: $0.bool(2)) }

  static let pinverse = Operation(
    "pinverse", "The Moore-Penrose inverse.", [.tensor("input"), .float("rcond", default: 1e-15)]
  ) { try $0.tensor(0).pseudoInverse(atol: nil, rtol: Tensor(number: .float($0.float(1)))) }

  static let lstsq = Operation(
    "lstsq", "The shortest X that brings A · X nearest to B.",
    [
      .tensor("A"), .tensor("B"),
      Field("rcond", .float, "Singular values below this part of the greatest count as 0.").optional,
      .choice("driver", of: ["gels", "gelsy", "gelsd", "gelss"], "Only what is returned depends on it.").optional
        .keyword,
    ], places: .linalg,
    body: .several(names: ["solution", "residuals", "rank", "singular_values"]) {
      let driver = $0.isNone(3) ? "gelsy" : $0.string(3)
      return try $0.tensor(0).leastSquares($0.tensor(1), rcond: $0.optionalFloat(2), driver: driver)
    })

  static let matrixRank = Operation(
    "matrix_rank", "The number of singular values that are not 0.", [.tensor("A"), atol, rtol, hermitian],
    places: .linalg, differentiable: false
  ) {
    try $0.tensor(0).matrixRank(atol: $0.optionalOperand(1), rtol: $0.optionalOperand(2), isSymmetric: $0.bool(3))
  }

  static let matrixRankBelow = Operation(
    "matrix_rank.tol", "The number of singular values above tol.",
    [.tensor("A"), .operand("tol"), .bool("hermitian", default: false)], places: .linalg, differentiable: false
  ) { try $0.tensor(0).matrixRank(atol: $0.operand(1), rtol: Tensor(number: 0), isSymmetric: $0.bool(2)) }

  static let cond = Operation(
    "cond", "How much the inverse can magnify an error, in a matrix norm.",
    [.tensor("A"), Field("p", .scalar, "As in matrix_norm; 2 without it.").optional], places: .linalg
  ) { try $0.tensor(0).conditionNumber($0.optionalFloat(1)) }

  static let condWord = Operation(
    "cond.name", "How much the inverse can magnify an error, in a matrix norm with a name.",
    [.tensor("A"), .choice("p", of: ["fro", "nuc"])], places: .linalg
  ) {
    let (a, word) = ($0.tensor(0), $0.string(1))
    return try a.matrixNorm(word) * a.inverse().matrixNorm(word)
  }
}

/// The Moore-Penrose inverse, with a derivative that holds while the rank does not change.
struct PseudoInverse: Primitive {
  let atol: Tensor?
  let rtol: Tensor?
  /// Only the lower triangle is read; the derivative is that of any matrix, as in PyTorch.
  let isSymmetric: Bool
  let name = "pinv"
  let saves: Saves = [.inputs, .outputs]

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results {
    let x = inputs[0]
    return Results(x.batch(x.columns, x.rows), x.dtype)
  }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    guard inputs[0].count > 0 else { return outputs[0].fill(with: 0) }
    let x = try isSymmetric ? inputs[0].detach().mirrored(name) : inputs[0].detach()
    let parts = try x.cast(to: .float64).singularValueDecomposition(full: false)
    let isNothing = try parts.s <= inputs[0].cutoff(parts.s, atol: atol, rtol: rtol)
    let scale = try parts.s.masked(where: isNothing, 1).reciprocal().masked(where: isNothing, 0)
    let scaled = try parts.vh.matrixTransposed() * scale.unsqueeze(-2)
    outputs[0].fill(copying: try scaled.matmul(parts.u.matrixTransposed()))
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    let (a, y) = (try p.a, try p.y)
    let (ty, tg) = (try y.matrixTransposed(), try p.g.matrixTransposed())
    if a.rows <= a.columns {
      let k = try tg.matmul(y)
      let left = try k.matmul(ty)
      let first = try left - y.matmul(k).matrixTransposed() - a.matmul(y).matmul(left)
      return Few(try first + ty.matmul(y).matmul(tg - k.matmul(a)))
    }
    let k = try y.matmul(tg)
    let right = try ty.matmul(k)
    let first = try right - k.matmul(y).matrixTransposed() - right.matmul(y.matmul(a))
    return Few(try first + (tg - a.matmul(k)).matmul(y).matmul(ty))
  }
}

extension Tensor {
  public func pseudoInverse(atol: Tensor? = nil, rtol: Tensor? = nil, isSymmetric: Bool = false) throws(SNNError)
    -> Tensor
  {
    try requireMatrices("pinv")
    if isSymmetric { try requireSquare("pinv") }
    try atol?.requireElements("pinv")
    try rtol?.requireElements("pinv")
    return try PseudoInverse(atol: atol, rtol: rtol, isSymmetric: isSymmetric)(self)
  }

  /// The number of singular values that are not 0.
  fileprivate func matrixRank(atol: Tensor?, rtol: Tensor?, isSymmetric: Bool) throws(SNNError) -> Tensor {
    let a = try isSymmetric ? mirrored("matrix_rank") : self
    let values = try a.detach().singularValues()
    return try (values > a.cutoff(values, atol: atol, rtol: rtol)).sum([-1])
  }

  /// Up to where singular values of this tensor, of which the greatest comes first, count as 0.
  fileprivate func cutoff(_ values: Tensor, atol: Tensor?, rtol: Tensor?) throws(SNNError) -> Tensor {
    let usual = try Tensor(number: .float(Double(Swift.max(rows, columns)) * dtype.epsilon))
    var absolute = try Tensor(number: 0)
    if let atol { absolute = try atol.tolerance(for: values) }
    var relative = try Tensor.where(absolute > 0, Tensor(number: .float(0)), usual)
    if let rtol { relative = try rtol.tolerance(for: values) }
    guard values.count > 0 else { return values }
    return try (values.narrow(-1, 0, 1) * relative).maximum(absolute)
  }

  /// One number, or one for every matrix, beside singular values.
  private func tolerance(for values: Tensor) throws(SNNError) -> Tensor {
    let batch = Dimensions(values.shape.dropLast())
    guard rank == 0 || (dtype.isFloatingPoint && (try? Dimensions.broadcast(batch, shape, operation: "")) == batch)
    else {
      throw .argument(
        "tolerances of the singular values of matrices of batch shape \(batch) must be floating-point numbers of that "
          + "shape, got \(dtype.name)\(shape)")
    }
    return rank == 0 ? self : try detach().unsqueeze(-1)
  }

  /// The symmetric matrix with this one's lower triangle.
  fileprivate func mirrored(_ operation: String) throws(SNNError) -> Tensor {
    try requireMatrices(operation)
    try requireSquare(operation)
    return try tril() + tril(-1).matrixTransposed()
  }

  fileprivate func leastSquares(_ other: Tensor, rcond: Double?, driver: String) throws(SNNError) -> [Tensor] {
    try requireMatrices("lstsq")
    let isVector = other.rank == rank - 1 && other.rank > 0 && other.shape == Dimensions(shape.dropLast())
    let right = try isVector ? other.unsqueeze(-1) : other
    let (a, b) = try matched(with: right, operation: "lstsq")
    let cut = try Tensor(number: .float(rcond ?? dtype.epsilon * Double(Swift.max(rows, columns))))
    let solution = try a.pseudoInverse(atol: nil, rtol: cut).matmul(b)
    let none = try Tensor.zeros([0], dtype)
    let values = try a.detach().singularValues()
    let ranks = try (values > a.cutoff(values, atol: nil, rtol: cut)).sum([-1])
    let isFull = try ranks.array(of: Int.self).allSatisfy { $0 == columns }
    var residuals = none
    if rows > columns, isFull, driver != "gelsy" {
      residuals = try (a.matmul(solution) - b).square().sum([-2])
    }
    return [
      isVector ? try solution.squeeze([-1]) : solution, residuals,
      driver == "gels" ? try Tensor.zeros([0], .int64) : ranks,
      driver == "gelsd" || driver == "gelss" ? values : none,
    ]
  }

  public func conditionNumber(_ p: Double? = nil) throws(SNNError) -> Tensor {
    try requireMatrices("cond")
    guard let p, p.magnitude != 2 else {
      let values = try singularValues()
      guard values.shape[values.rank - 1] > 0 else { return try Tensor.full(batchShape, 0, dtype) }
      let (first, last) = (try values.select(-1, 0), try values.select(-1, -1))
      return try p == -2 ? last / first : first / last
    }
    try requireSquare("cond")
    return try matrixNorm(p) * inverse().matrixNorm(p)
  }
}
