import CKernels

/// How the elements of a tensor form the groups that are normalised, and which weight each has.
struct NormLayout: Sendable {
  /// The shape in which the groups are whole axes.
  let shape: Dimensions
  /// The axes of one group.
  let groupAxes: [Int]
  /// The weights in that shape, with ones where they repeat.
  let weightShape: Dimensions
  fileprivate let kernel: ck_norm

  /// Every row is a group, and has the same weights.
  static func rows(_ rows: Int, _ length: Int) -> NormLayout {
    NormLayout(
      shape: [rows, length], groupAxes: [1], weightShape: [1, length],
      kernel: ck_norm(
        dtype: CK_FLOAT32, centred: true, rows: Int64(rows), period: 1, outer_step: Int64(length), row_step: 0,
        parts: 1,
        part_step: 0, length: Int64(length), weight_row: 0, weight_part: 0, weight_item: 1, weights: Int64(length),
        epsilon: 0))
  }

  /// Groups of neighbouring channels of one image; each channel has a weight.
  static func groups(_ batch: Int, _ groups: Int, _ channels: Int, _ places: Int) -> NormLayout {
    // Single elements are no runs: then the channels are the run.
    let isFlat = places == 1
    return NormLayout(
      shape: [batch, groups, channels, places], groupAxes: [2, 3], weightShape: [1, groups, channels, 1],
      kernel: ck_norm(
        dtype: CK_FLOAT32, centred: true, rows: Int64(batch * groups), period: Int64(groups),
        outer_step: Int64(groups * channels * places), row_step: Int64(channels * places),
        parts: Int64(isFlat ? 1 : channels), part_step: Int64(places), length: Int64(isFlat ? channels : places),
        weight_row: Int64(channels), weight_part: 1, weight_item: isFlat ? 1 : 0, weights: Int64(groups * channels),
        epsilon: 0))
  }

  /// Each channel of all images.
  static func channels(_ batch: Int, _ channels: Int, _ places: Int) -> NormLayout {
    NormLayout(
      shape: [batch, channels, places], groupAxes: [0, 2], weightShape: [1, channels, 1],
      kernel: ck_norm(
        dtype: CK_FLOAT32, centred: true, rows: Int64(channels), period: Int64(channels), outer_step: 0,
        row_step: Int64(places), parts: Int64(batch), part_step: Int64(channels * places), length: Int64(places),
        weight_row: 1, weight_part: 0, weight_item: 0, weights: Int64(channels), epsilon: 0))
  }

  fileprivate func arguments(_ dtype: DType, _ epsilon: Double, _ isCentred: Bool) -> ck_norm {
    var arguments = kernel
    arguments.dtype = dtype.kernel
    arguments.epsilon = epsilon
    arguments.centred = isCentred
    return arguments
  }

  var groupCount: Int { Int(kernel.rows) }
  var weightCount: Int { Int(kernel.weights) }
}

/// (x - mean) / √(variance + ε), times a weight, plus a bias. The second and third results are the statistics.
struct NormalizeRows: Primitive {
  let layout: NormLayout
  let epsilon: Double
  /// Otherwise the mean is taken for 0, and the variance is the mean of the squares.
  let isCentred: Bool
  let hasWeight: Bool
  let hasBias: Bool
  let name: String
  let saves: Saves = [.inputs, .outputs]

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results {
    let statistics = TensorSpec([layout.groupCount], inputs[0].dtype)
    return Results([TensorSpec(inputs[0].shape, inputs[0].dtype), statistics, statistics])
  }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    let x = try inputs[0].plain(inputs[0].dtype)
    let weight = try hasWeight ? inputs[1].plain(x.dtype) : nil
    let bias = try hasBias ? inputs[inputs.count - 1].plain(x.dtype) : nil
    var arguments = layout.arguments(x.dtype, epsilon, isCentred)
    ck_norm_forward(
      &arguments, x.data, weight?.data, bias?.data, outputs[0].data, outputs[1].data, outputs[2].data)
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    guard let g = p.gradients[0] else { return Few([nil] + (hasWeight ? [nil] : []) + (hasBias ? [nil] : [])) }
    let biasIndex = hasWeight ? 2 : 1
    let needs = (x: p.needs(0), w: hasWeight && p.needs(1), b: hasBias && p.needs(biasIndex))
    let x = try p.a
    let found: (x: Tensor?, w: Tensor?, b: Tensor?)
    let haveBatches = try Few(x, g, hasWeight ? p.b : x).haveBatches
    if Gradients.areRecorded || x.count == 0 || haveBatches {
      found = try formula(x, hasWeight ? p.b : nil, g, needs)
    } else {
      found = try fused(p, x, g, needs)
    }
    var gradients = Few<Tensor?>(found.x)
    if hasWeight { gradients.append(found.w) }
    if hasBias { gradients.append(found.b) }
    return gradients
  }

  private typealias Needs = (x: Bool, w: Bool, b: Bool)

  /// The derivative in operations, for those of higher order.
  private func formula(_ x: Tensor, _ weight: Tensor?, _ g: Tensor, _ needs: Needs) throws -> (
    Tensor?, Tensor?, Tensor?
  ) {
    let axes = layout.groupAxes
    func mean(_ t: Tensor) throws(SNNError) -> Tensor { try t.mean(axes, keepDim: true) }
    let repeated = layout.shape.indices.filter { layout.weightShape[$0] == 1 }
    func ofWeight(_ t: Tensor) throws(SNNError) -> Tensor { try t.sum(repeated).reshaped(to: [layout.weightCount]) }
    let upstream = try g.reshaped(to: layout.shape)
    let biasGradient = try needs.b ? ofWeight(upstream) : nil
    guard needs.x || needs.w else { return (nil, nil, biasGradient) }
    let rows = try x.reshaped(to: layout.shape)
    let centred = try isCentred ? rows - mean(rows) : rows
    let scale = try (mean(centred.square()) + .float(epsilon)).rsqrt()
    let normal = try centred * scale
    let weightGradient = try needs.w ? ofWeight(upstream * normal) : nil
    guard needs.x else { return (nil, weightGradient, biasGradient) }
    let weighted =
      try weight.map { w throws(SNNError) in try upstream * w.reshaped(to: layout.weightShape) } ?? upstream
    var slope = try weighted - normal * mean(weighted * normal)
    if isCentred { slope = try slope - mean(weighted) }
    return (try (slope * scale).reshaped(to: x.shape), weightGradient, biasGradient)
  }

  /// The first order in one kernel.
  private func fused(_ p: Pass, _ x: Tensor, _ g: Tensor, _ needs: Needs) throws -> (Tensor?, Tensor?, Tensor?) {
    func output(_ isNeeded: Bool, _ shape: Dimensions) throws(SNNError) -> Tensor? {
      isNeeded ? try Tensor(uninitialized: shape, x.dtype, operation: name) : nil
    }
    let plain = (x: try x.plain(x.dtype), g: try g.plain(x.dtype))
    let weight = try hasWeight ? p.b.plain(x.dtype) : nil
    let results = (
      x: try output(needs.x, x.shape), w: try output(needs.w, [layout.weightCount]),
      b: try output(needs.b, [layout.weightCount])
    )
    var arguments = layout.arguments(x.dtype, epsilon, isCentred)
    let isDone = ck_norm_backward(
      &arguments, plain.g.data, plain.x.data, try p.output(1).data, try p.output(2).data, weight?.data, results.x?.data,
      results.w?.data, results.b?.data)
    guard isDone else { throw SNNError(.memory, "\(name): cannot allocate memory for the sums") }
    return results
  }
}

extension Tensor {
  /// The groups of the layout normalised, and their means and variances outside any graph.
  func normalized(
    _ layout: NormLayout, _ weight: Tensor?, _ bias: Tensor?, epsilon: Double, isCentred: Bool = true, _ name: String
  ) throws(SNNError) -> (output: Tensor, mean: Tensor, variance: Tensor) {
    guard dtype.isFloatingPoint else { throw .dtype("\(name): not implemented for \(dtype.name)") }
    let working = dtype.working
    for (field, operand) in [("weight", weight), ("bias", bias)] {
      guard let operand else { continue }
      guard operand.count == layout.weightCount else {
        throw .shape("\(name): expected \(field) of \(layout.weightCount) elements, got shape \(operand.shape)")
      }
      guard operand.dtype == dtype || (dtype.isHalf && operand.dtype == .float32) else {
        throw .dtype("\(name): expected \(field) of dtype \(dtype.name), got \(operand.dtype.name)")
      }
    }
    var operands = Few(try cast(to: working))
    if let weight { operands.append(try weight.cast(to: working).reshaped(to: [weight.count])) }
    if let bias { operands.append(try bias.cast(to: working).reshaped(to: [bias.count])) }
    let results = try NormalizeRows(
      layout: layout, epsilon: epsilon, isCentred: isCentred, hasWeight: weight != nil, hasBias: bias != nil, name: name
    ).all(operands)
    return (try results[0].cast(to: dtype), results[1].detach(), results[2].detach())
  }
}
