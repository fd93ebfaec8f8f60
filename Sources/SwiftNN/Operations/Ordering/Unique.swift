extension Operation {
  static let uniques: [Operation] = [unique, uniqueConsecutive]

  private static let dim = Field("dim", .int, "Compares the slices of this axis; the elements without one.").optional
  private static let sorted = Field.bool("sorted", default: true, "Accepted; the result is always in order.")
  private static let parts: [Field] = [
    .bool("return_inverse", default: false, "Where each element of input went."),
    .bool("return_counts", default: false, "How often each occurs."),
  ]
  private static let names = ["output", "inverse_indices", "counts"]

  static let unique = Operation(
    "unique", "Every element once, in order, with the parts that are asked for.",
    [.tensor("input"), sorted] + parts + [dim], differentiable: false,
    body: .parts(names: names) {
      let (values, inverse, counts) = try $0.tensor(0).unique($0.optionalInt(4))
      return [values] + ($0.bool(2) ? [inverse] : []) + ($0.bool(3) ? [counts] : [])
    })

  static let uniqueConsecutive = Operation(
    "unique_consecutive", "Every run of equal elements once, with the parts that are asked for.",
    [.tensor("input")] + parts + [dim], differentiable: false,
    body: .parts(names: names) {
      let (values, inverse, counts) = try $0.tensor(0).uniqueConsecutive($0.optionalInt(3))
      return [values] + ($0.bool(1) ? [inverse] : []) + ($0.bool(2) ? [counts] : [])
    })
}

extension Tensor {
  /// Every element, or every slice of an axis, once and in order; where each one went; how often each occurs.
  public func unique(_ dim: Int? = nil) throws(SNNError) -> (values: Tensor, inverse: Tensor, counts: Tensor) {
    let (rows, axis) = try rowsToCompare(dim, operation: "unique")
    // Sorted by the last column first: the order is stable, so the first column decides in the end.
    var order = try Tensor.arange(0, .int(rows.shape[0]))
    for column in (0..<rows.shape[1]).reversed() {
      let keys = try rows.select(1, column).rows(order, operation: "unique")
      order = try order.rows(keys.argsort(0), operation: "unique")
    }
    return try runs(of: rows, in: order, axis, operation: "unique")
  }

  /// Every run of equal elements, or of equal slices of an axis, once; where each one went; how long it is.
  public func uniqueConsecutive(_ dim: Int? = nil) throws(SNNError) -> (values: Tensor, inverse: Tensor, counts: Tensor)
  {
    let (rows, axis) = try rowsToCompare(dim, operation: "unique_consecutive")
    return try runs(of: rows, in: Tensor.arange(0, .int(rows.shape[0])), axis, operation: "unique_consecutive")
  }

  /// What is compared, one row each.
  private func rowsToCompare(_ dim: Int?, operation: String) throws(SNNError) -> (rows: Tensor, axis: Int?) {
    guard batch == nil else { throw .dynamicShape(operation) }
    guard let dim else { return (try detach().reshape([count, 1]), nil) }
    let axis = try shape.axis(dim, operation: operation)
    guard rank > 0 else { return (try detach().reshape([1, 1]), nil) }
    let size = shape[axis]
    let width = size > 0 ? count / size : 0
    guard width > 0 || size == 0 else {
      throw .shape("\(operation): There are 0 sized dimensions, and they aren't selected, so unique cannot be applied")
    }
    return (try detach().movedim([axis], [0]).reshape([size, width]), axis)
  }

  private func runs(
    of rows: Tensor, in order: Tensor, _ axis: Int?, operation: String
  ) throws(SNNError) -> (values: Tensor, inverse: Tensor, counts: Tensor) {
    let sorted = try rows.rows(order, operation: operation)
    let n = rows.shape[0]
    let rest = Swift.max(n - 1, 0)
    let differs = try (sorted.narrow(0, n - rest, rest) != sorted.narrow(0, 0, rest)).any([1]).array(of: Bool.self)
    let places = try order.array(of: Int.self)
    var starts: [Int] = []
    var inverse = Array(repeating: 0, count: n)
    for i in 0..<n {
      if i == 0 || differs[i - 1] { starts.append(i) }
      inverse[places[i]] = starts.count - 1
    }
    let counts = starts.indices.map { ($0 + 1 < starts.count ? starts[$0 + 1] : n) - starts[$0] }
    let firsts = try Tensor(starts.map { places[$0] })
    let values =
      if let axis, rank > 0 {
        try detach().indexSelect(axis, firsts)
      } else {
        try rows.reshape([n]).rows(firsts, operation: operation)
      }
    let inverseShape = axis == nil ? Array(shape) : [n]
    return (values, try Tensor(inverse, inverseShape), try Tensor(counts))
  }
}
