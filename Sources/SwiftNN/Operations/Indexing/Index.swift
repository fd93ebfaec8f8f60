import CKernels

extension Operation {
  static let indexing: [Operation] = [indexSelect, index, indexPut, indexPutInPlace, nonzero]

  static let indexSelect = Operation(
    "index_select", "Some positions of one axis.", [.tensor("input"), .int("dim"), .tensor("index")]
  ) { try $0.tensor(0).indexSelect($0.int(1), $0.tensor(2)) }

  private static let indices = Field("indices", .tensors, "One integer or bool tensor per axis; None takes all of it.")

  static let index = Operation(
    "index", "The elements at the positions that integer or bool tensors name.", [.tensor("input"), indices],
    places: []
  ) { try $0.tensor(0).index($0.optionalTensors(1)) }

  private static let putFields: [Field] = [
    .tensor("input"), indices, .tensor("values"),
    .bool("accumulate", default: false, "Adds instead of replacing; equal positions add up."),
  ]

  static let indexPut = Operation(
    "index_put", "A copy with values at the positions that integer or bool tensors name.", putFields
  ) { try $0.tensor(0).indexPut($0.optionalTensors(1), $0.tensor(2), accumulate: $0.bool(3)) }

  static let indexPutInPlace = Operation(
    "index_put_", "Puts values at the positions that integer or bool tensors name.", putFields, inPlace: true
  ) { arguments in
    let (x, indices, values) = (arguments.tensor(0), arguments.optionalTensors(1), arguments.tensor(2))
    if try x.putDirectly(indices, values, accumulate: arguments.bool(3)) { return x }
    return try x.update(operation: "index_put_") {
      try $0.indexPut(indices, values, accumulate: arguments.bool(3))
    }
  }

  static let nonzero = Operation(
    "nonzero", "The positions of the non-zero elements, one row each.",
    [.tensor("input"), .bool("as_tuple", default: false, only: false).keyword], differentiable: false
  ) { try $0.tensor(0).nonzero() }
}

extension Tensor {
  public func indexSelect(_ dim: Int, _ index: Tensor) throws(SNNError) -> Tensor {
    let axis = try shape.axis(dim, operation: "index_select")
    guard index.rank <= 1 else {
      throw .index("index_select: Index is supposed to be a vector, got shape \(index.shape)")
    }
    if rank == 0 { return try unsqueeze(0).indexSelect(0, index).squeeze([0]) }
    let checked = try index.checkedIndex(below: shape[axis], operation: "index_select")
    return try SelectRows(axis: axis, name: "index_select")(self, checked)
  }

  /// Positions of the first axis.
  func rows(_ numbers: Tensor, operation: String) throws(SNNError) -> Tensor {
    try SelectRows(axis: 0, name: operation)(self, numbers.checkedIndex(below: shape[0], operation: operation))
  }

  /// The elements at the positions that integer or bool tensors name, by PyTorch's rules.
  public func index(_ indices: [Tensor?]) throws(SNNError) -> Tensor {
    let plan = try IndexPlan(indices, of: self, operation: "index")
    guard !plan.axes.isEmpty else { return self }
    let rows = try permute(plan.order).reshaped(to: plan.flat)
    let picked = try SelectRows(axis: 0, name: "index")(rows, plan.positions)
    let shaped = try picked.reshaped(to: Dimensions(plan.picked + plan.rest))
    return try plan.restored(shaped)
  }

  /// A copy with values at the positions that integer or bool tensors name.
  public func indexPut(_ indices: [Tensor?], _ values: Tensor, accumulate: Bool = false) throws(SNNError) -> Tensor {
    let values = try values.asNumber(for: self)
    if let whole = try maskOfBatch(indices, values, accumulate: accumulate) { return try masked(where: whole, values) }
    let plan = try putPlan(indices, values)
    guard !plan.axes.isEmpty else { return try accumulate ? self + values : values.expanded(to: shape) }
    let rows = try permute(plan.order).reshaped(to: plan.flat)
    let arranged = try plan.moved(values.expanded(to: plan.result))
      .reshaped(to: [plan.positions.count, plan.flat[1]])
    let how = accumulate ? ck_combine_add : ck_combine_set
    let put = try PutRows(axis: 0, how: how, name: "index_put_")(Few(rows, plan.positions, arranged))
    var inverse = plan.order
    for (i, axis) in plan.order.enumerated() { inverse[axis] = i }
    return try put.reshaped(to: Dimensions(plan.order.map { shape[$0] })).permute(inverse)
  }

  /// A single value in the dtype of the tensor that it is put into; others as they are.
  private func asNumber(for target: Tensor) throws(SNNError) -> Tensor {
    count == 1 && dtype.category <= target.dtype.category ? try cast(to: target.dtype) : self
  }

  /// One number where a mask is true, of masks that differ between examples: those have no common list of positions.
  private func maskOfBatch(_ indices: [Tensor?], _ values: Tensor, accumulate: Bool) throws(SNNError) -> Tensor? {
    guard !accumulate, values.count == 1, values.dtype == dtype, indices.count == 1, let mask = indices[0],
      mask.batch != nil, mask.dtype == .bool, mask.rank <= rank
    else { return nil }
    let shown = mask.shape + Array(repeating: 1, count: rank - mask.rank)
    return try mask.reshaped(to: Dimensions(shown)).expanded(to: shape)
  }

  /// How values of this dtype and a shape that fits are put at some positions.
  private func putPlan(_ indices: [Tensor?], _ values: Tensor) throws(SNNError) -> IndexPlan {
    guard values.dtype == dtype else {
      throw .dtype(
        "index_put_: Index put requires the source and destination dtypes match, got \(dtype.name) for the destination "
          + "and \(values.dtype.name) for the source.")
    }
    let plan = try IndexPlan(indices, of: self, operation: "index_put_")
    let shown = try Dimensions.broadcast(values.shape, plan.result, operation: "index_put_")
    guard shown == plan.result else {
      throw .shape(
        "index_put_: shape mismatch: value tensor of shape \(values.shape) cannot be broadcast to indexing result of "
          + "shape \(plan.result)")
    }
    return plan
  }

  /// Puts values into the memory itself, where that lies row by row and no gradient is recorded; else returns false.
  fileprivate func putDirectly(_ indices: [Tensor?], _ values: Tensor, accumulate: Bool) throws(SNNError) -> Bool {
    let isRecorded = Gradients.areRecorded && (requiresGradient || values.requiresGradient)
    guard isContiguous, !isRecorded, currentBase.map({ Gradients.areRecorded && $0.requiresGradient }) != true else {
      return false
    }
    let values = try values.asNumber(for: self)
    let plan = try putPlan(indices, values)
    guard let axes = plan.neighbours, values.batch == nil, plan.positions.batch == nil else { return false }
    var given = try values.detach().expanded(to: plan.result).contiguous()
    if given.storage === storage { given = try given.copied(to: dtype) }
    ck_index_put(
      accumulate ? ck_combine_add : ck_combine_set, dtype.kernel, Int64(shape[..<axes.lowerBound].reduce(1, *)),
      Int64(plan.flat[0]), Int64(shape[(axes.upperBound + 1)...].reduce(1, *)), plan.positions.indexPointer,
      Int64(plan.positions.count), data, given.data)
    storage.version += 1
    return true
  }

  /// The positions of the non-zero elements, one row each.
  public func nonzero() throws(SNNError) -> Tensor {
    guard batch == nil else { throw .dynamicShape("nonzero") }
    let x = try detach().contiguous()
    let found = Int(ck_nonzero(x.dtype.kernel, Int64(x.count), nil, x.data))
    let flat = try Tensor.empty([found], .int64, operation: "nonzero")
    ck_nonzero(x.dtype.kernel, Int64(x.count), flat.data.assumingMemoryBound(to: Int64.self), x.data)
    let result = try Tensor.empty([found, rank], .int64, operation: "nonzero")
    let target = result.data.assumingMemoryBound(to: Int64.self)
    for i in 0..<found {
      var position = Int(flat.indexPointer[i])
      for axis in stride(from: rank - 1, through: 0, by: -1) {
        target[i * rank + axis] = Int64(position % shape[axis])
        position /= shape[axis]
      }
    }
    return result
  }
}

/// How an index with tensors becomes a choice of rows: the indexed axes go to the front and are read as one.
private struct IndexPlan {
  /// The axes that have an index tensor.
  let axes: [Int]
  /// Those axes, then all others.
  let order: [Int]
  /// [product of the indexed sizes, product of the other sizes]
  let flat: Dimensions
  /// Flat positions along the first axis of `flat`.
  let positions: Tensor
  /// The broadcast shape of the index tensors, and the sizes of the axes without one.
  let picked: [Int]
  let rest: [Int]
  /// Where the picked axes stand in the result: at the first indexed axis when those are neighbours, else in front.
  private let place: Int
  /// The indexed axes, when they are neighbours.
  let neighbours: ClosedRange<Int>?

  init(_ indices: [Tensor?], of x: Tensor, operation: String) throws(SNNError) {
    let expanded = try Self.withoutMasks(indices, x, operation)
    let axes = expanded.indices.filter { expanded[$0] != nil }
    self.axes = axes
    let others = (0..<x.rank).filter { !axes.contains($0) }
    order = axes + others
    rest = others.map { x.shape[$0] }
    var common = Dimensions()
    for axis in axes {
      let shape = expanded[axis].unsafelyUnwrapped.shape
      guard let shared = try? Dimensions.broadcast(common, shape, operation: operation) else {
        throw .index(
          "\(operation): shape mismatch: indexing tensors could not be broadcast together with shapes \(common) and "
            + "\(shape)")
      }
      common = shared
    }
    picked = Array(common)
    let areNeighbours = axes.isEmpty || axes[axes.count - 1] - axes[0] == axes.count - 1
    place = areNeighbours ? axes.first ?? 0 : 0
    neighbours = areNeighbours ? axes.first.map { $0...($0 + axes.count - 1) } : nil
    var sizes = 1
    positions = try Gradients.with(enabled: false) { () throws(SNNError) in
      var total = try Tensor.full(common, 0, .int64)
      for axis in axes.reversed() {
        let size = x.shape[axis]
        let index = try expanded[axis].unsafelyUnwrapped.checkedIndex(below: size, operation: operation)
        let wrapped = try Tensor.where(index < 0, index + .int(size), index)
        total = try total + wrapped * .int(sizes)
        sizes *= size
      }
      return try total.contiguous()
    }
    flat = [sizes, rest.reduce(1, *)]
    _ = try Dimensions.shape(picked + rest, operation: operation)
  }

  /// Every bool tensor as the positions of its true elements, one tensor per axis that it covers.
  private static func withoutMasks(_ indices: [Tensor?], _ x: Tensor, _ operation: String) throws(SNNError) -> [Tensor?]
  {
    var result: [Tensor?] = []
    for index in indices {
      guard let index, index.dtype == .bool || index.dtype == .uint8 else {
        result.append(index)
        continue
      }
      let first = result.count
      for i in 0..<index.rank where first + i >= x.rank || index.shape[i] != x.shape[first + i] {
        throw .index(
          "\(operation): The shape of the mask \(index.shape) at index \(i) does not match the shape of the indexed "
            + "tensor \(x.shape) at index \(first + i)")
      }
      let found = try index.nonzero()
      for i in 0..<index.rank { result.append(try found.select(1, i)) }
    }
    guard result.count <= x.rank else {
      throw .index("\(operation): too many indices for tensor of dimension \(x.rank) (got \(result.count))")
    }
    return result
  }

  var result: Dimensions { Dimensions(rest[..<place] + picked + rest[place...]) }

  /// From [picked, rest] to the result's order of axes.
  func restored(_ x: Tensor) throws(SNNError) -> Tensor {
    place == 0 ? x : try x.permute(Array(picked.count..<(picked.count + place)) + Array(picked.indices) + tail)
  }

  /// From the result's order of axes to [picked, rest].
  func moved(_ x: Tensor) throws(SNNError) -> Tensor {
    place == 0 ? x : try x.permute(Array(place..<(place + picked.count)) + Array(0..<place) + tail)
  }

  private var tail: [Int] { Array((picked.count + place)..<(picked.count + rest.count)) }
}
