/// Keeps the gradients of parameters small, as `torch.nn.utils` does. Parameters without a gradient are passed over.
extension Gradients {
  /// The p-norm of all elements of all tensors: the norm of their norms.
  public static func totalNorm(
    _ tensors: [Tensor], _ p: Double = 2, errorIfNonfinite: Bool = false
  ) throws(SNNError) -> Tensor {
    try with(enabled: false) { () throws(SNNError) in
      guard !tensors.isEmpty else { return try Tensor.zeros([]) }
      var norms: [Tensor] = []
      for tensor in tensors { norms.append(try tensor.detach().norm(.float(p))) }
      let dtype = norms.reduce(norms[0].dtype) { DType.promoted($0, $1.dtype) }
      for i in norms.indices { norms[i] = try norms[i].cast(to: dtype) }
      let total = try Tensor.stack(norms).norm(.float(p))
      if errorIfNonfinite, try !total.item().double.isFinite {
        throw .gradient(
          "clip_grad_norm_: The total norm of order \(p) for gradients from `parameters` is non-finite, so it cannot be clipped. "
            + "To disable this error and scale the gradients by the non-finite norm anyway, set `error_if_nonfinite=False`"
        )
      }
      return total
    }
  }

  /// Scales all gradients together so that their norm is at most `maxNorm`, and gives the norm that they had.
  @discardableResult
  public static func clipNorm(
    of parameters: [Tensor], maxNorm: Double, _ p: Double = 2, errorIfNonfinite: Bool = false
  ) throws(SNNError) -> Tensor {
    let total = try totalNorm(parameters.compactMap(\.gradient), p, errorIfNonfinite: errorIfNonfinite)
    try clip(parameters, withNorm: total, maxNorm: maxNorm)
    return total
  }

  /// The same with a norm that is known.
  public static func clip(_ parameters: [Tensor], withNorm total: Tensor, maxNorm: Double) throws(SNNError) {
    try with(enabled: false) { () throws(SNNError) in
      let coefficient = try ((total + .float(1e-6)).reciprocal() * .float(maxNorm)).clamp(max: .int(1))
      // A factor of 1 changes nothing; NaN does.
      if try coefficient.item().double == 1 { return }
      for gradient in parameters.compactMap(\.gradient) {
        try gradient.update(operation: "clip_grad_norm_") { try $0 * coefficient.cast(to: $0.dtype.working) }
      }
    }
  }

  /// Moves every element into -value…value.
  public static func clipValue(of parameters: [Tensor], _ value: Double) throws(SNNError) {
    try with(enabled: false) { () throws(SNNError) in
      for gradient in parameters.compactMap(\.gradient) {
        try gradient.update(operation: "clip_grad_value_") { try $0.clamp(min: .float(-value), max: .float(value)) }
      }
    }
  }

  /// Scales the gradient of each parameter by itself, so that its norm is at most `maxNorm`; gives the norms that they had.
  @discardableResult
  public static func clipEach(
    of parameters: [Tensor], maxNorm: Double, _ p: Double = 2
  ) throws(SNNError) -> [Tensor] {
    var norms: [Tensor] = []
    for parameter in parameters where parameter.gradient != nil {
      norms.append(try clipNorm(of: [parameter], maxNorm: maxNorm, p))
    }
    return norms
  }

  /// Scales the gradient of each unit, that is of each row of a matrix or filter of a convolution, so that its norm is at most
  /// `factor` times the norm of the unit's weights (Brock and others, 2021). Weights with a norm below `eps` count as `eps`.
  public static func clipAdaptively(
    _ parameters: [Tensor], factor: Double = 0.01, eps: Double = 1e-3
  ) throws(SNNError) {
    try with(enabled: false) { () throws(SNNError) in
      for parameter in parameters {
        guard let gradient = parameter.gradient else { continue }
        let greatest = try unitNorms(parameter).clamp(min: .float(eps)) * .float(factor)
        let norms = try unitNorms(gradient)
        let isGreater: Tensor = try norms > greatest
        let scale = try greatest / norms.clamp(min: .float(1e-6))
        try gradient.update(operation: "adaptive_clip_grad_") { g in
          try Tensor.where(isGreater, (g * scale).cast(to: g.dtype), g)
        }
      }
    }
  }

  /// The norms of the parts along the first axis; of vectors and numbers, the norm of all.
  private static func unitNorms(_ tensor: Tensor) throws(SNNError) -> Tensor {
    let x = tensor.detach()
    return x.rank <= 1 ? try x.norm() : try x.norm(2, Array(1..<x.rank), keepDim: true)
  }
}
