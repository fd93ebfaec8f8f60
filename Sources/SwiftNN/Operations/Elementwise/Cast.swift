extension Operation {
  static let casting: [Operation] = [to, clone]

  static let to = Operation(
    "to", "The same numbers in another dtype; the tensor itself when it has it already.",
    [.tensor("input"), Field("dtype", .dtype)], places: []
  ) { try $0.tensor(0).cast(to: $0.dtype(1) ?? $0.tensor(0).dtype) }

  static let clone = Operation("clone", "A copy in memory of its own.", [.tensor("input")]) { try $0.tensor(0).clone() }
}

/// Conversion to a dtype; to the same one, a contiguous copy.
struct Cast: Primitive {
  let dtype: DType
  var name: String { "to" }
  let saves: Saves = []

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results { Results(inputs[0].shape, dtype) }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) { outputs[0].fill(copying: inputs[0]) }

  /// The walk converts the gradient back.
  func derivative(_ p: Pass) throws -> Few<Tensor?> { Few(p.g) }
}

extension Tensor {
  /// The same numbers in another dtype; this tensor itself when it has it already.
  public func cast(to dtype: DType) throws(SNNError) -> Tensor {
    if self.dtype == dtype, !isWrappedNumber { return self }
    return try converted(to: dtype)
  }

  private func converted(to dtype: DType) throws(SNNError) -> Tensor {
    let result = try Cast(dtype: dtype)(self)
    return result
  }

  /// A contiguous copy.
  public func clone() throws(SNNError) -> Tensor { try Cast(dtype: dtype)(self) }

  /// This tensor when its elements lie in row-major order, else a copy that does.
  public func contiguous() throws(SNNError) -> Tensor { isContiguous ? self : try clone() }
}
