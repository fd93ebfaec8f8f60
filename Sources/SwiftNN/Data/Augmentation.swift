/// A random change of a batch of inputs while a model is trained.
public protocol Augmentation: AnyObject {
  /// The numbers drawn come from `generator` alone, so that a batch is changed alike whichever thread prepares it.
  func apply(_ batch: [Tensor], _ generator: Generator) throws(SNNError) -> [Tensor]
}

public enum Augmentations {
  /// Every augmentation; a new one adds its declaration here.
  static let all = images
}
