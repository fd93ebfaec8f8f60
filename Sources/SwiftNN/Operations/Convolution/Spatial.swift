/// What operations over the last axes of images share: arguments of one number or one for each axis, and shapes.
struct Spatial {
  let operation: String
  /// The number of axes that the operation slides over.
  let axes: Int

  /// One number for each axis, in a range that no sum of sizes can overflow.
  func numbers(_ given: [Int], _ field: String, atLeast least: Int) throws(SNNError) -> [Int] {
    guard given.count == 1 || given.count == axes else {
      throw .argument("\(operation): \(field) must be one int or \(axes), got \(given)")
    }
    for number in given where number < least || number > 1 << 40 {
      throw .argument("\(operation): \(field) must be at least \(least) and at most 2^40, got \(given)")
    }
    return given.count == axes ? given : Array(repeating: given[0], count: axes)
  }

  /// Images with or without a batch.
  func checkRank(_ shape: Dimensions) throws(SNNError) {
    guard shape.count == axes + 1 || shape.count == axes + 2 else {
      throw .shape(
        "\(operation): Expected \(axes + 1)D (unbatched) or \(axes + 2)D (batched) input, got shape \(shape)")
    }
  }

  /// A batch of images [N, C, …]; one image without its batch gets one, which the result then loses.
  func batch(_ input: Tensor) throws(SNNError) -> (images: Tensor, isSingle: Bool) {
    try checkRank(input.shape)
    let isSingle = input.rank == axes + 1
    return (isSingle ? try input.unsqueeze(0) : input, isSingle)
  }

  /// The span of a window with gaps, or an error where it is more than memory can hold.
  func span(_ kernel: Int, _ dilation: Int) throws(SNNError) -> Int {
    let (gaps, overflow) = dilation.multipliedReportingOverflow(by: Swift.max(kernel - 1, 0))
    guard !overflow, gaps < 1 << 50 else {
      throw .shape("\(operation): a window of \(kernel) with dilation \(dilation) is more than memory can hold")
    }
    return kernel > 0 ? gaps + 1 : 0
  }

  /// A number of places along one axis for which there is a table to make.
  func checkPlaces(_ places: Int, of size: Int) throws(SNNError) {
    guard places <= Swift.max(size, 1 << 24) else {
      throw .shape("\(operation): an axis of \(places) places is more than the \(1 << 24) that are supported")
    }
  }

  func requireFloating(_ tensor: Tensor) throws(SNNError) {
    guard tensor.dtype.isFloatingPoint else {
      throw .dtype("\(operation): not implemented for \(tensor.dtype.name)")
    }
  }
}

extension Dimensions {
  /// The sizes of the last axes.
  func last(_ count: Int) -> [Int] { Array(suffix(count)) }
}
