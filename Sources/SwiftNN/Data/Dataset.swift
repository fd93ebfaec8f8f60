/// Examples by number. An example has one or several parts, as an input and its target.
public protocol Dataset: AnyObject {
  var count: Int { get }

  /// The examples of these numbers, which are below `count`, in this order: a tensor for each part, stacked along a first axis.
  func examples(_ numbers: [Int]) throws(SNNError) -> [Tensor]
}
