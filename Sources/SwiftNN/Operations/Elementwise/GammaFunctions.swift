import CKernels

/// The incomplete gamma functions and zeta; of their first argument they have no derivative.
extension Operation {
  static let gammaFunctions: [Operation] = [lowerGamma, upperGamma, zeta]

  static let lowerGamma = special(
    "igamma", "The part of Γ(input)'s integral below other.", ck_special_igamma, .twoTensors, places: .both,
    aliases: [.special("gammainc")], right: { try $0.g * gammaDensity($0) })

  static let upperGamma = special(
    "igammac", "The part of Γ(input)'s integral above other.", ck_special_igammac, .twoTensors, places: .both,
    aliases: [.special("gammaincc")], right: { try -$0.g * gammaDensity($0) })

  /// x^(a - 1) exp(-x) / Γ(a).
  private static func gammaDensity(_ p: Pass) throws -> Tensor {
    try ((p.a - 1).xlogy(p.b) - p.b - p.a.lgamma()).exp()
  }

  static let zeta = special(
    "zeta", "Hurwitz's zeta function: the sum of (k + other)^-input over k ≥ 0.", ck_special_zeta, .twoOperands,
    right: { try -$0.g * $0.a * zetaRule($0.a + 1, $0.b) })

  private static let zetaRule: BinaryRule = BinaryRule(
    "zeta", ck_special_zeta, right: { try -$0.g * $0.a * zetaRule($0.a + 1, $0.b) })
}
