import CKernels
import Synchronization

/// A source of random numbers: Philox 4×32-10, whose every number depends on the seed and its position alone.
///
/// Several threads may draw from one generator: each draw takes a range of positions of its own.
public final class Generator: Sendable {
  public struct State: Sendable, Equatable {
    public var seed: UInt64
    public var position: UInt64

    public init(seed: UInt64, position: UInt64 = 0) {
      self.seed = seed
      self.position = position
    }
  }

  /// Used where a call names no generator. Starts from seed 0.
  public static let `default` = Generator(seed: 0)

  private let stored: Mutex<State>

  public init(seed: UInt64) { stored = Mutex(State(seed: seed)) }

  public var state: State {
    get { stored.withLock { $0 } }
    set { stored.withLock { $0 = newValue } }
  }

  /// Starts over from a seed.
  public func seed(_ seed: UInt64) { state = State(seed: seed) }

  /// Takes the positions that a draw of `count` elements needs.
  func take(_ count: Int) -> State {
    stored.withLock { state in
      defer { state.position &+= ck_random_blocks(Int64(count)) }
      return state
    }
  }
}

/// Starts the default generator over from a seed.
public func manualSeed(_ seed: UInt64) { Generator.default.seed(seed) }
