extension Operation {
  static let distanceLosses: [Operation] = [meanSquaredError, absoluteError, huberLoss, smoothAbsoluteError]

  private static func weighted(
    _ name: String, _ doc: String, _ error: @escaping @Sendable (Tensor) throws -> Tensor
  ) -> Operation {
    Operation(name, doc, [predicted, wanted, reduction, weights], places: .functional) {
      let losses = try error($0.tensor(0) - $0.tensor(1))
      guard let weight = $0.optionalTensor(3) else { return try losses.reduced($0.string(2)) }
      try weight.checkWeights(of: $0.tensor(0), name)
      let all = try losses * weight
      return try $0.string(2) == "mean" ? all.sum() / weight.sum() : all.reduced($0.string(2))
    }
  }

  static let meanSquaredError = weighted("mse_loss", "(input - target)².") { try $0.square() }
  static let absoluteError = weighted("l1_loss", "|input - target|.") { try $0.abs() }

  static let huberLoss = loss(
    "huber_loss", "Half the square of input - target where that is less than delta, else delta · (|…| - delta / 2).",
    [predicted, wanted, reduction, .float("delta", default: 1), weights]
  ) {
    let delta = $0.float(3)
    guard delta > 0 else {
      throw SNNError.argument("huber_loss: does not support non-positive values for delta, got \(delta)")
    }
    let losses = try ($0.tensor(0) - $0.tensor(1)).roundedDistance(delta) * .float(delta)
    guard let weight = $0.optionalTensor(4) else { return losses }
    try weight.checkWeights(of: $0.tensor(0), "huber_loss")
    return try losses * weight
  }

  static let smoothAbsoluteError = loss(
    "smooth_l1_loss", "|input - target|, with a parabola in place of the kink where that is less than beta.",
    [predicted, wanted, reduction, .float("beta", default: 1)]
  ) {
    let beta = $0.float(3)
    guard beta >= 0 else {
      throw SNNError.argument("smooth_l1_loss: does not support negative values for beta, got \(beta)")
    }
    let difference = try $0.tensor(0) - $0.tensor(1)
    return try beta == 0 ? difference.abs() : difference.roundedDistance(beta)
  }
}

extension Tensor {
  /// |x| - width / 2, and x² / (2 · width) where |x| is less than the width.
  fileprivate func roundedDistance(_ width: Double) throws(SNNError) -> Tensor {
    let distance = try abs()
    return try Tensor.where(distance < .float(width), square() * .float(0.5 / width), distance - .float(width / 2))
  }

  fileprivate func checkWeights(of input: Tensor, _ name: String) throws(SNNError) {
    guard shape == input.shape else {
      throw .shape("\(name): Weights and input must have the same size, got \(shape) and \(input.shape)")
    }
  }
}
