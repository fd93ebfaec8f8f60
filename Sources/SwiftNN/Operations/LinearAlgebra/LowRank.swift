/// Factorisations of matrices that are nearly of low rank, found by random projections.
extension Operation {
  static let lowRanks: [Operation] = [svdLowRank, pcaLowRank]

  private static let rounds = Field.int("niter", default: 2, in: 0...1000, "Rounds that sharpen the projection.")

  static let svdLowRank = Operation(
    "svd_lowrank", "The greatest q singular values of A, or of A - M, and their vectors.",
    [.tensor("A"), .int("q", default: 6), rounds, Field("M", .tensor).optional], places: .function,
    body: .several(names: ["U", "S", "V"]) {
      let a = try $0.optionalTensor(3).map { [x = $0.tensor(0)] in try x - $0 } ?? $0.tensor(0)
      return try a.lowRankFactors($0.int(1), rounds: $0.int(2), "svd_lowrank")
    })

  static let pcaLowRank = Operation(
    "pca_lowrank", "The greatest q principal components of the rows of A.",
    [
      .tensor("A"), Field("q", .int, "6 without it, or less for a small matrix.").optional,
      .bool("center", default: true), rounds,
    ], places: .function,
    body: .several(names: ["U", "S", "V"]) {
      let a = $0.tensor(0)
      try a.requireMatrices("pca_lowrank")
      let q = $0.optionalInt(1) ?? Swift.min(6, a.rows, a.columns)
      let centred = try $0.bool(2) ? a - a.mean([-2], keepDim: true) : a
      return try centred.lowRankFactors(q, rounds: $0.int(3), "pca_lowrank")
    })
}

extension Tensor {
  fileprivate func lowRankFactors(_ q: Int, rounds: Int, _ operation: String) throws(SNNError) -> [Tensor] {
    try requireMatrices(operation)
    guard q >= 0, q <= Swift.min(rows, columns) else {
      throw .argument(
        "\(operation): q(=\(q)) must be a non-negative integer and not greater than min(m, n), here "
          + "\(Swift.min(rows, columns))")
    }
    guard q < Swift.min(rows, columns) else {
      let parts = try singularValueDecomposition(full: false)
      return [parts.u, parts.s, try parts.vh.matrixTransposed()]
    }
    if rows < columns {
      let parts = try matrixTransposed().lowRankFactors(q, rounds: rounds, operation)
      return [parts[2], parts[1], parts[0]]
    }
    let transposed = try matrixTransposed()
    var basis = try matmul(Tensor.normal([columns, q], dtype)).qr().q
    for _ in 0..<rounds {
      basis = try transposed.matmul(basis).qr().q
      basis = try matmul(basis).qr().q
    }
    let small = try basis.matrixTransposed().matmul(self).singularValueDecomposition(full: false)
    return [try basis.matmul(small.u), small.s, try small.vh.matrixTransposed()]
  }
}
