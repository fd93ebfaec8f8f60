import Testing

@testable import SwiftNN

/// Random numbers depend on the seed and the position alone.
@Suite struct RandomTests {
  /// Draws of every kind, of more elements than one thread gets.
  private static func draws(_ generator: Generator) throws -> [Tensor] {
    let size = 300_001
    let probabilities = try Tensor.uniform([size], from: generator)
    var all = [probabilities, try Tensor.permutation(size, generator)]
    for dtype in [DType.float32, .float64, .float16, .bfloat16] {
      all.append(try Tensor.uniform([size], -1, 3, dtype, generator))
      all.append(try Tensor.normal([size], mean: 2, std: 0.5, dtype, generator))
      all.append(try Tensor.mask([size], probability: 0.3, dtype, generator))
    }
    all += try Registry.apply("bernoulli", [.tensor(probabilities), .generator(generator)])
    all += try Registry.apply("randint", [.int(-7), .int(9), .ints([size]), .generator(generator)])
    all.append(try Tensor.ones([size]).dropout(0.4, generator))
    return all
  }

  /// The number of threads belongs to the process.
  @Test func anyNumberOfThreadsDrawsTheSame() async {
    await #expect(processExitsWith: .success) {
      Runtime.threads = 1
      let alone = try RandomTests.draws(Generator(seed: 3)).map { try $0.bytes() }
      for threads in [2, 3, 7] {
        Runtime.threads = threads
        let together = try RandomTests.draws(Generator(seed: 3)).map { try $0.bytes() }
        #expect(together == alone, "\(threads) threads")
      }
    }
  }

  @Test func seedsDecide() throws {
    let first = try Tensor.uniform([10], from: Generator(seed: 1)).array()
    #expect(try Tensor.uniform([10], from: Generator(seed: 1)).array() == first)
    #expect(try Tensor.uniform([10], from: Generator(seed: 2)).array() != first)
  }

  @Test func drawsFollowEachOther() throws {
    let generator = Generator(seed: 5)
    let first = try Tensor.uniform([10], from: generator).array()
    let middle = generator.state
    let second = try Tensor.uniform([10], from: generator).array()
    #expect(first != second)
    #expect(middle.seed == 5 && middle.position > 0 && generator.state.position > middle.position)
    generator.state = middle
    #expect(try Tensor.uniform([10], from: generator).array() == second)
    generator.seed(5)
    #expect(generator.state == Generator.State(seed: 5))
    #expect(try Tensor.uniform([10], from: generator).array() == first)
  }

  /// A long draw begins with the numbers of a short one.
  @Test func elementsDependOnTheirPosition() throws {
    let short = try Tensor.normal([100], from: Generator(seed: 9)).array()
    let long = try Tensor.normal([10_000], from: Generator(seed: 9)).array()
    #expect(Array(long.prefix(100)) == short)
  }

  @Test func theDefaultGeneratorHasASeed() async {
    await #expect(processExitsWith: .success) {
      #expect(Generator.default.state == Generator.State(seed: 0))
      manualSeed(42)
      let first = try Tensor.uniform([5]).array()
      manualSeed(42)
      #expect(try Tensor.uniform([5]).array() == first)
      #expect(try Tensor.uniform([5], from: Generator(seed: 42)).array() == first)
    }
  }

  @Test func moments() throws {
    let generator = Generator(seed: 11)
    let n = 200_000
    func moments(_ x: Tensor) throws -> (mean: Double, variance: Double) {
      let numbers = try x.array(of: Double.self)
      let mean = numbers.reduce(0, +) / Double(n)
      return (mean, numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(n))
    }
    let uniform = try moments(Tensor.uniform([n], 2, 4, .float64, generator))
    #expect(abs(uniform.mean - 3) < 0.01 && abs(uniform.variance - 1.0 / 3) < 0.01)
    let normal = try moments(Tensor.normal([n], mean: -1, std: 2, .float64, generator))
    #expect(abs(normal.mean + 1) < 0.03 && abs(normal.variance - 4) < 0.06)
    let mask = try moments(Tensor.mask([n], probability: 0.3, .float64, generator))
    #expect(abs(mask.mean - 0.3) < 0.01)
  }

  @Test func ranges() throws {
    let generator = Generator(seed: 12)
    for dtype in [DType.float32, .float64, .float16, .bfloat16] {
      let numbers = try Tensor.uniform([50_000], -0.5, 0.25, dtype, generator).array(of: Double.self)
      #expect(numbers.allSatisfy { $0 >= -0.5 && $0 < 0.25 }, "\(dtype)")
    }
    let integers = try Registry.apply("randint", [.int(-2), .int(3), .ints([10_000]), .generator(generator)])[0]
    #expect(try Set(integers.array(of: Int.self)) == [-2, -1, 0, 1, 2])
    let order = try Tensor.permutation(1000, generator).array(of: Int.self)
    #expect(order != Array(0..<1000) && order.sorted() == Array(0..<1000))
  }

  @Test func dropoutKeepsTheExpectation() throws {
    let x = try Tensor.ones([100_000], .float64).leaf()
    let y = try x.dropout(0.25, Generator(seed: 4))
    let numbers = try y.array(of: Double.self)
    #expect(Set(numbers) == [0, 1 / 0.75])
    #expect(abs(numbers.reduce(0, +) / 100_000 - 1) < 0.01)
    try y.sum().backward()
    #expect(try x.gradient?.array(of: Double.self) == numbers)
  }
}
