import CKernels

/// The type of a tensor's elements. The raw values are those of the C interface.
public enum DType: UInt8, Sendable, CaseIterable {
  case float32 = 1
  case float64 = 2
  case float16 = 3
  case bfloat16 = 4
  case int64 = 5
  case int32 = 6
  case uint8 = 7
  case bool = 8

  /// Bytes of one element.
  public var size: Int {
    switch self {
    case .float64, .int64: 8
    case .float32, .int32: 4
    case .float16, .bfloat16: 2
    case .uint8, .bool: 1
    }
  }

  /// The name that every language uses.
  public var name: String { Self.names[Int(rawValue) - 1] }

  private static let names = ["float32", "float64", "float16", "bfloat16", "int64", "int32", "uint8", "bool"]

  public init?(name: String) {
    guard let index = Self.names.firstIndex(of: name) else { return nil }
    self.init(rawValue: UInt8(index + 1))
  }

  public var isFloatingPoint: Bool { rawValue <= DType.bfloat16.rawValue }
  public var isInteger: Bool { rawValue >= DType.int64.rawValue && self != .bool }

  /// The dtype that sums of this one have: integers and booleans add up as int64.
  var sumType: DType { isFloatingPoint ? self : .int64 }

  var isHalf: Bool { self == .float16 || self == .bfloat16 }

  /// What several steps are computed in: halves would round each of them.
  var working: DType { isHalf ? .float32 : self }

  /// What kernels that know float32 and float64 alone compute in.
  var workingFloat: DType { working == .float32 ? .float32 : .float64 }

  var kernel: ck_dtype { ck_dtype(rawValue: UInt32(rawValue)) }

  /// bool < integers < floating point.
  var category: Int { isFloatingPoint ? 2 : self == .bool ? 0 : 1 }

  /// The smallest dtype that holds both, by PyTorch's table.
  static func promoted(_ a: DType, _ b: DType) -> DType {
    if a == b { return a }
    if a.category != b.category { return a.category > b.category ? a : b }
    // Two different halves meet in float32; otherwise the larger element wins.
    if a.size == b.size { return a.isFloatingPoint ? .float32 : a }
    return a.size > b.size ? a : b
  }
}
