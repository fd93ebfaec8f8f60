/// Batches in epochs, which can be left anywhere and gone on with: what a model is trained from.
public protocol BatchSource: AnyObject {
  /// The batches of an epoch; nil where only its end tells.
  var batchCount: Int? { get }

  /// The next batch, one tensor for each part of its examples; nil at the end of an epoch, behind which the next one begins.
  func next() throws(SNNError) -> [Tensor]?

  /// Goes to the beginning of an epoch.
  func begin(epoch: Int) throws(SNNError)

  /// Where reading stands, as JSON, so that it can go on there in another process.
  var state: String { get }
  func load(state: String) throws(SNNError)
}
