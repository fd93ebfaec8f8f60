import CKernels

/// Bessel and Airy functions; those that PyTorch differentiates have every derivative.
extension Operation {
  static let besselFunctions: [Operation] = [
    bessel("bessel_j0", "The Bessel function of order 0.", besselJ0),
    bessel("bessel_j1", "The Bessel function of order 1.", besselJ1),
    bessel("bessel_y0", "The Bessel function of the second kind of order 0.", besselY0),
    bessel("bessel_y1", "The Bessel function of the second kind of order 1.", besselY1),
    bessel("modified_bessel_k0", "The modified Bessel function of the second kind of order 0.", besselK0),
    bessel("modified_bessel_k1", "The modified Bessel function of the second kind of order 1.", besselK1),
    special("scaled_modified_bessel_k0", "exp(input) modified_bessel_k0(input).", ck_special_scaled_k0),
    special("scaled_modified_bessel_k1", "exp(input) modified_bessel_k1(input).", ck_special_scaled_k1),
    special("spherical_bessel_j0", "sin(input) / input, 1 at 0.", ck_special_spherical_bessel_j0),
    special("airy_ai", "The Airy function Ai.", ck_special_airy_ai),
  ]

  private static func bessel(_ name: String, _ doc: String, _ rule: UnaryRule) -> Operation {
    Operation(name, doc, [.tensor("input")], places: .special, shortcut: .unary(rule)) { try rule($0.tensor(0)) }
  }

  private static let besselJ0: UnaryRule = UnaryRule("bessel_j0", ck_special_bessel_j0) { p, _ in
    try -p.g * besselJ1(p.a)
  }
  private static let besselJ1: UnaryRule = UnaryRule("bessel_j1", ck_special_bessel_j1) { p, _ in
    let isZero = try p.a == 0
    let x = try p.a.masked(where: isZero, 1)
    return try p.g * (besselJ0(x) - besselJ1(x) / x).masked(where: isZero, 0.5)
  }
  private static let besselY0: UnaryRule = UnaryRule("bessel_y0", ck_special_bessel_y0) { p, _ in
    try -p.g * besselY1(p.a)
  }
  private static let besselY1: UnaryRule = UnaryRule("bessel_y1", ck_special_bessel_y1) { p, _ in
    try p.g * (besselY0(p.a) - besselY1(p.a) / p.a)
  }
  private static let besselK0: UnaryRule = UnaryRule("modified_bessel_k0", ck_special_k0) { p, _ in
    try -p.g * besselK1(p.a)
  }
  private static let besselK1: UnaryRule = UnaryRule("modified_bessel_k1", ck_special_k1) { p, _ in
    try -p.g * (besselK0(p.a) + besselK1(p.a) / p.a)
  }
}
