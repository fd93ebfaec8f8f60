extension Operation {
  static let repeating: [Operation] = [repeatAxes, tile, repeatInterleave, repeatInterleaveCounts]

  static let repeatAxes = Operation(
    "repeat", "The tensor several times along each axis.", [.tensor("input"), .ints("repeats")], places: .method
  ) { try $0.tensor(0).repeat($0.ints(1)) }

  static let tile = Operation(
    "tile", "The tensor several times along its last axes.", [.tensor("input"), .ints("dims", "How often.")]
  ) {
    let (x, times) = ($0.tensor(0), $0.ints(1))
    return try x.repeat(Array(repeating: 1, count: Swift.max(x.rank - times.count, 0)) + times)
  }

  static let repeatInterleave = Operation(
    "repeat_interleave", "Every position of an axis several times; without dim, of the flattened tensor.",
    [
      .tensor("input"), .operand("repeats", "One number, or one for each position."), Field("dim", .int).optional,
      outputSize,
    ]
  ) {
    try $0.tensor(0).repeatInterleave($0.operand(1), $0.optionalInt(2), outputSize: $0.optionalInt(3))
  }

  static let repeatInterleaveCounts = Operation(
    "repeat_interleave.counts", "Every position as often as its number says.", [.tensor("repeats"), outputSize],
    places: .function, differentiable: false
  ) { try $0.tensor(0).repeatedPositions("repeat_interleave.counts", outputSize: $0.optionalInt(1)) }

  private static let outputSize = Field("output_size", .int, "The sum of repeats, where it is known.").optional.keyword
}

extension Tensor {
  /// The tensor several times along each axis.
  public func `repeat`(_ repeats: [Int]) throws(SNNError) -> Tensor {
    guard repeats.count >= rank else {
      throw .shape(
        "repeat: number of dimensions of repeat dims (\(repeats.count)) can not be smaller than the number of dimensions "
          + "of tensor (\(rank))")
    }
    let padded = Array(repeating: 1, count: repeats.count - rank) + shape
    var sizes: [Int] = []
    for (size, count) in zip(padded, repeats) {
      guard count >= 0 else { throw .argument("repeat: the numbers of repetitions cannot be negative, got \(repeats)") }
      let (product, overflow) = size.multipliedReportingOverflow(by: count)
      sizes.append(overflow ? .max : product)
    }
    let target = try Dimensions.shape(sizes, operation: "repeat")
    var x = try reshaped(to: Dimensions(padded))
    // As many axes at a time as there is room for.
    var axis = padded.count - 1
    while axis >= 0 {
      var (split, spread) = ([Int](), [Int]())
      let room = Dimensions.maximumRank - padded.count
      var added = 0
      let before = Array(x.shape)
      var joined = before
      while axis >= 0, added < room || repeats[axis] == 1 || before[axis] == 1 {
        if repeats[axis] == 1 || before[axis] == 1 {
          split.insert(before[axis], at: 0)
          spread.insert(before[axis] == 1 ? repeats[axis] : before[axis], at: 0)
        } else {
          split.insert(contentsOf: [1, before[axis]], at: 0)
          spread.insert(contentsOf: [repeats[axis], before[axis]], at: 0)
          added += 1
        }
        joined[axis] = sizes[axis]
        axis -= 1
      }
      guard !split.isEmpty else {
        throw .shape("repeat: at most \(Dimensions.maximumRank - 1) dimensions can be repeated, got \(padded.count)")
      }
      let rest = Array(before[..<(axis + 1)])
      x = try x.reshaped(to: Dimensions(rest + split)).expanded(to: Dimensions(rest + spread))
        .reshaped(to: Dimensions(joined))
    }
    return try x.storage === storage && x.shape == target ? x.clone() : x
  }

  public func repeatInterleave(_ repeats: Int, _ dim: Int? = nil) throws(SNNError) -> Tensor {
    try repeatInterleave(Tensor(number: .int(repeats)), dim, outputSize: nil)
  }

  /// Every position of an axis as often as its number says.
  public func repeatInterleave(_ repeats: Tensor, _ dim: Int? = nil, outputSize: Int? = nil) throws(SNNError) -> Tensor
  {
    let x = try dim == nil || rank == 0 ? reshape([-1]) : self
    let axis = try dim.map { dim throws(SNNError) in try shape.axis(dim, operation: "repeat_interleave") } ?? 0
    guard repeats.rank <= 1 else {
      throw .shape("repeat_interleave: repeats must be 0-dim or 1-dim tensor, got shape \(repeats.shape)")
    }
    let length = x.shape[axis]
    guard repeats.count == 1 || repeats.count == length else {
      throw .shape(
        "repeat_interleave: repeats must be as many as input has along dim \(axis) (\(length)), got \(repeats.count)"
      )
    }
    let counts = try repeats.reshape([-1]).expand([length])
    return try x.indexSelect(axis, counts.repeatedPositions("repeat_interleave", outputSize: outputSize))
  }

  /// Every position as often as its number says.
  fileprivate func repeatedPositions(_ operation: String, outputSize: Int?) throws(SNNError) -> Tensor {
    guard dtype == .int64 || dtype == .int32, rank == 1 else {
      throw .dtype("\(operation): repeats has to be a vector of int64 or int32, got \(dtype.name) of shape \(shape)")
    }
    let counts = try detach().array(of: Int.self)
    var total = 0
    for count in counts {
      guard count >= 0 else { throw .argument("\(operation): repeats can not be negative, got \(count)") }
      let (sum, overflow) = total.addingReportingOverflow(count)
      total = overflow ? .max : sum
    }
    guard outputSize == nil || outputSize == total else {
      throw .argument("\(operation): output_size is \(outputSize ?? 0), but repeats sum to \(total)")
    }
    let positions = try Tensor.empty([total], .int64, operation: operation)
    let out = positions.data.assumingMemoryBound(to: Int.self)
    var next = 0
    for (i, count) in counts.enumerated() {
      for _ in 0..<count {
        out[next] = i
        next += 1
      }
    }
    return positions
  }
}
