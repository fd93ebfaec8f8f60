extension LayerDeclaration {
  static let dropouts: [LayerDeclaration] = [
    dropout("Dropout", "dropout"), dropout("Dropout1d", "dropout1d"), dropout("Dropout2d", "dropout2d"),
    dropout("Dropout3d", "dropout3d"), dropout("AlphaDropout", "alpha_dropout"),
    dropout("FeatureAlphaDropout", "feature_alpha_dropout"),
  ]

  private static func dropout(_ name: String, _ operation: String) -> LayerDeclaration {
    LayerDeclaration(name, of: operation, text: "p= inplace=")
  }
}
