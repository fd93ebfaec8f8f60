extension OptimizerDeclaration {
  /// Every optimizer; a new one adds its declaration here.
  static let all: [OptimizerDeclaration] = [SGD.declaration, Adam.declaration, AdamW.declaration]
}
