import CKernels

extension Operation {
  static let activations: [Operation] = [sigmoid, relu, gelu, erf, squareplus]

  static let sigmoid = Unary(
    "sigmoid", "1 / (1 + exp(-input)).", ck_unary_sigmoid, places: [.function, .method, .functional]
  ) { p, _ in
    let y = try p.y
    return try p.g * (1 - y) * y
  }

  static let relu = Unary("relu", "max(0, input).", ck_unary_relu, places: [.function, .method, .functional]) { p, _ in
    try p.g * (p.y > 0).cast(to: p.g.dtype)
  }

  fileprivate static let exactGELU = UnaryRule("gelu", ck_unary_gelu) { p, _ in
    let x = try p.a
    let density = try (x.square() * -0.5).exp() * 0.39894228040143267794
    let distribution = try (x * 0.70710678118654752440).erf() * 0.5 + 0.5
    return try p.g * (distribution + x * density)
  }

  fileprivate static let tanhGELU = UnaryRule("gelu", ck_unary_gelu_tanh) { p, _ in
    let x = try p.a
    let scale: Scalar = 0.79788456080286535588
    let t = try ((x + 0.044715 * x * x * x) * scale).tanh()
    let slope = try (1 + 0.134145 * x * x) * scale
    return try p.g * (0.5 * (1 + t) + 0.5 * x * (1 - t * t) * slope)
  }

  static let gelu = Operation(
    "gelu", "input times the probability that a standard normal number is less than it.",
    [
      .tensor("input"),
      .choice("approximate", of: ["none", "tanh"], default: "none", "'tanh' for the usual approximation.").keyword,
    ], places: .functional
  ) { try $0.tensor(0).gelu(approximateByTanh: $0.string(1) == "tanh") }

  static let erf = Unary("erf", "The error function.", ck_unary_erf, places: [.function, .method, .special]) { p, _ in
    try p.g * ((-p.a.square()).exp() * 1.12837916709551257390)
  }
}

extension Operation {
  static let squareplus = Operation(
    "squareplus", "(input + sqrt(input² + b)) / 2: a smooth relu without exponentials.",
    [.tensor("input"), .float("b", default: 4, in: 0...Double.infinity, "How round the bend is.")], places: .functional
  ) { try $0.tensor(0).squareplus($0.float(1)) }
}

extension Tensor {
  public func squareplus(_ b: Double = 4) throws(SNNError) -> Tensor {
    try (self + (square() + .float(b)).sqrt()) * 0.5
  }

  public func sigmoid() throws(SNNError) -> Tensor { try Operation.sigmoid(self) }
  public func relu() throws(SNNError) -> Tensor { try Operation.relu(self) }
  public func erf() throws(SNNError) -> Tensor { try Operation.erf(self) }
  public func gelu(approximateByTanh: Bool = false) throws(SNNError) -> Tensor {
    try approximateByTanh ? Operation.tanhGELU(self) : Operation.exactGELU(self)
  }
}
