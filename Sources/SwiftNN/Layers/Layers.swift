extension LayerDeclaration {
  /// Every layer; a new one adds its name here or to its family's list.
  static let all: [LayerDeclaration] =
    [linear, bilinear, sequential] + activations + softmaxes + dropouts + shapes + paddings + pools + resamplings
    + distances + convolutions + normalizations + embeddings + losses + recurrents + transformers + positions
      + models
}
