extension LayerDeclaration {
  static let dropouts: [LayerDeclaration] = [
    dropout("Dropout", "dropout", text: "p= inplace= scale?"), dropout("Dropout1d", "dropout1d"),
    dropout("Dropout2d", "dropout2d"),
    dropout("Dropout3d", "dropout3d"), dropout("AlphaDropout", "alpha_dropout"),
    dropout("FeatureAlphaDropout", "feature_alpha_dropout"), stochasticDepth,
    LayerDeclaration("Zoneout", of: "zoneout", text: "p="), zoneoutCell, dropConnectLinear, concreteDropout,
    variationalLinear,
  ]

  private static func dropout(_ name: String, _ operation: String, text: String = "p= inplace=") -> LayerDeclaration {
    LayerDeclaration(name, of: operation, text: text)
  }
}
