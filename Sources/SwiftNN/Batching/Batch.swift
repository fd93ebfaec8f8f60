/// What stands behind a tensor that is one of many examples: all of them, along the first axis.
final class Batch: Sendable {
  let all: Tensor
  /// The number of the `vmap` that made it. Inner ones are younger and have greater numbers.
  let level: UInt64

  init(_ all: Tensor, _ level: UInt64) {
    self.all = all
    self.level = level
  }

  /// The number of examples.
  var size: Int { all.shape[0] }
}

extension Tensor {
  /// Each example of `all`, which lie along its first axis. Strides and offset are those of the first one.
  convenience init(each all: Tensor, level: UInt64) {
    var (shape, strides) = (all.shape, all.strides)
    shape.remove(at: 0)
    strides.remove(at: 0)
    self.init(
      storage: all.storage, offset: all.offset, shape: shape, strides: strides, dtype: all.dtype, isContiguous: false)
    batch = Batch(all, level)
  }

  /// Whether this tensor stands for each of many examples, inside of `vmap`.
  public var isBatched: Bool { batch != nil }

  /// All examples in one tensor, through every level.
  var withAllExamples: Tensor {
    var all = self
    while let batch = all.batch { all = batch.all }
    return all
  }

  /// Whether gradients flow to this tensor, or to the examples behind it.
  var requiresGradientAnywhere: Bool {
    var tensor = self
    while true {
      if tensor.requiresGradient { return true }
      guard let batch = tensor.batch else { return false }
      tensor = batch.all
    }
  }

  /// An error where this tensor stands for many examples, so that it has no numbers of its own.
  @inline(__always)
  func requireElements(_ operation: String) throws(SNNError) {
    if batch != nil { throw .elements(operation) }
  }

  /// Whether some element of any example is not zero, for checks of values.
  func holdsAnywhere() throws(SNNError) -> Bool {
    let all = withAllExamples
    return try Gradients.with(enabled: false) { () throws(SNNError) in try all.any().item().double != 0 }
  }
}

extension Few<Tensor> {
  /// Whether one of them stands for many examples.
  @inline(__always)
  var haveBatches: Bool {
    for i in 0..<count where self[i].batch != nil { return true }
    return false
  }
}

extension SNNError {
  @inline(never)
  static func elements(_ operation: String) -> SNNError {
    var error = SNNError(
      .unsupported,
      "vmap: \(operation) asks for the numbers of a tensor that stands for many examples, which has none of its own: "
        + "call it outside of vmap, or write it with other operations")
    error.wantsElements = true
    return error
  }

  /// The shape of a result depends on numbers, so examples would differ in it.
  static func dynamicShape(_ operation: String) -> SNNError {
    SNNError(
      .unsupported,
      "vmap: \(operation) gives results whose shape depends on the numbers, so those of several examples do not fit "
        + "together")
  }
}
