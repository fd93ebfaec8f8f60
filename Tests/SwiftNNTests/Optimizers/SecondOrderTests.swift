import Testing

@testable import SwiftNN

/// What the methods of second order are for: they arrive sooner than those of first order, and never make things worse.
@Suite struct SecondOrderTests {
  private struct Minima: Decodable {
    struct Run: Decodable {
      let name: String
      let start: [Double]
      let loss: Double
      let iterations: Int
      let evaluations: Int
    }

    let features: [Double]
    let targets: [Double]
    let decay: Double
    let runs: [Run]
  }

  private typealias Problem = (parameters: [Tensor], loss: (Optimizer) throws -> Tensor)

  private static let minima = Result { try Golden.read("minimizers.json", as: Minima.self) }
  private static let searching = LBFGS(maxIter: 1, maxEval: 25, lineSearchFn: "strong_wolfe")

  // MARK: Problems

  private func rosenbrock(_ start: [Double]) throws -> Problem {
    let x = try Tensor(start).leaf()
    return (
      [x],
      { _ in
        let (left, right) = (try x.narrow(0, 0, x.count - 1), try x.narrow(0, 1, x.count - 1))
        return try ((right - left.square()).square() * 100 + (-left + 1).square()).sum()
      }
    )
  }

  /// One linear layer; the decay is that of its weights.
  private func logistic() throws -> Problem {
    let minima = try Self.minima.get()
    let features = try Tensor(minima.features, [minima.targets.count, 8])
    let targets = try Tensor(minima.targets)
    let (weight, bias) = (try Tensor.zeros([1, 8], .float64).leaf(), try Tensor.zeros([1], .float64).leaf())
    return (
      [weight, bias],
      { optimizer in
        let z = try features.linear(weight, bias)
        optimizer.outputs = [z]
        let odds = try z.squeeze([1])
        return try (odds.softplus() - odds * targets).mean() + weight.square().sum() * .float(minima.decay / 2)
      }
    )
  }

  /// Eight numbers through three and back.
  private func autoencoder() throws -> Problem {
    let generator = Generator(seed: 5)
    let data = try Tensor.normal([32, 3], .float64, generator).matmul(.normal([3, 8], .float64, generator)).tanh()
    let encoder = try Linear(8, 3, dtype: .float64, generator: generator)
    let decoder = try Linear(3, 8, dtype: .float64, generator: generator)
    return (
      encoder.parameters + decoder.parameters,
      { optimizer in
        let z = try decoder(encoder(data).tanh())
        optimizer.outputs = [z]
        return try (z - data).square().sum() / 64
      }
    )
  }

  // MARK: Steps

  private func step(_ optimizer: Optimizer, _ problem: Problem, _ count: inout Int) throws -> Double {
    try optimizer.step {
      count += 1
      optimizer.zeroGradients()
      let loss = try problem.loss(optimizer)
      try loss.backward(retainGraph: true)
      return loss
    }.item().double
  }

  /// How many steps lead below a loss, at most so many.
  private func steps(
    _ choice: some OptimizerChoice, _ problem: Problem, until least: Double, atMost limit: Int = 100
  ) throws -> Int {
    let optimizer = try Optimizer(problem.parameters, choice)
    var evaluations = 0
    for number in 0..<limit {
      let loss = try step(optimizer, problem, &evaluations)
      if loss < least { return number }
      guard loss.isFinite else { break }
    }
    return limit
  }

  /// Whether methods of first order need more than so many steps, with any rate.
  private func firstOrderNeedsMore(than limit: Int, _ problem: () throws -> Problem, until least: Double) throws -> Bool
  {
    for rate in [1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1] {
      guard try steps(SGD(lr: rate, momentum: 0.9), problem(), until: least, atMost: limit) == limit,
        try steps(Adam(lr: rate), problem(), until: least, atMost: limit) == limit
      else { return false }
    }
    return true
  }

  private let factored = KFAC(
    lr: 1, momentum: 0.5, damping: 1e-3, inverseInterval: 1, klClip: 10, lineSearchFn: "backtracking")

  @Test func valleysAreCrossedSooner() throws {
    let (problem, least) = ({ try rosenbrock([-1.2, 1]) }, 1e-6)
    let counts = [
      try steps(Self.searching, problem(), until: least), try steps(Newton(), problem(), until: least),
      try steps(HessianFree(damping: 0.1), problem(), until: least),
    ]
    #expect(try firstOrderNeedsMore(than: 3 * counts.max()!, problem, until: least), "\(counts)")
  }

  @Test func regressionsConvergeSooner() throws {
    let least = try #require(try Self.minima.get().runs.last).loss + 1e-6
    let counts = [
      try steps(Self.searching, logistic(), until: least), try steps(Newton(), logistic(), until: least),
      try steps(HessianFree(curvature: "gauss_newton"), logistic(), until: least),
      try steps(factored, logistic(), until: least),
    ]
    #expect(try firstOrderNeedsMore(than: 2 * counts.max()!, logistic, until: least), "\(counts)")
  }

  @Test func autoencodersLearnSooner() throws {
    let least = 0.15
    let counts = [
      try steps(Self.searching, autoencoder(), until: least), try steps(Newton(), autoencoder(), until: least),
      try steps(HessianFree(), autoencoder(), until: least),
      try steps(HessianFree(curvature: "gauss_newton"), autoencoder(), until: least),
      try steps(factored, autoencoder(), until: least),
    ]
    #expect(try firstOrderNeedsMore(than: 2 * counts.max()!, autoencoder, until: least), "\(counts)")
  }

  /// As far as SciPy's L-BFGS-B, with about as many evaluations.
  @Test func arrivesWithSciPy() throws {
    for run in try Self.minima.get().runs {
      let problem = try run.name == "logistic" ? logistic() : rosenbrock(run.start)
      let choice = LBFGS(
        maxIter: 1, maxEval: 25, toleranceGrad: 0, toleranceChange: 0, historySize: 10, lineSearchFn: "strong_wolfe")
      let optimizer = try Optimizer(problem.parameters, choice)
      var (iterations, evaluations) = (0, 0)
      while try step(optimizer, problem, &evaluations) > run.loss + 1e-12, iterations < 200 { iterations += 1 }
      // Every step looks once more at where the one before ended.
      evaluations -= iterations
      #expect(Double(iterations) <= 1.25 * Double(run.iterations), "\(run.name): \(iterations), \(run.iterations)")
      #expect(Double(evaluations) <= 1.25 * Double(run.evaluations), "\(run.name): \(evaluations), \(run.evaluations)")
    }
  }

  // MARK: What is nasty

  private static let nasty: [(name: String, start: [Double], loss: @Sendable (Tensor) throws -> Tensor)] = [
    ("cliff", [0.1, 2], { try ($0.log().square() + ($0 * 3).exp() * 1e-4) }),
    ("edge of NaN", [3, 2], { try ($0 - 1).sqrt() }),
    ("barrier", [0.5, -0.5], { try -(-$0.square() + 1).log() + $0 * 1e3 }),
    ("flat", [1, 2], { try $0 * 0 }),
    ("nearly flat", [1, 2], { try ($0 * 1e-12).tanh() }),
    ("stairs", [7.3, -4.2], { try $0.abs().ceil() + $0.square() * 1e-3 }),
    ("steep", [1, 2], { try ($0 * 1e150).square() }),
    ("steeper than numbers", [1, 2], { try ($0 * 1e160).square() }),
    ("kink", [1, -2], { try $0.abs().sqrt() }),
    ("bottomless", [1, 2], { try -$0.pow(3) }),
    ("saddle", [1, 1e-9], { try $0.square() * Tensor([1.0, -1]) + $0.pow(4) * 0.01 }),
    ("NaN slope", [1, 0], { try $0.square() + $0.abs().sqrt() * $0 }),
    ("begins with NaN", [-1, 2], { try $0.log() }),
  ]

  @Test(arguments: nasty.indices, [DType.float64, .float32])
  func neverWorseThanTheBest(index: Int, dtype: DType) throws {
    let (name, start, function) = Self.nasty[index]
    let choices: [(String, [String: Value], searches: Bool)] = [
      ("LBFGS", ["line_search_fn": .string("strong_wolfe")], true), ("LBFGS", ["lr": .float(0.5)], false),
      ("Newton", [:], true), ("HessianFree", [:], true), ("HessianFree", ["curvature": .string("gauss_newton")], true),
      ("KFAC", ["line_search_fn": .string("backtracking")], true), ("KFAC", [:], false),
    ]
    for (optimizerName, options, searches) in choices {
      let declaration = OptimizerDeclaration.named(optimizerName)
      let x = try Tensor(start).cast(to: dtype).leaf()
      let optimizer = try Optimizer(declaration, [x], declaration.fields.map { options[$0.name] ?? .none })
      let problem: Problem = (
        [x],
        { optimizer in
          let z = try function(x).cast(to: dtype)
          optimizer.outputs = [z]
          return try z.sum()
        }
      )
      var (best, count) = (Double.infinity, 0)
      for _ in 0..<15 {
        let loss = try step(optimizer, problem, &count)
        if loss.isFinite { best = min(best, loss) }
        #expect(try x.array(of: Double.self).allSatisfy(\.isFinite), "\(optimizerName) \(options) \(name)")
        let now = try problem.loss(optimizer).item().double
        #expect(
          !searches || best == .infinity || now <= best, "\(optimizerName) \(options) \(name): \(now) after \(best)")
      }
      #expect(count < 5000, "\(optimizerName) \(options) \(name)")
    }
  }

  // MARK: K-FAC

  /// The layers of this library, their functions and copies of their weights that take part elsewhere.
  @Test func factorsAreThoseOfTheLayers() throws {
    let generator = Generator(seed: 3)
    let convolution = try Conv2d(2, 3, 3, padding: "same", paddingMode: "reflect")
    let linear = try Linear(12, 4, bias: false, generator: generator)
    let loose = try Tensor.ones([4]).leaf()
    let images = try Tensor.normal([5, 2, 2, 2], .float32, generator)
    let optimizer = try Optimizer(convolution.parameters + linear.parameters + [loose], KFAC())
    try optimizer.step {
      optimizer.zeroGradients()
      let loss = try (linear(convolution(images).flatten(1, -1)) * loose).square().mean()
      try loss.backward()
      return loss
    }
    func shape(_ name: String, _ index: Int) throws -> [Int]? {
      try optimizer.state(name, group: 0, index: index).map { Array($0.shape) }
    }
    #expect(try shape("inward", 0) == [19, 19] && shape("outward", 0) == [3, 3])
    #expect(try shape("inward_inverse", 2) == [12, 12] && shape("outward_inverse", 2) == [4, 4])
    #expect(try shape("inward", 1) == nil && shape("inward", 3) == nil && shape("momentum_buffer", 3) == [4])
    // What goes into the convolution: the sum over the four places of each image.
    let windows = try images.pad([1, 1, 1, 1], mode: "reflect").unfold(2, 3, 1).unfold(3, 3, 1)
    let rows = try windows.movedim([1], [3]).reshaped(to: [20, 18])
    let expected = try rows.transpose(0, 1).matmul(rows) / 5
    let found = try #require(try optimizer.state("inward", group: 0, index: 0))
    let tolerance = Tolerance(relative: 1e-4, absolute: 1e-5)
    #expect(try difference(found.narrow(0, 0, 18).narrow(1, 0, 18), expected, tolerance) == nil)
    #expect(throws: SNNError.self) { try optimizer.step() }
    #expect(throws: SNNError.self) {
      try optimizer.setState("inward", group: 0, index: 0, to: Tensor.ones([17, 17]))
    }
  }

  /// Gradients of parts of a batch, added up in the closure, make the same factors as those of the whole.
  @Test func factorsOfPartsOfABatch() throws {
    func trained(_ part: Int) throws -> [Double] {
      let generator = Generator(seed: 3)
      let linear = try Linear(3, 2, dtype: .float64, generator: generator)
      let x = try Tensor.normal([8, 3], .float64, generator)
      let optimizer = try Optimizer(linear.parameters, KFAC())
      for _ in 0..<5 {
        try optimizer.step {
          optimizer.zeroGradients()
          var total = try Tensor(0.0)
          for first in stride(from: 0, to: 8, by: part) {
            let loss = try (linear(x.narrow(0, first, part)) - 1).square().sum() / 16
            try loss.backward()
            total = try total + loss.detach()
          }
          return total
        }
      }
      return try linear.weight.array(of: Double.self)
    }
    let whole = try trained(8)
    for part in [1, 2, 4] {
      #expect(difference(try trained(part), whole, Tolerance(relative: 1e-9, absolute: 1e-12)) == nil)
    }
  }

  /// The Fisher matrix of drawn targets comes near to that of all targets.
  @Test func drawnTargets() throws {
    Generator.default.seed(11)
    let count = 40_000
    let linear = try Linear(2, 3, dtype: .float64)
    let x = try Tensor.normal([count, 2], .float64)
    for (kind, isMean) in [("gaussian", true), ("categorical", true), ("categorical", false)] {
      let optimizer = try Optimizer(linear.parameters, KFAC(lr: 0, batchAveraged: isMean, fisher: kind))
      try optimizer.step {
        optimizer.zeroGradients()
        let z = try linear(x)
        optimizer.outputs = [z]
        let loss = try z.square().mean()
        try loss.backward(retainGraph: true)
        return loss
      }
      let found = try #require(try optimizer.state("outward", group: 0, index: 0))
      var expected = try Tensor.eye(3, nil, .float64)
      if kind == "categorical" {
        let chances = try linear(x).softmax(1).detach()
        let both = try chances.transpose(0, 1).matmul(chances) / .int(count)
        expected = try expected * chances.mean([0]) - both
      }
      #expect(try difference(found, expected, Tolerance(relative: 0, absolute: 0.02)) == nil, "\(kind)")
      #expect(throws: SNNError.self) { try optimizer.step { try linear(x).square().mean() } }
    }
    let free = try Optimizer(linear.parameters, HessianFree(curvature: "gauss_newton"))
    #expect(throws: SNNError.self) { try free.step { try linear(x).square().mean() } }
  }
}
