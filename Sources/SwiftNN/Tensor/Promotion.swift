import Synchronization

extension DType {
  private static let defaultRawValue = Atomic<UInt8>(DType.float32.rawValue)

  /// The dtype of new tensors of real numbers.
  public static var `default`: DType {
    DType(rawValue: defaultRawValue.load(ordering: .relaxed)).unsafelyUnwrapped
  }

  @_optimize(speed)
  public static func setDefault(_ dtype: DType) throws(SNNError) {
    guard dtype.isFloatingPoint else {
      throw .dtype("set_default_dtype: only floating-point types are supported as the default type, got \(dtype.name)")
    }
    defaultRawValue.store(dtype.rawValue, ordering: .relaxed)
  }

  /// The dtype in which operands meet, by PyTorch's rules: tensors with axes outrank scalars in tensor form, which outrank
  /// plain numbers; the lower ranks count only where they are of a higher category.
  @_optimize(speed)
  static func result(of operands: Tensor...) -> DType { result(of: operands) }

  @_optimize(speed)
  static func result(of operands: [Tensor]) -> DType {
    var ranks: (axes: DType?, scalar: DType?, number: DType?)
    @_optimize(speed)
    func merge(_ a: DType?, _ b: DType) -> DType { a.map { promoted($0, b) } ?? b }
    for operand in operands {
      if operand.isWrappedNumber {
        ranks.number = merge(ranks.number, operand.dtype.isFloatingPoint ? DType.default : operand.dtype)
      } else if operand.rank == 0 {
        ranks.scalar = merge(ranks.scalar, operand.dtype)
      } else {
        ranks.axes = merge(ranks.axes, operand.dtype)
      }
    }
    @_optimize(speed)
    func combine(_ higher: DType?, _ lower: DType?) -> DType? {
      guard let higher else { return lower }
      guard let lower, lower.category > higher.category else { return higher }
      return promoted(higher, lower)
    }
    return combine(combine(ranks.axes, ranks.scalar), ranks.number) ?? DType.default
  }
}
