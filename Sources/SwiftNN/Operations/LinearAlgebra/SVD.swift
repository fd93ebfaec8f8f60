import CKernels

extension Operation {
  static let svds: [Operation] = [svd, svdClassic, svdvals]

  private static let driver = Field.choice(
    "driver", of: ["gesvd", "gesvdj", "gesvda"], "Taken for PyTorch's sake; nothing depends on it."
  ).optional.keyword

  static let svd = Operation(
    "svd", "The factors of A = U · diag(S) · Vh: orthonormal columns, descending sizes, orthonormal rows.",
    [.tensor("A"), .bool("full_matrices", default: true, "U and Vh are square."), driver], places: .linalg,
    body: .several(names: ["U", "S", "Vh"]) {
      let parts = try $0.tensor(0).singularValueDecomposition(full: $0.bool(1))
      return [parts.u, parts.s, parts.vh]
    })

  static let svdClassic = Operation(
    "svd.classic", "The factors of input = U · diag(S) · Vᵀ.",
    [
      .tensor("input"), .bool("some", default: true, "Leaves out columns of U and V that belong to no value."),
      .bool("compute_uv", default: true, "Zeros for U and V without it."),
    ],
    body: .several(names: ["U", "S", "V"]) {
      let x = $0.tensor(0)
      let parts = try x.singularValueDecomposition(full: !$0.bool(1))
      guard $0.bool(2) else {
        return [
          try Tensor.full(x.batch(x.rows, x.rows), 0, x.dtype), parts.s,
          try Tensor.full(x.batch(x.columns, x.columns), 0, x.dtype),
        ]
      }
      return [parts.u, parts.s, try parts.vh.matrixTransposed()]
    })

  static let svdvals = Operation(
    "svdvals", "The singular values, descending.", [.tensor("A"), driver], places: .linalg
  ) { try $0.tensor(0).singularValues() }
}

struct SingularValues: Primitive {
  let isFull: Bool
  let name = "svd"
  let saves: Saves = .outputs

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results {
    let x = inputs[0]
    let k = Swift.min(x.rows, x.columns)
    return Results([
      TensorSpec(x.batch(x.rows, isFull ? x.rows : k), x.dtype), TensorSpec(x.batch(k), x.dtype),
      TensorSpec(x.batch(isFull ? x.columns : k, x.columns), x.dtype),
    ])
  }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    // An axis may be of any length where another is empty.
    guard outputs.contains(where: { $0.count > 0 }) else { return }
    let isWide = inputs[0].rows < inputs[0].columns
    let source = try isWide ? inputs[0].detach().matrixTransposed() : inputs[0]
    let work = try source.copied(to: .float64)
    try work.requireFinite(name)
    let (m, n) = (work.rows, work.columns)
    let width = isFull ? m : n
    let u = try Tensor(uninitialized: work.batch(m, width), .float64, operation: name)
    let s = try Tensor(uninitialized: work.batch(n), .float64, operation: name)
    let v = try Tensor(uninitialized: work.batch(n, n), .float64, operation: name)
    guard
      ck_svd(work.batchCount, Int64(m), Int64(n), work.doubles, u.doubles, Int64(width), s.doubles, v.doubles)
    else { throw .matrix(name, Int64(CK_NO_MEMORY), of: inputs[0], "") }
    outputs[0].fill(copying: isWide ? try v.matrixTransposed() : u)
    outputs[1].fill(copying: s)
    outputs[2].fill(copying: isWide ? try u.matrixTransposed() : v)
  }

  /// Columns of full matrices that belong to no singular value may turn freely; they pass nothing on.
  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    let s = try p.output(1)
    let k = s.shape[s.rank - 1]
    let u = try p.output(0).narrow(-1, 0, k)
    let vh = try p.output(2).narrow(-2, 0, k)
    let (m, n) = (u.rows, vh.columns)
    let squares = try s.square()
    let gaps = try squares.unsqueeze(-2) - squares.unsqueeze(-1)
    var inside = try p.gradients[1].map { try $0.asDiagonal() } ?? Tensor.full(s.shape, 0, s.dtype).asDiagonal()
    var beside: Tensor?
    if let full = p.gradients[0] {
      let g = try full.narrow(-1, 0, k)
      let turn = try u.matrixTransposed().matmul(g)
      inside = try inside + (turn - turn.matrixTransposed()).divided(byOffDiagonal: gaps) * s.unsqueeze(-2)
      if m > k { beside = try ((g - u.matmul(turn)) / s.unsqueeze(-2)).matmul(vh) }
    }
    if let full = p.gradients[2] {
      let g = try full.narrow(-2, 0, k).matrixTransposed()
      let turn = try vh.matmul(g)
      inside = try inside + s.unsqueeze(-1) * (turn - turn.matrixTransposed()).divided(byOffDiagonal: gaps)
      if n > k {
        let rest = try ((g - vh.matrixTransposed().matmul(turn)) / s.unsqueeze(-2)).matrixTransposed()
        let part = try u.matmul(rest)
        beside = try beside.map { try $0 + part } ?? part
      }
    }
    let total = try u.matmul(inside).matmul(vh)
    return Few(try beside.map { try total + $0 } ?? total)
  }
}

extension Tensor {
  /// U · diag(s) · Vh = self.
  public func singularValueDecomposition(full: Bool = true) throws(SNNError) -> (u: Tensor, s: Tensor, vh: Tensor) {
    try requireMatrices("svd")
    let all = try SingularValues(isFull: full).all(Few(self))
    return (all[0], all[1], all[2])
  }

  public func singularValues() throws(SNNError) -> Tensor { try singularValueDecomposition(full: false).s }
}
