/// Functions of matrices take any number of leading axes already.
extension MatrixProduct {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? {
    let product = MatrixProduct(name: name, takesTransposed: takesTransposed)
    let bias = examples.count == 3 ? examples.plain(2) : nil
    let isShared = examples.inputs[1].rank == 2 && !examples.isMapped(1) && examples.inputs[0].rank == 2
    if isShared, bias == nil || !examples.isMapped(2), examples.isMapped(0) {
      // One tall product instead of a batch with the same matrix.
      let a = examples.plain(0)
      var operands = Few(try a.reshaped(to: [a.shape[0] * a.shape[1], a.shape[2]]), examples.inputs[1])
      if let bias { operands.append(bias) }
      return [try product(operands).reshaped(to: [a.shape[0], a.shape[1], columns(of: examples.inputs[1])])]
    }
    let (a, b) = (try examples.all(0), try examples.all(1))
    guard bias != nil else { return [try product(a, b)] }
    // Halves are rounded once, as by the kernel that adds the bias itself.
    let dtype = a.dtype
    let wide = dtype.working
    let found = try product(a.cast(to: wide), b.cast(to: wide))
    return [try (found + examples.aligned(2, rank: found.rank - 1).cast(to: wide)).cast(to: dtype)]
  }
}

extension Cholesky {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? { try all(Few(examples.plain(0))) }
}

extension TriangularSolve {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? { [try self(examples.all(0), examples.all(1))] }
}

extension Solve {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? { try all(Few(examples.all(0), examples.all(1))) }
}

extension Inverse {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? { try all(Few(examples.plain(0))) }
}

extension Determinant {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? { [try self(examples.plain(0))] }
}

extension Cofactors {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? { [try self(examples.plain(0))] }
}

extension SignAndLogDeterminant {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? { try all(Few(examples.plain(0))) }
}

extension PseudoInverse {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? { [try self(examples.plain(0))] }
}

extension QR {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? { try all(Few(examples.plain(0))) }
}

extension LUFactors {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? { try all(Few(examples.plain(0))) }
}

extension SingularValues {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? { try all(Few(examples.plain(0))) }
}

extension SymmetricEigen {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? { try all(Few(examples.plain(0))) }
}

extension Reflections {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? { try all(Few(examples.plain(0))) }
}

extension SymmetricRoot {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? { [try self(examples.plain(0))] }
}

extension Polar {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? { try all(Few(examples.plain(0))) }
}

extension SymmetricSylvester {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? { [try self(examples.all(0), examples.all(1))] }
}
