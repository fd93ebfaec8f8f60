@testable import SwiftNN

/// Compares derivatives of functions of float64 tensors with differences of their values.
enum GradientCheck {
  typealias Function = ([Tensor]) throws -> [Tensor]

  private static let step = 1e-4
  private static let tolerance = 1e-6

  /// What is wrong with the gradient of a function, nil when nothing is.
  static func first(_ function: Function, at inputs: [Tensor]) throws -> String? {
    try compare({ try Projection.first.total(function($0)) }, at: inputs, "gradient")
  }

  /// What is wrong with the gradient of the gradient.
  static func second(_ function: Function, at inputs: [Tensor]) throws -> String? {
    try compare(
      { try Projection.second.total(ofAll: gradients(of: function, at: $0, createGraph: true)) }, at: inputs,
      "second gradient")
  }

  /// What is wrong with the directional derivative that two reverse passes give.
  static func forward(_ function: Function, at inputs: [Tensor]) throws -> String? {
    let leaves = try inputs.map { try $0.leaf() }
    let outputs = try function(leaves).filter(\.requiresGradient)
    guard !outputs.isEmpty, outputs.contains(where: { $0.count > 0 }) else { return nil }
    let directions = try leaves.enumerated().map { try Projection.second.weights($0.offset, $0.element) }
    let seeds = try outputs.map { try Tensor.full($0.shape, 1, .float64).leaf() }
    let pulled = try Gradients.of(
      outputs, withRespectTo: leaves, seeds: seeds, createGraph: true, allowUnused: true)
    let pairs = zip(pulled, directions).compactMap { gradient, direction in
      gradient.flatMap { $0.requiresGradient ? ($0, direction) : nil }
    }
    guard !pairs.isEmpty else { return nil }
    let pushed = try Gradients.of(
      pairs.map(\.0), withRespectTo: seeds, seeds: pairs.map(\.1), allowUnused: true)

    func moved(_ distance: Double) throws -> [[Double]] {
      let there = try zip(inputs, directions).map { try ($0.detach() + $1 * .float(distance)).leaf() }
      return try function(there).filter(\.requiresGradient).map { try $0.array(of: Double.self) }
    }
    let values = try [moved(step), moved(-step), moved(2 * step), moved(-2 * step)]
    for k in outputs.indices {
      let expected = values[0][k].indices.map { i in slope(values.map { $0[k][i] }, step) }
      let actual = try pushed[k]?.array(of: Double.self) ?? expected.map { _ in 0 }
      if let found = difference(actual, expected, allowed(expected)) { return "forward mode of result \(k): \(found)" }
    }
    return nil
  }

  /// The gradients of the projection of the results, zeros where there are none.
  static func gradients(of function: Function, at leaves: [Tensor], createGraph: Bool) throws -> [Tensor] {
    try gradients(of: Projection.first.total(function(leaves)), at: leaves, createGraph: createGraph)
  }

  static func gradients(of total: Tensor?, at leaves: [Tensor], createGraph: Bool) throws -> [Tensor] {
    guard let total, total.requiresGradient else { return try leaves.map { try $0.zerosLike() } }
    let found = try Gradients.of([total], withRespectTo: leaves, createGraph: createGraph, allowUnused: true)
    return try zip(found, leaves).map { try $0 ?? $1.zerosLike() }
  }

  private static func compare(
    _ total: ([Tensor]) throws -> Tensor?, at inputs: [Tensor], _ what: String
  ) throws -> String? {
    let leaves = try inputs.map { try $0.leaf() }
    let here = try total(leaves)
    let analytic =
      if let here, here.requiresGradient {
        try Gradients.of([here], withRespectTo: leaves, allowUnused: true)
      } else {
        [Tensor?](repeating: nil, count: leaves.count)
      }
    for k in leaves.indices {
      let numbers = try inputs[k].array(of: Double.self)
      let numeric = try numbers.indices.map { i in
        let values = try [step, -step, 2 * step, -2 * step].map { distance in
          var moved = numbers
          moved[i] += distance
          var there = leaves
          there[k] = try Tensor(moved, Array(inputs[k].shape)).leaf()
          return try total(there)?.item().double ?? 0
        }
        return slope(values, step)
      }
      let actual = try analytic[k]?.array(of: Double.self) ?? numbers.map { _ in 0 }
      if let found = difference(actual, numeric, allowed(numeric)) { return "\(what) of input \(k): \(found)" }
    }
    return nil
  }

  /// From the values at h, -h, 2h and -2h; the error falls with the fourth power of h.
  private static func slope(_ values: [Double], _ h: Double) -> Double {
    (8 * (values[0] - values[1]) - (values[2] - values[3])) / (12 * h)
  }

  private static func allowed(_ numbers: [Double]) -> Tolerance {
    let greatest = numbers.lazy.filter(\.isFinite).map(abs).max() ?? 0
    return Tolerance(relative: tolerance, absolute: tolerance * max(1, greatest))
  }
}

/// Fixed weights that turn tensors into one number, the same as those of Tests/Golden/evaluate.py.
struct Projection {
  let step: Int
  let modulus: Int

  static let first = Projection(step: 7, modulus: 11)
  static let second = Projection(step: 5, modulus: 13)

  func weights(_ index: Int, _ like: Tensor) throws -> Tensor {
    let numbers = (0..<like.count).map { (Double(($0 + index) * step % modulus) - Double(modulus) / 2) / 4 }
    return try Tensor(numbers, Array(like.shape))
  }

  /// The weighted sum of the results that have gradients; nil when there are none.
  func total(_ results: [Tensor]) throws -> Tensor? { try total(ofAll: results.filter(\.requiresGradient)) }

  /// The weighted sum of all tensors; nil when there are none.
  func total(ofAll tensors: [Tensor]) throws -> Tensor? {
    var total: Tensor?
    for (i, tensor) in tensors.enumerated() {
      let part = try (weights(i, tensor) * tensor).sum()
      total = try total.map { try $0 + part } ?? part
    }
    return total
  }
}

extension Tensor {
  /// A copy that asks for gradients.
  func leaf() throws -> Tensor {
    let copy = try detach().clone()
    try copy.setRequiresGradient(true)
    return copy
  }
}
