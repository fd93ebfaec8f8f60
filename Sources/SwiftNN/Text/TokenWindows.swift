import CKernels

/// Pieces of a long row of tokens for language models: `length` of them, and as targets those one place further.
public final class TokenWindows: Dataset {
  private let tokens: Tensor
  private let length: Int
  private let step: Int

  /// `step`: from the beginning of one piece to that of the next; `length` without it. The tokens may show a mapped file.
  public init(_ tokens: Tensor, length: Int, step: Int? = nil) throws(SNNError) {
    let step = step ?? length
    guard length >= 1, step >= 1 else {
      throw .argument("TokenWindows: length and step must be at least 1, got \(length) and \(step)")
    }
    guard tokens.rank == 1, tokens.dtype.isInteger else {
      throw .shape("TokenWindows: expects whole numbers of shape [n], got \(tokens.dtype.name) of \(tokens.shape)")
    }
    try tokens.requireElements("TokenWindows")
    (self.tokens, self.length, self.step) = (tokens, length, step)
  }

  public var count: Int { tokens.count > length ? (tokens.count - length - 1) / step + 1 : 0 }

  /// Inputs and targets, int64 of [n, length].
  public func examples(_ numbers: [Int]) throws(SNNError) -> [Tensor] {
    let inputs = try Tensor(
      uninitialized: try Dimensions.shape([numbers.count, length], operation: "TokenWindows"), .int64,
      operation: "TokenWindows")
    let targets = try Tensor(uninitialized: inputs.shape, .int64, operation: "TokenWindows")
    for (row, number) in numbers.enumerated() {
      guard (0..<count).contains(number) else {
        throw .index("TokenWindows: there is no example \(number) of \(count)")
      }
      for (part, shift) in [(inputs, 0), (targets, 1)] {
        let target = Tensor(
          storage: part.storage, offset: part.offset + row * length, shape: [length], strides: [1], dtype: .int64)
        target.fill(
          copying: Tensor(
            storage: tokens.storage, offset: tokens.offset + (number * step + shift) * tokens.strides[0],
            shape: [length], strides: tokens.strides, dtype: tokens.dtype))
      }
    }
    return [inputs, targets]
  }
}
