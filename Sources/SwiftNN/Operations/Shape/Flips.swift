extension Operation {
  static let flips: [Operation] = [flip, fliplr, flipud, roll, rot90]

  static let flip = Operation("flip", "Axes in reversed order.", [.tensor("input"), .ints("dims")]) {
    try $0.tensor(0).flip($0.ints(1))
  }

  static let fliplr = Operation("fliplr", "The second axis in reversed order.", [.tensor("input")]) {
    let x = $0.tensor(0)
    guard x.rank >= 2 else { throw SNNError.shape("fliplr: input must be >= 2-d, got shape \(x.shape)") }
    return try x.flip([1])
  }

  static let flipud = Operation("flipud", "The first axis in reversed order.", [.tensor("input")]) {
    let x = $0.tensor(0)
    guard x.rank >= 1 else { throw SNNError.shape("flipud: input must be >= 1-d, got shape \(x.shape)") }
    return try x.flip([0])
  }

  static let roll = Operation(
    "roll",
    "Positions moved along axes; those that leave at one end come in at the other. Without dims, of all elements.",
    [.tensor("input"), .ints("shifts"), .ints("dims", default: [])]
  ) { try $0.tensor(0).roll($0.ints(1), $0.ints(2)) }

  static let rot90 = Operation(
    "rot90", "A plane of two axes turned k times by a quarter, from the first axis towards the second.",
    [.tensor("input"), .int("k", default: 1), .ints("dims", default: [0, 1])]
  ) { try $0.tensor(0).rot90($0.int(1), $0.ints(2)) }
}

/// A copy with some axes in reversed order.
struct Flip: Primitive {
  let axes: [Int]
  let name = "flip"
  let saves: Saves = []

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results { Results(inputs[0].shape, inputs[0].dtype) }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    guard outputs[0].count > 0 else { return }
    var target = Geometry(outputs[0])
    for axis in axes {
      target.offset += (target.shape[axis] - 1) * target.strides[axis]
      target.strides[axis] *= -1
    }
    Tensor(storage: outputs[0].storage, target, outputs[0].dtype).fill(copying: inputs[0])
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> { Few(try self(p.g)) }
}

extension Tensor {
  public func flip(_ dims: [Int]) throws(SNNError) -> Tensor {
    var axes: [Int] = []
    for dim in dims {
      let axis = try shape.axis(dim, operation: "flip")
      guard !axes.contains(axis) else { throw .index("flip: dim \(axis) appears multiple times in the list of dims") }
      axes.append(axis)
    }
    return try Flip(axes: rank == 0 ? [] : axes)(self)
  }

  public func roll(_ shifts: [Int], _ dims: [Int] = []) throws(SNNError) -> Tensor {
    guard !shifts.isEmpty else { throw .argument("roll: `shifts` required") }
    if dims.isEmpty, shifts.count == 1 { return try reshape([-1]).roll(shifts, [0]).reshaped(to: shape) }
    guard shifts.count == dims.count else {
      throw .argument("roll: shifts and dimensions must align. shifts: \(shifts.count), dims: \(dims.count)")
    }
    var x = self
    for (shift, dim) in zip(shifts, dims) {
      let axis = try shape.axis(dim, operation: "roll")
      guard rank > 0 else { throw .index("roll: a 0-dim tensor has no dimension \(dim)") }
      let size = shape[axis]
      guard size > 0 else { continue }
      let start = (size - (shift % size + size) % size) % size
      x =
        try start == 0 ? x.clone() : Tensor.cat([x.narrow(axis, start, size - start), x.narrow(axis, 0, start)], axis)
    }
    return x
  }

  public func rot90(_ k: Int = 1, _ dims: [Int] = [0, 1]) throws(SNNError) -> Tensor {
    guard dims.count == 2 else { throw .argument("rot90: expected total rotation dims == 2, but got dims = \(dims)") }
    let axes = try dims.map { dim throws(SNNError) in try shape.axis(dim, operation: "rot90") }
    guard rank >= 2, axes[0] != axes[1] else {
      throw .index("rot90: expected two different rotation dims of shape \(shape), but got \(dims)")
    }
    switch (k % 4 + 4) % 4 {
    case 1: return try flip([axes[1]]).transpose(axes[0], axes[1])
    case 2: return try flip(axes)
    case 3: return try flip([axes[0]]).transpose(axes[0], axes[1])
    default: return try clone()
    }
  }
}
