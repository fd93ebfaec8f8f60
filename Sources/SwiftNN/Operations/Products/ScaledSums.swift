extension Operation {
  static let productSums: [Operation] = [addmm, addmv, addbmm, baddbmm, addr]

  private static func declare(
    _ name: String, _ doc: String, _ first: String, _ second: String,
    product: @escaping @Sendable (Tensor, Tensor) throws(SNNError) -> Tensor
  ) -> Operation {
    Operation(
      name, doc,
      [
        .tensor("input"), .tensor(first), .tensor(second),
        .scalar("beta", default: 1, "Scales input; at 0 it is not read.").keyword,
        .scalar("alpha", default: 1, "Scales the product.").keyword,
      ], hasInPlaceForm: true
    ) {
      let (input, first, second) = ($0.tensor(0), $0.tensor(1), $0.tensor(2))
      guard input.dtype.isHalf, first.dtype == input.dtype, second.dtype == input.dtype else {
        return try scaledSum(name, input, product(first, second), beta: $0.scalar(3), alpha: $0.scalar(4))
      }
      // The sum is rounded once.
      let wide = try product(first.cast(to: .float32), second.cast(to: .float32))
      return try scaledSum(name, input.cast(to: .float32), wide, beta: $0.scalar(3), alpha: $0.scalar(4))
        .cast(to: input.dtype)
    }
  }

  static let addmm = declare("addmm", "beta · input + alpha · mat1 · mat2.", "mat1", "mat2") { a, b throws(SNNError) in
    guard a.rank == 2, b.rank == 2 else {
      throw .shape("addmm: expects two matrices, got shapes \(a.shape) and \(b.shape)")
    }
    return try a.matmul(b)
  }

  static let addmv = declare("addmv", "beta · input + alpha · mat · vec.", "mat", "vec") { a, b throws(SNNError) in
    try a.mv(b)
  }

  static let addbmm = declare(
    "addbmm", "beta · input + alpha times the sum of the products of two batches of matrices.", "batch1", "batch2"
  ) { a, b throws(SNNError) in
    let products = try a.bmm(b)
    return try products.sum([0], dtype: products.dtype)
  }

  static let baddbmm = declare(
    "baddbmm", "beta · input + alpha times the products of two batches of matrices.", "batch1", "batch2"
  ) { a, b throws(SNNError) in try a.bmm(b) }

  static let addr = declare("addr", "beta · input + alpha · vec1 · vec2ᵀ.", "vec1", "vec2") { a, b throws(SNNError) in
    try a.outer(b)
  }

  private static func scaledSum(
    _ name: String, _ input: Tensor, _ product: Tensor, beta: Scalar, alpha: Scalar
  ) throws(SNNError) -> Tensor {
    guard input.dtype == product.dtype || name == "addr" else {
      throw .dtype("\(name): expects input of dtype \(product.dtype.name), got \(input.dtype.name)")
    }
    var (beta, alpha) = (beta, alpha)
    if !product.dtype.isFloatingPoint, !input.dtype.isFloatingPoint {
      for (argument, value) in [("beta", beta), ("alpha", alpha)] {
        if case .float = value, name == "addr" {
          throw .argument("addr: for integral input tensors, argument \(argument) must not be a floating point number")
        }
      }
      (beta, alpha) = (.int(beta.integer), .int(alpha.integer))
    }
    let shown = try Dimensions.broadcast(input.shape, product.shape, operation: name)
    guard shown == product.shape else {
      throw .shape("\(name): input of shape \(input.shape) cannot be expanded to \(product.shape)")
    }
    if product.dtype == .bool, input.dtype == .bool {
      let kept = try input.logicalAnd(Tensor.full([], .bool(beta.double != 0), .bool))
      return try kept.logicalOr(product.logicalAnd(Tensor.full([], .bool(alpha.double != 0), .bool)))
    }
    let scaled = alpha.double == 1 ? product : try product * alpha
    if beta.double == 0 { return try scaled.cast(to: DType.result(of: input, scaled)) }
    return try (beta.double == 1 ? input : input * beta) + scaled
  }
}
