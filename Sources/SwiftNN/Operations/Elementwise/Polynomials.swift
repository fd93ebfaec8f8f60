import CKernels

/// Orthogonal polynomials of degree n; like PyTorch's without a derivative.
extension Operation {
  static let polynomials: [Operation] = [
    chebyshev("t", "first", ck_special_chebyshev_t), chebyshev("u", "second", ck_special_chebyshev_u),
    chebyshev("v", "third", ck_special_chebyshev_v), chebyshev("w", "fourth", ck_special_chebyshev_w),
    shifted("t", "first", ck_special_chebyshev_t), shifted("u", "second", ck_special_chebyshev_u),
    shifted("v", "third", ck_special_chebyshev_v), shifted("w", "fourth", ck_special_chebyshev_w),
    polynomial("hermite_polynomial_h", "Hermite's polynomial, as physicists define it.", ck_special_hermite),
    polynomial("hermite_polynomial_he", "Hermite's polynomial, as probabilists define it.", ck_special_hermite_he),
    polynomial("laguerre_polynomial_l", "Laguerre's polynomial.", ck_special_laguerre),
    polynomial("legendre_polynomial_p", "Legendre's polynomial.", ck_special_legendre),
  ]

  private static let fields: [Field] = [.operand("input"), .operand("n", "The degree; NaN results above 65536.")]

  private static func polynomial(_ name: String, _ doc: String, _ function: ck_special_pair) -> Operation {
    special(name, doc, function, fields)
  }

  private static func chebyshev(_ letter: String, _ kind: String, _ function: ck_special_pair) -> Operation {
    special(
      "chebyshev_polynomial_\(letter)", "Chebyshev's polynomial of the \(kind) kind.", function,
      [.operand("input"), .operand("n", "The degree.")])
  }

  private static func shifted(_ letter: String, _ kind: String, _ function: ck_special_pair) -> Operation {
    let name = "shifted_chebyshev_polynomial_\(letter)"
    let rule = BinaryRule(name, function)
    return Operation(
      name, "Chebyshev's polynomial of the \(kind) kind of 2 input - 1.",
      [.operand("input"), .operand("n", "The degree.")], places: .special, differentiable: false
    ) { try rule($0.pair(0) * 2 - 1, $0.pair(1)) }
  }
}
