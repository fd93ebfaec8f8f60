@testable import SwiftNN

extension Tensor {
  /// Uniform numbers from [0, 1).
  static func uniform(_ sizes: [Int], from generator: Generator) throws -> Tensor {
    try uniform(sizes, 0, 1, .default, generator)
  }

  /// Normal numbers of mean 0 and variance 1.
  static func normal(_ sizes: [Int], _ dtype: DType = .default, from generator: Generator) throws -> Tensor {
    try normal(sizes, mean: 0, std: 1, dtype, generator)
  }
}
