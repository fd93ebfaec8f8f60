import CKernels

extension Operation {
  static let lus: [Operation] = [
    luFactor, luFactorEx, lu, luClassic, luInfos, luSolve, luSolveClassic, luUnpack,
  ]

  private static let pivot = Field.bool("pivot", default: true, "Rows change places; the only way here.").keyword

  static let luFactor = Operation(
    "lu_factor", "The factors L and U of matrices in one, and the rows that changed places, counted from 1.",
    [.tensor("A"), pivot], places: .linalg,
    body: .several(names: ["LU", "pivots"]) {
      let parts = try factors($0, "lu_factor", checked: true)
      return [parts.factors, parts.pivots]
    })

  static let luFactorEx = Operation(
    "lu_factor_ex", "As lu_factor, with a number for each matrix: 0, or the first pivot that is zero.",
    [.tensor("A"), pivot, .checkErrors], places: .linalg,
    body: .several(names: ["LU", "pivots", "info"]) {
      let parts = try factors($0, "lu_factor_ex", checked: $0.bool(2))
      return [parts.factors, parts.pivots, parts.info]
    })

  private static func classic(_ name: String, _ results: [String], withInfo: Bool) -> Operation {
    Operation(
      name, "The factors L and U of matrices in one, and the rows that changed places, counted from 1.",
      [
        .tensor("A"), .bool("pivot", default: true, "Rows change places; the only way here."),
        withInfo ? .bool("get_infos", default: true, only: true) : .bool("get_infos", default: false, only: false),
      ],
      body: .several(names: results) {
        let parts = try factors($0, "lu", checked: !withInfo)
        return [parts.factors, parts.pivots] + (withInfo ? [parts.info] : [])
      })
  }

  static let luClassic = classic("lu.classic", ["LU", "pivots"], withInfo: false)
  static let luInfos = classic("lu.infos", ["LU", "pivots", "infos"], withInfo: true)

  static let lu = Operation(
    "lu", "The factors of A = P · L · U: a permutation, a lower triangle with a diagonal of ones, an upper triangle.",
    [.tensor("A"), pivot], places: .linalg,
    body: .several(names: ["P", "L", "U"]) {
      let parts = try factors($0, "lu", checked: false)
      let (lower, upper) = try parts.factors.splitTriangles()
      return [parts.permutation, lower, upper]
    })

  private static func factors(_ arguments: Arguments, _ operation: String, checked: Bool) throws(SNNError)
    -> (factors: Tensor, permutation: Tensor, pivots: Tensor, info: Tensor)
  {
    guard arguments.bool(1) else { throw SNNError(.unsupported, "\(operation): pivot=False is not supported") }
    let parts = try arguments.tensor(0).luFactors(operation: operation)
    let info = try parts.factors.firstZeroPivot()
    if checked {
      try info.requireSuccess(operation, parts.factors) {
        "U[\($0),\($0)] is zero and using it on lu_solve would result in a division by zero"
      }
    }
    return (parts.factors, parts.permutation, parts.pivots, info)
  }

  static let luSolve = Operation(
    "lu_solve", "The solution X of A · X = B from the factors of A that lu_factor gives.",
    [
      .tensor("LU"), .tensor("pivots"), .tensor("B"), .bool("left", default: true, "A stands left of X.").keyword,
      .bool("adjoint", default: false, "Solves for Aᵀ.").keyword,
    ], places: .linalg
  ) { try $0.tensor(0).luSolve($0.tensor(1), $0.tensor(2), left: $0.bool(3), adjoint: $0.bool(4)) }

  static let luSolveClassic = Operation(
    "lu_solve.classic", "The solution X of A · X = input from the factors of A that lu gives.",
    [.tensor("input"), .tensor("LU_data"), .tensor("LU_pivots")]
  ) { try $0.tensor(1).luSolve($0.tensor(2), $0.tensor(0)) }

  static let luUnpack = Operation(
    "lu_unpack", "The permutation, the lower and the upper triangle of the factors that lu gives.",
    [
      .tensor("LU_data"), .tensor("LU_pivots"), .bool("unpack_data", default: true, "Else L and U are empty."),
      .bool("unpack_pivots", default: true, "Else P is empty."),
    ], places: .function,
    body: .several(names: ["P", "L", "U"]) {
      let (factors, pivots) = ($0.tensor(0), $0.tensor(1))
      try factors.requireMatrices("lu_unpack")
      try factors.checkPivots(pivots, "lu_unpack")
      let nothing = try Tensor.zeros([0], factors.dtype)
      let permutation =
        try $0.bool(3) ? pivots.permutation(factors.rows, operation: "lu_unpack").cast(to: factors.dtype) : nothing
      guard $0.bool(2) else { return [permutation, nothing, nothing] }
      let (lower, upper) = try factors.splitTriangles()
      return [permutation, lower, upper]
    })
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

/// The matrix of the rows that changed places, counted from 1.
private struct PermutationMatrix: Primitive {
  let size: Int
  let name: String
  let saves: Saves = []

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results {
    Results(try Dimensions.shape(Array(inputs[0].shape.dropLast()) + [size, size], operation: name), .float64)
  }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    let pivots = try inputs[0].array(of: Int.self)
    let result = outputs[0]
    result.fill(with: 0)
    let steps = inputs[0].shape[inputs[0].rank - 1]
    for b in 0..<Int(result.batchCount) {
      var order = Array(0..<size)
      for i in 0..<steps {
        let pivot = pivots[b * steps + i] - 1
        guard pivot >= 0, pivot < size, i < size else {
          throw .index("\(name): pivot \(pivot + 1) is out of range for matrices of \(size) rows")
        }
        order.swapAt(i, pivot)
      }
      for i in 0..<size { result.doubles[b * size * size + order[i] * size + i] = 1 }
    }
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> { Few(nil) }
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
    try PermutationMatrix(size: n, name: operation)(detach())
  }

  fileprivate func checkPivots(_ pivots: Tensor, _ operation: String) throws(SNNError) {
    let expected = batch(Swift.min(rows, columns))
    guard pivots.dtype == .int32 || pivots.dtype == .int64, pivots.shape == expected else {
      throw .shape(
        "\(operation): expects int32 pivots of shape \(expected), got \(pivots.dtype.name) of shape \(pivots.shape)")
    }
  }

  /// For every matrix of factors, the position of the first zero on the diagonal, counted from 1, or 0.
  fileprivate func firstZeroPivot() throws(SNNError) -> Tensor {
    let diagonal = try detach().diagonal(0, -2, -1)
    let steps = diagonal.shape[diagonal.rank - 1]
    guard steps > 0 else { return try Tensor.full(batchShape, 0, .int32) }
    let none = try Tensor(number: .int(steps + 1))
    let first = try Tensor.where(diagonal == 0, Tensor.arange(1, .int(steps + 1)), none).amin([-1])
    return try first.masked(where: first == none, 0).cast(to: .int32)
  }

  /// The solution of a system from the factors that `lu_factor` gives.
  public func luSolve(_ pivots: Tensor, _ right: Tensor, left: Bool = true, adjoint: Bool = false) throws(SNNError)
    -> Tensor
  {
    try requireMatrices("lu_solve")
    try requireSquare("lu_solve")
    try checkPivots(pivots, "lu_solve")
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
