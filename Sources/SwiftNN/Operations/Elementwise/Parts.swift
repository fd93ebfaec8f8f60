import CKernels

/// Numbers taken apart, and rows kept short.
extension Operation {
  static let numberParts: [Operation] = [frexp, renorm, fill, sumToSize]

  private static let exponent = UnaryRule("frexp", ck_special_frexp_exponent, derivative: nil)

  static let frexp = Operation(
    "frexp", "input as mantissa times 2 to the power of exponent; the mantissa is at least a half and less than 1.",
    [.tensor("input")],
    body: .several(names: ["mantissa", "exponent"]) {
      let x = $0.tensor(0)
      guard x.dtype.isFloatingPoint else { throw SNNError.dtype("frexp: not defined for \(x.dtype.name)") }
      let power = try exponent(x.detach())
      // In two steps, as a whole power of a very small number does not exist.
      let half = try (power * -0.5).trunc()
      let mantissa = try x.ldexp(half).ldexp(-power - half)
      return [mantissa, try power.cast(to: .int32)]
    })

  static let renorm = Operation(
    "renorm", "input with each part along dim, whose p-norm exceeds maxnorm, scaled down to it.",
    [.tensor("input"), .float("p"), .int("dim"), .float("maxnorm")], hasInPlaceForm: true
  ) { try $0.tensor(0).renorm($0.float(1), $0.int(2), $0.float(3)) }

  static let fill = Operation(
    "fill", "One number in input's shape and dtype.", [.tensor("input"), .operand("value")], places: .function
  ) {
    let value = try $0.operand(1)
    guard value.rank == 0 else {
      throw SNNError.shape("fill: only supports 0-dimension value tensor but got tensor with \(value.rank) dimensions")
    }
    let always = try Tensor(true, .bool)
    return try $0.tensor(0).masked(where: always, value)
  }

  static let sumToSize = Operation(
    "sum_to_size", "The sum over the axes that repeating size to input's shape would add or stretch.",
    [.tensor("input"), .ints("size")], places: .method
  ) {
    let x = $0.tensor(0)
    let size = try Dimensions.shape($0.ints(1), operation: "sum_to_size")
    guard try size.count <= x.rank && Dimensions.broadcast(size, x.shape, operation: "sum_to_size") == x.shape else {
      throw SNNError.shape("sum_to_size: size \(size) is not expandable to size \(x.shape)")
    }
    return try size == x.shape && x.rank > 0 ? x : x.cast(to: x.dtype.sumType).sum(to: size)
  }
}

extension Tensor {
  /// Each part along an axis, whose p-norm exceeds a maximum, scaled down to it.
  public func renorm(_ p: Double, _ dim: Int, _ maximum: Double) throws(SNNError) -> Tensor {
    guard p > 0 else { throw .argument("renorm: non-positive-norm not supported, got p = \(p)") }
    guard maximum >= 0 else { throw .argument("renorm: expected maxnorm to be >= 0 but got \(maximum)") }
    guard rank > 1 else { throw .shape("renorm: input needs at least 2 dimensions, got \(rank) dimensions") }
    let axis = try shape.axis(dim, operation: "renorm")
    let norms = try norm(.float(p), (0..<rank).filter { $0 != axis }, keepDim: true)
    let isLong = try norms.detach() > .float(maximum)
    return try self * (Tensor(.float(maximum), dtype) / (norms + 1e-7)).masked(where: isLong.logicalNot(), 1)
  }
}
