import CKernels

extension Operation {
  static let trigonometry: [Operation] = [
    sin, cos, tan, asin, acos, atan, sinh, cosh, tanh, asinh, acosh, atanh, sinc, radians, degrees,
  ]

  static let sin = Unary("sin", "The sine.", ck_unary_sin) { p, _ in try p.g * p.a.cos() }
  static let cos = Unary("cos", "The cosine.", ck_unary_cos) { p, _ in try -p.g * p.a.sin() }
  static let tan = Unary("tan", "The tangent.", ck_unary_tan) { p, _ in try p.g * (1 + p.y.square()) }

  static let asin = Unary("asin", "The inverse sine.", ck_unary_asin, aliases: ["arcsin"]) { p, _ in
    try p.g * (1 - p.a.square()).rsqrt()
  }
  static let acos = Unary("acos", "The inverse cosine.", ck_unary_acos, aliases: ["arccos"]) { p, _ in
    try -p.g * (1 - p.a.square()).rsqrt()
  }
  static let atan = Unary("atan", "The inverse tangent.", ck_unary_atan, aliases: ["arctan"]) { p, _ in
    try p.g / (p.a.square() + 1)
  }

  static let sinh = Unary("sinh", "The hyperbolic sine.", ck_unary_sinh) { p, _ in try p.g * p.a.cosh() }
  static let cosh = Unary("cosh", "The hyperbolic cosine.", ck_unary_cosh) { p, _ in try p.g * p.a.sinh() }
  static let tanh = Unary("tanh", "The hyperbolic tangent.", ck_unary_tanh, places: [.function, .method, .functional]) {
    p, _ in try p.g * (1 - p.y * p.y)
  }

  static let asinh = Unary("asinh", "The inverse hyperbolic sine.", ck_unary_asinh, aliases: ["arcsinh"]) { p, _ in
    try p.g * (p.a.square() + 1).rsqrt()
  }
  static let acosh = Unary("acosh", "The inverse hyperbolic cosine.", ck_unary_acosh, aliases: ["arccosh"]) { p, _ in
    try p.g * (p.a.square() - 1).rsqrt()
  }
  static let atanh = Unary("atanh", "The inverse hyperbolic tangent.", ck_unary_atanh, aliases: ["arctanh"]) { p, _ in
    try p.g / (1 - p.a.square())
  }

  static let sinc = Unary(
    "sinc", "sin(π input) / (π input), 1 at 0.", ck_unary_sinc, places: [.function, .method, .special]
  ) { p, _ in
    try p.g * sincSlope(p.a)
  }

  /// sinc″ = -π² sinc - 2 sinc′ / x, without the cancellation of the quotient that sinc′ is.
  private static let sincSlope: UnaryRule = UnaryRule("sinc", ck_special_sinc_slope) { p, _ in
    let isZero = try p.a == 0
    let x = try p.a.masked(where: isZero, 1)
    let bend = try x.sinc() * .float(-.pi * .pi) - sincSlope(x) * 2 / x
    return try p.g * bend.masked(where: isZero, .float(-.pi * .pi / 3))
  }

  static let radians = Unary("deg2rad", "Degrees as radians.", ck_unary_deg2rad) { p, _ in
    try p.g * .float(.pi / 180)
  }
  static let degrees = Unary("rad2deg", "Radians as degrees.", ck_unary_rad2deg) { p, _ in
    try p.g * .float(180 / .pi)
  }
}

extension Tensor {
  public func sin() throws(SNNError) -> Tensor { try Operation.sin(self) }
  public func cos() throws(SNNError) -> Tensor { try Operation.cos(self) }
  public func tan() throws(SNNError) -> Tensor { try Operation.tan(self) }
  public func asin() throws(SNNError) -> Tensor { try Operation.asin(self) }
  public func acos() throws(SNNError) -> Tensor { try Operation.acos(self) }
  public func atan() throws(SNNError) -> Tensor { try Operation.atan(self) }
  public func sinh() throws(SNNError) -> Tensor { try Operation.sinh(self) }
  public func cosh() throws(SNNError) -> Tensor { try Operation.cosh(self) }
  public func tanh() throws(SNNError) -> Tensor { try Operation.tanh(self) }
  public func asinh() throws(SNNError) -> Tensor { try Operation.asinh(self) }
  public func acosh() throws(SNNError) -> Tensor { try Operation.acosh(self) }
  public func atanh() throws(SNNError) -> Tensor { try Operation.atanh(self) }
  /// sin(πx) / (πx), 1 at 0.
  public func sinc() throws(SNNError) -> Tensor { try Operation.sinc(self) }
  /// Degrees as radians.
  public func radians() throws(SNNError) -> Tensor { try Operation.radians(self) }
  /// Radians as degrees.
  public func degrees() throws(SNNError) -> Tensor { try Operation.degrees(self) }
}
