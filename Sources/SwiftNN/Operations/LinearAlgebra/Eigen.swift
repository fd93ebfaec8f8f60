import CKernels

extension Operation {
  static let eigens: [Operation] = [eigh, eigvalsh]

  private static let fields: [Field] = [
    .tensor("A"), .choice("UPLO", of: ["L", "U", "l", "u"], default: "L", "The triangle of A that is read."),
  ]

  static let eigh = Operation(
    "eigh", "The eigenvalues of symmetric matrices, ascending, and their eigenvectors, as columns.", fields,
    places: .linalg,
    body: .several(names: ["eigenvalues", "eigenvectors"]) {
      let (values, vectors) = try $0.tensor(0).eigh(upper: $0.string(1).lowercased() == "u")
      return [values, vectors]
    })

  static let eigvalsh = Operation(
    "eigvalsh", "The eigenvalues of symmetric matrices, ascending.", fields, places: .linalg
  ) { try $0.tensor(0).eigh(upper: $0.string(1).lowercased() == "u").values }
}

struct SymmetricEigen: Primitive {
  let isUpper: Bool
  let name = "eigh"
  let saves: Saves = .outputs

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results {
    let x = inputs[0]
    return Results([TensorSpec(x.batch(x.rows), x.dtype), TensorSpec(x.shape, x.dtype)])
  }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    let work = try inputs[0].copied(to: .float64)
    let n = work.rows
    for b in 0..<Int(work.batchCount) {
      let matrix = work.doubles + b * n * n
      for i in 0..<n {
        for j in 0..<i {
          if isUpper { matrix[i * n + j] = matrix[j * n + i] } else { matrix[j * n + i] = matrix[i * n + j] }
        }
      }
    }
    try work.requireFinite(name)
    let values = try Tensor(uninitialized: outputs[0].shape, .float64, operation: name)
    let failed = ck_eigh(work.batchCount, Int64(n), work.doubles, values.doubles)
    guard failed == Int64(CK_DONE) else { throw .matrix(name, failed, of: work, "The algorithm failed to converge") }
    outputs[0].fill(copying: values)
    outputs[1].fill(copying: work)
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    let (values, vectors) = (try p.output(0), try p.output(1))
    var inside = try vectors.zerosLike()
    if let g = p.gradients[0] { inside = try g.asDiagonal() }
    if let g = p.gradients[1] {
      let product = try vectors.matrixTransposed().matmul(g)
      let gaps = try values.unsqueeze(-2) - values.unsqueeze(-1)
      inside = try inside + (0.5 * (product - product.matrixTransposed())).divided(byOffDiagonal: gaps)
    }
    return Few(try vectors.matmul(inside).matmul(vectors.matrixTransposed()))
  }
}

extension Tensor {
  /// The eigenvalues of symmetric matrices, ascending, and their eigenvectors, as columns.
  public func eigh(upper: Bool = false) throws(SNNError) -> (values: Tensor, vectors: Tensor) {
    try requireMatrices("eigh")
    try requireSquare("eigh")
    let both = try SymmetricEigen(isUpper: upper).all(Few(self))
    return (both[0], both[1])
  }

  /// Divided by a matrix off the diagonal, zeros on it.
  func divided(byOffDiagonal gaps: Tensor) throws(SNNError) -> Tensor {
    let isDiagonal = try Tensor.eye(columns, nil, .bool)
    return try (self / gaps.masked(where: isDiagonal, 1)).masked(where: isDiagonal, 0)
  }
}
