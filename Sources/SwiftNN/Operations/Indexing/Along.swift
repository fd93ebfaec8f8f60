extension Tensor {
  /// The elements of the lines along an axis at positions that are known to be right; the index goes with them.
  func elements(
    at index: Tensor, _ axis: Int, keepDim: Bool = true, operation: String
  ) throws(SNNError) -> (Tensor, Tensor) {
    let picked = try Gather(axis: axis, name: operation)(self, index.contiguous())
    return keepDim ? (picked, index) : (try picked.squeeze([axis]), try index.squeeze([axis]))
  }

  /// One axis backwards, as a view.
  func reversed(_ axis: Int) throws(SNNError) -> Tensor {
    shape[axis] < 2 ? self : try Slice(axis: axis, start: shape[axis] - 1, step: -1, length: shape[axis])(self)
  }
}
