import CKernels

/// For each position of an index tensor, one element of the same line along an axis.
struct PickAlong: Primitive {
  let axis: Int
  let name: String
  let saves: Saves = .inputsForOthers

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results { Results(inputs[1].shape, inputs[0].dtype) }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    let x = try inputs[0].detach().contiguous()
    let rows = RowLayout(x.shape, axis)
    ck_gather(
      x.dtype.kernel, rows.outer, rows.limit, rows.inner, Int64(inputs[1].shape[axis]), inputs[1].indexPointer,
      outputs[0].data, x.data)
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    let size = p.inputSpec(0).shape[axis]
    return Few(try SpreadAlong(axis: axis, size: size, name: name)(Few(p.g, p.savedIndex(1))), nil)
  }
}

/// Zeros to which elements are added along an axis at the positions of an index tensor: the transpose of `PickAlong`.
struct SpreadAlong: Primitive {
  let axis: Int
  let size: Int
  let name: String
  let saves: Saves = .inputsForOthers

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results {
    var shape = inputs[0].shape
    shape[axis] = size
    return Results(shape, inputs[0].dtype)
  }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    outputs[0].fill(with: 0)
    let values = try inputs[0].detach().contiguous()
    let rows = RowLayout(outputs[0].shape, axis)
    ck_scatter(
      ck_combine_add, values.dtype.kernel, rows.outer, rows.limit, rows.inner, Int64(values.shape[axis]),
      inputs[1].indexPointer, outputs[0].data, values.data)
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    Few(try PickAlong(axis: axis, name: name)(p.g, p.savedIndex(1)), nil)
  }
}

extension Tensor {
  /// The elements of the lines along an axis at positions that are known to be right; the index goes with them.
  func elements(
    at index: Tensor, _ axis: Int, keepDim: Bool = true, operation: String
  ) throws(SNNError) -> (Tensor, Tensor) {
    let picked = try PickAlong(axis: axis, name: operation)(self, index.contiguous())
    return keepDim ? (picked, index) : (try picked.squeeze([axis]), try index.squeeze([axis]))
  }

  /// One axis backwards, as a view.
  func reversed(_ axis: Int) throws(SNNError) -> Tensor {
    shape[axis] < 2 ? self : try Slice(axis: axis, start: shape[axis] - 1, step: -1, length: shape[axis])(self)
  }
}
