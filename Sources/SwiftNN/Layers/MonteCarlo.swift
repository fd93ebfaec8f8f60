/// Random numbers outside of training, which say how sure a model is (Gal and Ghahramani, 2016).
extension Layer {
  /// Switches the noise of this layer and its children on or off, as that of dropout, and leaves everything else in its mode:
  /// after `eval()`, batch norms go on by their statistics.
  public func setNoise(_ isOn: Bool) {
    for layer in noisy { layer.isTraining = isOn }
  }

  /// Those that draw random numbers while they are trained. What else depends on the mode is declared.
  private var noisy: [any TrainingSensitive] {
    trainingSensitive.filter { ($0 as? DeclaredLayer)?.declaration.isNoisy ?? !($0 is Reparametrized) }
  }

  /// The means of what `passes` calls with noise give, and the variances: divided by passes - correction. Afterwards the noise
  /// of each layer is as it was.
  public func monteCarlo(
    _ inputs: [Tensor], passes: Int, correction: Int = 1
  ) throws(SNNError) -> [(mean: Tensor, variance: Tensor)] {
    guard passes >= 1, passes <= 1 << 24 else {
      throw .argument("monte_carlo: expects at least 1 pass and at most \(1 << 24), got \(passes)")
    }
    let before = noisy.map { ($0, $0.isTraining) }
    defer { for (layer, isTraining) in before { layer.isTraining = isTraining } }
    setNoise(true)
    var results: [[Tensor]] = []
    for _ in 0..<passes { results.append(try forward(inputs)) }
    return try results[0].indices.map { i throws(SNNError) in
      guard results.allSatisfy({ $0.count == results[0].count }) else {
        throw .argument("monte_carlo: expects as many results of each pass as of the first")
      }
      let all = try Tensor.stack(results.map { $0[i] })
      return (try all.mean([0]), try all.variance([0], correction: Double(correction)))
    }
  }
}
