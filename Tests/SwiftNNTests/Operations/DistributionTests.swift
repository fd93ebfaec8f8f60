import Testing

@testable import SwiftNN

/// Moments of many draws: far outside of what chance allows, something is wrong.
@Suite struct DistributionTests {
  private func draw(_ name: String, _ arguments: [Value] = []) throws -> Tensor {
    let target = try Tensor.zeros([200_000], .float64)
    let number = try #require(Registry.operationNumber(name))
    let fields = Registry.operations[number].fields
    var values: [Value] = [.tensor(target)] + arguments
    while values.count < fields.count - 1 { values.append(.none) }
    return try Registry.apply(name, values + [.generator(Generator(seed: 3))])[0]
  }

  private func mean(_ x: Tensor) throws -> Double { try x.mean().item().double }

  @Test func exponential() throws {
    let x = try draw("exponential_", [.float(2)])
    #expect(abs(try mean(x) - 0.5) < 0.01)
    #expect(abs(try x.variance().item().double - 0.25) < 0.01)
    #expect(try x.amin().item().double >= 0)
  }

  @Test func logNormal() throws {
    let x = try draw("log_normal_", [.float(0.5), .float(0.25)]).log()
    #expect(abs(try mean(x) - 0.5) < 0.01)
    #expect(abs(try x.standardDeviation().item().double - 0.25) < 0.01)
  }

  @Test func geometric() throws {
    let x = try draw("geometric_", [.float(0.25)])
    #expect(abs(try mean(x) - 4) < 0.05)
    #expect(try x.amin().item().double == 1)
  }

  @Test func cauchy() throws {
    let x = try draw("cauchy_", [.float(1), .float(2)])
    #expect(abs(try x.median().item().double - 1) < 0.05)
    #expect(abs(try mean((x > 3).cast(to: .float64)) - 0.25) < 0.01)
  }

  @Test func bernoulli() throws { #expect(abs(try mean(draw("bernoulli_", [.float(0.3)])) - 0.3) < 0.01) }

  @Test func multinomial() throws {
    let weights = try Tensor([1.0, 0.0, 3.0])
    let often = try weights.multinomial(100_000, replacement: true, Generator(seed: 5))
    #expect(try (often == 1).any().item().double == 0)
    #expect(abs(try mean((often == 2).cast(to: .float64)) - 0.75) < 0.01)
    let once = try Tensor.ones([1000, 2], .float64).multinomial(2, Generator(seed: 5))
    #expect(try (once.sum([1]) == 1).all().item().double == 1)
    #expect(abs(try mean(once.select(1, 0).cast(to: .float64)) - 0.5) < 0.06)
  }

  @Test func gumbelSoftmax() throws {
    let scores = try Tensor([0.0, 1.0986122886681098]).expand([50_000, 2])
    let x = try scores.gumbelSoftmax(1, hard: true, -1, Generator(seed: 9))
    #expect(try (x.sum([1]) - 1).abs().amax().item().double < 1e-12)
    #expect(abs(try mean(x.select(1, 1)) - 0.75) < 0.01)
  }
}
