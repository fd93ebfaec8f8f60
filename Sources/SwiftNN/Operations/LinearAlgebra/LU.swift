import CKernels

extension Operation {
  static let lus: [Operation] = [luFactor, lu, luSolve]

  private static let pivot = Field.bool("pivot", default: true, "Rows change places; the only way here.").keyword

  static let luFactor = Operation(
    "lu_factor", "The factors L and U of matrices in one, and the rows that changed places, counted from 1.",
    [.tensor("A"), pivot], places: .linalg,
    body: .several(names: ["LU", "pivots"]) {
      let parts = try factors($0, "lu_factor")
      return [parts.factors, parts.pivots]
    })

  static let lu = Operation(
    "lu", "The factors of A = P · L · U: a permutation, a lower triangle with a diagonal of ones, an upper triangle.",
    [.tensor("A"), pivot], places: .linalg,
    body: .several(names: ["P", "L", "U"]) {
      let parts = try factors($0, "lu")
      let (lower, upper) = try parts.factors.splitTriangles()
      return [parts.permutation, lower, upper]
    })

  private static func factors(_ arguments: Arguments, _ operation: String) throws(SNNError)
    -> (factors: Tensor, permutation: Tensor, pivots: Tensor)
  {
    guard arguments.bool(1) else { throw SNNError(.unsupported, "\(operation): pivot=False is not supported") }
    return try arguments.tensor(0).luFactors(operation: operation)
  }

  static let luSolve = Operation(
    "lu_solve", "The solution X of A · X = B from the factors of A that lu_factor gives.",
    [
      .tensor("LU"), .tensor("pivots"), .tensor("B"), .bool("left", default: true, "A stands left of X.").keyword,
      .bool("adjoint", default: false, "Solves for Aᵀ.").keyword,
    ], places: .linalg
  ) { try $0.tensor(0).luSolve($0.tensor(1), $0.tensor(2), left: $0.bool(3), adjoint: $0.bool(4)) }
}

/// P · L · U = A. The factors in one matrix, the permutation, and the pivots counted from 1.
struct LUFactors: Primitive {
  let name: String
  let saves: Saves = .outputs

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results {
    let x = inputs[0]
    return Results([
      TensorSpec(x.shape, x.dtype), TensorSpec(x.batch(x.rows, x.rows), x.dtype),
      TensorSpec(x.batch(Swift.min(x.rows, x.columns)), .int32),
    ])
  }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    let work = try inputs[0].copied(to: .float64)
    let pivots = outputs[2].data.assumingMemoryBound(to: Int32.self)
    ck_lu(work.batchCount, Int64(work.rows), Int64(work.columns), work.doubles, pivots)
    for i in 0..<outputs[2].count { pivots[i] += 1 }
    outputs[0].fill(copying: work)
    outputs[1].fill(copying: try outputs[2].permutation(work.rows, operation: name))
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    guard let g = p.gradients[0] else { return Few(try p.output(0).zerosLike()) }
    let permutation = try p.output(1).detach()
    let (lower, upper) = try p.output(0).splitTriangles()
    let k = Swift.min(g.rows, g.columns)
    let (lowerGradient, upperGradient) = (try g.narrow(-1, 0, k).tril(-1), try g.narrow(-2, 0, k).triu())
    let byLower = try lower.matrixTransposed().matmul(lowerGradient)
    let byUpper = try upperGradient.matmul(upper.matrixTransposed())
    // Of the square part first, then what the other rows or columns add.
    let inside: Tensor
    if g.rows == g.columns {
      inside = try upper.solvedFromRight(byLower.tril(-1) + byUpper.triu())
      return Few(try permutation.matmul(lower.matrixTransposed().solveTriangular(inside, upper: true, unit: true)))
    }
    if g.rows < g.columns {
      let square = try upper.narrow(-1, 0, k).solvedFromRight((byLower - byUpper).tril(-1))
      let rest = try upperGradient.narrow(-1, k, g.columns - k)
      inside = try Tensor.cat([square + upperGradient.narrow(-1, 0, k), rest], -1)
      return Few(try permutation.matmul(lower.matrixTransposed().solveTriangular(inside, upper: true, unit: true)))
    }
    let square = try lower.narrow(-2, 0, k).matrixTransposed().solveTriangular(
      (byUpper - byLower).triu(), upper: true, unit: true)
    let rest = try lowerGradient.narrow(-2, k, g.rows - k)
    inside = try Tensor.cat([square + lowerGradient.narrow(-2, 0, k), rest], -2)
    return Few(try permutation.matmul(upper.solvedFromRight(inside)))
  }
}

extension Tensor {
  /// x · selfᵀ⁻¹ for an upper triangle.
  fileprivate func solvedFromRight(_ x: Tensor) throws(SNNError) -> Tensor {
    try matrixTransposed().solveTriangular(x, upper: false, left: false)
  }

  /// P · L · U = self: the factors in one matrix, the permutation, and the pivots counted from 1.
  func luFactors(operation: String) throws(SNNError) -> (factors: Tensor, permutation: Tensor, pivots: Tensor) {
    try requireMatrices(operation)
    let all = try LUFactors(name: operation).all(Few(self))
    return (all[0], all[1].detach(), all[2])
  }

  /// L with its ones, and U.
  fileprivate func splitTriangles() throws(SNNError) -> (Tensor, Tensor) {
    let k = Swift.min(rows, columns)
    let lower = try narrow(-1, 0, k).tril(-1) + Tensor.eye(rows, k, dtype)
    return (lower, try narrow(-2, 0, k).triu())
  }

  /// The permutation matrix of pivots that count from 1.
  fileprivate func permutation(_ n: Int, operation: String) throws(SNNError) -> Tensor {
    let pivots = try detach().array(of: Int.self)
    let result = try Tensor.full(Dimensions(shape.dropLast() + [n, n]), 0, .float64)
    let steps = shape[rank - 1]
    for b in 0..<Dimensions(shape.dropLast()).product {
      var order = Array(0..<n)
      for i in 0..<steps {
        let pivot = pivots[b * steps + i] - 1
        guard pivot >= 0, pivot < n, i < n else {
          throw .index("\(operation): pivot \(pivot + 1) is out of range for matrices of \(n) rows")
        }
        order.swapAt(i, pivot)
      }
      for i in 0..<n { result.doubles[b * n * n + order[i] * n + i] = 1 }
    }
    return result
  }

  /// The solution of a system from the factors that `lu_factor` gives.
  public func luSolve(_ pivots: Tensor, _ right: Tensor, left: Bool = true, adjoint: Bool = false) throws(SNNError)
    -> Tensor
  {
    try requireMatrices("lu_solve")
    try requireSquare("lu_solve")
    guard pivots.dtype == .int32 || pivots.dtype == .int64, pivots.shape == Dimensions(shape.dropLast()) else {
      throw .shape(
        "lu_solve: expects int32 pivots of shape \(Dimensions(shape.dropLast())), got \(pivots.dtype.name) "
          + "of shape \(pivots.shape)")
    }
    guard left else {
      guard right.rank >= 2 else { throw .shape("lu_solve: expects matrices on the right, got shape \(right.shape)") }
      return try luSolve(pivots, right.matrixTransposed(), adjoint: !adjoint).matrixTransposed()
    }
    let permutation = try pivots.permutation(rows, operation: "lu_solve").cast(to: dtype)
    guard right.rank >= 2, right.rows == rows, right.dtype == dtype else {
      throw .shape(
        "lu_solve: incompatible factors of \(dtype.name)\(shape) and right sides of \(right.dtype.name)\(right.shape)")
    }
    if adjoint {
      let half = try matrixTransposed().solveTriangular(right, upper: false)
      return try permutation.matmul(matrixTransposed().solveTriangular(half, upper: true, unit: true))
    }
    let half = try solveTriangular(permutation.matrixTransposed().matmul(right), upper: false, unit: true)
    return try solveTriangular(half, upper: true)
  }
}
