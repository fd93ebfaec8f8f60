import Foundation
import Testing

@testable import SwiftNN

/// What a step does beside its formula: groups, closures, parts of batches, wrappers, mistakes.
@Suite struct OptimizerStepTests {
  private func setGradient(_ parameter: Tensor, step: Int) throws {
    let slope = try parameter.detach() * 0.75 - .int(step % 3) + 0.5
    try parameter.setGradient(slope)
  }

  @Test func transposedParametersAndGradients() throws {
    let plain = try Tensor((0..<6).map(Double.init), [3, 2]).leaf()
    let turned = try plain.detach().transpose(0, 1).clone().transpose(0, 1)
    try turned.setRequiresGradient(true)
    #expect(!turned.isContiguous)
    for parameter in [plain, turned] {
      let optimizer = try Optimizer([parameter], Adam(lr: 0.1, weightDecay: 0.01))
      for _ in 0..<3 {
        optimizer.zeroGradients()
        try (parameter * parameter).transpose(0, 1).sum().backward()
        try optimizer.step()
      }
    }
    #expect(try plain.array(of: Double.self) == turned.array(of: Double.self))
  }

  @Test(arguments: [DType.float32, .bfloat16, .float16])
  func shortParameters(_ dtype: DType) throws {
    let parameter = try Tensor.ones([3], dtype)
    try parameter.setRequiresGradient(true)
    let optimizer = try Optimizer([parameter], SGD(lr: 0.5, momentum: 0.5))
    for _ in 0..<2 {
      optimizer.zeroGradients()
      try (parameter * 1).sum().backward()
      try optimizer.step()
    }
    #expect(try parameter.array() == [-0.25, -0.25, -0.25])
    #expect(parameter.dtype == dtype)
  }

  @Test func groupsHaveOptionsOfTheirOwn() throws {
    let (a, b, c) = (try Tensor([1.0]).leaf(), try Tensor([1.0]).leaf(), try Tensor([1.0]).leaf())
    let optimizer = try Optimizer([a], SGD(lr: 1))
    try optimizer.addGroup([b, c], SGD(lr: 0.5))
    try (a + b).sum().backward()
    try optimizer.step()
    #expect(try [a, b, c].map { try $0.item().double } == [0, 0.5, 1])
    try optimizer.setOption("lr", .float(2), group: 1)
    #expect(try optimizer.option("lr", group: 1).pythonText == "2.0")
    try optimizer.step()
    #expect(try b.item().double == -1.5)
    optimizer.zeroGradients()
    #expect(a.gradient == nil && b.gradient == nil)
  }

  @Test func stepsTellTheGraph() throws {
    let parameter = try Tensor([1.0, 2.0]).leaf()
    let loss = try (parameter * parameter).sum()
    try loss.backward(retainGraph: true)
    try Optimizer([parameter], SGD(lr: 0.1)).step()
    #expect(message { try loss.backward() }?.hasPrefix("mul:") == true)
  }

  /// Adding up the gradients of parts of a batch, each weighted by its share, is a step by the whole batch.
  @Test(arguments: [1, 2, 4, 8])
  func accumulationIsTheLargeBatch(part: Int) throws {
    let x = try Tensor((0..<24).map { Double($0 % 7) - 3 }, [8, 3])
    let y = try Tensor((0..<8).map { Double($0 % 3) }, [8, 1])
    func trained(_ sizes: [Int]) throws -> [Double] {
      let weight = try Tensor([0.5, -0.25, 1], [3, 1]).leaf()
      let optimizer = try Optimizer([weight], Adam(lr: 0.05))
      for _ in 0..<10 {
        optimizer.zeroGradients()
        var begin = 0
        for size in sizes {
          let (inputs, targets) = (try x.narrow(0, begin, size), try y.narrow(0, begin, size))
          let error = try inputs.matmul(weight) - targets
          try ((error * error).sum() / 8).backward()
          begin += size
        }
        try optimizer.step()
      }
      return try weight.array(of: Double.self)
    }
    let problem = difference(
      try trained(Array(repeating: part, count: 8 / part)), try trained([8]), Tolerance(relative: 1e-12, absolute: 0))
    #expect(problem == nil)
  }

  /// The whole set at once, one example at a time, or something between: one program, and all of them learn.
  @Test(arguments: [1, 3, 8])
  func batchesOfAnySize(size: Int) throws {
    let x = try Tensor((0..<16).map { Double($0 % 5) - 2 }, [8, 2])
    let y = try x.matmul(Tensor([1, -2.0], [2, 1]))
    let weight = try Tensor([0, 0.0], [2, 1]).leaf()
    let optimizer = try Optimizer([weight], SGD(lr: 0.05))
    for _ in 0..<60 {
      for begin in stride(from: 0, to: 8, by: size) {
        let count = min(size, 8 - begin)
        optimizer.zeroGradients()
        let error = try x.narrow(0, begin, count).matmul(weight) - y.narrow(0, begin, count)
        try (error * error).mean().backward()
        try optimizer.step()
      }
    }
    #expect(difference(try weight.array(of: Double.self), [1, -2], Tolerance(relative: 1e-3, absolute: 0)) == nil)
  }

  @Test func closures() throws {
    struct Broken: Error {}
    for looksAhead in [false, true] {
      let x = try Tensor([1.0, 2.0]).leaf()
      let optimizer = try Optimizer([x], SGD(lr: 0.1, momentum: 0.9, lookAhead: looksAhead))
      try optimizer.wrap(SAM(rho: 0.1))
      var calls = 0
      func loss() throws -> Tensor {
        calls += 1
        if calls == 4 { throw Broken() }
        optimizer.zeroGradients()
        let loss = try (x * x).sum()
        try loss.backward()
        return loss
      }
      #expect(try Gradients.with(enabled: false) { try optimizer.step(loss).item().double } == 5)
      let before = try x.array()
      #expect(throws: SNNError(.callback, "Broken()")) { try optimizer.step(loss) }
      #expect(try x.array() == before)
      #expect(try optimizer.step(loss).requiresGradient)
      #expect(calls == 6)
    }
  }

  @Test func stepsInTwoParts() throws {
    for choice in [0, 1] {
      func made(_ x: Tensor) throws -> Optimizer {
        guard choice == 1 else { return try Optimizer([x], SGD(lr: 0.1, momentum: 0.9, lookAhead: true)) }
        let optimizer = try Optimizer([x], Adam(lr: 0.1))
        try optimizer.wrap(SAM(rho: 0.3))
        return optimizer
      }
      let (one, other) = (try Tensor([1.0, 2.0]).leaf(), try Tensor([1.0, 2.0]).leaf())
      let (first, second) = (try made(one), try made(other))
      func differentiate(_ x: Tensor) throws -> Tensor {
        try x.setGradient(nil)
        let loss = try (x * x * x).sum()
        try loss.backward()
        return loss
      }
      for _ in 0..<4 {
        try first.step { try differentiate(one) }
        if choice == 1 { _ = try differentiate(other) }
        try second.firstStep()
        #expect(throws: SNNError.self) { try second.firstStep() }
        _ = try differentiate(other)
        try second.step()
        #expect(throws: SNNError.self) { try second.step() }
      }
      #expect(try one.bytes() == other.bytes())
    }
    #expect(throws: SNNError.self) { try Optimizer([Tensor([1.0]).leaf()], Adam()).firstStep() }
  }

  /// The noise is normal, fades as it says, and follows the seed.
  @Test func noise() throws {
    let count = 20000
    func step(_ seed: UInt64, _ steps: Int) throws -> [Double] {
      Generator.default.seed(seed)
      let x = try Tensor.zeros([count], .float64).leaf()
      let optimizer = try Optimizer([x], SGD(lr: 1))
      try optimizer.wrap(GradientNoise(eta: 0.25, gamma: 0.5))
      var before: [Double] = []
      for _ in 0..<steps {
        before = try x.array(of: Double.self)
        try x.setGradient(Tensor.zeros([count], .float64))
        try optimizer.step()
      }
      return zip(try x.array(of: Double.self), before).map { $0 - $1 }
    }
    for steps in [1, 4] {
      let moves = try step(3, steps)
      let variance = moves.map { $0 * $0 }.reduce(0, +) / Double(count)
      let expected = 0.25 / Double(steps).squareRoot()
      #expect(abs(variance - expected) < 0.05 * expected && abs(moves.reduce(0, +)) / Double(count) < 0.02)
      #expect(try moves == step(3, steps) && moves != step(4, steps))
    }
  }

  @Test(arguments: [1, 2])
  func sameBitsWithAnyThreads(_ threads: Int) throws {
    func run(_ threads: Int, _ declaration: OptimizerDeclaration) throws -> [Data] {
      Runtime.threads = threads
      defer { Runtime.threads = 0 }
      let shapes = declaration.name == "Newton" ? [[9, 5], [20, 1]] : [[150, 151], [40001, 1]]
      let parameters = try shapes.map { shape in
        try Tensor((0..<shape[0] * shape[1]).map { Double($0 % 113) - 56.5 }, shape).cast(to: .float32).leaf()
      }
      let optimizer = try Optimizer(declaration, parameters, [])
      for step in 1...3 {
        try optimizer.step {
          var loss = try Tensor(.int(0), .float32)
          for parameter in parameters {
            try setGradient(parameter, step: step)
            loss = try loss + parameter.square().sum()
          }
          return loss
        }
      }
      return try parameters.map { try $0.bytes() }
    }
    for declaration in Registry.optimizers {
      #expect(try run(threads, declaration) == run(3 - threads, declaration), "\(declaration.name)")
    }
  }

  @Test func methodsOfSecondOrderNeverLeadUp() throws {
    for name in ["LBFGS", "Newton", "HessianFree"] {
      // A cliff behind the first step: its far side has no finite loss.
      let x = try Tensor([0.1, 2.0]).leaf()
      let number = try #require(Registry.optimizerNumber(name))
      let declaration = Registry.optimizers[number]
      let searches = declaration.fields.map { $0.name == "line_search_fn" ? Value.string("strong_wolfe") : .none }
      let optimizer = try Optimizer(declaration, [x], searches)
      func cliff() throws -> Tensor {
        optimizer.zeroGradients()
        let loss = try (x.log().square() + (x * 3).exp() * 1e-4).sum()
        try loss.backward(retainGraph: true)
        return loss
      }
      var least = try cliff().item().double
      for _ in 0..<12 {
        try optimizer.step(cliff)
        let loss = try cliff().item().double
        #expect(loss <= least, "\(name)")
        least = loss
      }
      #expect(least < 0.01, "\(name)")
      #expect(throws: SNNError.self) { try optimizer.step() }
      #expect(throws: SNNError.self) { try optimizer.addGroup([try Tensor([1.0]).leaf()], []) }
      let before = try x.array(of: Double.self)
      struct Failure: Error {}
      #expect(throws: SNNError.self) { try optimizer.step { throw Failure() } }
      #expect(try x.array(of: Double.self) == before)
    }
    let many = try Tensor.full([20_000], 1, .float32).leaf()
    let newton = try Optimizer([many], Newton())
    #expect(throws: SNNError.self) { try newton.step { try many.sum() } }
    let alone = try Optimizer([try Tensor([1.0]).leaf()], HessianFree())
    #expect(throws: SNNError.self) { try alone.step { try Tensor(1) } }
  }

  /// A parameter that has got another shape since the first step stays as it is.
  @Test func parametersMayChangeBetweenSteps() throws {
    let x = try Tensor([1.0, 2.0]).leaf()
    let optimizer = try Optimizer([x], SGD(lr: 0.1))
    try optimizer.wrap(SAM())
    try x.square().sum().backward()
    try optimizer.firstStep()
    let large = try Tensor.full([100, 1000], 3, .float64)
    try x.setData(large)
    x.extras?.gradient = nil
    try optimizer.step()
    #expect(try x.array(of: Double.self) == Array(repeating: 3, count: 100_000))
  }

  @Test func strangeStateIsTakenAsWell() throws {
    let x = try Tensor([1.0, 2.0]).leaf()
    let optimizer = try Optimizer([x], LBFGS(lr: 0.1))
    for strange in [Double.nan, 1e30, -1e30] {
      for name in ["n_iter", "func_evals"] {
        try optimizer.setState(name, group: 0, index: 0, to: Tensor(.float(strange), .float32))
      }
      try optimizer.step {
        optimizer.zeroGradients()
        let loss = try x.square().sum()
        try loss.backward()
        return loss
      }
    }
    #expect(try x.array(of: Double.self).allSatisfy(\.isFinite))
    let y = try Tensor([1.0]).leaf()
    let slow = try Optimizer([y], SGD(lr: 0.5))
    try slow.wrap(Lookahead(k: 2, alpha: 0))
    try slow.setState("slow_param", group: 0, index: 0, to: Tensor([1.0]))
    try slow.setState("lookahead_step", group: 0, index: 0, to: Tensor(.int(7), .float32))
    try y.setGradient(Tensor([1.0]))
    try slow.step()
    #expect(try y.array(of: Double.self) == [1])
  }

  /// A rate of 0, a parameter without a gradient, gradients that are NaN.
  @Test func ends() throws {
    let (still, lonely) = (try Tensor([1.0, 2]).leaf(), try Tensor([3.0, 4]).leaf())
    let optimizer = try Optimizer([still, lonely], Adam(lr: 0))
    try still.setGradient(Tensor([1.0, 1]))
    try optimizer.step()
    #expect(try still.array(of: Double.self) == [1, 2] && lonely.array(of: Double.self) == [3, 4])
    #expect(try optimizer.state("exp_avg", group: 0, index: 1) == nil)
    #expect(try optimizer.state("step", group: 0, index: 0)?.item().double == 1)
    try still.setGradient(Tensor([Double.nan, 1]))
    try optimizer.setOption("lr", .float(0.1), group: 0)
    try optimizer.step()
    let moved = try still.array(of: Double.self)
    #expect(moved[0].isNaN && moved[1] < 2)
    #expect(message { try optimizer.setOption("lr", .float(-0.5), group: 0) } == "Adam: Invalid learning rate: -0.5")
    #expect(try optimizer.option("lr", group: 0).pythonText == "0.1")
  }

  @Test func mistakesAreErrors() throws {
    let parameter = try Tensor([1.0]).leaf()
    #expect(throws: SNNError.self) { try Optimizer([], SGD()) }
    #expect(throws: SNNError.self) { try Optimizer([parameter, parameter], SGD()) }
    #expect(throws: SNNError.self) { try Optimizer([parameter * 2], SGD()) }
    #expect(throws: SNNError.self) { try Optimizer([Tensor([1, 2])], SGD()) }
    #expect(throws: SNNError.self) { try Optimizer([parameter], SGD(lr: -1)) }
    #expect(throws: SNNError.self) { try Optimizer([parameter], SGD(lr: .nan)) }
    #expect(throws: SNNError.self) { try Optimizer([parameter], SGD(nesterov: true)) }
    #expect(throws: SNNError.self) { try Optimizer([parameter], Adam(betas: (1, 0.9))) }
    let optimizer = try Optimizer([parameter], Adam())
    #expect(throws: SNNError.self) { try optimizer.addGroup([parameter], Adam()) }
    #expect(throws: SNNError.self) { try optimizer.option("momentum", group: 0) }
    #expect(throws: SNNError.self) { try optimizer.option("lr", group: 1) }
    #expect(throws: SNNError.self) { try optimizer.setOption("lr", .string("fast"), group: 0) }
    #expect(throws: SNNError.self) { try optimizer.state("exp_avg", group: 0, index: 7) }
    #expect(throws: SNNError.self) { try optimizer.setState("exp_avg", group: 0, index: 0, to: Tensor([1.0, 2.0])) }
    #expect(try optimizer.state("exp_avg", group: 0, index: 0) == nil)
    #expect(message { _ = try Optimizer([parameter], NAdam(lr: -1)) } == "NAdam: Invalid learning rate: -1.0")
    #expect(message { _ = try Optimizer([parameter], Rprop(etas: (1, 2))) } == "Rprop: Invalid eta values: 1.0, 2.0")
    #expect(message { _ = try Optimizer([parameter], Muon()) }?.hasPrefix("Muon: only supports 2D parameters") == true)
    #expect(
      message { _ = try Optimizer([parameter], Adafactor(d: 0.5)) }?.contains("threshold d should be >= 1") == true)
    try optimizer.wrap(Lookahead())
    #expect(message { try optimizer.wrap(Lookahead()) } == "Lookahead: is around this optimizer already")
    #expect(throws: SNNError.self) { try optimizer.wrap(SAM(rho: -1)) }
    let factored = try Optimizer([parameter], Adafactor())
    #expect(throws: SNNError.self) { try factored.setState("row_var", group: 0, index: 0, to: parameter.detach()) }
  }
}
