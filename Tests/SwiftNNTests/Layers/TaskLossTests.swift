import Testing

@testable import SwiftNN

/// Losses that need more than the table of cases can say.
@Suite struct TaskLossTests {
  /// Two losses of one shared parameter, whose norms are known: 3·|w| scaled, and 4·|w|.
  private func losses(_ shared: Tensor) throws -> [Tensor] {
    [try shared.square().sum() * 1.5, try shared.square().sum() * 0.5]
  }

  @Test func gradNormBalances() throws {
    let shared = try Tensor([3.0, 4.0]).leaf()
    let weights = try Tensor([0.5, 1.5]).leaf()
    let initial = try Tensor([75.0, 6.25])
    let balance = try Tensor.gradNorm(losses(shared), weights: weights, shared: [shared], initial: initial, alpha: 1.5)
    // Norms 3 · 5 and 1 · 5; losses 37.5 and 12.5, so that rates are 0.5 and 2.
    let sizes = [0.5 * 15, 1.5 * 5]
    let target = [0.4, 1.6].map { (sizes[0] + sizes[1]) / 2 * pow15($0) }
    #expect(abs(try balance.item().double - abs(sizes[0] - target[0]) - abs(sizes[1] - target[1])) < 1e-12)
    let slope = try Gradients.of(balance, withRespectTo: weights).array(of: Double.self)
    #expect(slope == [sizes[0] > target[0] ? 15 : -15, sizes[1] > target[1] ? 5 : -5])
  }

  /// Without the shared parameters there is no balance, also where a hook looks on.
  @Test func hooksSeeTheResultsThatThereAre() throws {
    let layer = try GradNorm(2, dtype: .float64)
    var seen = 0
    _ = layer.addHook { inputs, call in
      let results = try call(inputs)
      seen = results.count
      return results
    }
    let results = try layer.declaration.call(layer, [.tensors(losses(Tensor([3.0, 4.0]).leaf()))])
    #expect(seen == 1 && results.count == 2 && results[0] != nil && results[1] == nil)
  }

  @Test func absurdCutoffsAreErrors() throws {
    let (x, head) = (try Tensor.zeros([2, 3]), try Tensor.zeros([4, 3]))
    for cutoffs in [[Int.max], [Int.max - 1, Int.max]] {
      let tail = Array(repeating: head, count: 2 * (cutoffs.count - 1))
      #expect(throws: SNNError.self) {
        try Operation.adaptiveLogSoftmax.apply([.tensor(x), .tensor(head), .tensors(tail), .ints(cutoffs), .none])
      }
    }
  }

  private func pow15(_ x: Double) -> Double { x * x.squareRoot() }

  /// The order of calls that the documentation gives.
  @Test func gradNormTrains() throws {
    let shared = try Tensor([3.0, 4.0]).leaf()
    let layer = try GradNorm(2, alpha: 0.5, dtype: .float64)
    let declaration = layer.declaration
    for step in 0..<3 {
      let given = try losses(shared)
      let results = try declaration.call(layer, [.tensors(given), .tensors([shared])])
      let total = try #require(results[0])
      let balance = try #require(results[1])
      #expect(abs(try layer.weights.sum().item().double - 2) < 1e-12)
      try shared.setGradient(nil)
      try layer.weights.setGradient(nil)
      try balance.backward()
      #expect(shared.gradient == nil)
      try total.backward()
      #expect(shared.gradient != nil)
      let slope = try #require(layer.weights.gradient)
      try Gradients.with(enabled: false) { try layer.weights.copy(from: layer.weights - slope * 0.01) }
      if step == 0 { #expect(try layer.initialLosses?.array(of: Double.self) == [37.5, 12.5]) }
    }
    // The first loss has the greater gradient, so its weight has become less.
    let weights = try layer.weights.array(of: Double.self)
    #expect(weights[0] < 1 && weights[1] > 1)
  }

  @Test func mistakes() throws {
    func value(_ sizes: Int...) throws -> Value { .tensor(try .ones(sizes)) }
    let one = try Tensor(1.0)
    let two = try Tensor([1.0, 2.0])
    let pair = Value.tensor(two)
    let (row, column, square) = (try value(1, 2), try value(2, 1), try value(2, 2))
    let (image, volume, voxel) = (try value(1, 1, 2, 2), try value(1, 1, 1, 1, 1), try value(1, 1, 1, 1, 3))
    let classes: [Value] = [.tensor(try Tensor([0, 1])), .tensor(try Tensor([0, 3]))]
    let lengths: [Value] = [.tensor(try Tensor([3])), .tensor(try Tensor([-1]))]
    let theta = try value(1, 2, 3)
    var calls: [(String, [Value])] = []
    func add(_ name: String, _ values: Value...) { calls.append((name, values)) }
    add("weighted_loss", .tensors([]))
    add("weighted_loss", .tensors([two]))
    add("weighted_loss", .tensors([one]), .floats([1, 2]))
    add("uncertainty_loss", .tensors([one]), pair)
    add("uncertainty_loss", .tensors([one, one]), pair, .ints([2]))
    add("uncertainty_loss", .tensors([nil]), .tensor(one))
    add("gradnorm_loss", .tensors([one, one]), pair, .tensors([]), pair)
    add("gradnorm_loss", .tensors([one]), pair, .tensors([two]), pair)
    add("contrastive_loss", pair, pair, pair)
    add("triplet_mining_loss", pair, pair)
    add("info_nce_loss", pair, pair)
    add("info_nce_loss", square, square, square, .float(1), .bool(true))
    add("nt_xent_loss", try value(3, 2))
    add("nt_xent_loss", square, .none, .float(0))
    add("sequence_mse_loss", pair, pair)
    for item in lengths { add("sequence_mse_loss", column, column, .none, item) }
    add("sequence_mse_loss", column, column, column)
    add("sequence_cross_entropy", column, column)
    add("distillation_loss", pair, pair)
    add("distillation_loss", pair, .tensor(one))
    add("adaptive_log_softmax", row, square, .tensors([]), .ints([2, 1]))
    add("adaptive_log_softmax", row, square, .tensors([]), .ints([]))
    add("adaptive_log_softmax", row, square, .tensors([]), .ints([2, 3]))
    add("linear_cross_entropy", square, try value(3, 4), classes[0])
    add("linear_cross_entropy", square, try value(3, 2), classes[1])
    add("grid_sample", image, try value(2, 1, 1, 2))
    add("grid_sample", try value(1, 1, 0, 2), try value(1, 1, 1, 2))
    add("grid_sample", volume, voxel, .string("bicubic"))
    add("affine_grid", theta, .ints([1, 1, 1 << 40, 1 << 40]))
    add("affine_grid", theta, .ints([2, 1, 2, 2]))
    add("affine_grid", theta, .ints([1, 1, 0, 2]))
    for (name, values) in calls {
      let text = message { _ = try Registry.apply(name, values) }
      #expect(text?.isEmpty == false, "\(name) took a mistake")
    }
  }

  /// Places that are no numbers, or far away, read nothing that is not there.
  @Test func gridsOfSpecialPlaces() throws {
    let image = try Tensor([1.0, 2, 3, 4], [1, 1, 2, 2])
    let places = try Tensor([Double.nan, 0, .infinity, -.infinity, 1e300, -1e300, 0, 0], [1, 1, 4, 2])
    for mode in ["bilinear", "nearest", "bicubic"] {
      for padding in ["zeros", "border", "reflection"] {
        let y = try Registry.apply(
          "grid_sample", [.tensor(image), .tensor(places), .string(mode), .string(padding), .bool(false)])[0]
        #expect(y.shape == [1, 1, 1, 4])
      }
    }
  }

  /// Rows are scored in parts, and the scores are gone before the derivative.
  @Test func scoresAreNotStored() throws {
    let (rows, classes) = (96, 40_000)
    let x = try Tensor.uniform([rows, 4], -1, 1, .float32, Generator(seed: 1)).leaf()
    let w = try Tensor.uniform([classes, 4], -1, 1, .float32, Generator(seed: 2)).leaf()
    let target = try Tensor((0..<rows).map { $0 * 400 })
    let loss = try x.linearCrossEntropy(w, target)
    let plain = try x.linear(w).crossEntropy(target)
    #expect(abs(try loss.item().double - plain.item().double) < 1e-5)
    let mine = try Gradients.of([loss], withRespectTo: [x, w])
    let theirs = try Gradients.of([plain], withRespectTo: [x, w])
    for (a, b) in zip(mine, theirs) {
      let distance = try (a! - b!).abs().amax().item().double
      #expect(distance < 1e-6)
    }
  }

  @Test func adaptiveSoftmax() throws {
    let layer = try AdaptiveLogSoftmaxWithLoss(8, 20, cutoffs: [4, 10], divValue: 2)
    let x = try Tensor.uniform([5, 8], -1, 1)
    let all = try layer(x)
    #expect(all.shape == [5, 20])
    let distance = try (all.exp().sum([1]) - 1).abs().amax().item().double
    #expect(distance < 1e-5)
    let (found, expected) = (try layer.predict(x).array(of: Int.self), try all.argmax(1).array(of: Int.self))
    #expect(found == expected)
    let names = layer.state.filter { $0.cell.tensor != nil }.map(\.name)
    #expect(names == ["head.weight", "tail.0.0.weight", "tail.0.1.weight", "tail.1.0.weight", "tail.1.1.weight"])
    for cutoffs in [[], [0], [20], [5, 5], [6, 4]] {
      #expect(message { _ = try AdaptiveLogSoftmaxWithLoss(8, 20, cutoffs: cutoffs) } != nil)
    }
    #expect(message { _ = try layer(x, Tensor([0, 1, 2, 3, 20])) }?.contains("[0, 19]") == true)
  }
}
