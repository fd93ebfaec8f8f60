/// Says when training has nothing more to gain, from what validation measures.
public protocol StoppingRule: AnyObject {
  /// Takes in what was measured behind an epoch, by name ("val_loss", "val_accuracy", …).
  func observe(_ values: [(name: String, value: Double)], epoch: Int) throws(SNNError) -> StoppingVerdict

  func reset()

  /// All that is remembered, as JSON.
  var state: String { get }
  func load(state: String) throws(SNNError)
}

public struct StoppingVerdict: Sendable {
  /// The model as it is now is the best so far.
  public var isBest: Bool
  /// Why training should end; nil while it should go on.
  public var reason: String?

  public init(isBest: Bool, reason: String?) {
    self.isBest = isBest
    self.reason = reason
  }
}

public enum StoppingRules {
  /// Every rule; a new one adds its declaration here.
  static let all: [Maker<any StoppingRule>] = [
    EarlyStopping.declaration, SlopeStopping.declaration, GaussianProcessStopping.declaration,
  ]
}
