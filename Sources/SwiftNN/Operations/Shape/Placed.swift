import CKernels

/// Zeros of a shape but for a view of it, to which the elements of a tensor are added: the transpose of the view.
struct Placed: Primitive {
  let view: any ViewPrimitive
  let shape: Dimensions
  var overlaps = false
  var name: String { view.name }
  let saves: Saves = []

  init(view: any ViewPrimitive, shape: Dimensions, overlaps: Bool = false) {
    self.view = view
    self.shape = shape
    self.overlaps = overlaps
  }

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results { Results(shape, inputs[0].dtype) }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    outputs[0].fill(with: 0)
    let part = try view.part(of: outputs[0])
    guard overlaps else { return part.fill(copying: inputs[0]) }
    inputs[0].shape.withPointer { size in
      part.strides.withPointer { outStride in
        inputs[0].strides.withPointer { xStride in
          ck_strided_add(part.dtype.kernel, Int32(part.rank), size, part.data, outStride, inputs[0].data, xStride)
        }
      }
    }
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> { Few(try view(p.g)) }
}

/// A copy of the first tensor with a view of it overwritten by the second.
struct Overwritten: Primitive {
  let view: any ViewPrimitive
  let name: String
  let saves: Saves = []

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results { Results(inputs[0].shape, inputs[0].dtype) }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    outputs[0].fill(copying: inputs[0])
    try view.part(of: outputs[0]).fill(copying: inputs[1])
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    let values = try view(p.g)
    return Few(p.needs(0) ? try self(p.g, values.zerosLike()) : nil, p.needs(1) ? values : nil)
  }
}

extension ViewPrimitive {
  /// The view of a tensor, outside any graph.
  fileprivate func part(of tensor: Tensor) throws(SNNError) -> Tensor {
    Tensor(storage: tensor.storage, try geometry(of: tensor), tensor.dtype)
  }
}

extension Operation {
  static let overwriting: [Operation] = [diagonalScatter, selectScatter, sliceScatter]

  static let diagonalScatter = Operation(
    "diagonal_scatter", "A copy of input with a diagonal replaced by src.",
    [
      .tensor("input"), .tensor("src"), .int("offset", default: 0), .int("dim1", default: 0), .int("dim2", default: 1),
    ]
  ) {
    let x = $0.tensor(0)
    return try x.overwriting(Diagonal($0.int(2), $0.int(3), $0.int(4), of: x.shape, "diagonal_scatter"), $0.tensor(1))
  }

  static let selectScatter = Operation(
    "select_scatter", "A copy of input with one position of an axis replaced by src.",
    [.tensor("input"), .tensor("src"), .int("dim"), .int("index")]
  ) {
    let (x, source) = ($0.tensor(0), $0.tensor(1))
    let part = try x.position(of: $0.int(2), $0.int(3))
    var shape = x.shape
    shape.remove(at: part.axis)
    guard source.shape == shape else {
      throw SNNError.shape("select_scatter: expects src of shape \(shape), got \(source.shape)")
    }
    return try x.overwriting(part, source.unsqueeze(part.axis))
  }

  static let sliceScatter = Operation(
    "slice_scatter", "A copy of input with a slice of an axis replaced by src.",
    [
      .tensor("input"), .tensor("src"), .int("dim", default: 0), Field("start", .int).optional,
      Field("end", .int).optional, .int("step", default: 1),
    ]
  ) {
    let x = $0.tensor(0)
    return try x.overwriting(
      x.positions(of: $0.int(2), from: $0.optionalInt(3), to: $0.optionalInt(4), step: $0.int(5)), $0.tensor(1))
  }
}

extension Tensor {
  /// A copy with a view of it replaced by other values.
  fileprivate func overwriting(_ view: any ViewPrimitive, _ source: Tensor) throws(SNNError) -> Tensor {
    let shape = try view.geometry(of: self).shape
    guard source.shape == shape else {
      throw .shape("\(view.name)_scatter: expected src to have a size equal to \(shape), got \(source.shape)")
    }
    return try Overwritten(view: view, name: "\(view.name)_scatter")(self, source.cast(to: dtype))
  }
}
