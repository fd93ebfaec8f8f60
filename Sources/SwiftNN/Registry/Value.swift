/// An argument of a declared thing, as callers that know it by name pass it.
public enum Value: @unchecked Sendable {
  /// Takes the field's default.
  case none
  case tensor(Tensor)
  case tensors([Tensor?])
  case int(Int)
  case float(Double)
  case bool(Bool)
  case string(String)
  case ints([Int])
  case floats([Double])
  case dtype(DType)
  case layer(any Layer)
  case layers([any Layer])
  case generator(Generator)

  var isNone: Bool { if case .none = self { true } else { false } }

  /// What messages call it.
  var kindName: String {
    switch self {
    case .none: "None"
    case .tensor: "a tensor"
    case .tensors: "a list of tensors"
    case .int: "an int"
    case .float: "a float"
    case .bool: "a bool"
    case .string: "a string"
    case .ints: "a list of ints"
    case .floats: "a list of floats"
    case .dtype: "a dtype"
    case .layer: "a module"
    case .layers: "a list of modules"
    case .generator: "a generator"
    }
  }
}

/// The arguments of one call: complete, of the declared kinds and in range, so access by position cannot fail.
struct Arguments {
  let values: UnsafeBufferPointer<Value>

  @inline(__always)
  private subscript(index: Int) -> Value { values[index] }

  @inline(__always)
  func tensor(_ index: Int) -> Tensor {
    guard case .tensor(let tensor) = self[index] else { preconditionFailure("field \(index) is a tensor") }
    return tensor
  }

  func optionalTensor(_ index: Int) -> Tensor? {
    guard case .tensor(let tensor) = self[index] else { return nil }
    return tensor
  }

  /// A tensor, or a number as a tensor that takes part in promotion by its category.
  @inline(__always)
  func operand(_ index: Int) throws(SNNError) -> Tensor {
    if case .tensor(let tensor) = self[index] { return tensor }
    return try Tensor(number: scalar(index))
  }

  func optionalOperand(_ index: Int) throws(SNNError) -> Tensor? { isNone(index) ? nil : try operand(index) }

  func tensors(_ index: Int) throws(SNNError) -> [Tensor] {
    guard case .tensors(let tensors) = self[index] else { preconditionFailure("field \(index) is a list") }
    var all: [Tensor] = []
    for (i, tensor) in tensors.enumerated() {
      guard let tensor else { throw .argument("expected a tensor at position \(i) of the list, got None") }
      all.append(tensor)
    }
    return all
  }

  func optionalTensors(_ index: Int) -> [Tensor?] {
    guard case .tensors(let tensors) = self[index] else { preconditionFailure("field \(index) is a list") }
    return tensors
  }

  func isNone(_ index: Int) -> Bool { self[index].isNone }

  func int(_ index: Int) -> Int {
    guard case .int(let value) = self[index] else { preconditionFailure("field \(index) is an int") }
    return value
  }

  func optionalInt(_ index: Int) -> Int? { isNone(index) ? nil : int(index) }

  func float(_ index: Int) -> Double {
    switch self[index] {
    case .float(let value): return value
    case .int(let value): return Double(value)
    case .bool(let value): return value ? 1 : 0
    default: preconditionFailure("field \(index) is a number")
    }
  }

  func optionalFloat(_ index: Int) -> Double? { isNone(index) ? nil : float(index) }

  func scalar(_ index: Int) -> Scalar {
    switch self[index] {
    case .float(let value): return .float(value)
    case .int(let value): return .int(value)
    case .bool(let value): return .bool(value)
    default: preconditionFailure("field \(index) is a number")
    }
  }

  func optionalScalar(_ index: Int) -> Scalar? { isNone(index) ? nil : scalar(index) }

  func bool(_ index: Int) -> Bool {
    guard case .bool(let value) = self[index] else { preconditionFailure("field \(index) is a bool") }
    return value
  }

  func optionalBool(_ index: Int) -> Bool? { isNone(index) ? nil : bool(index) }

  func string(_ index: Int) -> String {
    guard case .string(let value) = self[index] else { preconditionFailure("field \(index) is a string") }
    return value
  }

  func ints(_ index: Int) -> [Int] {
    switch self[index] {
    case .ints(let values): return values
    case .int(let value): return [value]
    default: preconditionFailure("field \(index) is a list of ints")
    }
  }

  func optionalInts(_ index: Int) -> [Int]? { isNone(index) ? nil : ints(index) }

  func floats(_ index: Int) -> [Double] {
    guard case .floats(let values) = self[index] else { preconditionFailure("field \(index) is a list of floats") }
    return values
  }

  func dtype(_ index: Int) -> DType? {
    guard case .dtype(let value) = self[index] else { return nil }
    return value
  }

  func generator(_ index: Int) -> Generator? {
    guard case .generator(let value) = self[index] else { return nil }
    return value
  }

  func optionalLayer(_ index: Int) -> (any Layer)? {
    guard case .layer(let value) = self[index] else { return nil }
    return value
  }

  func layer(_ index: Int) -> any Layer {
    guard case .layer(let value) = self[index] else { preconditionFailure("field \(index) is a module") }
    return value
  }

  func layers(_ index: Int) -> [any Layer] {
    guard case .layers(let values) = self[index] else { preconditionFailure("field \(index) is a list of modules") }
    return values
  }
}

/// A number of any kind.
public enum Scalar: Sendable {
  case int(Int)
  case float(Double)
  case bool(Bool)

  public var double: Double {
    switch self {
    case .int(let value): Double(value)
    case .float(let value): value
    case .bool(let value): value ? 1 : 0
    }
  }

  /// The integer nearest to zero from it, kept within range.
  public var integer: Int {
    switch self {
    case .int(let value): value
    case .float(let value): Int(saturating: value)
    case .bool(let value): value ? 1 : 0
    }
  }

  var dtype: DType {
    switch self {
    case .int: .int64
    case .float: .float64
    case .bool: .bool
    }
  }
}

extension Int {
  /// The integer part of any number; NaN gives 0.
  init(saturating value: Double) {
    if value.isNaN {
      self = 0
    } else {
      self = value >= 0x1p63 ? Int.max : value <= -0x1p63 ? Int.min : Int(value)
    }
  }
}

extension Scalar: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral {
  public init(integerLiteral value: Int) { self = .int(value) }
  public init(floatLiteral value: Double) { self = .float(value) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
}
