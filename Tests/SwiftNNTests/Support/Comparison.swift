import Foundation

@testable import SwiftNN

/// How far a number may be from the expected one.
struct Tolerance {
  var relative: Double
  var absolute: Double

  static let tight = Tolerance(relative: 1e-9, absolute: 1e-12)
  static let exact = Tolerance(relative: 0, absolute: 0)

  /// Rounding of the dtype, as PyTorch's own tests allow it.
  static func usual(for dtype: DType) -> Tolerance {
    switch dtype {
    case .float64: tight
    case .float32: Tolerance(relative: 1.3e-6, absolute: 1e-5)
    case .float16: Tolerance(relative: 1e-3, absolute: 1e-5)
    case .bfloat16: Tolerance(relative: 1.6e-2, absolute: 1e-5)
    default: exact
    }
  }
}

/// What differs between two tensors, nil when nothing does. NaN equals NaN.
func difference(_ actual: Tensor, _ expected: Tensor, _ tolerance: Tolerance? = nil) throws -> String? {
  if actual.shape != expected.shape { return "shape \(actual.shape), expected \(expected.shape)" }
  if actual.dtype != expected.dtype { return "dtype \(actual.dtype.name), expected \(expected.dtype.name)" }
  guard expected.dtype.isFloatingPoint else {
    let (a, b) = (try actual.array(of: Int.self), try expected.array(of: Int.self))
    return a == b ? nil : "\(a), expected \(b)"
  }
  return try difference(
    actual.array(of: Double.self), expected.array(of: Double.self), tolerance ?? .usual(for: expected.dtype))
}

/// What differs between two lists of numbers of equal length.
func difference(_ actual: [Double], _ expected: [Double], _ tolerance: Tolerance) -> String? {
  for (i, (a, b)) in zip(actual, expected).enumerated() where !isNear(a, b, tolerance) {
    return "\(a) at \(i), expected \(b) (\(shortened(actual)), expected \(shortened(expected)))"
  }
  return nil
}

private func isNear(_ a: Double, _ b: Double, _ tolerance: Tolerance) -> Bool {
  if a == b || a.isNaN && b.isNaN { return true }
  return a.isFinite && b.isFinite && abs(a - b) <= tolerance.absolute + tolerance.relative * abs(b)
}

private func shortened(_ numbers: [Double]) -> String {
  "[" + numbers.prefix(12).map { "\($0)" }.joined(separator: ", ") + (numbers.count > 12 ? ", …]" : "]")
}

/// What differs between two lists of tensors.
func difference(_ actual: [Tensor], _ expected: [Tensor], _ tolerance: Tolerance? = nil) throws -> String? {
  if actual.count != expected.count { return "\(actual.count) results, expected \(expected.count)" }
  for (i, (a, b)) in zip(actual, expected).enumerated() {
    if let found = try difference(a, b, tolerance) { return "result \(i): \(found)" }
  }
  return nil
}

extension Tensor {
  /// The bytes of all elements, row-major.
  func bytes() throws -> Data {
    let plain = try detach().contiguous()
    return Data(bytes: plain.data, count: plain.count * plain.dtype.size)
  }
}

/// The message of the error that a call throws, nil when it throws none.
func message(of body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch {
    return "\(error)"
  }
}
