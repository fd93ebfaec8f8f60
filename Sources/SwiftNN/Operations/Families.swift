extension Operation {
  /// Every family of operations; a new family adds its list here, a new operation its name to its family's list.
  static let families: [[Operation]] = [
    arithmetic, remainders, pairs, ternaries, clamps, roundings, bits, comparison, selection,
    exponentials, logarithms, trigonometry, specialFunctions, besselFunctions,
    gammaFunctions, polynomials, activations, piecewiseActivations, gates, casting, numberParts,
    creation, sequences, newTensors, signalWindows, periodicWindows, random, distributions,
    sums, extremes, moments, norms, scans, differences, counting, histograms,
    numericalGradients,
    sorting, middles, quantiles, searches, uniques,
    products, vectorProducts, productSums, chains, contractions, einsums, distances,
    reshaping, resizing, axes, slices, joining, alike, diagonals, overwriting, repeating, stacking, splitting, flips,
    padding, windows, copies, reshown,
    indexing, embeddings, scattering, positions, masks, assignment,
    choleskys, solutions, lus, qrs, eigens, svds, leastSquares, matrixNorms,
    reflectors, matrixFunctions, tensorEquations, lowRanks,
    softmaxes, dropouts, crossEntropies,
    convolutions, maxPools, averagePools, fractionalPools, columns, batchNorms, layerNorms,
    distanceLosses, likelihoods, marginLosses, alignments, attentions, channelDropouts, embeddingBags, shuffles,
    interpolations, recurrents, packedSequences, initializers,
    gridSamplings, noises, metricLosses, sequenceLosses, distillations, taskLosses, linearCrossEntropies,
    adaptiveSoftmaxes,
  ]
}
