extension LayerDeclaration {
  /// Every layer; a new one adds its name here or to its family's list.
  static let all: [LayerDeclaration] =
    [linear, bilinear, sequential, residual] + activations + softmaxes + dropouts + shapes + paddings + pools
    + fractionalPools + resamplings + distances + convolutions + normalizations + embeddings + losses + recurrents
    + transformers + positions + models + weightNorms
}
