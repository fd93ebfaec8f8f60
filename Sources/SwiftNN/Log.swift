import Synchronization

/// Where the library's remarks go. It never prints; without a receiver they are dropped.
public enum Log {
  public enum Level: UInt32, Sendable {
    case debug = 0
    case info = 1
    case warning = 2
  }

  public typealias Receiver = @Sendable (Level, String) -> Void

  private static let receiver = Mutex<Receiver?>(nil)

  public static func setReceiver(_ new: Receiver?) { receiver.withLock { $0 = new } }

  static func warning(_ message: @autoclosure () -> String) {
    if let receiver = receiver.withLock({ $0 }) { receiver(.warning, message()) }
  }
}
