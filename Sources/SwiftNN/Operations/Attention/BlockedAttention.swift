import CKernels

/// softmax(query · keyᵀ · scale) · value in blocks: the scores are never all there.
///
/// The second result is the logarithm of the sum of each row's exponentials, from which the derivative finds them again.
struct BlockedAttention: Primitive {
  let scale: Double
  let isCausal: Bool
  let name = "scaled_dot_product_attention"
  let saves: Saves = [.inputs, .outputs]

  func callAsFunction(_ inputs: Few<Tensor>) throws(SNNError) -> Tensor { try all(inputs)[0] }

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results {
    var shape = inputs[0].shape
    let rows = Dimensions(shape.dropLast())
    shape[shape.count - 1] = inputs[2].shape[inputs[2].rank - 1]
    return Results([TensorSpec(shape, .float32), TensorSpec(rows, .float32)])
  }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    let (q, k, v) = (try inputs[0].plain(.float32), try inputs[1].plain(.float32), try inputs[2].plain(.float32))
    var sizes = arguments(q, k, v)
    let isDone = ck_attention_forward(
      &sizes, q.floats, k.floats, v.floats, outputs[0].floats, outputs[1].floats)
    guard isDone else { throw SNNError(.memory, "\(name): cannot allocate memory for blocks of scores") }
  }

  func work(_ inputs: Few<Tensor>, _ outputs: Few<Tensor>) -> Work {
    let keys = Double(inputs[1].shape[inputs[1].rank - 2])
    return Work(flops: 2 * keys * Double(inputs[0].count + outputs[0].count))
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    guard let g = p.gradients[0] else { return Few(nil, nil, nil) }
    let (q, k, v) = (try p.a, try p.b, try p.c)
    guard !Gradients.areRecorded, !Few([q, k, v, g]).haveBatches else { return try formula(q, k, v, g) }
    let plain = (q: try q.plain(.float32), k: try k.plain(.float32), v: try v.plain(.float32), g: try g.plain(.float32))
    let results = (
      q: try Tensor(uninitialized: q.shape, .float32, operation: name),
      k: try Tensor(uninitialized: k.shape, .float32, operation: name),
      v: try Tensor(uninitialized: v.shape, .float32, operation: name)
    )
    var sizes = arguments(plain.q, plain.k, plain.v)
    let isDone = ck_attention_backward(
      &sizes, plain.q.floats, plain.k.floats, plain.v.floats, try p.output(0).floats, try p.output(1).floats,
      plain.g.floats, results.q.floats, results.k.floats, results.v.floats)
    guard isDone else { throw SNNError(.memory, "\(name): cannot allocate memory for blocks of scores") }
    return Few(results.q, results.k, results.v)
  }

  /// The derivative in operations, for those of higher order.
  private func formula(_ q: Tensor, _ k: Tensor, _ v: Tensor, _ g: Tensor) throws -> Few<Tensor?> {
    var scores = try (q * .float(scale)).matmul(k.transpose(-2, -1))
    if isCausal {
      let visible = try Tensor.full([q.shape[q.rank - 2], k.shape[k.rank - 2]], true, .bool).tril()
      scores = try Tensor.where(visible, scores, Tensor.full([], .float(-.infinity), q.dtype))
    }
    let weights = try scores.softmax(-1)
    let weightGradient = try g.matmul(v.transpose(-2, -1))
    let along = try (weightGradient * weights).sum([-1], keepDim: true)
    let scoreGradient = try weights * (weightGradient - along) * .float(scale)
    return Few(
      try scoreGradient.matmul(k), try scoreGradient.transpose(-2, -1).matmul(q),
      try weights.transpose(-2, -1).matmul(g))
  }

  private func arguments(_ q: Tensor, _ k: Tensor, _ v: Tensor) -> ck_attention {
    ck_attention(
      batch: Int64(q.shape.dropLast(2).reduce(1, *)), queries: Int64(q.shape[q.rank - 2]),
      keys: Int64(k.shape[k.rank - 2]), width: Int64(q.shape[q.rank - 1]), value_width: Int64(v.shape[v.rank - 1]),
      scale: Float(scale), causal: isCausal)
  }
}

extension Tensor {
  fileprivate var floats: UnsafeMutablePointer<Float> { data.assumingMemoryBound(to: Float.self) }
}
