extension Operation {
  static let quantiles: [Operation] = [quantile, nanquantile]

  private static let fields: [Field] = [
    .tensor("input"), .operand("q", "Numbers between 0 and 1."),
    Field("dim", .int, "The axis; the flattened tensor without one.").optional, .bool("keepdim", default: false),
    .choice(
      "interpolation", of: ["linear", "lower", "higher", "midpoint", "nearest"], default: "linear",
      "What to take between two elements."
    ).keyword,
  ]

  private static func quantiles(_ name: String, _ doc: String, skipsNaN: Bool) -> Operation {
    Operation(name, doc, fields) {
      let x = $0.tensor(0)
      let q = try $0.optionalTensor(1) ?? Tensor($0.scalar(1), x.dtype)
      return try x.quantile(
        q, $0.optionalInt(2), keepDim: $0.bool(3), interpolation: $0.string(4), skipsNaN: skipsNaN)
    }
  }

  static let quantile = quantiles(
    "quantile", "The elements below which the fraction q of all lies along an axis.", skipsNaN: false)
  static let nanquantile = quantiles(
    "nanquantile", "The elements below which the fraction q of all that are not NaN lies along an axis.",
    skipsNaN: true)
}

extension Tensor {
  /// The elements below which the fractions q of all lie along an axis, or in the flattened tensor.
  public func quantile(
    _ q: Tensor, _ dim: Int? = nil, keepDim: Bool = false, interpolation: String = "linear", skipsNaN: Bool = false
  ) throws(SNNError) -> Tensor {
    let name = skipsNaN ? "nanquantile" : "quantile"
    guard dtype == .float32 || dtype == .float64 else {
      throw .dtype("\(name): input tensor must be either float or double dtype, got \(dtype.name)")
    }
    guard q.rank <= 1, q.dtype == dtype else {
      throw .argument("\(name): q must be a scalar or 1D tensor of dtype \(dtype.name), got \(q.dtype.name)\(q.shape)")
    }
    guard try !(q.detach() >= 0).logicalAnd(q.detach() <= 1).logicalNot().holdsAnywhere() else {
      throw .argument("\(name): q values must be in the range [0, 1]")
    }
    guard rank + q.rank < Dimensions.maximumRank else {
      throw .shape("\(name): at most \(Dimensions.maximumRank - 1 - q.rank) dimensions are supported, got \(rank)")
    }
    let axis = try dim.map { dim throws(SNNError) in try shape.axis(dim, operation: name) }
    let x = try axis == nil || rank == 0 ? flatten() : transpose(axis.unsafelyUnwrapped, -1)
    let n = x.shape[x.rank - 1]
    guard n > 0 else { throw .shape("\(name): input tensor must be non-empty, got shape \(shape)") }
    let sorted = try x.sort(-1).values
    // Along the last axis: one rank per q. A line with NaN gives NaN, which is its last element.
    let isNaN = try x.detach().isNaN()
    var ranks: Tensor
    if skipsNaN {
      let numbers = try isNaN.logicalNot().sum([-1], keepDim: true)
      ranks = try q * (numbers - 1).clamp(min: 0).cast(to: dtype)
    } else {
      ranks = try q * .int(n - 1)
      let hasNaN = try isNaN.any([-1], keepDim: true)
      ranks = try Tensor.where(hasNaN, Tensor(.float(Double(n - 1)), dtype), ranks)
    }
    if q.rank == 0, ranks.rank < x.rank { ranks = try ranks.unsqueeze(-1) }
    var found: Tensor
    switch interpolation {
    case "lower": found = try sorted.atRanks(ranks.detach().floor(), name)
    case "higher": found = try sorted.atRanks(ranks.detach().ceil(), name)
    case "nearest": found = try sorted.atRanks(ranks.detach().round(), name)
    default:
      let below = try ranks.detach().floor()
      let weight = try interpolation == "midpoint" ? Tensor(0.5, dtype) : ranks - below
      found = try sorted.atRanks(below, name).lerp(sorted.atRanks(ranks.detach().ceil(), name), weight)
    }
    // From [lines, q] to [q, reduced shape].
    if let axis, rank > 0, q.rank == 0 || keepDim {
      if q.rank == 0 {
        found = try found.transpose(axis, -1)
        return keepDim ? found : try found.squeeze([axis])
      }
      return try found.unsqueeze(0).transpose(0, -1).transpose(axis + 1, -1)
    }
    var result = try found.movedToFront()
    if let axis, rank > 1 {
      // The last axis took the place of the reduced one.
      let others = Array(0..<rank).filter { $0 != axis && $0 != rank - 1 }
      var order = others
      if axis != rank - 1 { order.insert(axis, at: rank - 2) }
      result = try result.permute([0] + order.map { $0 + 1 })
    }
    if q.rank == 0 { result = try result.select(0, 0) }
    guard keepDim, axis == nil else { return result }
    return try result.reshaped(to: Dimensions(Array(q.shape) + Array(repeating: 1, count: rank)))
  }

  private func atRanks(_ ranks: Tensor, _ name: String) throws(SNNError) -> Tensor {
    var lines = shape
    lines[rank - 1] = ranks.shape[ranks.rank - 1]
    let index = try ranks.cast(to: .int64).expanded(to: lines)
    return try elements(at: index, rank - 1, operation: name).0
  }

  private func movedToFront() throws(SNNError) -> Tensor {
    try permute([rank - 1] + Array(0..<(rank - 1)))
  }
}
