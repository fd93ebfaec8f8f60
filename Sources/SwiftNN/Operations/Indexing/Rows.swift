import CKernels

/// Some positions of one axis, in the order of an index tensor.
struct SelectRows: Primitive {
  let axis: Int
  let name: String
  let saves: Saves = .inputsForOthers

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results {
    var shape = inputs[0].shape
    shape[axis] = inputs[1].count
    return Results(shape, inputs[0].dtype)
  }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    let x = try inputs[0].detach().contiguous()
    let rows = RowLayout(x.shape, axis)
    ck_index_select(
      x.dtype.kernel, rows.outer, rows.limit, rows.inner, inputs[1].indexPointer, Int64(inputs[1].count),
      outputs[0].data, x.data)
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    let base = try Tensor.full(p.inputSpec(0).shape, 0, p.g.dtype)
    return Few(try PutRows(axis: axis, how: ck_combine_add, name: name)(Few(base, try p.savedIndex(1), p.g)), nil)
  }
}

/// A copy of the first tensor with rows of the third put at, or added to, the positions of the index.
struct PutRows: Primitive {
  let axis: Int
  let how: ck_combine
  let name: String
  let saves: Saves = .inputsForOthers

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results { Results(inputs[0].shape, inputs[0].dtype) }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    outputs[0].fill(copying: inputs[0])
    let rows = RowLayout(outputs[0].shape, axis)
    let values = try inputs[2].detach().contiguous()
    ck_index_put(
      how, values.dtype.kernel, rows.outer, rows.limit, rows.inner, inputs[1].indexPointer, Int64(inputs[1].count),
      outputs[0].data, values.data)
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    let index = try p.savedIndex(1)
    var old: Tensor? = nil
    if p.needs(0) {
      var shape = p.g.shape
      shape[axis] = index.count
      let nothing = try Tensor.full(shape, 0, p.g.dtype)
      old = how == ck_combine_add ? p.g : try PutRows(axis: axis, how: how, name: name)(Few(p.g, index, nothing))
    }
    return Few(old, nil, p.needs(2) ? try SelectRows(axis: axis, name: name)(p.g, index) : nil)
  }
}

/// A tensor as [outer, limit, inner] around one axis.
struct RowLayout {
  let outer: Int64
  let limit: Int64
  let inner: Int64

  init(_ shape: Dimensions, _ axis: Int) {
    outer = Int64(shape[..<axis].reduce(1, *))
    limit = Int64(shape[axis])
    inner = Int64(shape[(axis + 1)...].reduce(1, *))
  }
}

extension Pass {
  /// The saved index tensor of an indexing operation.
  func savedIndex(_ index: Int) throws(SNNError) -> Tensor { try input(index) }
}

extension Tensor {
  var indexPointer: UnsafePointer<Int64> { UnsafePointer(data.assumingMemoryBound(to: Int64.self)) }

  /// This tensor as contiguous int64 positions below `limit`; negative ones may count from the end.
  func checkedIndex(below limit: Int, operation: String) throws(SNNError) -> Tensor {
    guard dtype.isInteger else {
      throw .index("\(operation): tensors used as indices must be integer tensors, got \(dtype.name)")
    }
    let index = try detach().cast(to: .int64).contiguous()
    let all = try index.withAllExamples.contiguous()
    let bad = ck_index_check(all.indexPointer, Int64(all.count), Int64(limit))
    guard bad < 0 else {
      throw .index(
        "\(operation): index \(all.indexPointer[Int(bad)]) is out of bounds for dimension with size \(limit)")
    }
    return index
  }
}
