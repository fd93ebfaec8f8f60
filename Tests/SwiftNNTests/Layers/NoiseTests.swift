import Testing

@testable import SwiftNN

/// Layers with noise: their expectations over many draws, the same numbers from the same seed, and which mode has noise.
@Suite struct NoiseTests {
  private static let count = 40_000
  private func mean(_ x: Tensor) throws -> Double { try x.mean().item().double }
  private func ones(_ sizes: Int...) throws -> Tensor { try .ones(sizes, .float64) }

  /// Six deviations of a mean of as many draws with probability p, each of the size `unit`.
  private func bound(_ p: Double, _ count: Int, unit: Double = 1) -> Double {
    6 * unit * (p * (1 - p) / Double(count)).squareRoot()
  }

  @Test func dropoutScalesInTrainingOrInTests() throws {
    let (x, p, n) = (try ones(Self.count), 0.3, Self.count)
    let inverted = try x.dropout(p, training: true, Generator(seed: 1))
    #expect(abs(try mean(inverted) - 1) < bound(p, n, unit: 1 / (1 - p)))
    let plain = try x.dropout(p, training: true, Generator(seed: 1), scalesWhileTraining: false)
    #expect(Set(try plain.array(of: Double.self)) == [0, 1])
    #expect(abs(try mean(plain) - 0.7) < bound(p, n))
    #expect(Set(try x.dropout(p, training: false, scalesWhileTraining: false).array(of: Double.self)) == [0.7])
    let layer = try Dropout(0.25, scale: "test")
    layer.eval()
    #expect(try layer(ones(2)).array(of: Double.self) == [0.75, 0.75])
  }

  @Test func stochasticDepthDropsSamplesOrAll() throws {
    let rows = try StochasticDepth(0.2, "row", generator: Generator(seed: 2))
    let y = try rows(ones(Self.count, 3)).array(of: Double.self)
    for i in 0..<Self.count where y[3 * i] != y[3 * i + 1] || y[3 * i] != y[3 * i + 2] {
      Issue.record("sample \(i) is dropped in part")
    }
    #expect(Set(y) == [0, 1.25])
    #expect(abs(y.reduce(0, +) / Double(y.count) - 1) < bound(0.2, Self.count, unit: 1.25))
    let batch = try StochasticDepth(0.5, "batch", generator: Generator(seed: 3))
    var kept = 0
    for _ in 0..<2000 {
      let result = try batch(ones(2, 2)).array(of: Double.self)
      #expect(Set(result).count == 1)
      kept += result[0] > 0 ? 1 : 0
    }
    #expect(abs(Double(kept) / 2000 - 0.5) < bound(0.5, 2000))
    #expect(message { _ = try StochasticDepth(0.5, "row")(Tensor(1.0)) }?.contains("scalar") == true)
    #expect(message { _ = try StochasticDepth(1.5, "row") }?.contains("between 0") == true)
    #expect(message { _ = try StochasticDepth(0.5, "rows") }?.contains("mode must be one of") == true)
  }

  @Test func zoneoutKeepsStates() throws {
    let (new, old) = (try ones(Self.count), try Tensor.zeros([Self.count], .float64))
    let layer = try Zoneout(0.3, generator: Generator(seed: 4))
    #expect(abs(try mean(layer(new, old)) - 0.7) < bound(0.3, Self.count))
    layer.eval()
    #expect(try difference(layer(new, old), Tensor.full([Self.count], .float(0.7), .float64)) == nil)
    #expect(message { _ = try layer(new, ones(3)) }?.hasPrefix("zoneout: expects states of one shape") == true)

    for (cell, states) in [
      (try LSTMCell(3, 4) as RecurrentCellLayer, 2), (try GRUCell(3, 4), 1), (try RNNCell(3, 4), 1),
    ] {
      let wrapped = try ZoneoutCell(cell, zoneoutH: 1, zoneoutC: 1)
      let x = try Tensor.ones([2, 3])
      let before = try (0..<states).map { _ in try Tensor.uniform([2, 4]) }
      let after = try wrapped.forward([x] + before)
      #expect(after.count == states)
      for (a, b) in zip(after, before) { #expect(try a.array() == b.array()) }
      let expected = try cell.forward([x] + before)
      let none = try ZoneoutCell(cell, zoneoutH: 0, zoneoutC: 0).forward([x] + before)
      for (a, b) in zip(none, expected) { #expect(try a.array() == b.array()) }
      #expect(wrapped.state.filter { $0.cell.tensor != nil }.map(\.name).first == "cell.weight_ih")
      #expect(message { _ = try wrapped.forward([]) } != nil)
    }
  }

  @Test func dropConnectDropsWeights() throws {
    let layer = try DropConnectLinear(
      Self.count, 1, p: 0.4, bias: false, dtype: .float64, generator: Generator(seed: 5))
    layer.weight = try ones(1, Self.count)
    let y = try layer(ones(1, Self.count)).item().double / Double(Self.count)
    #expect(abs(y - 1) < bound(0.4, Self.count, unit: 1 / 0.6))
    layer.eval()
    #expect(try layer(ones(1, Self.count)).item().double == Double(Self.count))
  }

  @Test func variationalNoiseHasTheLearnedVariance() throws {
    let layer = try VariationalLinear(2, 1, bias: false, dtype: .float64, generator: Generator(seed: 6))
    layer.weight = try Tensor([0.5, -1.0], [1, 2])
    layer.logSigma2 = try Tensor([0.25, 0.04], [1, 2]).log()
    let y = try layer(Tensor([1.0, 2.0], [1, 2]).expand([Self.count, 2]))
    let variance = 0.25 + 4 * 0.04
    #expect(abs(try mean(y) + 1.5) < 6 * (variance / Double(Self.count)).squareRoot())
    #expect(abs(try y.variance().item().double - variance) < 6 * variance * (2 / Double(Self.count)).squareRoot())
    // Outside of training, a weight below its noise is left out.
    layer.eval()
    layer.logSigma2 = try Tensor([10.0, -10.0], [1, 2])
    #expect(try layer(Tensor([1.0, 2.0], [1, 2])).item().double == -2)
  }

  @Test func concreteDropoutLearnsItsProbability() throws {
    let layer = try ConcreteDropout(0.3, temperature: 0.01, dtype: .float64, generator: Generator(seed: 7))
    let y = try layer(ones(Self.count))
    #expect(abs(try mean(y) - 1) < bound(0.3, Self.count, unit: 1 / 0.7) + 0.01)
    let slope = try Gradients.of(y.square().mean(), withRespectTo: layer.pLogit)
    let number = try slope.item().double
    #expect(slope.shape == [1] && number.isFinite && number != 0)
    #expect(message { _ = try ConcreteDropout(0) } != nil)
  }

  @Test func theSameSeedGivesTheSameNumbers() throws {
    func run(_ seed: UInt64) throws -> [Float] {
      let generator = Generator(seed: seed)
      let model = Sequential(
        try DropConnectLinear(4, 4, generator: generator), try ConcreteDropout(generator: generator),
        try VariationalLinear(4, 4, generator: generator), try StochasticDepth(0.5, "row", generator: generator))
      return try model(.ones([8, 4])).array()
    }
    #expect(try run(1) == run(1))
    #expect(try run(1) != run(2))
  }

  /// Noise alone goes on in evaluation; batch norms keep their statistics.
  @Test func monteCarlo() throws {
    let norm = try BatchNorm1d(3, dtype: .float64)
    let dropout = try Dropout(0.5, generator: Generator(seed: 8))
    let model = Sequential(norm, Sequential(dropout))
    model.eval()
    let x = try Tensor([1.0, 2, 3, 4, 5, 6], [2, 3])
    let plain = try model(x)
    let passes = 4000
    let (mean, variance) = try model.monteCarlo([x], passes: passes)[0]
    #expect(!dropout.isTraining && !norm.isTraining)
    #expect(try norm.numBatchesTracked?.item().double == 0)
    let (expected, found) = (try plain.array(of: Double.self), try mean.array(of: Double.self))
    let spread = try variance.array(of: Double.self)
    for i in expected.indices {
      // Twice the value or nothing: the variance is the square of the value.
      #expect(abs(found[i] - expected[i]) < 6 * expected[i] / Double(passes).squareRoot())
      #expect(abs(spread[i] - expected[i] * expected[i]) < 0.02 * expected[i] * expected[i])
    }
    model.setNoise(true)
    #expect(dropout.isTraining && !norm.isTraining)
    model.setNoise(false)
    #expect(!dropout.isTraining)
    #expect(message { _ = try model.monteCarlo([x], passes: 0) }?.contains("at least 1 pass") == true)
    #expect(message { _ = try model.monteCarlo([Tensor.zeros([2, 4], .float64)], passes: 2) } != nil)
    #expect(!dropout.isTraining)
    let lstm = try LSTM(2, 2, layers: 2, dropout: 0.5)
    lstm.eval()
    #expect(try lstm.monteCarlo([.ones([3, 1, 2])], passes: 20)[0].variance.amax().item().double > 0)
  }
}
