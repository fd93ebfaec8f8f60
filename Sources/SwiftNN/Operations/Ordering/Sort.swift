import CKernels

extension Operation {
  static let sorting: [Operation] = [sort, argsort, msort, topk, kthvalue]

  private static let sortFields: [Field] = [
    .tensor("input"), .int("dim", default: -1), .bool("descending", default: false),
    .bool("stable", default: false, "Equal elements always keep their order."),
  ]

  static let sort = Operation(
    "sort", "The elements along an axis in order, and where they stood; NaN counts as greatest.", sortFields,
    body: .several(names: ["values", "indices"]) {
      let (values, indices) = try $0.tensor(0).sort($0.int(1), descending: $0.bool(2))
      return [values, indices]
    })

  static let argsort = Operation(
    "argsort", "Where the elements along an axis stand in order.", sortFields, differentiable: false
  ) { try $0.tensor(0).argsort($0.int(1), descending: $0.bool(2)) }

  static let msort = Operation("msort", "The elements along the first axis in order.", [.tensor("input")]) {
    try $0.tensor(0).sort(0).values
  }

  static let topk = Operation(
    "topk", "The k greatest elements along an axis, in order, and where they stand.",
    [
      .tensor("input"), .int("k"), .int("dim", default: -1), .bool("largest", default: true, "Else the least."),
      .bool("sorted", default: true, "Accepted; the result is always in order."),
    ],
    body: .several(names: ["values", "indices"]) {
      let (values, indices) = try $0.tensor(0).topk($0.int(1), $0.int(2), largest: $0.bool(3))
      return [values, indices]
    })

  static let kthvalue = Operation(
    "kthvalue", "The k-th least element along an axis, and where it stands.",
    [.tensor("input"), .int("k"), .int("dim", default: -1), .bool("keepdim", default: false)],
    body: .several(names: ["values", "indices"]) {
      let (values, indices) = try $0.tensor(0).kthValue($0.int(1), $0.int(2), keepDim: $0.bool(3))
      return [values, indices]
    })
}

extension Tensor {
  /// Where the elements along an axis stand in order; equal ones keep theirs.
  public func argsort(_ dim: Int = -1, descending: Bool = false) throws(SNNError) -> Tensor {
    try order(dim, descending: descending, operation: "argsort").positions
  }

  /// The elements along an axis in order, and where they stood.
  public func sort(_ dim: Int = -1, descending: Bool = false) throws(SNNError) -> (values: Tensor, indices: Tensor) {
    let (positions, axis) = try order(dim, descending: descending, operation: "sort")
    return rank == 0 ? (try expanded(to: shape), positions) : try elements(at: positions, axis, operation: "sort")
  }

  /// The k greatest elements along an axis in order, and where they stand.
  public func topk(_ k: Int, _ dim: Int = -1, largest: Bool = true) throws(SNNError) -> (
    values: Tensor, indices: Tensor
  ) {
    let (positions, axis) = try order(dim, descending: largest, operation: "topk")
    guard k >= 0, k <= (rank == 0 ? 1 : shape[axis]) else {
      throw .index("topk: selected index k out of range: k is \(k) for shape \(shape) along dimension \(axis)")
    }
    if rank == 0 { return (try expanded(to: shape), positions) }
    return try elements(at: positions.narrow(axis, 0, k), axis, operation: "topk")
  }

  /// The k-th least element along an axis, and where it stands.
  public func kthValue(_ k: Int, _ dim: Int = -1, keepDim: Bool = false) throws(SNNError) -> (
    values: Tensor, indices: Tensor
  ) {
    let (positions, axis) = try order(dim, descending: false, operation: "kthvalue")
    guard k >= 1, k <= (rank == 0 ? 1 : shape[axis]) else {
      throw .index("kthvalue: selected number k out of range: k is \(k) for shape \(shape) along dimension \(axis)")
    }
    if rank == 0 { return (try expanded(to: shape), positions) }
    return try elements(at: positions.narrow(axis, k - 1, 1), axis, keepDim: keepDim, operation: "kthvalue")
  }

  /// The stable order of the lines along an axis, NaN last, or first when descending.
  func order(_ dim: Int, descending: Bool, operation: String) throws(SNNError) -> (positions: Tensor, axis: Int) {
    let axis = try shape.axis(dim, operation: operation)
    guard rank > 0 else { return (try Tensor.full([], 0, .int64), 0) }
    if let batch {
      let all = try batch.all.order(axis + 1, descending: descending, operation: operation).positions
      return (Tensor(each: all, level: batch.level), axis)
    }
    let lines = try detach().transpose(axis, -1).contiguous()
    let positions = try Tensor(uninitialized: lines.shape, .int64, operation: operation)
    let n = shape[axis]
    guard
      ck_argsort(
        dtype.kernel, descending, Int64(n > 0 ? count / n : 0), Int64(n),
        positions.data.assumingMemoryBound(to: Int64.self), lines.data)
    else { throw SNNError(.memory, "\(operation): no memory to put \(n) elements in order") }
    return (try positions.transpose(axis, -1).contiguous(), axis)
  }
}
