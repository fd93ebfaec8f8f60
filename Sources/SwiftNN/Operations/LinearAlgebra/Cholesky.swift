import CKernels

extension Operation {
  static let choleskys: [Operation] = [
    cholesky, choleskyEx, choleskyClassic, choleskySolve, choleskyInverse, solveTriangular, triangularSolve,
  ]

  private static let upper = Field.bool("upper", default: false, "The factor is an upper triangle.")

  static let cholesky = Operation(
    "cholesky",
    "The triangle L with L · Lᵀ = A of symmetric positive-definite matrices, of which the lower triangle is read.",
    [.tensor("A"), upper.keyword], places: .linalg
  ) { try $0.tensor(0).cholesky(upper: $0.bool(1)) }

  static let choleskyEx = Operation(
    "cholesky_ex", "As cholesky, with a number for each matrix: 0, or the first leading minor that is not positive.",
    [.tensor("A"), upper.keyword, .checkErrors], places: .linalg,
    body: .several(names: ["L", "info"]) {
      let (factor, info) = try $0.tensor(0).choleskyWithInfo(upper: $0.bool(1), checked: $0.bool(2))
      return [factor, info]
    })

  static let choleskyClassic = Operation(
    "cholesky.classic", "The triangle L with L · Lᵀ = input of symmetric positive-definite matrices.",
    [.tensor("input"), upper]
  ) { try $0.tensor(0).cholesky(upper: $0.bool(1)) }

  static let choleskySolve = Operation(
    "cholesky_solve", "The solution X of L · Lᵀ · X = input.", [.tensor("input"), .tensor("L"), upper]
  ) {
    let (b, factor, isUpper) = ($0.tensor(0), $0.tensor(1), $0.bool(2))
    let half = try (isUpper ? factor.matrixTransposed() : factor).solveTriangular(b, upper: false)
    return try (isUpper ? factor : factor.matrixTransposed()).solveTriangular(half, upper: true)
  }

  static let choleskyInverse = Operation(
    "cholesky_inverse", "The inverse of L · Lᵀ.", [.tensor("input"), upper]
  ) {
    let (factor, isUpper) = ($0.tensor(0), $0.bool(1))
    try factor.requireSquare("cholesky_inverse")
    let half = try factor.solveTriangular(Tensor.eye(factor.rows, nil, factor.dtype), upper: isUpper)
    return try isUpper ? half.matmul(half.matrixTransposed()) : half.matrixTransposed().matmul(half)
  }

  static let solveTriangular = Operation(
    "solve_triangular", "The solution X of A · X = B, or of X · A = B, for a triangle A.",
    [
      .tensor("A"), .tensor("B"), .bool("upper", "Which triangle of A is read.").keyword,
      .bool("left", default: true, "A stands left of X.").keyword,
      .bool("unitriangular", default: false, "The diagonal is taken as ones.").keyword,
    ], places: .linalg
  ) {
    try $0.tensor(0).solveTriangular($0.tensor(1), upper: $0.bool(2), left: $0.bool(3), unit: $0.bool(4))
  }

  static let triangularSolve = Operation(
    "triangular_solve", "The solution X of A · X = input for a triangle A, and a copy of A.",
    [
      .tensor("input"), .tensor("A"), .bool("upper", default: true, "Which triangle of A is read."),
      .bool("transpose", default: false, "Solves for Aᵀ."),
      .bool("unitriangular", default: false, "The diagonal is taken as ones."),
    ],
    body: .several(names: ["solution", "cloned_coefficient"]) {
      let (b, a, isUpper) = ($0.tensor(0), $0.tensor(1), $0.bool(2))
      try a.requireMatrices("triangular_solve")
      let (whole, right) = try a.matched(with: b, operation: "triangular_solve")
      let solution =
        try $0.bool(3)
        ? whole.matrixTransposed().solveTriangular(right, upper: !isUpper, unit: $0.bool(4))
        : whole.solveTriangular(right, upper: isUpper, unit: $0.bool(4))
      return [solution, try whole.clone()]
    })
}

struct Cholesky: Primitive {
  let name = "cholesky"
  let saves: Saves = .outputs

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results { .withInfo(inputs[0], of: inputs[0]) }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    let work = try inputs[0].copied(to: .float64)
    try outputs[1].eachInfo(name) { b, minor in
      ck_cholesky(1, Int64(work.rows), work.doubles + b * work.rows * work.rows, &minor)
    }
    outputs[0].fill(copying: work)
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    let factor = try p.y
    let transposed = try factor.matrixTransposed()
    let product = try transposed.matmul(p.g).tril()
    let halved = try product - 0.5 * product.diagonal(0, -2, -1).asDiagonal()
    let left = try transposed.solveTriangular(halved, upper: true)
    let both = try factor.solveTriangular(left, upper: false, left: false)
    return Few(try 0.5 * (both + both.matrixTransposed()))
  }
}

/// The solution of a triangular system from the left.
struct TriangularSolve: Primitive {
  let isUpper: Bool
  let isUnit: Bool
  let name = "solve_triangular"
  let saves: Saves = [.inputs, .outputs]

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results { Results(inputs[1].shape, inputs[1].dtype) }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    let matrix = try inputs[0].copied(to: .float64)
    let solution = try inputs[1].copied(to: .float64)
    ck_triangular_solve(
      isUpper, isUnit, matrix.batchCount, Int64(matrix.rows), Int64(solution.columns), matrix.doubles, solution.doubles)
    outputs[0].fill(copying: solution)
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    let right = try TriangularSolve(isUpper: !isUpper, isUnit: isUnit)(p.a.matrixTransposed(), p.g)
    guard p.needs(0) else { return Few(nil, right) }
    let full = try -right.matmul(p.y.matrixTransposed())
    let edge = isUnit ? 1 : 0
    return Few(try isUpper ? full.triu(edge) : full.tril(-edge), p.needs(1) ? right : nil)
  }
}

extension Tensor {
  public func cholesky(upper: Bool = false) throws(SNNError) -> Tensor {
    try choleskyWithInfo(upper: upper, checked: true).factor
  }

  /// The factor, and for each matrix 0 or the first leading minor that is not positive.
  func choleskyWithInfo(upper: Bool, checked: Bool) throws(SNNError) -> (factor: Tensor, info: Tensor) {
    try requireMatrices("cholesky")
    try requireSquare("cholesky")
    let parts = try Cholesky().all(Few(upper ? matrixTransposed() : self))
    if checked {
      try parts[1].requireSuccess("cholesky", self) {
        "The factorization could not be completed because the input is not positive-definite (the leading minor of "
          + "order \($0) is not positive-definite)"
      }
    }
    return (upper ? try parts[0].matrixTransposed() : parts[0], parts[1])
  }

  /// The solution of a system whose matrix is this triangle.
  public func solveTriangular(_ other: Tensor, upper: Bool, left: Bool = true, unit: Bool = false) throws(SNNError)
    -> Tensor
  {
    guard left else {
      guard rank >= 2, other.rank >= 2 else {
        throw .shape("solve_triangular: expects batches of matrices, got shapes \(shape) and \(other.shape)")
      }
      return try matrixTransposed().solveTriangular(other.matrixTransposed(), upper: !upper, unit: unit)
        .matrixTransposed()
    }
    try requireMatrices("solve_triangular")
    try requireSquare("solve_triangular")
    let (a, b) = try matched(with: other, operation: "solve_triangular")
    return try TriangularSolve(isUpper: upper, isUnit: unit)(a, b)
  }

  /// Both tensors of a system with one batch shape.
  func matched(with other: Tensor, operation: String) throws(SNNError) -> (Tensor, Tensor) {
    guard other.rank >= 2, other.rows == rows else {
      throw .shape("\(operation): incompatible shapes \(shape) and \(other.shape)")
    }
    guard other.dtype == dtype else {
      throw .dtype("\(operation): expects tensors of one dtype, got \(dtype.name) and \(other.dtype.name)")
    }
    let common = try Dimensions.broadcast(batchShape, other.batchShape, operation: operation)
    let whole = try Dimensions.shape(common + other.shape.suffix(2), operation: operation)
    return (try expanded(to: Dimensions(common + shape.suffix(2))), try other.expanded(to: whole))
  }
}
