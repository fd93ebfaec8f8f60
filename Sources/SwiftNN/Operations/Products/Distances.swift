extension Operation {
  static let distances: [Operation] = [cdist, pdist, pairwiseDistance, cosineSimilarity]

  static let cdist = Operation(
    "cdist", "The p-norm distances between all rows of two batches.",
    [
      .tensor("x1"), .tensor("x2"), .float("p", default: 2, in: 0...Double.infinity),
      .string(
        "compute_mode", default: "use_mm_for_euclid_dist_if_necessary",
        "Taken for PyTorch's sake; nothing depends on it."),
    ], places: .function
  ) { try $0.tensor(0).cdist($0.tensor(1), p: $0.float(2)) }

  static let pdist = Operation(
    "pdist", "The p-norm distances between all pairs of rows of a matrix.",
    [.tensor("input"), .float("p", default: 2, in: 0...Double.infinity)], places: [.function, .functional]
  ) {
    let x = $0.tensor(0)
    guard x.rank == 2, x.dtype.isFloatingPoint else {
      throw SNNError.shape("pdist: only supports 2D floating-point tensors, got \(x.dtype.name)\(x.shape)")
    }
    let pairs = try Tensor.arange(0, .int(x.shape[0])).combinations()
    return try (x.indexSelect(0, pairs.select(1, 0)) - x.indexSelect(0, pairs.select(1, 1))).size(p: $0.float(1), [-1])
  }

  static let pairwiseDistance = Operation(
    "pairwise_distance", "The p-norm of x1 - x2 + eps over the last axis.",
    [
      .tensor("x1"), .tensor("x2"), .float("p", default: 2), .float("eps", default: 1e-6),
      .bool("keepdim", default: false),
    ], places: [.function, .functional]
  ) {
    let difference = try $0.tensor(0) - $0.tensor(1) + .float($0.float(3))
    return try difference.size(p: $0.float(2), [-1], keepDim: $0.bool(4))
  }

  static let cosineSimilarity = Operation(
    "cosine_similarity", "x1 · x2 over an axis, divided by both lengths, each at least eps.",
    [.tensor("x1"), .tensor("x2"), .int("dim", default: 1), .float("eps", default: 1e-8)],
    places: [.function, .functional]
  ) { try $0.tensor(0).cosineSimilarity($0.tensor(1), $0.int(2), eps: $0.float(3)) }
}

extension Tensor {
  /// The p-norm distances between all rows of two batches.
  public func cdist(_ other: Tensor, p: Double = 2) throws(SNNError) -> Tensor {
    guard rank >= 2, other.rank >= 2, shape[rank - 1] == other.shape[other.rank - 1] else {
      throw .shape("cdist: expects batches of rows of one length, got shapes \(shape) and \(other.shape)")
    }
    guard dtype.isFloatingPoint, other.dtype.isFloatingPoint else {
      throw .dtype("cdist: expects floating-point tensors, got \(dtype.name) and \(other.dtype.name)")
    }
    return try (unsqueeze(-2) - other.unsqueeze(-3)).size(p: p, [-1])
  }

  public func cosineSimilarity(_ other: Tensor, _ dim: Int = 1, eps: Double = 1e-8) throws(SNNError) -> Tensor {
    let common = DType.result(of: self, other)
    guard common.isFloatingPoint else {
      throw .dtype("cosine_similarity: expected common dtype to be floating point, yet common dtype is \(common.name)")
    }
    let shared = try Dimensions.broadcast(shape, other.shape, operation: "cosine_similarity")
    let axis = try shared.axis(dim, operation: "cosine_similarity")
    let (a, b) = (try cast(to: common).expanded(to: shared), try other.cast(to: common).expanded(to: shared))
    func direction(_ x: Tensor) throws(SNNError) -> Tensor {
      try x / x.size(p: 2, [axis], keepDim: true).maximum(Tensor(number: .float(eps)))
    }
    return try (direction(a) * direction(b)).sum([axis])
  }

  /// The p-norm over axes; where it is 0, so is its gradient.
  func size(p: Double, _ dims: [Int], keepDim: Bool = false) throws(SNNError) -> Tensor {
    let axes = try ReducedAxes(dims, of: shape, keepDim: keepDim, operation: "norm")
    guard dtype.isFloatingPoint else { throw .dtype("norm: expects a floating-point tensor, got \(dtype.name)") }
    if p.isInfinite {
      guard axes.count(in: shape) > 0 else {
        guard p > 0 else { throw .shape("norm: no elements to take the least of in shape \(shape)") }
        return try Tensor.full(axes.result(of: shape), 0, dtype)
      }
      return try p > 0 ? abs().amax(axes.list, keepDim: keepDim) : abs().amin(axes.list, keepDim: keepDim)
    }
    switch p {
    case 0: return try (self != 0).cast(to: dtype).sum(axes.list, keepDim: keepDim)
    case 1: return try abs().sum(axes.list, keepDim: keepDim)
    case 2:
      let total = try square().sum(axes.list, keepDim: keepDim)
      let isZero = try total == 0
      return try total.masked(where: isZero, 1).sqrt().masked(where: isZero, 0)
    default:
      let isZero = try detach() == 0
      let powers = try abs().masked(where: isZero, 1).pow(.float(p)).masked(where: isZero, 0)
      let total = try powers.sum(axes.list, keepDim: keepDim)
      let isNothing = try total == 0
      let root = try total.masked(where: isNothing, 1).pow(.float(1 / p))
      guard p < 0 else { return try root.masked(where: isNothing, 0) }
      // A negative power of 0 outweighs all others; without elements, nothing weighs.
      let isLeast = try isZero.any(axes.list, keepDim: keepDim)
      return try root.masked(where: isNothing, .float(.infinity)).masked(where: isLeast, 0)
    }
  }
}
