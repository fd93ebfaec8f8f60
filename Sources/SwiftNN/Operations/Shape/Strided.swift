import CKernels

/// Any view of a tensor's memory: what the node of a view becomes after a change in place.
struct AsStrided: ViewPrimitive {
  /// Where the view lies in the storage.
  let view: Geometry
  /// Where the tensor it shows lies.
  let base: Geometry
  let name = "as_strided"

  func geometry(of input: Tensor) throws(SNNError) -> Geometry { view }

  func derivative(_ p: Pass) throws -> Few<Tensor?> { Few(try StridedScatter(view: view, base: base)(p.g)) }
}

/// Zeros of the base's shape to which the elements of a view are added: the transpose of `StridedGather`.
struct StridedScatter: Primitive {
  let view: Geometry
  let base: Geometry
  let name = "as_strided"
  let saves: Saves = []

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results { Results(base.shape, inputs[0].dtype) }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    let memory = try StridedMemory(view, base, inputs[0].dtype)
    memory.all.fill(with: 0)
    let part = memory.part(view)
    inputs[0].shape.withPointer { size in
      part.strides.withPointer { outStride in
        inputs[0].strides.withPointer { xStride in
          ck_strided_add(
            part.dtype.kernel, Int32(part.rank), size, part.data, outStride, inputs[0].data, xStride)
        }
      }
    }
    outputs[0].fill(copying: memory.part(base))
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> { Few(try StridedGather(view: view, base: base)(p.g)) }
}

/// The elements of a view, of values laid out like its base.
struct StridedGather: Primitive {
  let view: Geometry
  let base: Geometry
  let name = "as_strided"
  let saves: Saves = []

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results { Results(view.shape, inputs[0].dtype) }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    let memory = try StridedMemory(view, base, inputs[0].dtype)
    memory.all.fill(with: 0)
    memory.part(base).fill(copying: inputs[0])
    outputs[0].fill(copying: memory.part(view))
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> { Few(try StridedScatter(view: view, base: base)(p.g)) }
}

/// Memory that spans a view and its base.
private struct StridedMemory {
  let all: Tensor
  private let first: Int

  init(_ view: Geometry, _ base: Geometry, _ dtype: DType) throws(SNNError) {
    first = Swift.min(view.start, base.start)
    let span = Swift.max(view.end, base.end) - first
    all = try Tensor(uninitialized: [span], dtype, operation: "as_strided")
  }

  func part(_ geometry: Geometry) -> Tensor {
    var moved = geometry
    moved.offset -= first
    return Tensor(storage: all.storage, moved, all.dtype)
  }
}

extension Geometry {
  /// The lowest position in the storage; negative strides reach below the first element.
  var start: Int { reach(offset) { Swift.min($0, 0) } }

  /// One past the highest position.
  var end: Int { shape.product == 0 ? offset : reach(offset + 1) { Swift.max($0, 0) } }

  private func reach(_ from: Int, _ part: (Int) -> Int) -> Int {
    shape.product == 0 ? from : zip(shape, strides).reduce(from) { $0 + part(($1.0 - 1) * $1.1) }
  }
}

/// The node of a base whose part was overwritten: the gradient of the part goes to the new values, the rest to the old.
struct ViewUpdate: Primitive {
  let view: Geometry
  let base: Geometry
  let name = "copy_"
  let saves: Saves = []

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results { Results(base.shape, inputs[0].dtype) }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    let memory = try StridedMemory(view, base, outputs[0].dtype)
    memory.part(base).fill(copying: inputs[0])
    memory.part(view).fill(copying: inputs[1])
    outputs[0].fill(copying: memory.part(base))
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    let ones = try Tensor.full(view.shape, 1, p.g.dtype)
    let isOverwritten = try StridedScatter(view: view, base: base)(ones) > 0
    return Few(
      p.needs(0) ? try p.g.masked(where: isOverwritten, 0) : nil,
      p.needs(1) ? try StridedGather(view: view, base: base)(p.g) : nil)
  }
}
