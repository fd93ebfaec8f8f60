import CKernels

extension Operation {
  static let maxPools: [Operation] = (1...3).flatMap { [maxPool($0), adaptiveMaxPool($0), maxUnpool($0)] }

  static let images = Field.tensor("input", "Images [N, channels, …], or one without N.")
  static let kernelSize = Field.ints("kernel_size", "The sizes of a window.")
  static let poolStride = Field(
    "stride", .ints, "From one window to the next; the size of a window without it."
  ).optional
  static let ceilMode = Field.bool("ceil_mode", default: false, "Windows that pass the end count as well.")

  private static func maxPool(_ axes: Int) -> Operation {
    Operation(
      "max_pool\(axes)d", "The greatest element of each window, and where it stands if asked for.",
      [
        images, kernelSize, poolStride, .ints("padding", default: [0]), .ints("dilation", default: [1]), ceilMode,
        .bool("return_indices", default: false),
      ], places: [.function, .functional],
      body: .parts(names: ["output", "indices"]) {
        let spatial = Spatial(operation: "max_pool\(axes)d", axes: axes)
        let x = $0.tensor(0)
        let windows = try spatial.windows(
          x.shape,
          PoolArguments(
            kernel: $0.ints(1), stride: $0.optionalInts(2), padding: $0.ints(3), dilation: $0.ints(4), ceil: $0.bool(5))
        )
        let both = try x.maxPool(windows, spatial)
        return $0.bool(6) ? both : [both[0]]
      })
  }

  private static func adaptiveMaxPool(_ axes: Int) -> Operation {
    Operation(
      "adaptive_max_pool\(axes)d", "The greatest elements of as many windows as asked for, and where they stand.",
      [images, pooledSize, .bool("return_indices", default: false)], places: .functional,
      body: .parts(names: ["output", "indices"]) {
        let spatial = Spatial(operation: "adaptive_max_pool\(axes)d", axes: axes)
        let x = $0.tensor(0)
        let both = try x.maxPool(spatial.adaptiveWindows(x.shape, $0.ints(1)), spatial)
        return $0.bool(2) ? both : [both[0]]
      })
  }

  static let pooledSize = Field.ints(
    "output_size", "The sizes of the result; None for that of the input, which C says by INT64_MIN."
  ).orUnsaid

  private static func maxUnpool(_ axes: Int) -> Operation {
    Operation(
      "max_unpool\(axes)d", "Zeros with the elements of input at the positions that a max pool gave.",
      [
        images, .tensor("indices"), kernelSize, poolStride, .ints("padding", default: [0]),
        Field("output_size", .ints, "The sizes of the result; those that the pool may have had without it.").optional,
      ], places: .functional
    ) {
      try $0.tensor(0).maxUnpool(
        $0.tensor(1), PoolArguments(kernel: $0.ints(2), stride: $0.optionalInts(3), padding: $0.ints(4)),
        $0.optionalInts(5), Spatial(operation: "max_unpool\(axes)d", axes: axes))
    }
  }
}

/// The greatest element of each window of the last axes, and its position in the plane.
struct MaxPool: Primitive {
  let axes: [PoolAxis]
  let name: String
  let saves: Saves = []

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results {
    let shape = try Dimensions.shape(
      inputs[0].shape.dropLast(axes.count) + axes.map(\.places), operation: name)
    return Results([TensorSpec(shape, inputs[0].dtype), TensorSpec(shape, .int64)])
  }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    guard outputs[0].count > 0 else { return }
    let dtype = inputs[0].dtype.workingFloat
    let x = try inputs[0].plain(dtype)
    let values =
      outputs[0].dtype == dtype ? outputs[0] : try Tensor(uninitialized: outputs[0].shape, dtype, operation: name)
    let missing = PoolAxis(size: 1, begin: [0], end: [1])
    let all = Array(repeating: missing, count: 3 - axes.count) + axes
    all[0].begin.withUnsafeBufferPointer { b0 in
      all[1].begin.withUnsafeBufferPointer { b1 in
        all[2].begin.withUnsafeBufferPointer { b2 in
          all[0].end.withUnsafeBufferPointer { e0 in
            all[1].end.withUnsafeBufferPointer { e1 in
              all[2].end.withUnsafeBufferPointer { e2 in
                func triple(_ number: (PoolAxis) -> Int) -> (Int64, Int64, Int64) {
                  (Int64(number(all[0])), Int64(number(all[1])), Int64(number(all[2])))
                }
                var windows = ck_windows(
                  planes: Int64(x.planeCount(axes.count)), in: triple(\.size), out: triple(\.places),
                  step: triple(\.step), begin: (b0.baseAddress, b1.baseAddress, b2.baseAddress),
                  end: (e0.baseAddress, e1.baseAddress, e2.baseAddress))
                ck_max_pool(
                  dtype.kernel, &windows, x.data, values.data, outputs[1].data.assumingMemoryBound(to: Int64.self))
              }
            }
          }
        }
      }
    }
    if values !== outputs[0] { outputs[0].fill(copying: values) }
  }

  /// Never asked for: the values are recorded as those at the positions found.
  func derivative(_ p: Pass) throws -> Few<Tensor?> { throw SNNError.notDifferentiable(name) }
}

/// Elements of planes put at, or taken from, positions of other planes: one another's transposes.
struct PlanePut: Primitive {
  /// The sizes of the planes that the positions count in.
  let sizes: [Int]
  let adds: Bool
  let name: String
  let saves: Saves = .inputsForOthers

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results {
    Results(
      try Dimensions.shape(inputs[0].shape.dropLast(sizes.count) + sizes, operation: name), inputs[0].dtype)
  }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    let out = outputs[0]
    guard out.count > 0 else { return }
    let dtype = out.dtype.workingFloat
    let y = try inputs[0].plain(dtype)
    let x = out.dtype == dtype ? out : try Tensor(uninitialized: out.shape, dtype, operation: name)
    let planes = out.planeCount(sizes.count)
    let positions = try inputs[1].plain(.int64)
    withExtendedLifetime((y, positions)) {
      ck_plane_put(
        dtype.kernel, adds, Int64(planes), Int64(out.count / planes), Int64(y.count / planes), positions.indexPointer,
        y.data, x.data)
    }
    if x !== out { out.fill(copying: x) }
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    let positions = try p.savedIndex(1)
    return Few(try PlaneTake(sizes: positions.shape.last(sizes.count), name: name)(p.g, positions), nil)
  }
}

struct PlaneTake: Primitive {
  /// The sizes of the planes of the result.
  let sizes: [Int]
  let name: String
  /// Where the positions were found by a pool, what its places see.
  var pooled: [PoolAxis] = []
  let saves: Saves = .inputsForOthers

  func work(_ inputs: Few<Tensor>, _ outputs: Few<Tensor>) -> Work {
    let seen = pooled.map { $0.span / $0.step + 1 }
    return Work(
      flops: pooled.isEmpty ? 0 : seen.reduce(Double(outputs[0].count)) { $0 * Double($1) },
      windows: pooled.reversed().enumerated().map { Work.Window(axis: $0, span: $1.span + 1, step: $1.stride) })
  }

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results { Results(inputs[1].shape, inputs[0].dtype) }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    let out = outputs[0]
    guard out.count > 0 else { return }
    let dtype = out.dtype.workingFloat
    let x = try inputs[0].plain(dtype)
    let y = out.dtype == dtype ? out : try Tensor(uninitialized: out.shape, dtype, operation: name)
    let planes = out.planeCount(sizes.count)
    let positions = try inputs[1].plain(.int64)
    withExtendedLifetime((x, positions)) {
      ck_plane_take(
        dtype.kernel, Int64(planes), Int64(x.count / planes), Int64(out.count / planes), positions.indexPointer, x.data,
        y.data)
    }
    if y !== out { out.fill(copying: y) }
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    Few(
      try PlanePut(sizes: p.inputSpec(0).shape.last(sizes.count), adds: true, name: name)(p.g, p.savedIndex(1)), nil)
  }
}

extension Tensor {
  /// The greatest element of each window and its position in the plane.
  func maxPool(_ windows: [PoolAxis], _ spatial: Spatial) throws(SNNError) -> [Tensor] {
    guard dtype != .bool else { throw .dtype("\(spatial.operation): not implemented for bool") }
    guard shape.suffix(spatial.axes + 1).allSatisfy({ $0 > 0 }) else {
      throw .shape(
        "\(spatial.operation): Expected input to have non-zero size for non-batch dimensions, but input has shape \(shape)"
      )
    }
    let found = try MaxPool(axes: windows, name: spatial.operation).all(Few(detach()))
    let taken = PlaneTake(sizes: windows.map(\.places), name: spatial.operation, pooled: windows)
    if Few(self).haveBatches { return [try taken(self, found[1]), found[1]] }
    guard Gradients.areRecorded, requiresGradient else { return found }
    try taken.record(Few(self, found[1]), Few(found[0]), Results(found[0].shape, dtype))
    return found
  }

  func maxUnpool(
    _ indices: Tensor, _ given: PoolArguments, _ size: [Int]?, _ spatial: Spatial
  ) throws(SNNError) -> Tensor {
    try spatial.checkRank(shape)
    let name = spatial.operation
    guard indices.dtype == .int64 else {
      throw .dtype("\(name): indices should have dtype int64, got \(indices.dtype.name)")
    }
    guard indices.shape == shape else {
      throw .shape("\(name): expected indices of shape \(shape), got \(indices.shape)")
    }
    guard dtype != .bool else { throw .dtype("\(name): not implemented for bool") }
    let kernel = try spatial.numbers(given.kernel, "kernel_size", atLeast: 1)
    let padding = try spatial.numbers(given.padding, "padding", atLeast: 0)
    let stride =
      try given.stride.flatMap { $0.isEmpty ? nil : $0 }.map { s throws(SNNError) in
        try spatial.numbers(s, "stride", atLeast: 1)
      } ?? kernel
    var sizes: [Int] = []
    for (i, places) in shape.last(spatial.axes).enumerated() {
      let (steps, overflow) = (places - 1).multipliedReportingOverflow(by: stride[i])
      guard !overflow, steps.magnitude < 1 << 45 else {
        throw .shape("\(name): stride \(stride) is too large for \(shape)")
      }
      sizes.append(steps + kernel[i] - 2 * padding[i])
    }
    if let size {
      let last = Array(size.suffix(spatial.axes))
      guard size.count == spatial.axes || size.count == spatial.axes + 2 || size.count == rank else {
        throw .argument("\(name): output_size should have \(spatial.axes) or \(spatial.axes + 2) elements, got \(size)")
      }
      for i in 0..<spatial.axes where last[i] <= sizes[i] - stride[i] || last[i] >= sizes[i] + stride[i] {
        throw .argument(
          "\(name): invalid output_size \(size) (dim \(i) must be between \(sizes[i] - stride[i]) and "
            + "\(sizes[i] + stride[i]))")
      }
      sizes = last
    }
    let target = try Dimensions.shape(sizes, operation: name)
    let positions = try indices.checkedIndex(below: target.product, operation: name)
    for i in 0..<positions.count where positions.indexPointer[i] < 0 {
      throw .index("\(name): found an invalid max index: \(positions.indexPointer[i]) (output sizes \(target))")
    }
    return try PlanePut(sizes: sizes, adds: false, name: name)(self, positions)
  }
}
