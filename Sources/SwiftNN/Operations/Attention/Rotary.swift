extension Operation {
  static let rotaryEmbedding = Operation(
    "rotary_embedding", "Turns pairs of features by angles that grow with the position: rotary position embeddings.",
    [
      .tensor("input", "[…, L, E]."),
      Field("positions", .tensor, "[L], or as many as input has rows; 0, 1, 2 … without them.").optional,
      .int("offset", default: 0, "Is added to the positions, as for rows behind those of a cache."),
      .float("base", default: 10000, "The first pair turns by a radian for each position, the last base times slower."),
      .bool("interleaved", default: false, "Pairs are neighbours, not a feature and the one half a row later."),
      Field("dim", .int, "So many features, from the first on, are turned; all without it.").optional,
    ], places: .functional
  ) {
    try $0.tensor(0).rotaryEmbedding(
      positions: $0.optionalTensor(1), offset: $0.int(2), base: $0.float(3), interleaved: $0.bool(4),
      dim: $0.optionalInt(5))
  }
}

extension Tensor {
  /// Turns pairs of features by angles that grow with the position.
  public func rotaryEmbedding(
    positions: Tensor? = nil, offset: Int = 0, base: Double = 10000, interleaved: Bool = false, dim: Int? = nil
  ) throws(SNNError) -> Tensor {
    let name = "rotary_embedding"
    guard rank >= 2, dtype.isFloatingPoint else {
      throw .shape("\(name): expects a floating point input of at least 2 dimensions, got \(dtype.name) \(shape)")
    }
    let turned = dim ?? shape[rank - 1]
    guard turned >= 0, turned <= shape[rank - 1], turned % 2 == 0 else {
      throw .argument("\(name): dim must be even and at most \(shape[rank - 1]), got \(turned)")
    }
    var places = try Tensor.arange(0, .int(shape[rank - 2]), .int64)
    if let positions { places = positions }
    guard places.rank > 0, places.rank < rank,
      zip(places.shape.reversed(), shape.dropLast().reversed()).allSatisfy({ $0 == $1 || $0 == 1 })
    else { throw .shape("\(name): positions of shape \(places.shape) do not fit the rows of input \(shape)") }
    // In float64, for positions far out.
    let exponents = try Tensor.arange(0, .int(turned / 2), .float64) * .float(-2 / Double(Swift.max(turned, 1)))
    let speeds = try Tensor(.float(base), .float64).pow(exponents)
    let angles = try (places.cast(to: .float64) + .float(Double(offset))).unsqueeze(-1) * speeds
    let (cosine, sine) = (try angles.cos().cast(to: dtype), try angles.sin().cast(to: dtype))
    let parts = try turned == shape[rank - 1] ? [self] : split([turned, shape[rank - 1] - turned], -1)
    let pairs = try parts[0].unflatten(-1, interleaved ? [turned / 2, 2] : [2, turned / 2])
    let ends = try pairs.unbind(interleaved ? -1 : -2)
    let both = [try ends[0] * cosine - ends[1] * sine, try ends[1] * cosine + ends[0] * sine]
    let rows = try Tensor.stack(both, interleaved ? -1 : -2).flatten(-2)
    return try parts.count == 1 ? rows : Tensor.cat([rows, parts[1]], -1)
  }
}
