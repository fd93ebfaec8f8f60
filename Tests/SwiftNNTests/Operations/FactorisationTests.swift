import Testing

@testable import SwiftNN

/// Factorisations of matrices larger than those of the table, and of awkward ones.
@Suite struct FactorisationTests {
  /// Numbers without a pattern; `rank` below the size makes the matrix singular.
  private static func matrix(_ m: Int, _ n: Int, rank: Int? = nil) throws -> Tensor {
    func numbers(_ m: Int, _ n: Int, _ seed: UInt64) throws -> Tensor {
      try Tensor.normal([m, n], .float64, Generator(seed: seed))
    }
    guard let rank else { return try numbers(m, n, 1) }
    return try numbers(m, rank, 2).matmul(numbers(rank, n, 3))
  }

  private func expectEqual(_ a: Tensor, _ b: Tensor, _ what: Comment) throws {
    let distance = try a.count == 0 ? 0 : (a - b).abs().amax().item().double
    let size = try b.count == 0 ? 1 : max(1, b.abs().amax().item().double)
    #expect(a.shape == b.shape, what)
    #expect(distance <= 1e-11 * size, what)
  }

  private func expectOrthonormal(_ columns: Tensor, _ what: Comment) throws {
    try expectEqual(columns.matrixTransposed().matmul(columns), Tensor.eye(columns.columns, nil, .float64), what)
  }

  private static let sizes: [(Int, Int, Int?)] = [
    (40, 40, nil), (60, 25, nil), (25, 60, nil), (30, 30, 7), (20, 12, 1), (5, 5, 0),
  ]

  @Test(arguments: sizes)
  func productsOfFactors(_ m: Int, _ n: Int, _ rank: Int?) throws {
    let a = try Self.matrix(m, n, rank: rank)
    for full in [false, true] {
      let (u, s, vh) = try a.singularValueDecomposition(full: full)
      let k = min(m, n)
      try expectEqual((u.narrow(1, 0, k) * s).matmul(vh.narrow(0, 0, k)), a, "svd")
      try expectOrthonormal(u, "columns of U")
      try expectOrthonormal(vh.matrixTransposed(), "rows of Vh")
    }
    for mode in ["reduced", "complete"] {
      let (q, r) = try a.qr(mode: mode)
      try expectEqual(q.matmul(r), a, "qr")
      try expectOrthonormal(q, "columns of Q")
    }
    let inverse = try a.pseudoInverse()
    if rank == nil { try expectEqual(a.matmul(inverse).matmul(a), a, "pinv") }
    let (factors, permutation, _) = try a.luFactors(operation: "lu")
    let k = min(m, n)
    let lower = try factors.narrow(1, 0, k).tril(-1) + Tensor.eye(m, k, .float64)
    try expectEqual(permutation.matmul(lower).matmul(factors.narrow(0, 0, k).triu()), a, "lu")
  }

  @Test(arguments: [1, 2, 3, 17, 50])
  func symmetricMatrices(_ n: Int) throws {
    let b = try Self.matrix(n, n)
    let a = try b + b.matrixTransposed()
    let (values, vectors) = try a.eigh()
    try expectEqual((vectors * values).matmul(vectors.matrixTransposed()), a, "eigh")
    try expectOrthonormal(vectors, "eigenvectors")
    let positive = try b.matmul(b.matrixTransposed()) + Tensor.eye(n, nil, .float64)
    let factor = try positive.cholesky()
    try expectEqual(factor.matmul(factor.matrixTransposed()), positive, "cholesky")
    try expectEqual(positive.solve(b), positive.inverse().matmul(b), "solve")
  }

  /// Equal eigenvalues and zeros end, and give orthonormal vectors.
  @Test func degenerateMatrices() throws {
    for a in try [Tensor.eye(6, nil, .float64), Tensor.zeros([6, 6], .float64), Tensor.ones([6, 6], .float64)] {
      try expectOrthonormal(a.eigh().vectors, "eigenvectors")
      try expectOrthonormal(a.singularValueDecomposition().u, "columns of U")
    }
  }

  @Test func hugeAndTinyNumbers() throws {
    for scale in [1e-300, 1e300] {
      let a = try Self.matrix(5, 5) * .float(scale)
      let relative = try a.singularValues() / .float(scale)
      try expectEqual(relative, Self.matrix(5, 5).singularValues(), "singular values of small or large numbers")
    }
  }

  /// What is not finite is refused, or passed through, but always ends.
  @Test func notFinite() throws {
    for value in [Double.nan, .infinity, -.infinity] {
      let a = try Self.matrix(4, 4)
      a.doubles[6] = value
      #expect(message { _ = try a.singularValues() }?.contains("non-finite") == true)
      a.doubles[9] = value
      #expect(message { _ = try a.eigh() }?.contains("non-finite") == true)
      #expect(message { _ = try a.matmul(a.matrixTransposed()).cholesky() }?.contains("not positive-definite") == true)
      _ = try a.qr()
      _ = try a.determinant()
      _ = message { _ = try a.inverse() }
    }
  }

  @Test func singularMatrices() throws {
    let a = try Tensor([1.0, 2, 2, 4], [2, 2])
    let problem = "The diagonal element 2 is zero, the matrix is singular"
    #expect(message { _ = try a.inverse() } == "inv: \(problem) (input of shape [2, 2])")
    let batch = try Tensor.stack([Tensor.eye(2, nil, .float64), a])
    #expect(message { _ = try batch.solve(batch) }?.hasPrefix("solve: (Batch element 1): \(problem)") == true)
  }
}
