import Testing

@testable import SwiftNN

/// Derivatives of functions against formulas and differences.
@Suite struct TransformTests {
  private func numbers(_ shape: [Int]) throws -> Tensor {
    try (Tensor.arange(0, .int(shape.reduce(1, *)), .float64) * 0.7 + 0.2).sin().reshape(shape)
  }

  @Test func gradientLeavesNoTrace() throws {
    let x = try numbers([3])
    let (value, slope) = try valueAndGradient(at: x) { try $0.square().sum() }
    #expect(try difference(slope, x * 2) == nil)
    #expect(!value.requiresGradient && !slope.requiresGradient && !x.requiresGradient && x.gradient == nil)
  }

  @Test func gradientsOfGradientsFollowTheOuterFunction() throws {
    let x = try numbers([3])
    let third = try gradient(at: x) { x in
      try gradient(at: x) { x in try gradient(at: x) { try $0.pow(4).sum() }.sum() }.sum()
    }
    #expect(try difference(third, x * 24) == nil)
    // A graph around the function goes on through its gradient.
    let w = try numbers([3]).leaf()
    let slope = try gradient(at: x) { try ($0.square() * w).sum() }
    #expect(slope.requiresGradient)
    #expect(try difference(Gradients.of(slope.sum(), withRespectTo: w), x * 2) == nil)
  }

  @Test func gradientsOfEachExample() throws {
    let (x, w) = (try numbers([4, 3]), try numbers([3]).cos())
    let each = try vmap(inDims: [0, nil]) { point in
      try gradients(at: point) { try ($0[0] * $0[1]).sin().sum() }
    }([x, w])
    for i in 0..<4 {
      let alone = try gradients(at: [x.select(0, i), w]) { try ($0[0] * $0[1]).sin().sum() }
      #expect(try difference(each[0].select(0, i), alone[0]) == nil)
      #expect(try difference(each[1].select(0, i), alone[1]) == nil)
    }
  }

  @Test func directionsAgreeWithDifferences() throws {
    let (x, v) = (try numbers([2, 3]), try numbers([2, 3]).cos())
    func f(_ x: Tensor) throws -> Tensor { try x.softmax(1).log() * x.exp().sum() }
    let change = try jvp(at: [x], along: [v]) { [try f($0[0])] }.changes[0]
    let h = 1e-5
    let expected = try (f(x + v * .float(h)) - f(x - v * .float(h))) / .float(2 * h)
    #expect(try difference(change, expected, Tolerance(relative: 1e-7, absolute: 1e-8)) == nil)
    let (_, pullback) = try vjp(at: [x]) { [try f($0[0])] }
    let seed = try numbers([2, 3]).square()
    let both = try (pullback([seed])[0] * v).sum() - (seed * change).sum()
    #expect(try abs(both.item().double) < 1e-12)
  }

  @Test func jacobiansAgreeBothWays() throws {
    let x = try numbers([3])
    func f(_ x: Tensor) throws -> Tensor { try x.unsqueeze(1).matmul(x.exp().unsqueeze(0)).logCumSumExp(0) }
    let rows = try jacobian(at: x, of: f)
    let columns = try jacobian(at: x, forward: true, chunkSize: 2, of: f)
    #expect(rows.shape == [3, 3, 3])
    #expect(try difference(rows, columns) == nil)
    let direct = try (0..<3).map { i in
      let step = try Tensor.eye(3, nil, .float64).select(0, i) * 1e-5
      return try (f(x + step) - f(x - step)) / 2e-5
    }
    let tolerance = Tolerance(relative: 1e-6, absolute: 1e-7)
    #expect(try difference(rows, Tensor.stack(direct, -1), tolerance) == nil)
  }

  @Test func hessianTimesVector() throws {
    let (x, v) = (try numbers([4]), try numbers([4]).cos())
    func f(_ x: Tensor) throws -> Tensor { try (x * x.flip([0])).sin().sum() * x.prod() }
    let whole = try hessian(at: x, of: f)
    let product = try hessianVectorProduct(at: [x], along: [v]) { try f($0[0]) }[0]
    #expect(try difference(product, whole.matmul(v), Tolerance(relative: 1e-9, absolute: 1e-12)) == nil)
    #expect(try difference(whole, whole.transpose(0, 1), Tolerance(relative: 1e-9, absolute: 1e-12)) == nil)
    let linear = try hessianVectorProduct(at: [x], along: [v]) { try $0[0].sum() }[0]
    #expect(try difference(linear, x.zerosLike()) == nil)
  }

  @Test func gaussNewtonTimesVector() throws {
    let (x, v) = (try numbers([4]), try numbers([4]).cos())
    let weight = try numbers([3, 4])
    func f(_ x: Tensor) throws -> Tensor { try weight.matmul(x).tanh() }
    func loss(_ z: Tensor) throws -> Tensor { try z.square().sum().exp() + z.prod() }
    let slopes = try jacobian(at: x, of: f)
    let curves = try hessian(at: f(x), of: loss)
    let whole = try slopes.transpose(0, 1).matmul(curves).matmul(slopes)
    let tolerance = Tolerance(relative: 1e-9, absolute: 1e-12)
    let product = try gaussNewtonProduct(at: [x], along: [v], of: { try f($0[0]) }, loss: loss)[0]
    #expect(try difference(product, whole.matmul(v), tolerance) == nil)
    #expect(!product.requiresGradient)
    // The second derivatives of a linear function are Gauss and Newton's alone.
    let linear = try gaussNewtonProduct(at: [x], along: [v], of: { try weight.matmul($0[0]) }, loss: loss)[0]
    let hessian = try hessianVectorProduct(at: [x], along: [v]) { try loss(weight.matmul($0[0])) }[0]
    #expect(try difference(linear, hessian, tolerance) == nil)
    // Several results, and one that does not depend on the input.
    let leaf = try x.leaf()
    let (sine, other) = (try leaf.sin(), try numbers([4]).leaf())
    let sum = try (sine.square().sum() + (f(leaf) * other.narrow(0, 0, 3)).square().sum())
    let through = [sine, other, sine]
    let found = try Gradients.gaussNewtonProduct(sum, through: [sine, other], withRespectTo: [leaf], vectors: [v])[0]
    #expect(try difference(found, x.cos().square() * v * 2, tolerance) == nil)
    #expect(throws: SNNError.self) {
      try Gradients.gaussNewtonProduct(sine, through: through, withRespectTo: [leaf], vectors: [v])
    }
    #expect(throws: SNNError.self) {
      try Gradients.gaussNewtonProduct(sum, through: [sine], withRespectTo: [leaf], vectors: [])
    }
    let none = try Gradients.gaussNewtonProduct(sum, through: [], withRespectTo: [leaf], vectors: [v])[0]
    #expect(try difference(none, x.zerosLike()) == nil)
  }

  @Test func customFunctionsTakeManyExamples() throws {
    func cube(_ x: Tensor) throws -> Tensor {
      try Gradients.custom(
        "Cube", [x], forward: { [try $0[0].pow(3)] }, derivative: { [try $0[0].map { try $0 * 3 * x.square() }] })[0]
    }
    let x = try numbers([3, 2])
    let each = try vmap { row in try gradient(at: row) { try cube($0).sum() } }(x)
    #expect(try difference(each, 3 * x.square()) == nil)
    let leaf = try x.leaf()
    let total = try vmap { try cube($0).sum() }(leaf).square().sum()
    let expected = try 2 * x.pow(3).sum([1], keepDim: true) * 3 * x.square()
    #expect(try difference(Gradients.of(total, withRespectTo: leaf), expected) == nil)
  }

  @Test func badFunctionsAreErrors() throws {
    let x = try numbers([3])
    func message(_ body: () throws -> Void) -> String {
      do { try body() } catch { return "\(error)" }
      return ""
    }
    #expect(message { _ = try gradient(at: x) { $0 } }.contains("scalar Tensor, got tensor with 1 dims"))
    #expect(message { _ = try gradient(at: Tensor([1, 2])) { try $0.sum() } }.contains("floating point"))
    #expect(message { _ = try jvp(at: [x], along: []) { $0 } }.contains("1 inputs and 0 directions"))
    #expect(message { _ = try jvp(at: [x], along: [Tensor([1.0])]) { $0 } }.contains("shape [1]"))
    #expect(
      message {
        _ = try vmap {
          try $0.backward()
          return $0
        }(x.leaf())
      } != "")
    let w = try numbers([3]).leaf()
    let inside = message {
      _ = try vmap { row in
        try (row * w).sum().backward()
        return row
      }(numbers([2, 3]))
    }
    #expect(inside.contains("called inside of vmap"))
    #expect(w.gradient == nil)
  }
}

/// The check of derivatives finds what is wrong, and only that.
@Suite struct DerivativeCheckTests {
  private func leaf() throws -> Tensor { try Tensor([0.5, -1.25, 2.0]).leaf() }

  private func planted(_ factor: Double) -> TensorsFunction {
    { inputs in
      let x = inputs[0]
      return try Gradients.custom(
        "Planted", inputs, forward: { [try $0[0].square()] },
        derivative: { [try $0[0].map { try $0 * x * .float(2 * factor) }] })
    }
  }

  @Test func rightDerivativesPass() throws {
    var options = DerivativeCheck()
    options.checksForward = true
    options.checksBatched = true
    let x = try leaf()
    try gradcheck([x], options: options) { [try $0[0].sin() * $0[0], try $0[0].sum()] }
    try gradcheck([x], options: options, planted(1))
    try gradgradcheck([x], options: options) { [try $0[0].sin() * $0[0]] }
    options.isFast = true
    try gradcheck([x], options: options) { [try $0[0].exp()] }
    #expect(try difference(x, leaf()) == nil)
  }

  @Test(arguments: [false, true])
  func wrongDerivativesFail(isFast: Bool) throws {
    var options = DerivativeCheck()
    options.isFast = isFast
    let x = try leaf()
    let error = #expect(throws: SNNError.self) { try gradcheck([x], options: options, planted(1.01)) }
    let text = try #require(error?.message)
    #expect(text.contains("Jacobian mismatch for output 0 with respect to input 0"))
    #expect(text.contains("numerical:tensor") && text.contains("analytical:tensor"))
    options.checksBackward = false
    options.checksForward = true
    let forward = #expect(throws: SNNError.self) { try gradcheck([x], options: options, planted(1.01)) }
    #expect(forward?.message.contains("in forward mode") == true)
  }

  @Test func wrongSecondDerivativesFail() throws {
    let x = try leaf()
    #expect(throws: SNNError.self) { try gradgradcheck([x]) { [try $0[0].detach() * $0[0].square()] } }
  }

  @Test func badInputsAreErrors() throws {
    #expect(throws: SNNError.self) { try gradcheck([Tensor([1.0])]) { $0 } }
    let expanded = try Tensor([1.0]).expand([3]).detach()
    try expanded.setRequiresGradient(true)
    #expect(throws: SNNError.self) { try gradcheck([expanded]) { $0 } }
    struct Stop: Error {}
    let x = try leaf()
    #expect(throws: SNNError.self) { try gradcheck([x]) { _ in throw Stop() } }
    #expect(try difference(x, leaf()) == nil)
  }
}

/// Anomaly and inference mode.
@Suite(.serialized) struct ModeTests {
  @Test func theFirstNaNIsNamed() throws {
    Anomaly.mode = (true, true)
    defer { Anomaly.mode = (false, false) }
    let x = try Tensor([0.0, 1.0]).leaf()
    let y = try ((x * 0).sqrt() * 0).sum()
    let error = #expect(throws: SNNError.self) { try y.backward() }
    #expect(error?.message.contains("Function 'SqrtBackward' returned nan values in its 0th output") == true)
    #expect(error?.message.contains("shape [2]") == true)
  }

  @Test func withoutTheCheckNaNPasses() throws {
    Anomaly.mode = (true, false)
    defer { Anomaly.mode = (false, false) }
    let x = try Tensor([0.0]).leaf()
    try ((x * 0).sqrt() * 0).sum().backward()
    #expect(try x.gradient?.item().double.isNaN == true)
  }

  @Test func inferenceTensorsStayOutOfGraphs() throws {
    Gradients.isInferenceMode = true
    let made = try Tensor([1.0, 2.0])
    Gradients.isInferenceMode = false
    #expect(made.isInference)
    let w = try Tensor([3.0, 4.0]).leaf()
    #expect(throws: SNNError.self) { try w * made }
    #expect(throws: SNNError.self) { try made.copy(from: w.detach()) }
    #expect(throws: SNNError.self) { try made.setRequiresGradient(true) }
    #expect(try (w + made).requiresGradient)
    #expect(try !made.clone().isInference)
  }
}
