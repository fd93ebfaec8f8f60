import CKernels

extension Operation {
  static let selection: [Operation] = [`where`, whereTrue, whereMethod, maskedFill]

  static let `where` = Operation(
    "where", "input where condition is true, else other.",
    [.tensor("condition"), .operand("input"), .operand("other")], places: .function
  ) { try Tensor.where($0.tensor(0), $0.operand(1), $0.operand(2)) }

  static let whereTrue = Operation(
    "where.condition", "The positions where condition is true, one tensor per axis.", [.tensor("condition")],
    places: .function, differentiable: false,
    body: .list {
      let found = try ($0.tensor(0).rank == 0 ? $0.tensor(0).unsqueeze(0) : $0.tensor(0)).nonzero()
      return try (0..<found.shape[1]).map { try found.select(1, $0).clone() }
    })

  static let whereMethod = Operation(
    "where.method", "input where condition is true, else other.",
    [.tensor("input"), .tensor("condition"), .operand("other")], places: .method
  ) { try Tensor.where($0.tensor(1), $0.tensor(0), $0.operand(2)) }

  static let maskedFill = Operation(
    "masked_fill", "value where mask is true, else input.", [.tensor("input"), .tensor("mask"), .operand("value")],
    hasInPlaceForm: true
  ) {
    let value = try $0.operand(2)
    guard value.rank == 0 else {
      throw SNNError.shape("masked_fill: only supports a 0-dimensional value tensor, got \(value.rank) dimensions")
    }
    return try $0.tensor(0).masked(where: $0.tensor(1), value)
  }
}

struct Where: Primitive {
  let name = "where"
  let saves: Saves = .inputs

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results {
    let values = try Dimensions.broadcast(inputs[1].shape, inputs[2].shape, operation: name)
    return Results(try Dimensions.broadcast(inputs[0].shape, values, operation: name), inputs[1].dtype)
  }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    Loop.over(outputs[0].shape, outputs[0], inputs[0], inputs[1], inputs[2]) { rank, size, out, x, y, z in
      _ = ck_ternary(ck_ternary_where, outputs[0].dtype.kernel, nil, rank, size, out, x, y, z)
    }
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    let zero = try Tensor.zeros([], p.g.dtype)
    return Few(
      nil, p.needs(1) ? try Tensor.where(p.a, p.g, zero) : nil, p.needs(2) ? try Tensor.where(p.a, zero, p.g) : nil)
  }
}

extension Tensor {
  /// Elements of `a` where the condition is true, else of `b`.
  public static func `where`(_ condition: Tensor, _ a: Tensor, _ b: Tensor) throws(SNNError) -> Tensor {
    guard condition.dtype == .bool || condition.dtype == .uint8 else {
      throw .dtype("where: expected condition to be a boolean tensor, got \(condition.dtype.name)")
    }
    let dtype = DType.result(of: a, b)
    return try Where()(Few(condition.cast(to: .bool), a.cast(to: dtype), b.cast(to: dtype)))
  }

  /// This tensor with `value` where the mask is true; it keeps its dtype.
  public func masked(where mask: Tensor, _ value: Tensor) throws(SNNError) -> Tensor {
    guard mask.dtype == .bool else {
      throw .dtype("masked_fill: only supports boolean masks, got \(mask.dtype.name)")
    }
    return try Tensor.where(mask, value.cast(to: dtype), self)
  }

  public func masked(where mask: Tensor, _ value: Scalar) throws(SNNError) -> Tensor {
    try masked(where: mask, Tensor(number: value))
  }
}
