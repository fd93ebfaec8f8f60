import CKernels

/// Which class is wanted of each row of scores along an axis, and how the losses of the rows become one.
struct ClassTargets: Sendable {
  enum Reduction: String { case none, sum, mean }

  var axis: Int
  let ignored: Int
  var reduction: Reduction

  /// Classes and their weights as kernels read them, for scores of a shape and dtype.
  fileprivate func withKernels<Result>(
    _ scores: Dimensions, _ dtype: DType, _ inputs: Few<Tensor>,
    _ body: (UnsafePointer<ck_rows>, UnsafePointer<ck_targets>) -> Result
  ) throws(SNNError) -> Result {
    let (outer, inner) = (scores[..<axis].reduce(1, *), scores[(axis + 1)...].reduce(1, *))
    var rows = ck_rows(
      dtype: dtype.kernel, outer: Int64(outer), length: Int64(scores[axis]), inner: Int64(inner))
    let classes = try inputs[1].plain(.int64)
    let weight = try inputs.count == 3 ? inputs[2].plain(dtype) : nil
    var targets = ck_targets(
      classes: UnsafePointer(classes.data.assumingMemoryBound(to: Int64.self)), ignored: Int64(ignored),
      weights: UnsafeRawPointer(weight?.data))
    return withExtendedLifetime((classes, weight)) { body(&rows, &targets) }
  }

  /// Whether there is a score for every class that counts.
  func fit(_ inputs: Few<Tensor>) throws(SNNError) -> Bool {
    try withKernels(inputs[0].shape, inputs[0].dtype, inputs) { ck_targets_fit($0, $1) }
  }

  /// The sum of the losses, and of the weights of those that count.
  fileprivate static func sums(
    _ rows: UnsafePointer<ck_rows>, _ targets: UnsafePointer<ck_targets>, _ scores: UnsafeRawPointer?
  ) -> (loss: Double, weight: Double) {
    var (loss, weight) = (0.0, 0.0)
    ck_likelihood_sum(rows, targets, scores, &loss, &weight)
    return (loss, weight)
  }

  /// The same for stacks of scores, each with the classes of `inputs`.
  fileprivate func stacked(_ inputs: Few<Tensor>, _ count: Int) throws(SNNError) -> (ClassTargets, Few<Tensor>) {
    var shape = inputs[1].shape
    shape.insert(count, at: 0)
    var repeated = Few(inputs[0], try inputs[1].unsqueeze(0).expanded(to: shape))
    if inputs.count == 3 { repeated.append(inputs[2]) }
    return (ClassTargets(axis: axis + 1, ignored: ignored, reduction: .none), repeated)
  }

  /// Losses of shape [examples, …] as one of each example; the divisor of a mean is that of the classes of `inputs`.
  fileprivate func reduced(_ losses: Tensor, _ scores: Dimensions, _ inputs: Few<Tensor>) throws(SNNError) -> Tensor {
    guard reduction != .none else { return losses }
    return try losses.sum(Array(1..<losses.rank)) * .float(scale(scores, losses.dtype, inputs))
  }

  fileprivate func scale(_ scores: Dimensions, _ dtype: DType, _ inputs: Few<Tensor>) throws(SNNError) -> Double {
    guard reduction == .mean else { return 1 }
    return 1 / (try withKernels(scores, dtype, inputs) { Self.sums($0, $1, nil) }).weight
  }
}

/// -scores[class] · weight[class] of each row, their sum or their mean. Inputs: scores, classes, perhaps weights.
struct ClassLikelihood: Primitive {
  let targets: ClassTargets
  let name: String
  let saves: Saves = .inputs

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results {
    Results(targets.reduction == .none ? inputs[1].shape : [], inputs[0].dtype)
  }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    let out = outputs[0]
    let scores = try inputs[0].plain(out.dtype)
    let total = try targets.withKernels(scores.shape, out.dtype, inputs) { rows, targets -> Double? in
      if self.targets.reduction == .none {
        ck_likelihood_each(rows, targets, scores.data, out.data)
        return nil
      }
      let sums = ClassTargets.sums(rows, targets, scores.data)
      return self.targets.reduction == .mean ? sums.loss / sums.weight : sums.loss
    }
    if let total { out.fill(with: .float(total)) }
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    var inputs = Few(p.g, try p.b)
    if p.node.edges.count == 3 { inputs.append(try p.c) }
    var gradients = Few<Tensor?>(try ClassSlope(targets: targets, scores: p.a.shape, name: name)(inputs), nil)
    if p.node.edges.count == 3 { gradients.append(nil) }
    return gradients
  }

  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? {
    guard (1..<examples.count).allSatisfy({ !examples.isMapped($0) }) else { return nil }
    let all = examples.plain(0)
    var (each, inputs) = try targets.stacked(examples.inputs, examples.size)
    inputs[0] = all
    let losses = try ClassLikelihood(targets: each, name: name)(inputs)
    return [try targets.reduced(losses, examples.inputs[0].shape, examples.inputs)]
  }
}

/// The gradient of the scores: that of a row's loss at its class, zero elsewhere. Inputs: gradient, classes, perhaps weights.
struct ClassSlope: Primitive {
  let targets: ClassTargets
  let scores: Dimensions
  let name: String
  let saves: Saves = .inputs

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results { Results(scores, inputs[0].dtype) }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    let out = outputs[0]
    guard out.count > 0 else { return }
    let g = try inputs[0].plain(out.dtype)
    let scale = try targets.scale(scores, out.dtype, inputs)
    try targets.withKernels(scores, out.dtype, inputs) { rows, targets in
      ck_likelihood_slope(rows, targets, g.data, self.targets.reduction == .none ? 1 : 0, scale, out.data)
    }
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    var inputs = Few(p.g, try p.b)
    if p.node.edges.count == 3 { inputs.append(try p.c) }
    var gradients = Few<Tensor?>(try ClassLikelihood(targets: targets, name: name)(inputs), nil)
    if p.node.edges.count == 3 { gradients.append(nil) }
    return gradients
  }

  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? {
    guard (1..<examples.count).allSatisfy({ !examples.isMapped($0) }) else { return nil }
    var (each, inputs) = try targets.stacked(examples.inputs, examples.size)
    var g = examples.plain(0)
    if targets.reduction != .none {
      var shape = Dimensions(repeating: 1, count: inputs[1].rank)
      shape[0] = examples.size
      let scale = try targets.scale(scores, g.dtype, examples.inputs)
      g = try (g * .float(scale)).reshaped(to: shape).expanded(to: inputs[1].shape)
    }
    inputs[0] = g
    var all = scores
    all.insert(examples.size, at: 0)
    return [try ClassSlope(targets: each, scores: all, name: name)(inputs)]
  }
}
