/// Something that happened while a model was trained.
public struct TrainingEvent {
  public enum Kind: Int32, Sendable {
    case trainingBegan = 0
    case epochBegan = 1
    /// A step of the optimizer was made.
    case stepDone = 2
    /// An epoch and its validation are done; `values` are the row of the history.
    case epochDone = 3
    case checkpointSaved = 4
    case trainingEnded = 5
  }

  public let kind: Kind
  /// Counts from 0.
  public let epoch: Int
  /// As many as are asked for in all.
  public let epochs: Int
  /// Batches of this epoch that are done, and how many there are, where that is known.
  public let batch: Int
  public let batchCount: Int?
  /// Examples of this epoch that are done.
  public let examples: Int
  public let step: Int
  /// Of the last step.
  public let loss: Double
  public let values: [(name: String, value: Double)]
  /// Of a checkpoint; why training ended.
  public let text: String
}
