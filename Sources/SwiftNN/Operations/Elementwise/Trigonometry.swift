import CKernels

extension Operation {
  static let trigonometry: [Operation] = [sin, cos, tanh]

  static let sin = Unary("sin", "The sine.", ck_unary_sin) { p, _ in try p.g * p.a.cos() }
  static let cos = Unary("cos", "The cosine.", ck_unary_cos) { p, _ in try -p.g * p.a.sin() }
  static let tanh = Unary("tanh", "The hyperbolic tangent.", ck_unary_tanh, places: [.function, .method, .functional]) {
    p, _ in try p.g * (1 - p.y * p.y)
  }
}

extension Tensor {
  public func sin() throws(SNNError) -> Tensor { try Operation.sin(self) }
  public func cos() throws(SNNError) -> Tensor { try Operation.cos(self) }
  public func tanh() throws(SNNError) -> Tensor { try Operation.tanh(self) }
}
