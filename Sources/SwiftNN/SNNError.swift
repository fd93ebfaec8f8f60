/// What went wrong, in words that name the operation and the numbers.
public struct SNNError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The kind of mistake; the raw values are the status codes of the C interface.
  public enum Code: Int32, Sendable, CaseIterable {
    case argument = -1
    case shape = -2
    case dtype = -3
    case index = -4
    case name = -5
    case memory = -6
    case gradient = -7
    case file = -8
    case unsupported = -9
    case callback = -10
    case capacity = -11
    case `internal` = -12
  }

  public let code: Code
  public let message: String
  /// An operation wanted the numbers of a tensor that stands for many examples: it can run for each of them instead.
  var wantsElements = false

  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  public var description: String { message }

  /// Any error as an `SNNError`: those of user callbacks keep their description.
  public static func from(_ error: any Error) -> SNNError {
    (error as? SNNError) ?? SNNError(.callback, "\(error)")
  }

  /// Whether the message begins with the path of a layer.
  private var hasPath = false
  /// The layer in which it happened, or to which the path leads from.
  var place: ObjectIdentifier?

  public static func == (a: SNNError, b: SNNError) -> Bool { a.code == b.code && a.message == b.message }

  /// The same error, as it came from a part of that name: "encoder.layers.3: linear: expects …".
  public func within(_ name: String) -> SNNError {
    var outer = SNNError(code, "\(name)\(hasPath ? "." : ": ")\(message)")
    (outer.hasPath, outer.wantsElements) = (true, wantsElements)
    return outer
  }

  /// The same error with the name of the operation that was called in front, where an operation inside it failed.
  func naming(_ operation: String) -> SNNError {
    // Overloads are spelled like the operation, and a form in place often speaks of the other.
    let spoken = operation.prefix { $0 != "." }
    let plain = spoken.hasSuffix("_") ? spoken.dropLast() : spoken
    let isNamed = message.hasPrefix("\(spoken):") || message.hasPrefix("\(plain):")
    return isNamed ? self : SNNError(code, "\(spoken): \(message)")
  }

  static func argument(_ message: String) -> SNNError { SNNError(.argument, message) }
  static func shape(_ message: String) -> SNNError { SNNError(.shape, message) }
  static func dtype(_ message: String) -> SNNError { SNNError(.dtype, message) }
  static func index(_ message: String) -> SNNError { SNNError(.index, message) }
  static func gradient(_ message: String) -> SNNError { SNNError(.gradient, message) }
}
