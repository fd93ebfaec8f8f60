extension LayerDeclaration {
  /// Every layer; a new one adds its name here.
  static let all: [LayerDeclaration] = [linear, relu, dropout, sequential]
}
