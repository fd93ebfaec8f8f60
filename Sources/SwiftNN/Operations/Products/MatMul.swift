import CKernels

extension Operation {
  static let products: [Operation] = [matmul, mm, linear]

  static let matmul = Operation(
    "matmul", "The matrix product; leading axes are batches and broadcast; vectors count as a row or a column.",
    [.tensor("input"), .tensor("other")], places: [.function, .method, .linalg]
  ) { try $0.tensor(0).matmul($0.tensor(1)) }

  static let mm = Operation("mm", "The product of two matrices.", [.tensor("input"), .tensor("mat2")]) {
    let (a, b) = ($0.tensor(0), $0.tensor(1))
    guard a.rank == 2, b.rank == 2 else {
      throw SNNError.shape("mm: expects two matrices, got shapes \(a.shape) and \(b.shape)")
    }
    return try a.matmul(b)
  }

  static let linear = Operation(
    "linear", "input · weightᵀ + bias.",
    [.tensor("input"), .tensor("weight"), Field("bias", .tensor).optional], places: .functional
  ) { try $0.tensor(0).linear($0.tensor(1), $0.optionalTensor(2)) }
}

/// Products of matrices [..., m, k] · [..., k, n] with equal leading axes, plus a row where there is one.
struct MatrixProduct: Primitive {
  let name: String
  /// The second matrix is given as [..., n, k], as a layer keeps its weight.
  var takesTransposed = false
  let saves: Saves = .inputsForOthers

  /// The columns of the result.
  func columns(of second: Tensor) -> Int { second.shape[second.rank - (takesTransposed ? 2 : 1)] }

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results {
    var shape = inputs[0].shape
    shape[shape.count - 1] = columns(of: inputs[1])
    return Results(shape, inputs[0].dtype)
  }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    let a = try inputs[0].foldedBatch()
    let b = try inputs[1].foldedBatch()
    let out = outputs[0]
    let (m, n) = (out.shape[out.rank - 2], out.shape[out.rank - 1])
    var args = ck_gemm_args()
    args.dtype = out.dtype.kernel
    args.batch = Int64(a.batch)
    args.m = Int64(m)
    args.n = Int64(n)
    args.k = Int64(a.tensor.shape[a.tensor.rank - 1])
    args.a = UnsafeRawPointer(a.tensor.data)
    (args.a_row, args.a_column, args.a_batch) = a.steps
    args.b = UnsafeRawPointer(b.tensor.data)
    (args.b_row, args.b_column, args.b_batch) = b.steps
    if takesTransposed { swap(&args.b_row, &args.b_column) }
    args.c = out.data
    args.c_row = Int64(n)
    args.c_batch = Int64(m * n)
    if inputs.count == 3 { args.bias = UnsafeRawPointer(inputs[2].data) }
    guard ck_gemm(&args) else { throw SNNError(.memory, "\(name): cannot allocate memory for packing") }
  }

  func work(_ inputs: Few<Tensor>, _ outputs: Few<Tensor>) -> Work {
    Work(flops: 2 * Double(outputs[0].count) * Double(inputs[0].shape[inputs[0].rank - 1]))
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    var gradients = Few<Tensor?>(
      p.needs(0) ? try MatrixProduct(name: name, takesTransposed: !takesTransposed)(p.g, p.b) : nil,
      p.needs(1) ? try secondGradient(p.a, p.g) : nil)
    if p.node.edges.count == 3 { gradients.append(p.needs(2) ? p.g : nil) }
    return gradients
  }

  /// Lies in memory as the second matrix does.
  private func secondGradient(_ a: Tensor, _ g: Tensor) throws -> Tensor {
    let product = MatrixProduct(name: name)
    return takesTransposed ? try product(g.matrixTransposed(), a) : try product(a.matrixTransposed(), g)
  }
}

extension Tensor {
  func matrixTransposed() throws(SNNError) -> Tensor { try transpose(-2, -1) }

  /// All leading axes as one: its size, and the distances of rows, columns and batches. A copy where they do not lie evenly.
  fileprivate func foldedBatch() throws(SNNError) -> (tensor: Tensor, batch: Int, steps: (Int64, Int64, Int64)) {
    let batch = shape.dropLast(2).reduce(1, *)
    var step = 0
    var isEven = true
    var expected: Int?
    for i in stride(from: rank - 3, through: 0, by: -1) where shape[i] != 1 {
      if let expected { isEven = isEven && strides[i] == expected } else { step = strides[i] }
      expected = strides[i] * shape[i]
    }
    if isEven || batch == 0 { return (self, batch, (Int64(strides[rank - 2]), Int64(strides[rank - 1]), Int64(step))) }
    return try copied(to: dtype).foldedBatch()
  }

  /// The matrix product by NumPy's and PyTorch's rules for any ranks.
  public func matmul(_ other: Tensor) throws(SNNError) -> Tensor {
    guard rank > 0, other.rank > 0 else {
      throw .shape("matmul: both arguments need to be at least 1D, but they are \(rank)D and \(other.rank)D")
    }
    guard dtype == other.dtype else {
      throw .dtype("matmul: expected both tensors to have the same dtype, got \(dtype.name) and \(other.dtype.name)")
    }
    guard dtype != .bool else { throw .dtype("matmul: not defined for bool") }
    let a = rank == 1 ? try unsqueeze(0) : self
    let b = other.rank == 1 ? try other.unsqueeze(1) : other
    let (k, l) = (a.shape[a.rank - 1], b.shape[b.rank - 2])
    guard k == l else {
      throw .shape("matmul: shapes \(shape) and \(other.shape) cannot be multiplied (\(k) is not equal to \(l))")
    }
    var product: Tensor
    if b.rank == 2, a.rank > 2 {
      // One tall product instead of a batch with the same matrix.
      let rows = Dimensions([a.count / Swift.max(k, 1), k])
      product = try MatrixProduct(name: "matmul")(k == 0 ? a.flatten(0, -2) : a.reshaped(to: rows), b)
      product = try product.reshaped(to: Dimensions(a.shape.dropLast() + [b.shape[1]]))
    } else {
      let batch = try Dimensions.broadcast(
        Dimensions(a.shape.dropLast(2)), Dimensions(b.shape.dropLast(2)), operation: "matmul")
      product = try MatrixProduct(name: "matmul")(
        a.expanded(to: Dimensions(batch + a.shape.suffix(2))), b.expanded(to: Dimensions(batch + b.shape.suffix(2))))
    }
    if rank == 1 { product = try product.squeeze([-2]) }
    return other.rank == 1 ? try product.squeeze([-1]) : product
  }

  /// self · weightᵀ + bias, over the last axis.
  public func linear(_ weight: Tensor, _ bias: Tensor? = nil) throws(SNNError) -> Tensor {
    if weight.rank == 1 {
      let product = try matmul(weight)
      return try bias.map { bias throws(SNNError) in try product + bias } ?? product
    }
    guard weight.rank == 2 else { throw .shape("linear: expects a weight of 2 dimensions, got shape \(weight.shape)") }
    let features = weight.shape[1]
    guard rank > 0, shape[rank - 1] == features else {
      throw .shape(
        "linear: expects \(features) input features, got \(rank > 0 ? shape[rank - 1] : 0) (input of shape \(shape))")
    }
    if let bias, bias.shape != [weight.shape[0]] {
      throw .shape("linear: expects a bias of shape [\(weight.shape[0])], got \(bias.shape)")
    }
    for operand in [weight, bias ?? weight] where operand.dtype != dtype {
      throw .dtype("linear: expects input and weights of one dtype, got \(dtype.name) and \(operand.dtype.name)")
    }
    guard dtype != .bool else { throw .dtype("linear: not defined for bool") }
    let rows = rank == 2 ? self : try reshaped(to: [shape.dropLast().reduce(1, *), features])
    var operands = Few(rows, weight)
    if let bias { operands.append(try bias.contiguous()) }
    let product = try MatrixProduct(name: "linear", takesTransposed: true)(operands)
    return rank == 2 ? product : try product.reshaped(to: Dimensions(shape.dropLast() + [weight.shape[0]]))
  }
}
