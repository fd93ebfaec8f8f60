import CKernels

extension Operation {
  static let solutions: [Operation] = [solve, solveEx, inv, invEx, det, slogdet, logdet]

  static let solve = Operation(
    "solve", "The solution X of A · X = B, or of X · A = B, for square matrices A.",
    [.tensor("A"), .tensor("B"), .bool("left", default: true, "A stands left of X.").keyword], places: .linalg
  ) { try $0.tensor(0).solve($0.tensor(1), left: $0.bool(2)) }

  static let solveEx = Operation(
    "solve_ex", "As solve, with a number for each matrix: 0, or the first pivot that is zero.",
    solve.fields + [.checkErrors], places: .linalg,
    body: .several(names: ["result", "info"]) {
      let parts = try $0.tensor(0).solveWithInfo($0.tensor(1), left: $0.bool(2), checked: $0.bool(3))
      return [parts.solution, parts.info]
    })

  static let inv = Operation(
    "inv", "The inverse of square matrices.", [.tensor("A")], places: .linalg, aliases: [.both("inverse")]
  ) { try $0.tensor(0).inverse() }

  static let invEx = Operation(
    "inv_ex", "As inv, with a number for each matrix: 0, or the first pivot that is zero.",
    [.tensor("A"), .checkErrors], places: .linalg,
    body: .several(names: ["inverse", "info"]) {
      let parts = try $0.tensor(0).inverseWithInfo(checked: $0.bool(1))
      return [parts.inverse, parts.info]
    })

  static let det = Operation(
    "det", "The determinant of square matrices.", [.tensor("A")], places: [.function, .method, .linalg]
  ) { try $0.tensor(0).determinant() }

  static let slogdet = Operation(
    "slogdet", "The sign of the determinant and the logarithm of its absolute value.", [.tensor("A")],
    places: [.function, .method, .linalg],
    body: .several(names: ["sign", "logabsdet"]) {
      let (sign, log) = try $0.tensor(0).signAndLogDeterminant()
      return [sign, log]
    })

  static let logdet = Operation(
    "logdet", "The logarithm of the determinant; NaN where that is negative.", [.tensor("input")]
  ) {
    let (sign, log) = try $0.tensor(0).signAndLogDeterminant()
    return try log.masked(where: sign == -1, .float(.nan))
  }
}

/// The solution of a system with a square matrix.
struct Solve: Primitive {
  let name = "solve"
  let saves: Saves = [.inputs, .outputs]

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results { .withInfo(inputs[1], of: inputs[0]) }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    let solution = try inputs[1].copied(to: .float64)
    try inputs[0].factoriseAndSolve(solution, outputs[1], operation: name)
    outputs[0].fill(copying: solution)
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    let right = try all(Few(p.a.matrixTransposed(), p.g))[0]
    return Few(p.needs(0) ? try -right.matmul(p.y.matrixTransposed()) : nil, p.needs(1) ? right : nil)
  }
}

struct Inverse: Primitive {
  let name = "inv"
  let saves: Saves = .outputs

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results { .withInfo(inputs[0], of: inputs[0]) }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    let unit = try Tensor.eye(inputs[0].rows, nil, .float64)
    let inverse = try unit.expanded(to: inputs[0].shape).copied(to: .float64)
    try inputs[0].factoriseAndSolve(inverse, outputs[1], operation: name)
    outputs[0].fill(copying: inverse)
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    let transposed = try p.y.matrixTransposed()
    return Few(try -transposed.matmul(p.g).matmul(transposed))
  }
}

struct Determinant: Primitive {
  let name = "det"
  let saves: Saves = [.inputs, .outputs]

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results { Results(inputs[0].batchShape, inputs[0].dtype) }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    outputs[0].fill(copying: try inputs[0].determinants(operation: name).value)
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    let (a, y) = (try p.a, try p.y)
    if try !(y.detach() == 0).holdsAnywhere() {
      return Few(try (p.g * y).asMatrixFactor() * a.inverse().matrixTransposed())
    }
    return Few(try p.g.asMatrixFactor() * Cofactors()(a))
  }
}

/// The derivative of the determinant, of matrices that may be singular.
struct Cofactors: Primitive {
  let name = "det"
  let saves: Saves = []

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results { Results(inputs[0].shape, inputs[0].dtype) }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    let parts = try inputs[0].detach().cast(to: .float64).singularValueDecomposition(full: true)
    let values = try parts.s.array(of: Double.self)
    let n = inputs[0].rows
    var products: [Double] = []
    for start in stride(from: 0, to: values.count, by: Swift.max(n, 1)) {
      for skipped in 0..<n {
        products.append((0..<n).reduce(1) { $1 == skipped ? $0 : $0 * values[start + $1] })
      }
    }
    let turn = try parts.u.determinant() * parts.vh.determinant()
    let scaled = try parts.u * Tensor(products, Array(parts.s.shape)).unsqueeze(-2)
    outputs[0].fill(copying: try turn.asMatrixFactor() * scaled.matmul(parts.vh))
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    throw SNNError.gradient("det: the second derivative at a singular matrix is not defined here")
  }
}

struct SignAndLogDeterminant: Primitive {
  let name = "slogdet"
  let saves: Saves = .inputs

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results {
    let spec = TensorSpec(inputs[0].batchShape, inputs[0].dtype)
    return Results([spec, spec])
  }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    let found = try inputs[0].determinants(operation: name)
    outputs[0].fill(copying: found.sign)
    outputs[1].fill(copying: found.log)
  }

  /// The sign is flat.
  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    guard let g = p.gradients[1] else { return Few(try p.a.zerosLike()) }
    return Few(try g.asMatrixFactor() * p.a.inverse().matrixTransposed())
  }
}

extension Tensor {
  /// The solution X of self · X = other, or of X · self = other. A vector counts as a column.
  public func solve(_ other: Tensor, left: Bool = true) throws(SNNError) -> Tensor {
    try solveWithInfo(other, left: left, checked: true).solution
  }

  /// The solution, and for each matrix 0 or the first pivot that is zero.
  fileprivate func solveWithInfo(_ other: Tensor, left: Bool, checked: Bool) throws(SNNError) -> (
    solution: Tensor, info: Tensor
  ) {
    try requireMatrices("solve")
    try requireSquare("solve")
    if other.rank == 1 || (other.rank == rank - 1 && other.shape == Dimensions(shape.dropLast())) {
      guard left else { return try matrixTransposed().solveWithInfo(other, left: true, checked: checked) }
      let parts = try solveWithInfo(other.unsqueeze(-1), left: true, checked: checked)
      return (try parts.solution.squeeze([-1]), parts.info)
    }
    guard left else {
      guard other.rank >= 2 else { throw .shape("solve: incompatible shapes \(shape) and \(other.shape)") }
      let parts = try matrixTransposed().solveWithInfo(other.matrixTransposed(), left: true, checked: checked)
      return (try parts.solution.matrixTransposed(), parts.info)
    }
    let (a, b) = try matched(with: other, operation: "solve")
    let parts = try Solve().all(Few(a, b))
    if checked { try parts[1].requireSuccess("solve", self, Self.singular) }
    return (parts[0], parts[1])
  }

  public func inverse() throws(SNNError) -> Tensor { try inverseWithInfo(checked: true).inverse }

  /// The inverse, and for each matrix 0 or the first pivot that is zero.
  fileprivate func inverseWithInfo(checked: Bool) throws(SNNError) -> (inverse: Tensor, info: Tensor) {
    try requireMatrices("inv")
    try requireSquare("inv")
    let parts = try Inverse().all(Few(self))
    if checked { try parts[1].requireSuccess("inv", self, Self.singular) }
    return (parts[0], parts[1])
  }

  private static func singular(_ minor: Int32) -> String {
    "The diagonal element \(minor) is zero, the matrix is singular"
  }

  public func determinant() throws(SNNError) -> Tensor {
    try requireMatrices("det")
    try requireSquare("det")
    return try Determinant()(self)
  }

  /// The sign of the determinant and the logarithm of its absolute value.
  public func signAndLogDeterminant() throws(SNNError) -> (sign: Tensor, log: Tensor) {
    try requireMatrices("slogdet")
    try requireSquare("slogdet")
    let both = try SignAndLogDeterminant().all(Few(self))
    return (both[0], both[1])
  }

  /// Replaces the right sides, contiguous in float64, by the solutions.
  fileprivate func factoriseAndSolve(_ right: Tensor, _ info: Tensor, operation: String) throws(SNNError) {
    let work = try copied(to: .float64)
    let (n, width) = (rows, right.columns)
    try info.eachInfo(operation) { b, minor in
      ck_solve(1, Int64(n), Int64(width), work.doubles + b * n * n, right.doubles + b * n * width, &minor)
    }
  }

  fileprivate func determinants(operation: String) throws(SNNError) -> (value: Tensor, sign: Tensor, log: Tensor) {
    let work = try copied(to: .float64)
    let value = try Tensor(uninitialized: batchShape, .float64, operation: operation)
    let sign = try Tensor(uninitialized: batchShape, .float64, operation: operation)
    let log = try Tensor(uninitialized: batchShape, .float64, operation: operation)
    guard ck_determinant(batchCount, Int64(rows), work.doubles, value.doubles, sign.doubles, log.doubles) else {
      throw .matrix(operation, Int64(CK_NO_MEMORY), of: self, "")
    }
    return (value, sign, log)
  }
}
