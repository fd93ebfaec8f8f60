import CKernels

/// Orthogonal matrices as products of reflections I - tau · v · vᵀ; v stands below the diagonal, its first element is 1.
extension Operation {
  static let reflectors: [Operation] = [geqrf, householderProduct, ormqr]

  static let geqrf = Operation(
    "geqrf", "R of A = Q · R, below it the reflections whose product is Q, and their factors.", [.tensor("input")],
    differentiable: false,
    body: .several(names: ["a", "tau"]) {
      let x = $0.tensor(0)
      try x.requireMatrices("geqrf")
      return try Reflections().all(Few(x.detach()))
    })

  static let householderProduct = Operation(
    "householder_product", "The first columns of a product of reflections, as many as A has.",
    [.tensor("A"), .tensor("tau")], places: .linalg, aliases: [.both("orgqr")]
  ) {
    let (a, tau) = ($0.tensor(0), $0.tensor(1))
    try a.checkReflections(tau, "householder_product")
    guard a.rows >= a.columns else {
      throw SNNError.shape("householder_product: input.shape[-2] must be at least input.shape[-1], got \(a.shape)")
    }
    let unit = try Tensor.eye(a.rows, a.columns, a.dtype).expanded(to: a.shape)
    return try a.reflecting(unit, tau, inOrder: false)
  }

  static let ormqr = Operation(
    "ormqr", "other multiplied by a product of reflections.",
    [
      .tensor("input"), .tensor("tau"), .tensor("other"), .bool("left", default: true, "Else from the right."),
      .bool("transpose", default: false, "By the transposed product."),
    ]
  ) {
    let (a, tau, x, isLeft) = ($0.tensor(0), $0.tensor(1), $0.tensor(2), $0.bool(3))
    try a.checkReflections(tau, "ormqr")
    guard x.rank == a.rank, x.batchShape == a.batchShape, x.dtype == a.dtype, a.rows == (isLeft ? x.rows : x.columns)
    else {
      throw SNNError.shape(
        "ormqr: reflections of \(a.dtype.name)\(a.shape) cannot be applied to \(x.dtype.name)\(x.shape)")
    }
    if isLeft { return try a.reflecting(x, tau, inOrder: $0.bool(4)) }
    return try a.reflecting(x.matrixTransposed(), tau, inOrder: !$0.bool(4)).matrixTransposed()
  }
}

struct Reflections: Primitive {
  let name = "geqrf"
  let saves: Saves = []

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results {
    let x = inputs[0]
    return Results([TensorSpec(x.shape, x.dtype), TensorSpec(x.batch(Swift.min(x.rows, x.columns)), x.dtype)])
  }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    guard outputs[1].count > 0 else { return outputs[0].fill(copying: inputs[0]) }
    let work = try inputs[0].copied(to: .float64)
    let factors = try Tensor(uninitialized: outputs[1].shape, .float64, operation: name)
    guard ck_geqrf(work.batchCount, Int64(work.rows), Int64(work.columns), work.doubles, factors.doubles) else {
      throw .matrix(name, Int64(CK_NO_MEMORY), of: work, "")
    }
    outputs[0].fill(copying: work)
    outputs[1].fill(copying: factors)
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    throw SNNError.gradient("geqrf: has no derivative; linalg.qr has one")
  }
}

extension Tensor {
  fileprivate func checkReflections(_ tau: Tensor, _ operation: String) throws(SNNError) {
    try requireMatrices(operation)
    guard tau.rank == rank - 1, tau.dtype == dtype, Dimensions(tau.shape.dropLast()) == batchShape,
      tau.shape[tau.rank - 1] <= Swift.min(rows, columns)
    else {
      throw .shape("\(operation): tau of \(tau.dtype.name)\(tau.shape) does not fit input of \(dtype.name)\(shape)")
    }
  }

  /// x after all reflections, the first of them first, or last.
  fileprivate func reflecting(_ x: Tensor, _ tau: Tensor, inOrder: Bool) throws(SNNError) -> Tensor {
    let vectors = try tril(-1) + Tensor.eye(rows, columns, dtype)
    var x = x
    let count = tau.shape[tau.rank - 1]
    for step in 0..<count {
      let i = inOrder ? step : count - 1 - step
      let v = try vectors.narrow(-1, i, 1)
      x = try x - (tau.narrow(-1, i, 1).unsqueeze(-1) * v).matmul(v.matrixTransposed().matmul(x))
    }
    return x
  }
}
