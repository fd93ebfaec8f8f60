extension Operation {
  /// Every family of operations; a new family adds its list here, a new operation its name to its family's list.
  static let families: [[Operation]] = [
    arithmetic, remainders, pairs, ternaries, clamps, roundings, bits, comparison, selection,
    exponentials, logarithms, trigonometry, specialFunctions, activations, piecewiseActivations, gates, casting,
    creation, sequences, newTensors, random, distributions,
    sums, extremes, moments, norms, scans, differences, counting,
    sorting, middles, quantiles, searches, uniques,
    products,
    reshaping, axes, slices, joining,
    indexing, assignment,
    softmaxes, dropouts, crossEntropies,
  ]
}
