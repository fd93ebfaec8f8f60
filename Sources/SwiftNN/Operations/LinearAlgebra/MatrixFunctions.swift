/// Functions of whole matrices.
extension Operation {
  static let matrixFunctions: [Operation] = [matrixExp, matrixSqrt, polar]

  static let matrixExp = Operation(
    "matrix_exp", "The exponential of square matrices: the sum of their powers over the factorials.",
    [.tensor("input")], places: [.function, .method, .linalg]
  ) { try $0.tensor(0).matrixExponential() }

  static let matrixSqrt = Operation(
    "matrix_sqrth",
    "The positive-definite X with X · X = A, of symmetric matrices of which the lower triangle is read.",
    [.tensor("A")], places: .linalg
  ) {
    let a = $0.tensor(0)
    try a.requireMatrices("matrix_sqrth")
    try a.requireSquare("matrix_sqrth")
    return try SymmetricRoot()(a)
  }

  static let polar = Operation(
    "polar", "The factors of A = U · H: orthonormal columns, and a symmetric matrix without negative eigenvalues.",
    [.tensor("A")], places: .linalg,
    body: .several(names: ["U", "H"]) {
      let a = $0.tensor(0)
      try a.requireMatrices("polar")
      guard a.rows >= a.columns else {
        throw SNNError.shape("polar: expects at least as many rows as columns, got shape \(a.shape)")
      }
      return try Polar().all(Few(a))
    })
}

/// X with S · X + X · S = G for a symmetric positive-definite S.
struct SymmetricSylvester: Primitive {
  let name: String
  let saves: Saves = [.inputs, .outputs]

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results { Results(inputs[1].shape, inputs[1].dtype) }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    let (values, vectors) = try inputs[0].detach().eigh()
    let turned = try vectors.matrixTransposed().matmul(inputs[1].detach()).matmul(vectors)
    let inside = try turned / (values.unsqueeze(-1) + values.unsqueeze(-2))
    outputs[0].fill(copying: try vectors.matmul(inside).matmul(vectors.matrixTransposed()))
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    let inner = try self(p.a, p.g)
    guard p.needs(0) else { return Few(nil, inner) }
    let x = try p.y.matrixTransposed()
    return Few(try -(inner.matmul(x) + x.matmul(inner)), p.needs(1) ? inner : nil)
  }
}

struct SymmetricRoot: Primitive {
  let name = "matrix_sqrth"
  let saves: Saves = .outputs

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results { Results(inputs[0].shape, inputs[0].dtype) }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    let (values, vectors) = try inputs[0].detach().eigh()
    let root = try (vectors * values.sqrt().unsqueeze(-2)).matmul(vectors.matrixTransposed())
    outputs[0].fill(copying: root)
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    let symmetric = try 0.5 * (p.g + p.g.matrixTransposed())
    return Few(try SymmetricSylvester(name: name)(p.y, symmetric))
  }
}

struct Polar: Primitive {
  let name = "polar"
  let saves: Saves = .outputs

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results {
    let x = inputs[0]
    return Results([TensorSpec(x.shape, x.dtype), TensorSpec(x.batch(x.columns, x.columns), x.dtype)])
  }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    let parts = try inputs[0].detach().cast(to: .float64).singularValueDecomposition(full: false)
    outputs[0].fill(copying: try parts.u.matmul(parts.vh))
    outputs[1].fill(copying: try (parts.vh.matrixTransposed() * parts.s.unsqueeze(-2)).matmul(parts.vh))
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    let (u, h) = (try p.output(0), try p.output(1))
    var turn = try h.zerosLike()
    var total = try u.zerosLike()
    if let g = p.gradients[0] {
      turn = try u.matrixTransposed().matmul(g)
      total = try h.solve(g - u.matmul(turn), left: false)
    }
    if let g = p.gradients[1] {
      let symmetric = try 0.5 * (g + g.matrixTransposed())
      turn = try turn - symmetric.matmul(h)
      total = try total + u.matmul(symmetric)
    }
    let inner = try SymmetricSylvester(name: name)(h, turn)
    return Few(try total + u.matmul(inner - inner.matrixTransposed()))
  }
}

extension Tensor {
  /// The sum of the powers over the factorials, of matrices halved until they are small, and squared as often.
  public func matrixExponential() throws(SNNError) -> Tensor {
    try requireMatrices("matrix_exp")
    try requireSquare("matrix_exp")
    guard count > 0 else { return try clone() }
    let wide = dtype == .float64 ? self : try cast(to: .float64)
    let sizes = try wide.detach().abs().sum([-2]).amax([-1])
    let isLarge = try (sizes > 1).logicalAnd(sizes < .float(.infinity))
    let halvings = try sizes.masked(where: isLarge.logicalNot(), 0.5).log2().floor() + 1
    let x = try wide * Tensor(number: 2.0).pow(-halvings).asMatrixFactor()
    // The first 19 terms, in groups of four: what is left out is below the rounding.
    let unit = try Tensor.eye(rows, nil, .float64)
    var powers = [unit, x]
    for _ in 2...4 { powers.append(try powers[powers.count - 1].matmul(x)) }
    var factors = [1.0]
    for k in 1...19 { factors.append(factors[k - 1] / Double(k)) }
    var total: Tensor?
    for start in stride(from: 16, through: 0, by: -4) {
      var group = try unit * .float(factors[start])
      for k in 1..<4 { group = try group + powers[k] * .float(factors[start + k]) }
      total = try total.map { known throws(SNNError) in try known.matmul(powers[4]) + group } ?? group
    }
    var result = total.unsafelyUnwrapped
    let most = try Gradients.with(enabled: false) { () throws(SNNError) in
      try halvings.withAllExamples.flatten().amax().item().integer
    }
    for step in 0..<Swift.max(most, 0) {
      let goesOn = try (halvings > .int(step)).asMatrixFactor()
      result = try Tensor.where(goesOn, result.matmul(result), result)
    }
    return try result.cast(to: dtype)
  }
}
