import CKernels

extension Operation {
  static let norms: [Operation] = [norm, frobeniusNorm, vectorNorm]

  private static let dims = Field("dim", .ints, "The axes to reduce; all without them.").optional
  private static let keepDim = Field.bool("keepdim", default: false, "Keeps the reduced axes with size 1.")

  static let norm = Operation(
    "norm", "The p-norm over axes: (sum |input|^p)^(1/p).",
    [.tensor("input"), .float("p", default: 2), dims, keepDim, .dtype()]
  ) { try $0.tensor(0).norm(.float($0.float(1)), $0.optionalInts(2), keepDim: $0.bool(3), dtype: $0.dtype(4), "norm") }

  static let frobeniusNorm = Operation(
    "norm.fro", "The root of the sum of squares over axes; nuc: the sum of the singular values of matrices.",
    [.tensor("input"), .choice("p", of: ["fro", "nuc"], default: "fro"), dims, keepDim, .dtype()]
  ) {
    guard $0.string(1) == "fro" else {
      let x = try $0.tensor(0).cast(to: $0.dtype(4) ?? $0.tensor(0).dtype)
      return try x.norm(
        overMatrix: $0.optionalInts(2) ?? Array(0..<x.rank), keepDim: $0.bool(3), "norm", word: "nuc")
    }
    return try $0.tensor(0).norm(2, $0.optionalInts(2), keepDim: $0.bool(3), dtype: $0.dtype(4), "norm")
  }

  static let vectorNorm = Operation(
    "vector_norm", "The norm of the vectors along axes: (sum |x|^ord)^(1/ord).",
    [.tensor("x"), .float("ord", default: 2), dims, keepDim, .dtype().keyword], places: .linalg
  ) {
    try $0.tensor(0).norm(
      .float($0.float(1)), $0.optionalInts(2), keepDim: $0.bool(3), dtype: $0.dtype(4), "vector_norm")
  }
}

extension Tensor {
  /// (sum |x|^p)^(1/p) over axes; the greatest or least |x| for an infinite p, the number of non-zero elements for 0.
  public func norm(
    _ p: Scalar = 2, _ dims: [Int]? = nil, keepDim: Bool = false, dtype: DType? = nil
  ) throws(SNNError) -> Tensor { try norm(p, dims, keepDim: keepDim, dtype: dtype, "norm") }

  fileprivate func norm(
    _ p: Scalar, _ dims: [Int]?, keepDim: Bool, dtype: DType?, _ name: String
  ) throws(SNNError) -> Tensor {
    let x = try cast(to: dtype ?? self.dtype)
    guard x.dtype.isFloatingPoint else {
      throw .dtype("\(name): Expected a floating point tensor as input. Got \(x.dtype.name)")
    }
    let axes = try ReducedAxes(dims, of: shape, keepDim: keepDim, operation: name)
    func reduced(_ kernel: ck_reduce_op, _ x: Tensor) throws(SNNError) -> Tensor {
      try Reduce(name: name, kernel: kernel, axes: axes)(x)
    }
    switch p.double {
    case 2: return try Operation.rootOfSum(reduced(ck_reduce_sum_squares, x))
    case 1: return try reduced(ck_reduce_sum_abs, x)
    case 0: return try reduced(ck_reduce_sum_abs, x.sign().masked(where: x.isNaN(), 1))
    case .infinity:
      if axes.count(in: shape) == 0, axes.result(of: shape).product > 0, dims == nil || dims == [] {
        return try Tensor.full(axes.result(of: shape), 0, x.dtype)
      }
      return try x.abs().amax(dims, keepDim: keepDim)
    case -.infinity: return try x.abs().amin(dims, keepDim: keepDim)
    case let p:
      let size = try x.abs()
      // Powers have no slope, or an infinite one, at 0: those elements and sums keep out of the way.
      let isZero = try x.detach() == 0
      let powers =
        try p < 1
        ? size.masked(where: isZero, 1).pow(.float(p)).masked(where: isZero, .float(p < 0 ? .infinity : 0))
        : size.pow(.float(p))
      let total = try reduced(ck_reduce_sum, powers)
      let isNothing = try total.detach() == 0
      return try total.masked(where: isNothing, 1).pow(.float(1 / p)).masked(
        where: isNothing, .float(p < 0 ? .infinity : 0))
    }
  }
}
