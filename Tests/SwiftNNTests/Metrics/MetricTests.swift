import Testing

@testable import SwiftNN

@Suite struct MetricTests {
  @Test(arguments: MetricCase.table.cases.indices)
  func givesTheNumbersOfTheTable(number: Int) throws {
    let line = MetricCase.table.cases[number]
    let (outputs, targets, weights) = try line.inputs()
    let whole = try line.make()
    try whole.update(outputs, targets, weights: weights)
    let results = try whole.compute()
    #expect(results.count == line.results.count)
    for (result, expected) in zip(results, line.results) {
      #expect(result.shape == Dimensions(expected.shape), "\(line)")
      #expect(result.dtype.name == expected.dtype, "\(line)")
      for (a, b) in zip(try result.array(of: Double.self), expected.values.map(\.value)) {
        #expect(a == b || (a.isNaN && b.isNaN) || abs(a - b) <= 1e-12 * abs(b) + 1e-14, "\(line): \(a), not \(b)")
      }
    }
    // Examples one by one, each time in a new metric that goes on from what was gathered: the same bits.
    var last = try line.make()
    for i in 0..<targets.shape[0] {
      let next = try line.make()
      try next.load(gathered: last.gathered)
      try next.update(outputs.narrow(0, i, 1), targets.narrow(0, i, 1), weights: weights?.narrow(0, i, 1))
      last = next
    }
    for (one, other) in zip(results, try last.compute()) {
      #expect(try one.array(of: Double.self).map(\.bitPattern) == other.array(of: Double.self).map(\.bitPattern))
    }
  }

  @Test(arguments: Registry.metrics.map(\.name))
  func hasACase(name: String) {
    #expect(MetricCase.table.cases.contains { $0.metric == name })
  }

  @Test func typedFunctionsMakeThem() throws {
    let accuracy = try Metrics.accuracy(logits: true)
    try accuracy.update(Tensor([-1.0, 2.0, 0.25]), Tensor([0, 1, 0]), weights: nil)
    #expect(try accuracy.compute()[0].item().double == 2.0 / 3)
    #expect(accuracy.prefersMore)
    let error = try Metrics.meanSquaredError(multioutput: "raw_values")
    try error.update(Tensor([1.0, 2.0], [1, 2]), Tensor([1.0, 4.0], [1, 2]), weights: nil)
    #expect(try error.compute()[0].array(of: Double.self) == [0, 4])
    #expect(!error.prefersMore)
    accuracy.reset()
    #expect(accuracy.gathered.isEmpty)
  }

  @Test func graphsAreLeftAlone() throws {
    let outputs = try Tensor([0.5, 1.5]).leaf()
    let error = try Metrics.meanSquaredError()
    try error.update(outputs, Tensor([1.0, 1.0]), weights: nil)
    #expect(try !error.compute()[0].requiresGradient)
  }

  @Test func messagesNameBothNumbers() throws {
    func message(_ body: () throws -> Void) -> String {
      do { try body() } catch { return "\(error)" }
      return "nothing"
    }
    let accuracy = try Metrics.accuracy()
    #expect(
      message { try accuracy.update(Tensor([1, 2, 3]), Tensor([1, 2]), weights: nil) }.contains("[2], got [3]"))
    #expect(
      message { try accuracy.update(Tensor([1.0]), Tensor([0.5]), weights: nil) }.contains("got 0.5 at position 0"))
    let top = try Metrics.topKAccuracy()
    #expect(
      message { try top.update(Tensor([1.0, 2.0], [1, 2]), Tensor([2]), weights: nil) }.contains("from 0 to 1"))
    let r2 = try Metrics.r2Score()
    try r2.update(Tensor([1.0, 2.0], [1, 2]), Tensor([1.0, 2.0], [1, 2]), weights: nil)
    #expect(
      message { try r2.update(Tensor([1.0]), Tensor([1.0]), weights: nil) }.contains(
        "2 numbers for each example as before, got 1"))
    #expect(message { _ = try Metrics.auroc(maxFpr: 2) }.contains("max_fpr"))
  }
}
