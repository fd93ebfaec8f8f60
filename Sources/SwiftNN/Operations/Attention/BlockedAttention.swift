import CKernels

/// dropout(softmax(query · keyᵀ · scale + mask)) · value in blocks: the scores are never all there.
///
/// The inputs are query, key, value and perhaps a mask that is expanded to all scores. The second result is the logarithm
/// of the sum of each row's exponentials, from which the derivative finds them again.
struct BlockedAttention: Primitive {
  let scale: Double
  let isCausal: Bool
  /// So many keys come before the first query.
  let past: Int
  /// So many neighbouring heads of the query share one of key and value.
  let group: Int
  let dropout: Double
  /// Where the numbers of the dropout are drawn from, in both directions.
  let random: Generator.State
  let name = "scaled_dot_product_attention"
  let saves: Saves = [.inputs, .outputs]

  func callAsFunction(_ inputs: Few<Tensor>) throws(SNNError) -> Tensor { try all(inputs)[0] }

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results {
    var shape = inputs[0].shape
    let rows = Dimensions(shape.dropLast())
    shape[shape.count - 1] = inputs[2].shape[inputs[2].rank - 1]
    return Results([TensorSpec(shape, inputs[0].dtype), TensorSpec(rows, inputs[0].dtype)])
  }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    let readable = try inputs.withNeighbouringColumns()
    var sizes = arguments(readable)
    try require(ck_attention_forward(&sizes, outputs[0].data, outputs[1].data))
  }

  func work(_ inputs: Few<Tensor>, _ outputs: Few<Tensor>) -> Work {
    let keys = Double(inputs[1].shape[inputs[1].rank - 2])
    return Work(flops: 2 * keys * Double(inputs[0].count + outputs[0].count))
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    var inputs = Few(try p.a, try p.b, try p.c)
    let hasMask = p.node.savedInputs.count > 3
    if hasMask { inputs.append(try p.input(3)) }
    var gradients = Few<Tensor?>(nil, nil, nil)
    if hasMask { gradients.append(nil) }
    guard let g = p.gradients[0] else { return gradients }
    let wantsMask = hasMask && p.needs(3)
    if Gradients.areRecorded || inputs.haveBatches || g.batch != nil {
      let found = try formula(inputs, g)
      for i in 0..<3 { gradients[i] = found[i] }
      if wantsMask { gradients[3] = found[3] }
      return gradients
    }
    let (readable, plain) = (try inputs.withNeighbouringColumns(), try g.plain(g.dtype))
    for i in 0..<3 { gradients[i] = try Tensor(uninitialized: inputs[i].shape, g.dtype, operation: name) }
    if wantsMask { gradients[3] = try Tensor(uninitialized: inputs[3].shape, g.dtype, operation: name) }
    var sizes = arguments(readable)
    try require(
      ck_attention_backward(
        &sizes, try p.output(0).data, try p.output(1).data, plain.data, gradients[0]!.data, gradients[1]!.data,
        gradients[2]!.data, wantsMask ? gradients[3]!.data : nil))
    return gradients
  }

  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? {
    var inputs = Few(try examples.all(0), try examples.all(1), try examples.all(2))
    if examples.count > 3 { inputs.append(try examples.all(3)) }
    return try all(inputs)
  }

  /// The derivative in operations, for those of higher order.
  private func formula(_ inputs: Few<Tensor>, _ g: Tensor) throws(SNNError) -> [Tensor] {
    let (q, k, v) = (inputs[0], try inputs[1].repeatedHeads(group), try inputs[2].repeatedHeads(group))
    let mask = inputs.count > 3 ? inputs[3] : nil
    let weights = try q.attentionWeights(k, mask, scale: scale, past: isCausal ? past : nil)
    var (dropped, slopes) = (weights, try g.matmul(v.transpose(-2, -1)))
    if dropout > 0 {
      let kept = try keptWeights(weights.shape, weights.dtype)
      (dropped, slopes) = (try weights * kept, try slopes * kept)
    }
    let scores = try weights * (slopes - (slopes * weights).sum([-1], keepDim: true))
    let scaled = try scores * .float(scale)
    return [
      try scaled.matmul(k), try scaled.transpose(-2, -1).matmul(q).sumOfHeads(group),
      try dropped.transpose(-2, -1).matmul(g).sumOfHeads(group), scores,
    ]
  }

  /// What dropout multiplies the weights with.
  private func keptWeights(_ shape: Dimensions, _ dtype: DType) throws(SNNError) -> Tensor {
    let kept = try Tensor(uninitialized: shape, dtype, operation: name)
    ck_random_bernoulli(dtype.kernel, random.seed, random.position, Int64(kept.count), kept.data, 1 - dropout)
    return try dropout == 1 ? kept : kept * .float(1 / (1 - dropout))
  }

  private func require(_ isDone: Bool) throws(SNNError) {
    guard isDone else { throw SNNError(.memory, "\(name): cannot allocate memory for blocks of scores") }
  }

  private func arguments(_ inputs: Few<Tensor>) -> ck_attention {
    let (q, k, v) = (inputs[0], inputs[1], inputs[2])
    var sizes = ck_attention()
    sizes.dtype = q.dtype.kernel
    sizes.batch = Int64(q.shape.dropLast(2).reduce(1, *))
    sizes.queries = Int64(q.shape[q.rank - 2])
    sizes.keys = Int64(k.shape[k.rank - 2])
    sizes.width = Int64(q.shape[q.rank - 1])
    sizes.value_width = Int64(v.shape[v.rank - 1])
    sizes.rank = Int64(q.rank - 2)
    sizes.group = Int64(group)
    fill(&sizes.shape, q.shape.dropLast(2))
    (sizes.q, sizes.k, sizes.v) = (rows(q), rows(k), rows(v))
    if inputs.count > 3 {
      sizes.mask = rows(inputs[3])
      sizes.mask_column = Int64(inputs[3].strides[inputs[3].rank - 1])
      sizes.mask_is_bool = inputs[3].dtype == .bool
    }
    (sizes.scale, sizes.causal, sizes.past) = (scale, isCausal, Int64(past))
    (sizes.kept, sizes.seed, sizes.counter) = (1 - dropout, random.seed, random.position)
    return sizes
  }

  private func rows(_ tensor: Tensor) -> ck_attention_rows {
    var rows = ck_attention_rows()
    rows.data = UnsafeRawPointer(tensor.data)
    rows.row = Int64(tensor.strides[tensor.rank - 2])
    fill(&rows.batch, tensor.strides.dropLast(2))
    return rows
  }

  /// Writes numbers into an array of C.
  private func fill<Numbers>(_ array: inout Numbers, _ values: some Sequence<Int>) {
    withUnsafeMutableBytes(of: &array) { bytes in
      let room = bytes.assumingMemoryBound(to: Int64.self)
      for (i, value) in values.enumerated() { room[i] = Int64(value) }
    }
  }
}

extension Few<Tensor> {
  /// Query, key and value as they are where the numbers of a row lie side by side, and copied otherwise.
  fileprivate func withNeighbouringColumns() throws(SNNError) -> Few<Tensor> {
    var readable = self
    for i in 0..<3 where self[i].strides[self[i].rank - 1] != 1 {
      readable[i] = try self[i].copied(to: self[i].dtype)
    }
    return readable
  }
}

extension Tensor {
  /// softmax(self · keyᵀ · scale + mask). `past` makes it causal: query i sees the keys up to i + past. A row that sees no
  /// key gets zeros.
  func attentionWeights(_ key: Tensor, _ mask: Tensor?, scale: Double, past: Int?) throws(SNNError) -> Tensor {
    var scores = try (self * .float(scale)).matmul(key.transpose(-2, -1))
    guard mask != nil || past != nil, scores.shape[scores.rank - 1] > 0 else { return try scores.softmax(-1) }
    let nothing = try Tensor.full([], .float(-.infinity), dtype)
    if let mask { scores = try mask.dtype == .bool ? Tensor.where(mask, scores, nothing) : scores + mask }
    if let past {
      let visible = try Tensor.full([shape[rank - 2], key.shape[key.rank - 2]], true, .bool).tril(past)
      scores = try Tensor.where(visible, scores, nothing)
    }
    // The softmax of a row without any key is NaN.
    let hides = try (scores.detach().amax([-1], keepDim: true) > .float(-.infinity)).logicalNot()
    return try scores.masked(where: hides, 0).softmax(-1).masked(where: hides, 0)
  }

  /// Each head as often as there are heads of the query for it.
  func repeatedHeads(_ group: Int) throws(SNNError) -> Tensor { group == 1 ? self : try repeatInterleave(group, -3) }

  /// The sum over those heads of the query that share one.
  fileprivate func sumOfHeads(_ group: Int) throws(SNNError) -> Tensor {
    group == 1 ? self : try unflatten(-3, [shape[rank - 3] / group, group]).sum([-3])
  }
}
