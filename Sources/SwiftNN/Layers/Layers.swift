extension LayerDeclaration {
  /// Every layer; a new one adds its name here.
  static let all: [LayerDeclaration] = [linear, bilinear, relu, dropout, sequential] + recurrents
}
