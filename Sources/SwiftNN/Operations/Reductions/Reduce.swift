import CKernels

/// A reduction over some axes of one tensor.
struct Reduce: Primitive {
  let name: String
  let kernel: ck_reduce_op
  let axes: ReducedAxes

  var saves: Saves {
    switch kernel {
    case ck_reduce_amax, ck_reduce_amin, ck_reduce_prod: [.inputs, .outputs]
    case ck_reduce_sum_squares, ck_reduce_sum_abs, ck_reduce_nansum: .inputs
    default: []
    }
  }

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results {
    let dtype: DType =
      switch kernel {
      case ck_reduce_all, ck_reduce_any: .bool
      case ck_reduce_count_nonzero: .int64
      default: inputs[0].dtype
      }
    return Results(axes.result(of: inputs[0].shape), dtype)
  }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    let x = inputs[0]
    let kept = axes.split(x, kept: true)
    let reduced = axes.split(x, kept: false)
    kept.size.withPointer { keptSize in
      kept.stride.withPointer { keptStride in
        reduced.size.withPointer { reducedSize in
          reduced.stride.withPointer { reducedStride in
            ck_reduce(
              kernel, x.dtype.kernel, Int32(kept.size.count), keptSize, keptStride, Int32(reduced.size.count),
              reducedSize, reducedStride, outputs[0].data, x.data)
          }
        }
      }
    }
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    let shape = p.inputSpec(0).shape
    let g = try axes.restored(p.g)
    switch kernel {
    case ck_reduce_sum: return Few(try g.expanded(to: shape))
    case ck_reduce_amax, ck_reduce_amin:
      // Equal extremes share the gradient.
      let isExtreme = try (p.a == axes.restored(p.y)).cast(to: g.dtype)
      return Few(try g * isExtreme / isExtreme.sum(axes.list, keepDim: true))
    case ck_reduce_sum_squares: return Few(try g * (2 * p.a))
    case ck_reduce_sum_abs: return Few(try g * p.a.sign())
    case ck_reduce_nansum: return Few(try g.expanded(to: shape).masked(where: p.a.isNaN(), 0))
    case ck_reduce_prod:
      let (x, y) = (try p.a, try axes.restored(p.y))
      let hasZero = try (x.detach() == 0).holdsAnywhere()
      return Few(try hasZero ? g * x.productOfOthers(axes) : g * y / x)
    default: throw SNNError.notDifferentiable(name)
    }
  }
}

/// The axes that a reduction removes, or keeps with size 1.
struct ReducedAxes: Sendable {
  private let mask: UInt32
  private let rank: Int
  let keepDim: Bool

  /// nil or no axes: all of them.
  init(_ dims: [Int]?, of shape: Dimensions, keepDim: Bool, operation: String) throws(SNNError) {
    var mask: UInt32 = 0
    for dim in dims ?? [] {
      let axis = try shape.axis(dim, operation: operation)
      guard mask & (1 << UInt32(axis)) == 0 else {
        throw .index("\(operation): dim \(axis) appears multiple times in the list of dims")
      }
      mask |= 1 << UInt32(axis)
    }
    self.mask = dims == nil || dims?.isEmpty == true ? ~0 : mask
    rank = shape.count
    self.keepDim = keepDim
  }

  func contains(_ axis: Int) -> Bool { mask & (1 << UInt32(axis)) != 0 }

  var list: [Int] { (0..<rank).filter(contains) }

  /// The number of elements that become one.
  func count(in shape: Dimensions) -> Int {
    shape.indices.reduce(1) { contains($1) ? $0 * shape[$1] : $0 }
  }

  func result(of shape: Dimensions) -> Dimensions {
    var result = Dimensions()
    for i in shape.indices {
      if !contains(i) { result.append(shape[i]) } else if keepDim { result.append(1) }
    }
    return result
  }

  /// A result with the reduced axes back, at size 1.
  func restored(_ result: Tensor) throws(SNNError) -> Tensor {
    if keepDim || result.rank == rank { return result }
    var shape = result.shape
    for i in 0..<rank where contains(i) { shape.insert(1, at: i) }
    return try result.reshaped(to: shape)
  }

  fileprivate func split(_ x: Tensor, kept: Bool) -> (size: Dimensions, stride: Dimensions) {
    var size = Dimensions()
    var stride = Dimensions()
    for i in 0..<rank where contains(i) != kept {
      size.append(x.shape[i])
      stride.append(x.strides[i])
    }
    return (size, stride)
  }
}

extension Dimensions {
  init() { self.init(repeating: 0, count: 0) }
}
