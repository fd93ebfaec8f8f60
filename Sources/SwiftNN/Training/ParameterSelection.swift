/// Which parameters of a model something is done to.
public struct ParameterSelection: Sendable {
  /// Names with `*` for any characters and `?` for one; all names without any.
  public var patterns: [String]
  /// Also biases and the parameters of normalization layers, that is names that end in "bias" and tensors of at most one axis.
  public var includesVectors: Bool

  public init(_ patterns: [String] = [], includesVectors: Bool = false) {
    self.patterns = patterns
    self.includesVectors = includesVectors
  }

  public func contains(_ name: String, _ tensor: Tensor) -> Bool {
    guard includesVectors || tensor.rank > 1 && !name.hasSuffix("bias") else { return false }
    return patterns.isEmpty || patterns.contains { Self.matches(Array(name.utf8), Array($0.utf8)) }
  }

  /// Goes back to the last star only, so that time grows with the product of the lengths.
  private static func matches(_ name: [UInt8], _ pattern: [UInt8]) -> Bool {
    var (i, j) = (0, 0)
    var back: (i: Int, j: Int)?
    while i < name.count {
      if j < pattern.count, pattern[j] == UInt8(ascii: "*") {
        back = (i, j)
        j += 1
      } else if j < pattern.count, pattern[j] == name[i] || pattern[j] == UInt8(ascii: "?") {
        (i, j) = (i + 1, j + 1)
      } else if let (from, star) = back {
        back = (from + 1, star)
        (i, j) = (from + 1, star + 1)
      } else {
        return false
      }
    }
    return pattern[j...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}
