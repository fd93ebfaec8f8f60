import CKernels

extension Operation {
  static let positions: [Operation] = [indexAdd, indexCopy, indexFill, indexReduce, take, put]

  private static let fields: [Field] = [.tensor("input"), .int("dim"), .tensor("index"), .tensor("source")]

  static let indexAdd = Operation(
    "index_add", "A copy of input with alpha · source added at some positions of one axis.",
    fields + [.scalar("alpha", default: 1, "Scales source.").keyword], hasInPlaceForm: true
  ) {
    let (x, alpha) = ($0.tensor(0), $0.scalar(4))
    if case .float = alpha, !x.dtype.isFloatingPoint {
      throw SNNError.argument(
        "index_add: for integral input tensors, argument alpha must not be a floating point number")
    }
    let source = try alpha.double == 1 ? $0.tensor(3) : $0.tensor(3) * alpha
    return try x.indexed(ck_combine_add, $0.int(1), $0.tensor(2), source, operation: "index_add")
  }

  static let indexCopy = Operation(
    "index_copy", "A copy of input with source put at some positions of one axis.", fields, hasInPlaceForm: true
  ) { try $0.tensor(0).indexed(ck_combine_set, $0.int(1), $0.tensor(2), $0.tensor(3), operation: "index_copy") }

  static let indexFill = Operation(
    "index_fill", "A copy of input with one number at some positions of one axis.",
    [.tensor("input"), .int("dim"), .tensor("index"), .operand("value")], hasInPlaceForm: true
  ) {
    let (x, index, value) = ($0.tensor(0), $0.tensor(2), try $0.operand(3))
    guard value.rank == 0 else {
      throw SNNError.shape("index_fill: only supports a 0-dimensional value tensor, but got \(value.rank) dimensions")
    }
    let axis = try x.shape.axis($0.int(1), operation: "index_fill")
    guard index.rank <= 1 else {
      throw SNNError.index("index_fill: index is supposed to be a vector, got shape \(index.shape)")
    }
    // Through a mask, so that a position that is named twice counts once.
    let size = x.rank == 0 ? 1 : x.shape[axis]
    let none = try Tensor.full([size], false, .bool)
    let mask = try none.indexed(
      ck_combine_set, 0, index.reshaped(to: [index.count]), Tensor.full([index.count], true, .bool),
      operation: "index_fill")
    var shape = Dimensions(repeating: 1, count: x.rank)
    if x.rank > 0 { shape[axis] = size }
    return try x.masked(where: mask.reshaped(to: shape), value)
  }

  static let indexReduce = Operation(
    "index_reduce", "A copy of input with rows of source that have the same position combined there.",
    fields + [
      .choice("reduce", of: ["prod", "mean", "amax", "amin"]),
      .bool("include_self", default: true, "The row that is there takes part.").keyword,
    ], hasInPlaceForm: true
  ) {
    let (x, index, source) = ($0.tensor(0), $0.tensor(2), $0.tensor(3))
    let axis = try x.checkRows($0.int(1), index, source, operation: "index_reduce")
    guard x.rank > 0 else {
      return try x.scatterReduce(
        0, index.reshaped(to: [1]), source, $0.string(4), includeSelf: $0.bool(5), operation: "index_reduce")
    }
    var shape = Dimensions(repeating: 1, count: x.rank)
    shape[axis] = index.count
    guard source.rank == x.rank else {
      throw SNNError.shape(
        "index_reduce: source of shape \(source.shape) must have as many dimensions as input of shape \(x.shape)")
    }
    return try x.scatterReduce(
      axis, index.detach().reshaped(to: shape).expanded(to: source.shape), source, $0.string(4),
      includeSelf: $0.bool(5), operation: "index_reduce")
  }

  static let take = Operation(
    "take", "The elements at positions of the flattened tensor.", [.tensor("input"), .tensor("index")]
  ) {
    let index = $0.tensor(1)
    let flat = try $0.tensor(0).reshape([-1])
    let positions = try index.checkedIndex(below: flat.count, operation: "take")
    return try SelectRows(axis: 0, name: "take")(flat, positions).reshaped(to: index.shape)
  }

  static let put = Operation(
    "put", "A copy of input with source at positions of the flattened tensor.",
    [
      .tensor("input"), .tensor("index"), .tensor("source"),
      .bool("accumulate", default: false, "Adds instead of replacing; equal positions add up."),
    ], hasInPlaceForm: true
  ) {
    let (x, index, source) = ($0.tensor(0), $0.tensor(1), $0.tensor(2))
    guard index.count == source.count else {
      throw SNNError.shape(
        "put: expected source and index to have the same number of elements, got \(source.count) and "
          + "\(index.count)")
    }
    guard source.dtype == x.dtype else {
      throw SNNError.dtype("put: expected source of dtype \(x.dtype.name), got \(source.dtype.name)")
    }
    let flat = try x.reshape([-1])
    let positions = try index.checkedIndex(below: flat.count, operation: "put").reshaped(to: [index.count])
    let how = $0.bool(3) ? ck_combine_add : ck_combine_set
    let filled = try PutRows(axis: 0, how: how, name: "put")(Few(flat, positions, source.reshape([-1])))
    return try filled.reshaped(to: x.shape)
  }
}

extension Tensor {
  public func indexAdd(_ dim: Int, _ index: Tensor, _ source: Tensor) throws(SNNError) -> Tensor {
    try indexed(ck_combine_add, dim, index, source, operation: "index_add")
  }

  public func indexCopy(_ dim: Int, _ index: Tensor, _ source: Tensor) throws(SNNError) -> Tensor {
    try indexed(ck_combine_set, dim, index, source, operation: "index_copy")
  }

  /// The axis of rows that fit this tensor, or an error.
  fileprivate func checkRows(_ dim: Int, _ index: Tensor, _ source: Tensor, operation: String) throws(SNNError) -> Int {
    let axis = try shape.axis(dim, operation: operation)
    guard index.rank <= 1 else {
      throw .index("\(operation): index is supposed to be a vector, got shape \(index.shape)")
    }
    guard source.dtype == dtype else {
      throw .dtype("\(operation): expected source of dtype \(dtype.name), got \(source.dtype.name)")
    }
    var expected = shape
    if rank > 0 { expected[axis] = index.count }
    guard source.shape == expected || (rank <= 1 && index.count == 1 && source.count == 1 && source.rank <= 1),
      rank > 0 || index.count == 1
    else {
      throw .shape(
        "\(operation): \(index.count) positions along dimension \(axis) of shape \(shape) do not fit a source of shape "
          + "\(source.shape)")
    }
    return axis
  }

  fileprivate func indexed(
    _ how: ck_combine, _ dim: Int, _ index: Tensor, _ source: Tensor, operation: String
  ) throws(SNNError) -> Tensor {
    let axis = try checkRows(dim, index, source, operation: operation)
    let x = rank == 0 ? try reshaped(to: [1]) : self
    let values = source.rank == 0 ? try source.reshaped(to: [1]) : source
    let positions = try index.checkedIndex(below: x.shape[axis], operation: operation)
    let put = try PutRows(axis: axis, how: how, name: operation)(Few(x, positions, values))
    return rank == 0 ? try put.reshaped(to: []) : put
  }
}
