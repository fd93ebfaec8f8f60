import CKernels

extension Operation {
  static let extremes: [Operation] = [amax, amin, argmax, argmin, max, min]

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
