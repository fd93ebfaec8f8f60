import CKernels

/// What random operations do inside of a `vmap`.
public enum Randomness: String, Sendable, CaseIterable {
  /// They are an error.
  case error
  /// Every example has numbers of its own.
  case different
  /// All examples have the same numbers.
  case same
}

/// One call of `vmap` while its function runs.
final class Scope {
  let level: UInt64
  let size: Int
  let randomness: Randomness
  /// The call around it.
  let outer: Scope?

  private init(level: UInt64, size: Int, _ randomness: Randomness, outer: Scope?) {
    self.level = level
    self.size = size
    self.randomness = randomness
    self.outer = outer
  }

  /// The innermost call on this thread.
  static var current: Scope? {
    ck_thread().unsafelyUnwrapped.pointee.batching.map { Unmanaged<Scope>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Runs `body` inside of a new call, which ends with it.
  static func run<Result>(
    size: Int, _ randomness: Randomness, _ body: (Scope) throws(SNNError) -> Result
  ) throws(SNNError) -> Result {
    let thread = ck_thread().unsafelyUnwrapped
    let before = thread.pointee.batching
    let scope = Scope(level: ck_next_sequence(), size: size, randomness, outer: current)
    thread.pointee.batching = Unmanaged.passUnretained(scope).toOpaque()
    defer { thread.pointee.batching = before }
    return try body(scope)
  }
}

extension Tensor {
  /// Random numbers, which `fill` writes: those of all examples where they differ between the examples of a `vmap`.
  static func drawn(
    _ sizes: [Int], _ dtype: DType, operation: String, _ fill: (Tensor) -> Void
  ) throws(SNNError) -> Tensor {
    var different: [Scope] = []
    var scope = Scope.current
    while let inner = scope {
      if inner.randomness == .error {
        throw SNNError(
          .unsupported,
          "\(operation): vmap: called random operation while in randomness error mode. Please either use the 'same' or "
            + "'different' randomness flags on vmap or perform the randomness operation out of vmap")
      }
      if inner.randomness == .different { different.insert(inner, at: 0) }
      scope = inner.outer
    }
    var tensor = try empty(different.map(\.size) + sizes, dtype, operation: operation)
    fill(tensor)
    for scope in different { tensor = Tensor(each: tensor, level: scope.level) }
    return tensor
  }
}
