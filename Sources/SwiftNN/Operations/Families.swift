extension Operation {
  /// Every family of operations; a new family adds its list here, a new operation its name to its family's list.
  static let families: [[Operation]] = [
    arithmetic, comparison, selection, exponentials, trigonometry, activations, casting,
    creation, random,
    sums, extremes,
    products,
    reshaping, axes, slices, joining,
    indexing, assignment,
    softmaxes, dropouts, crossEntropies,
  ]
}
