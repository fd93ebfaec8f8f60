/// Differences of neighbours and areas under them.
extension Operation {
  static let differences: [Operation] = [diff, trapezoid, cumulativeTrapezoid]

  static let diff = Operation(
    "diff", "The n-th differences of neighbours along an axis.",
    [
      .tensor("input"), .int("n", default: 1, in: 0...Double(1 << 20)), .int("dim", default: -1),
      Field("prepend", .tensor, "Stands before input.").optional,
      Field("append", .tensor, "Stands behind input.").optional,
    ]
  ) {
    try $0.tensor(0).diff($0.int(1), $0.int(2), prepend: $0.optionalTensor(3), append: $0.optionalTensor(4))
  }

  private static let areaFields: [Field] = [
    .tensor("y"), Field("x", .tensor, "Where the values stand; dx apart without it.").optional,
    .float("dx", default: 1).keyword, .int("dim", default: -1).keyword,
  ]

  static let trapezoid = Operation(
    "trapezoid", "The area under the straight lines between values.", areaFields, places: .function,
    aliases: ["trapz"]
  ) { arguments in
    let y = arguments.tensor(0)
    let axis = try y.shape.axis(arguments.int(3), operation: "trapezoid")
    let (areas, scale) = try y.trapezoids(
      arguments.optionalTensor(1), arguments.float(2), axis, operation: "trapezoid")
    return try areas.sum([axis]) * .float(scale)
  }

  static let cumulativeTrapezoid = Operation(
    "cumulative_trapezoid", "The running area under the straight lines between values.", areaFields,
    places: .function
  ) { arguments in
    let y = arguments.tensor(0)
    let axis = try y.shape.axis(arguments.int(3), operation: "cumulative_trapezoid")
    let (areas, scale) = try y.trapezoids(
      arguments.optionalTensor(1), arguments.float(2), axis, operation: "cumulative_trapezoid")
    return try areas.cumsum(axis) * .float(scale)
  }
}

extension Tensor {
  /// The n-th differences of neighbours along an axis.
  public func diff(_ n: Int = 1, _ dim: Int = -1, prepend: Tensor? = nil, append: Tensor? = nil) throws(SNNError)
    -> Tensor
  {
    guard n >= 0 else { throw .argument("diff: order must be non-negative but got \(n)") }
    guard rank > 0 else { throw .shape("diff: expects input to be at least one-dimensional") }
    let axis = try shape.axis(dim, operation: "diff")
    if n == 0 { return try clone() }
    var x = self
    if prepend != nil || append != nil {
      var parts: [Tensor] = []
      for part in [prepend, self, append] {
        guard let part else { continue }
        var room = shape
        room[axis] = 1
        parts.append(part.rank == 0 ? try part.expanded(to: room) : part)
      }
      x = try Tensor.cat(parts, axis)
    }
    for _ in 0..<Swift.min(n, x.shape[axis]) {
      let rest = Swift.max(x.shape[axis] - 1, 0)
      let first = x.shape[axis] - rest
      let (a, b) = (try x.narrow(axis, first, rest), try x.narrow(axis, 0, rest))
      x = try dtype == .bool ? a.logicalXor(b) : a - b
    }
    return x
  }

  /// The area between each pair of neighbours, up to a factor. Integers stay integers until then, as in PyTorch.
  fileprivate func trapezoids(_ x: Tensor?, _ dx: Double, _ axis: Int, operation: String) throws(SNNError)
    -> (areas: Tensor, factor: Double)
  {
    guard rank > 0 else { throw .shape("\(operation): expects at least one dimension") }
    guard dtype != .bool else { throw .dtype("\(operation): received a bool input for `y`, but bool is not supported") }
    let n = shape[axis]
    let sums = try narrow(axis, Swift.min(1, n), Swift.max(n - 1, 0)) + narrow(axis, 0, Swift.max(n - 1, 0))
    guard let x else { return (sums, dx / 2) }
    guard x.dtype != .bool else {
      throw .dtype("\(operation): received a bool input for `x`, but bool is not supported")
    }
    let along = x.rank == 1 ? 0 : try x.shape.axis(axis - rank, operation: operation)
    guard x.rank == 0 || x.shape[along] == n else {
      throw .shape("\(operation): There must be one `x` value for each sample point, got \(x.shape) for \(shape)")
    }
    guard x.rank > 0 else { throw .shape("\(operation): expects x to have at least one dimension") }
    var widths = try x.diff(1, along)
    if x.rank == 1 {
      var room = Dimensions(repeating: 1, count: rank)
      room[axis] = widths.count
      widths = try widths.reshaped(to: room)
    }
    return (try sums * widths, 0.5)
  }
}
