/// Where and when training saves itself, as whole files of which each takes the place of the one before at once.
public struct CheckpointPolicy: Sendable {
  /// Made where there is none. In it stand "last.safetensors", "best.safetensors" and "epoch-000010.safetensors".
  public var folder: String
  /// The last state, every so many epochs; 0: only where training is stopped.
  public var everyEpochs = 1
  /// The last state also every so many steps, within epochs; 0: not.
  public var everySteps = 0
  /// The state with which the model was best.
  public var keepsBest = true
  /// A file of its own every so many epochs; 0: none.
  public var keepsEvery = 0

  public init(folder: String) { self.folder = folder }

  public var last: String { "\(folder)/last.safetensors" }
  public var best: String { "\(folder)/best.safetensors" }

  func numbered(_ epoch: Int) -> String {
    let digits = "\(epoch)"
    return "\(folder)/epoch-\(String(repeating: "0", count: max(6 - digits.count, 0)))\(digits).safetensors"
  }
}
