/// How often values occur.
extension Operation {
  static let counting: [Operation] = [histc, bincount]

  static let histc = Operation(
    "histc", "How many elements fall into each of equal bins between min and max.",
    [
      .tensor("input"), .int("bins", default: 100, in: 1...Double(1 << 40)), .float("min", default: 0),
      .float("max", default: 0, "Where min equals max, the range of the elements."),
    ], differentiable: false
  ) { try $0.tensor(0).histogram(bins: $0.int(1), $0.float(2), $0.float(3)) }

  static let bincount = Operation(
    "bincount", "How often each of the numbers 0, 1, … occurs.",
    [
      .tensor("input"), Field("weights", .tensor, "What each element counts.").optional,
      .int("minlength", default: 0, in: 0...Double(1 << 40)),
    ], differentiable: false
  ) { try $0.tensor(0).bincount($0.optionalTensor(1), minimumLength: $0.int(2)) }
}

extension Tensor {
  /// How many elements fall into each of equal bins; of the range of the elements where the ends are equal.
  public func histogram(bins: Int = 100, _ low: Double = 0, _ high: Double = 0) throws(SNNError) -> Tensor {
    guard dtype.isFloatingPoint else { throw .dtype("histc: not implemented for \(dtype.name)") }
    guard bins > 0 else { throw .argument("histc: bins must be > 0, but got \(bins)") }
    let values = try array(of: Double.self)
    var (low, high) = (low, high)
    if low == high, !values.isEmpty {
      low = values.reduce(.infinity) { $0 < $1 ? $0 : $1 }
      high = values.reduce(-.infinity) { $0 > $1 ? $0 : $1 }
      if values.contains(where: \.isNaN) { low = .nan }
    }
    if low == high { (low, high) = (low - 1, high + 1) }
    guard low.isFinite, high.isFinite else { throw .argument("histc: range of [\(low), \(high)] is not finite") }
    guard low < high else { throw .argument("histc: max must be larger than min, got \(high) and \(low)") }
    let counts = try Tensor.full([bins], .float(0), .float64)
    let room = counts.data.assumingMemoryBound(to: Double.self)
    for value in values where value >= low && value <= high {
      room[Swift.min(Swift.max(Int(saturating: (value - low) * Double(bins) / (high - low)), 0), bins - 1)] += 1
    }
    return try counts.cast(to: dtype)
  }

  /// How often each of the numbers 0, 1, … occurs, or the sum of the weights of its occurrences.
  public func bincount(_ weights: Tensor? = nil, minimumLength: Int = 0) throws(SNNError) -> Tensor {
    guard rank == 1, dtype.isInteger else {
      throw .argument("bincount: only supports 1-d non-negative integral inputs, got \(dtype.name)\(shape)")
    }
    guard minimumLength >= 0 else { throw .argument("bincount: minlength should be >= 0, got \(minimumLength)") }
    if let weights, weights.shape != shape {
      throw .shape(
        "bincount: weights should be 1-d and have the same length as input, got \(weights.shape) for \(shape)")
    }
    guard batch == nil else { throw .dynamicShape("bincount") }
    let numbers = try array(of: Int.self)
    guard let least = numbers.min(), let greatest = numbers.max() else {
      return try Tensor.zeros([minimumLength], .int64)
    }
    guard least >= 0 else {
      throw .argument("bincount: only supports 1-d non-negative integral inputs, got \(least)")
    }
    let length = Swift.max(minimumLength, greatest < Int.max ? greatest + 1 : greatest)
    guard let weights else {
      let counts = try Tensor.zeros([length], .int64)
      let room = counts.data.assumingMemoryBound(to: Int.self)
      for number in numbers { room[number] += 1 }
      return counts
    }
    let sums = try Tensor.zeros([length], .float64)
    let room = sums.data.assumingMemoryBound(to: Double.self)
    for (number, weight) in zip(numbers, try weights.array(of: Double.self)) { room[number] += weight }
    return try sums.cast(to: weights.dtype == .float32 ? .float32 : .float64)
  }
}
