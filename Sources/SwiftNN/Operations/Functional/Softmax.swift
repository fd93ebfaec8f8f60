import CKernels

extension Operation {
  static let softmaxes: [Operation] = [softmax, logSoftmax, logsumexp]

  private static func fields() -> [Field] {
    [.tensor("input"), .int("dim"), .dtype("dtype", "Converts the input first.")]
  }

  static let softmax = Operation(
    "softmax", "exp(input), scaled to sum to 1 along dim.", fields(),
    places: [.function, .method, .functional, .special]
  ) { try $0.tensor(0).softmax($0.int(1), dtype: $0.dtype(2)) }

  static let logSoftmax = Operation(
    "log_softmax", "The logarithm of softmax, without its overflow.", fields(),
    places: [.function, .method, .functional, .special]
  ) { try $0.tensor(0).logSoftmax($0.int(1), dtype: $0.dtype(2)) }

  static let logsumexp = Operation(
    "logsumexp", "log(sum(exp(input))) over axes, without overflow.",
    [.tensor("input"), .ints("dim"), .bool("keepdim", default: false)],
    places: [.function, .method, .special]
  ) { try $0.tensor(0).logSumExp($0.ints(1), keepDim: $0.bool(2)) }
}

extension Tensor {
  public func softmax(_ dim: Int, dtype: DType? = nil) throws(SNNError) -> Tensor {
    try softmaxed(dim, dtype, isLogarithm: false)
  }

  public func logSoftmax(_ dim: Int, dtype: DType? = nil) throws(SNNError) -> Tensor {
    try softmaxed(dim, dtype, isLogarithm: true)
  }

  private func softmaxed(_ dim: Int, _ dtype: DType?, isLogarithm: Bool) throws(SNNError) -> Tensor {
    let name = isLogarithm ? "log_softmax" : "softmax"
    let axis = try shape.axis(dim, operation: name)
    let wanted = dtype ?? self.dtype
    guard wanted.isFloatingPoint else { throw .dtype("\(name): not implemented for \(wanted.name)") }
    let x = try cast(to: wanted).cast(to: wanted.working)
    return try SoftmaxRows(axis: axis, isLogarithm: isLogarithm)(x).cast(to: wanted)
  }

  public func logSumExp(_ dims: [Int], keepDim: Bool = false) throws(SNNError) -> Tensor {
    let x = try dtype.isFloatingPoint ? self : cast(to: .default)
    guard count > 0 else { return try x.exp().sum(dims, keepDim: keepDim).log() }
    let axes = try ReducedAxes(dims, of: shape, keepDim: true, operation: "logsumexp")
    // An infinite maximum must not be subtracted from itself.
    let top = try x.detach().amax(axes.list, keepDim: true)
    let shift = try top.masked(where: top.isFinite().logicalNot(), 0)
    let total = try (x - shift).exp().sum(axes.list, keepDim: true).log() + shift
    return keepDim ? total : try total.squeeze(axes.list)
  }
}

/// exp(x) over its sum along one axis, or the logarithm of that.
struct SoftmaxRows: Primitive {
  let axis: Int
  let isLogarithm: Bool
  let saves: Saves = .outputs

  var name: String { isLogarithm ? "log_softmax" : "softmax" }

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results { Results(inputs[0].shape, inputs[0].dtype) }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    guard outputs[0].count > 0 else { return }
    let x = try inputs[0].plain(inputs[0].dtype)
    var rows = outputs[0].rows(along: axis)
    ck_softmax(&rows, isLogarithm, x.data, outputs[0].data)
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    let (g, y) = (p.g, try p.y)
    if Gradients.areRecorded || y.count == 0 || Few(g, y).haveBatches {
      return isLogarithm
        ? Few(try g - y.exp() * g.sum([axis], keepDim: true)) : Few(try y * (g - (g * y).sum([axis], keepDim: true)))
    }
    let plain = try g.plain(y.dtype)
    let gradient = try Tensor(uninitialized: y.shape, y.dtype, operation: name)
    var rows = y.rows(along: axis)
    ck_softmax_slope(&rows, isLogarithm, plain.data, y.data, gradient.data)
    return Few(gradient)
  }

  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? {
    let all = examples.plain(0)
    return [
      try SoftmaxRows(axis: axis + 1, isLogarithm: isLogarithm)(all.rank == 1 ? all.unsqueeze(1) : all).reshaped(
        to: all.shape)
    ]
  }
}

extension Tensor {
  /// How the rows along an axis lie in contiguous memory. A scalar has one pretended axis.
  func rows(along axis: Int) -> ck_rows {
    guard rank > 0 else { return ck_rows(dtype: dtype.kernel, outer: 1, length: 1, inner: 1) }
    let (outer, inner) = (shape[..<axis].reduce(1, *), shape[(axis + 1)...].reduce(1, *))
    return ck_rows(dtype: dtype.kernel, outer: Int64(outer), length: Int64(shape[axis]), inner: Int64(inner))
  }
}
