import CKernels

extension Operation {
  static let extremes: [Operation] = [
    amax, amin, aminmax, argmax, argmin, max, maxOther, maxAlong, min, minOther, minAlong,
  ]

  private static let dims = Field("dim", .ints, "The axes to reduce; all without them.").optional
  private static let dim = Field("dim", .int, "The axis; the flattened tensor without one.").optional
  private static let keepDim = Field.bool("keepdim", default: false, "Keeps the reduced axes with size 1.")

  static let amax = Operation(
    "amax", "The greatest element over axes; equal ones share the gradient.", [.tensor("input"), dims, keepDim]
  ) { try $0.tensor(0).amax($0.optionalInts(1), keepDim: $0.bool(2)) }

  static let amin = Operation(
    "amin", "The least element over axes; equal ones share the gradient.", [.tensor("input"), dims, keepDim]
  ) { try $0.tensor(0).amin($0.optionalInts(1), keepDim: $0.bool(2)) }

  static let max = Operation("max", "The greatest element.", [.tensor("input")]) { try $0.tensor(0).amax() }
  static let min = Operation("min", "The least element.", [.tensor("input")]) { try $0.tensor(0).amin() }

  private static func along(_ name: String, _ doc: String, greatest: Bool) -> Operation {
    Operation(
      name, doc, [.tensor("input"), .int("dim"), keepDim],
      body: .several(names: ["values", "indices"]) {
        let (values, indices) = try $0.tensor(0).extreme(greatest: greatest, $0.int(1), keepDim: $0.bool(2))
        return [values, indices]
      })
  }

  static let maxAlong = along("max.dim", "The greatest elements along an axis and their positions.", greatest: true)
  static let minAlong = along("min.dim", "The least elements along an axis and their positions.", greatest: false)

  static let maxOther = Operation(
    "max.other", "The greater of two; NaN wins.", [.tensor("input"), .tensor("other")]
  ) { try $0.tensor(0).maximum($0.tensor(1)) }
  static let minOther = Operation(
    "min.other", "The lesser of two; NaN wins.", [.tensor("input"), .tensor("other")]
  ) { try $0.tensor(0).minimum($0.tensor(1)) }

  static let aminmax = Operation(
    "aminmax", "The least and the greatest element, over one axis or all.",
    [.tensor("input"), dim.keyword, keepDim.keyword],
    body: .several(names: ["min", "max"]) {
      let dims = $0.optionalInt(1).map { [$0] }
      return [
        try $0.tensor(0).amin(dims, keepDim: $0.bool(2)), try $0.tensor(0).amax(dims, keepDim: $0.bool(2)),
      ]
    })

  static let argmax = Operation(
    "argmax", "The position of the greatest element.", [.tensor("input"), dim, keepDim], differentiable: false
  ) { try $0.tensor(0).argmax($0.optionalInt(1), keepDim: $0.bool(2)) }

  static let argmin = Operation(
    "argmin", "The position of the least element.", [.tensor("input"), dim, keepDim], differentiable: false
  ) { try $0.tensor(0).argmin($0.optionalInt(1), keepDim: $0.bool(2)) }
}

/// The position of the greatest or least element along one axis.
struct ArgReduce: Primitive {
  let greatest: Bool
  let axis: Int
  let keepDim: Bool
  var name: String { greatest ? "argmax" : "argmin" }
  let saves: Saves = []

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results {
    var shape = inputs[0].shape
    shape.remove(at: axis)
    if keepDim { shape.insert(1, at: axis) }
    return Results(shape, .int64)
  }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    let x = inputs[0]
    var size = x.shape
    var stride = x.strides
    let n = size.remove(at: axis)
    let step = stride.remove(at: axis)
    size.withPointer { keptSize in
      stride.withPointer { keptStride in
        ck_arg_reduce(
          greatest, x.dtype.kernel, Int32(size.count), keptSize, keptStride, Int64(n), Int64(step),
          outputs[0].data.assumingMemoryBound(to: Int64.self), x.data)
      }
    }
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> { throw SNNError.notDifferentiable(name) }
}

extension Tensor {
  public func amax(_ dims: [Int]? = nil, keepDim: Bool = false) throws(SNNError) -> Tensor {
    try extreme("amax", ck_reduce_amax, dims, keepDim)
  }

  public func amin(_ dims: [Int]? = nil, keepDim: Bool = false) throws(SNNError) -> Tensor {
    try extreme("amin", ck_reduce_amin, dims, keepDim)
  }

  private func extreme(
    _ name: String, _ kernel: ck_reduce_op, _ dims: [Int]?, _ keepDim: Bool
  ) throws(SNNError) -> Tensor {
    let axes = try ReducedAxes(dims, of: shape, keepDim: keepDim, operation: name)
    guard axes.count(in: shape) > 0 || axes.result(of: shape).product == 0 else {
      throw .index("\(name): expected reduction dim to have non-zero size, got shape \(shape)")
    }
    return try Reduce(name: name, kernel: kernel, axes: axes)(self)
  }

  public func argmax(_ dim: Int? = nil, keepDim: Bool = false) throws(SNNError) -> Tensor {
    try position(greatest: true, dim, keepDim)
  }

  public func argmin(_ dim: Int? = nil, keepDim: Bool = false) throws(SNNError) -> Tensor {
    try position(greatest: false, dim, keepDim)
  }

  /// The greatest elements along an axis and their positions, the first among equals.
  public func max(_ dim: Int, keepDim: Bool = false) throws(SNNError) -> (values: Tensor, indices: Tensor) {
    try extreme(greatest: true, dim, keepDim: keepDim)
  }

  /// The least elements along an axis and their positions, the first among equals.
  public func min(_ dim: Int, keepDim: Bool = false) throws(SNNError) -> (values: Tensor, indices: Tensor) {
    try extreme(greatest: false, dim, keepDim: keepDim)
  }

  fileprivate func extreme(greatest: Bool, _ dim: Int, keepDim: Bool) throws(SNNError) -> (Tensor, Tensor) {
    let name = greatest ? "max" : "min"
    let axis = try shape.axis(dim, operation: name)
    guard rank > 0 else { return (try expanded(to: shape), try Tensor.full([], 0, .int64)) }
    guard shape[axis] > 0 else {
      throw .index("\(name): Expected reduction dim \(axis) to have non-zero size, got shape \(shape)")
    }
    return try elements(at: position(greatest: greatest, axis, true), axis, keepDim: keepDim, operation: name)
  }

  private func position(greatest: Bool, _ dim: Int?, _ keepDim: Bool) throws(SNNError) -> Tensor {
    let name = greatest ? "argmax" : "argmin"
    let axis = try dim.map { dim throws(SNNError) in try shape.axis(dim, operation: name) }
    let values = try axis == nil || rank == 0 ? detach().flatten() : detach()
    guard values.shape[axis ?? 0] > 0 else {
      throw .index("\(name): expected reduction dim to have non-zero size, got shape \(shape)")
    }
    let found = try ArgReduce(greatest: greatest, axis: rank == 0 ? 0 : axis ?? 0, keepDim: keepDim && axis != nil)(
      values)
    if rank == 0 { return try found.reshaped(to: []) }
    return axis == nil && keepDim ? try found.reshaped(to: Dimensions(repeating: 1, count: rank)) : found
  }
}
