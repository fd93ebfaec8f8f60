/// A change of data that is fitted to some of it, as to the examples that a model is trained with, and then done to any.
public protocol Transform: AnyObject {
  func fit(_ data: Tensor) throws(SNNError)
  func transform(_ data: Tensor) throws(SNNError) -> Tensor
  func inverseTransform(_ data: Tensor) throws(SNNError) -> Tensor

  /// What it was fitted to, by name; nothing before. Saved with the model.
  var state: [(name: String, tensor: Tensor)] { get }
  func load(state: [(name: String, tensor: Tensor)]) throws(SNNError)
}

public enum Transforms {
  /// Every fitted transform; a new one adds its declaration here.
  static let all: [Maker<any Transform>] = []
}
