extension Operation {
  static let sequences: [Operation] = [linspace, logspace, range, trilIndices, triuIndices]

  private static let steps = Field.int("steps", in: 0...Double(1 << 45))

  static let linspace = Operation(
    "linspace", "Evenly spaced numbers from start to end, both included.",
    [.scalar("start"), .scalar("end"), steps, .dtype().keyword], places: .function, differentiable: false
  ) { try Tensor.linspace($0.scalar(0), $0.scalar(1), $0.int(2), $0.dtype(3) ?? .default) }

  static let logspace = Operation(
    "logspace", "base to the power of evenly spaced numbers from start to end.",
    [.scalar("start"), .scalar("end"), steps, .float("base", default: 10), .dtype().keyword], places: .function,
    differentiable: false
  ) {
    let dtype = $0.dtype(4) ?? .default
    let (start, end) = ($0.scalar(0), $0.scalar(1))
    let powers = try Tensor.linspace(
      dtype.isFloatingPoint ? start : .int(start.integer), dtype.isFloatingPoint ? end : .int(end.integer), $0.int(2),
      .float64)
    return try Tensor(.float($0.float(3)), .float64).pow(powers).cast(to: dtype)
  }

  static let range = Operation(
    "range", "start, start + step, … up to end, which is included where it is met.",
    [.scalar("start"), .scalar("end"), .scalar("step", default: 1), .dtype().keyword],
    places: .function, differentiable: false
  ) { try Tensor.range($0.scalar(0), $0.scalar(1), step: $0.scalar(2), $0.dtype(3) ?? .default) }

  private static let indexFields: [Field] = [
    .int("row", in: 0...Double(1 << 40)), .int("col", in: 0...Double(1 << 40)),
    .int("offset", default: 0, "The diagonal, 0 for the main one."), .dtype().keyword,
  ]

  static let trilIndices = Operation(
    "tril_indices", "The rows and columns of the elements on and below a diagonal.", indexFields, places: .function,
    differentiable: false
  ) {
    try Tensor.triangle($0.int(0), $0.int(1), $0.int(2), isLower: true, operation: "tril_indices").cast(
      to: $0.dtype(3) ?? .int64)
  }

  static let triuIndices = Operation(
    "triu_indices", "The rows and columns of the elements on and above a diagonal.", indexFields, places: .function,
    differentiable: false
  ) {
    try Tensor.triangle($0.int(0), $0.int(1), $0.int(2), isLower: false, operation: "triu_indices").cast(
      to: $0.dtype(3) ?? .int64)
  }
}

extension Tensor {
  /// Evenly spaced numbers from `start` to `end`, both included.
  public static func linspace(_ start: Scalar, _ end: Scalar, _ steps: Int, _ dtype: DType = .default)
    throws(SNNError) -> Tensor
  {
    guard dtype != .bool else { throw .dtype("linspace: not defined for bool") }
    let numbers = try empty([steps], .float64, operation: "linspace")
    let room = numbers.data.assumingMemoryBound(to: Double.self)
    // Integers are spaced between whole ends, as in PyTorch.
    let (first, last) =
      dtype.isFloatingPoint ? (start.double, end.double) : (Double(start.integer), Double(end.integer))
    let step = steps > 1 ? (last - first) / Double(steps - 1) : 0
    // Counted from both ends, so that both are met.
    for i in 0..<steps {
      room[i] = i < (steps + 1) / 2 ? first + step * Double(i) : last - step * Double(steps - 1 - i)
    }
    return try numbers.cast(to: dtype)
  }

  /// start, start + step, … up to `end`, which is included where it is met.
  public static func range(_ start: Scalar, _ end: Scalar, step: Scalar = 1, _ dtype: DType = .default)
    throws(SNNError) -> Tensor
  {
    guard dtype != .bool else { throw .dtype("range: not defined for bool") }
    guard step.double != 0 else { throw .argument("range: step must be nonzero") }
    let steps = ((end.double - start.double) / step.double).rounded(.down)
    guard steps.isFinite, steps < 0x1p45 else {
      throw .argument("range: unsupported range: \(start.double) -> \(end.double) in steps of \(step.double)")
    }
    guard steps >= 0 else { throw .argument("range: upper bound and lower bound inconsistent with step sign") }
    let numbers = try arange(0, .float(steps + 1), .float64)
    return try (numbers * .float(step.double) + .float(start.double)).cast(to: dtype)
  }

  /// The rows and columns of one side of a diagonal.
  fileprivate static func triangle(_ rows: Int, _ columns: Int, _ offset: Int, isLower: Bool, operation: String)
    throws(SNNError) -> Tensor
  {
    guard Double(offset).magnitude < 0x1p50 else { throw .argument("\(operation): offset \(offset) is out of range") }
    _ = try Dimensions.shape([2, rows, columns], operation: operation)
    /// Where the part on and below the diagonal ends in a row.
    func end(_ row: Int, _ offset: Int) -> Int { Swift.min(Swift.max(row + offset + 1, 0), columns) }
    func lowerCount(_ offset: Int) -> Int {
      let first = Swift.min(Swift.max(-offset, 0), rows)
      let full = Swift.min(Swift.max(columns - offset - 1, first), rows)
      return (full - first) * (first + full + 2 * offset + 1) / 2 + (rows - full) * columns
    }
    let total = isLower ? lowerCount(offset) : rows * columns - lowerCount(offset - 1)
    let result = try empty([2, total], .int64, operation: operation)
    let room = result.data.assumingMemoryBound(to: Int.self)
    var place = 0
    let filled = total == 0 ? 0..<0 : isLower ? Swift.max(-offset, 0)..<rows : 0..<Swift.min(columns - offset, rows)
    for row in filled {
      for column in isLower ? 0..<end(row, offset) : end(row, offset - 1)..<columns {
        room[place] = row
        room[total + place] = column
        place += 1
      }
    }
    return result
  }
}
