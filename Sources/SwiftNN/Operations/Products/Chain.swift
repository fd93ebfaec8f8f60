extension Operation {
  static let chains: [Operation] = [multiDot, chainMatmul, matrixPower]

  static let multiDot = Operation(
    "multi_dot", "The product of several matrices in the cheapest order; the ends may be vectors.",
    [.tensors("tensors")], places: .linalg
  ) { try Tensor.multiDot($0.tensors(0)) }

  static let chainMatmul = Operation(
    "chain_matmul", "The product of several matrices in the cheapest order.", [.tensors("matrices")],
    places: .function
  ) {
    let matrices = try $0.tensors(0)
    for (i, matrix) in matrices.enumerated() where matrix.rank != 2 {
      throw SNNError.shape("chain_matmul: tensor \(i) must be a matrix, got shape \(matrix.shape)")
    }
    return matrices.count == 1 ? matrices[0] : try Tensor.multiDot(matrices)
  }

  static let matrixPower = Operation(
    "matrix_power", "A square matrix multiplied by itself; negative powers are those of the inverse.",
    [.tensor("input"), .int("n")], places: [.function, .method, .linalg]
  ) { try $0.tensor(0).matrixPower($0.int(1)) }
}

extension Tensor {
  /// The product of several matrices in the cheapest order; the first and the last may be vectors.
  public static func multiDot(_ tensors: [Tensor]) throws(SNNError) -> Tensor {
    guard tensors.count >= 2 else {
      throw .argument("multi_dot: expected at least 2 tensors but got \(tensors.count)")
    }
    let last = tensors.count - 1
    var matrices = tensors
    if tensors[0].rank == 1 { matrices[0] = try tensors[0].unsqueeze(0) }
    if tensors[last].rank == 1 { matrices[last] = try tensors[last].unsqueeze(1) }
    for (i, matrix) in matrices.enumerated() where matrix.rank != 2 {
      throw .shape("multi_dot: tensor \(i) must be a matrix, got shape \(tensors[i].shape)")
    }
    for i in 0..<last where matrices[i].shape[1] != matrices[i + 1].shape[0] {
      throw .shape(
        "multi_dot: tensors \(i) and \(i + 1) with shapes \(tensors[i].shape) and \(tensors[i + 1].shape) cannot be "
          + "multiplied")
    }
    let product = try Chain(matrices).product(0, last)
    var dropped: [Int] = []
    if tensors[0].rank == 1 { dropped.append(0) }
    if tensors[last].rank == 1 { dropped.append(1) }
    return dropped.isEmpty ? product : try product.squeeze(dropped)
  }

  public func matrixPower(_ n: Int) throws(SNNError) -> Tensor {
    try requireSquare("matrix_power")
    guard n != 0 else {
      return try Tensor.eye(shape[rank - 1], nil, dtype).expanded(to: shape)
    }
    var base = n < 0 ? try inverse() : self
    var power: Tensor?
    var left = n.magnitude
    while left > 0 {
      if left & 1 == 1 { power = try power.map { known throws(SNNError) in try known.matmul(base) } ?? base }
      left >>= 1
      if left > 0 { base = try base.matmul(base) }
    }
    return power.unsafelyUnwrapped
  }
}

/// Matrices in a row, and where to cut so that the product takes the fewest multiplications.
private struct Chain {
  let matrices: [Tensor]
  private var cuts: [[Int]]

  init(_ matrices: [Tensor]) {
    self.matrices = matrices
    let count = matrices.count
    let sizes = matrices.map { Double($0.shape[0]) } + [Double(matrices[count - 1].shape[1])]
    var costs = Array(repeating: Array(repeating: 0.0, count: count), count: count)
    cuts = Array(repeating: Array(repeating: 0, count: count), count: count)
    for length in 1..<count {
      for i in 0..<(count - length) {
        let j = i + length
        costs[i][j] = .infinity
        for k in i..<j {
          let cost = costs[i][k] + costs[k + 1][j] + sizes[i] * sizes[k + 1] * sizes[j + 1]
          if cost < costs[i][j] {
            costs[i][j] = cost
            cuts[i][j] = k
          }
        }
      }
    }
  }

  func product(_ i: Int, _ j: Int) throws(SNNError) -> Tensor {
    if i == j { return matrices[i] }
    return try product(i, cuts[i][j]).matmul(product(cuts[i][j] + 1, j))
  }
}
