import CKernels

extension Operation {
  static let qrs: [Operation] = [qr]

  static let qr = Operation(
    "qr", "The factors of A = Q · R: orthonormal columns and an upper triangle.",
    [
      .tensor("A"),
      .choice(
        "mode", of: ["reduced", "complete", "r"], default: "reduced", "complete: Q is square; r: without Q."),
    ], places: .linalg,
    body: .several(names: ["Q", "R"]) {
      let (q, r) = try $0.tensor(0).qr(mode: $0.string(1))
      return [q, r]
    })
}

/// Q and R of matrices that are not wider than high; `isComplete`: a square Q, without a derivative.
struct QR: Primitive {
  let isComplete: Bool
  let name = "qr"
  let saves: Saves = .outputs

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results {
    let x = inputs[0]
    let width = isComplete ? x.rows : x.columns
    return Results([
      TensorSpec(x.batch(x.rows, width), x.dtype), TensorSpec(x.batch(width, x.columns), x.dtype),
    ])
  }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    let work = try inputs[0].copied(to: .float64)
    let width = outputs[0].columns
    let q = try Tensor(uninitialized: outputs[0].shape, .float64, operation: name)
    guard ck_qr(work.batchCount, Int64(work.rows), Int64(work.columns), work.doubles, q.doubles, Int64(width)) else {
      throw .matrix(name, Int64(CK_NO_MEMORY), of: work, "")
    }
    outputs[0].fill(copying: q)
    outputs[1].fill(copying: try work.narrow(-2, 0, width))
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    guard !isComplete else {
      throw SNNError.gradient("qr: the QR decomposition is not differentiable when mode='complete' and nrows > ncols")
    }
    let (q, r) = (try p.output(0), try p.output(1))
    var inside = try r.zerosLike()
    if let g = p.gradients[1] { inside = try g.matmul(r.matrixTransposed()) }
    if let g = p.gradients[0] { inside = try inside - q.matrixTransposed().matmul(g) }
    let upper = try inside.triu()
    let symmetric = try upper + upper.triu(1).matrixTransposed()
    var total = try q.matmul(symmetric)
    if let g = p.gradients[0] { total = try total + g }
    return Few(try r.matrixTransposed().solveTriangular(total, upper: false, left: false))
  }
}

extension Tensor {
  /// Orthonormal columns and an upper triangle whose product is this tensor.
  public func qr(mode: String = "reduced") throws(SNNError) -> (q: Tensor, r: Tensor) {
    try requireMatrices("qr")
    var parts: [Tensor]
    if rows < columns {
      // The rows of R beyond the square part follow from Q.
      parts = try QR(isComplete: false).all(Few(narrow(-1, 0, rows)))
      let rest = try parts[0].matrixTransposed().matmul(narrow(-1, rows, columns - rows))
      parts[1] = try Tensor.cat([parts[1], rest], -1)
    } else {
      parts = try QR(isComplete: mode == "complete" && rows > columns).all(Few(self))
    }
    return (mode == "r" ? try Tensor.zeros([0], dtype) : parts[0], parts[1])
  }
}
