extension Operation {
  private static let closeFields: [Field] = [
    .tensor("input"), .tensor("other"), .float("rtol", default: 1e-5, in: 0...Double.infinity),
    .float("atol", default: 1e-8, in: 0...Double.infinity),
    .bool("equal_nan", default: false, "Whether NaN equals NaN."),
  ]

  static let isClose = Operation(
    "isclose", "Whether |input - other| is at most atol + rtol * |other|.", closeFields, differentiable: false
  ) {
    try $0.tensor(0).isClose($0.tensor(1), relative: $0.float(2), absolute: $0.float(3), equalNaN: $0.bool(4))
  }

  static let allClose = Operation(
    "allclose", "Whether |input - other| is at most atol + rtol * |other| everywhere.", closeFields,
    differentiable: false, givesScalar: true
  ) {
    try $0.tensor(0).isClose($0.tensor(1), relative: $0.float(2), absolute: $0.float(3), equalNaN: $0.bool(4)).all()
  }

  static let equal = Operation(
    "equal", "Whether shapes and all elements are the same.", [.tensor("input"), .tensor("other")],
    differentiable: false, givesScalar: true
  ) {
    let (a, b) = ($0.tensor(0), $0.tensor(1))
    return try a.shape == b.shape ? (a.detach() == b.detach()).all() : Tensor.full([], false, .bool)
  }
}

extension Tensor {
  /// Whether |self - other| is at most absolute + relative * |other|. Equal infinities are close to each other.
  public func isClose(
    _ other: Tensor, relative: Double = 1e-5, absolute: Double = 1e-8, equalNaN: Bool = false
  ) throws(SNNError) -> Tensor {
    guard dtype == other.dtype else {
      throw .dtype("isclose: \(dtype.name) did not match \(other.dtype.name)")
    }
    return try Gradients.with(enabled: false) { () throws(SNNError) in
      var close = try self == other
      if equalNaN, dtype.isFloatingPoint { close = try close.logicalOr(isNaN().logicalAnd(other.isNaN())) }
      if relative == 0, absolute == 0 { return close }
      let (a, b) = dtype.isFloatingPoint ? (self, other) : (try cast(to: .default), try other.cast(to: .default))
      let allowed = try (b * .float(relative)).abs() + .float(absolute)
      let distance = try (a - b).abs()
      return try close.logicalOr(distance.isFinite().logicalAnd(distance <= allowed))
    }
  }
}
