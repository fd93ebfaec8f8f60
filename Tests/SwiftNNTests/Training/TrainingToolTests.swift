import Foundation
import Testing

@testable import SwiftNN

/// Clipping, penalties, constraints, reports and the range test, against their formulas.
@Suite struct TrainingToolTests {
  private func parameters() throws -> [(name: String, tensor: Tensor)] {
    let weight = try Tensor([1.0, -2, 3, -4], [2, 2]).leaf()
    let bias = try Tensor([5.0]).leaf()
    try weight.setGradient(Tensor([3.0, 0, 0, 4], [2, 2]))
    return [("a.weight", weight), ("a.bias", bias)]
  }

  @Test func normsAreClipped() throws {
    let all = try parameters().map(\.tensor)
    #expect(try Gradients.totalNorm(all.compactMap(\.gradient), 1).item().double == 7)
    #expect(try Gradients.totalNorm(all.compactMap(\.gradient), .infinity).item().double == 4)
    #expect(try Gradients.totalNorm([]).item().double == 0)
    let total = try Gradients.clipNorm(of: all, maxNorm: 1)
    #expect(try total.item().double == 5)
    let scale = 1 / (5 + 1e-6)
    let clipped = try #require(all[0].gradient)
    #expect(try difference(clipped.array(of: Double.self), [3 * scale, 0, 0, 4 * scale], .tight) == nil)
    try Gradients.clipValue(of: all, 0.5)
    #expect(try clipped.array(of: Double.self)[3] == 0.5)
    #expect(try Gradients.clipEach(of: all, maxNorm: 100).count == 1)
    #expect(try clipped.array(of: Double.self)[3] == 0.5)
  }

  @Test func normsThatAreNotFinite() throws {
    let all = try parameters().map(\.tensor)
    try all[0].setGradient(Tensor([.nan, 0, 0, 4], [2, 2]))
    #expect(throws: SNNError.self) { try Gradients.clipNorm(of: all, maxNorm: 1, errorIfNonfinite: true) }
    #expect(try all[0].gradient?.array(of: Double.self)[3] == 4)
    try Gradients.clipNorm(of: all, maxNorm: 1)
    #expect(try all[0].gradient?.array(of: Double.self).allSatisfy(\.isNaN) == true)
  }

  @Test func unitsAreClippedByTheirWeights() throws {
    let all = try parameters().map(\.tensor)
    try all[0].setGradient(Tensor([3.0, 4, 0, 0.01], [2, 2]))
    try Gradients.clipAdaptively(all, factor: 0.1)
    let size = 0.1 * 5.0.squareRoot()
    let expected = [0.6 * size, 0.8 * size, 0, 0.01]
    #expect(try difference(#require(all[0].gradient).array(of: Double.self), expected, .tight) == nil)
  }

  @Test func penalties() throws {
    let named = try parameters()
    func value(_ kind: Penalty.Kind, _ scale: Penalty.Scale = .whole, ratio: Double = 0.5) throws -> Double {
      try Penalty(kind, 2, scale: scale, examples: 5, ratio: ratio)(named, anchors: named.map(\.tensor)).item().double
    }
    #expect(try value(.l1) == 20 && value(.l1, .half) == 10 && value(.l1, .mean) == 4 && value(.l1, .halfMean) == 2)
    #expect(try value(.l2) == 60 && value(.elasticNet, ratio: 0.25) == 2 * (2.5 + 22.5) && value(.l2sp) == 0)
    #expect(try abs(value(.frobenius) - 2 * 30.0.squareRoot()) < 1e-12)
    let all = ParameterSelection(includesVectors: true)
    #expect(try Penalty(.l1, 1)(named, all).item().double == 15)
    #expect(try Penalty(.l1, 1)(named, ParameterSelection(["b*", "*.w?ight"])).item().double == 10)
    #expect(throws: SNNError.self) { try Penalty(.l1, -1) }
    #expect(throws: SNNError.self) { try Penalty(.l1, 1, examples: 0) }
    #expect(throws: SNNError.self) { try Penalty(.elasticNet, 1, ratio: .nan) }
    #expect(throws: SNNError.self) { try Penalty(.l2sp, 1)(named) }
    #expect(throws: SNNError.self) { try Penalty(.l2sp, 1)(named, anchors: [named[1].tensor, named[0].tensor]) }
  }

  @Test func penaltiesOfLayers() throws {
    let layer = try Linear(3, 2)
    let weight = try layer.weight.detach().array(of: Double.self)
    let value = try layer.penalty(Penalty(.l2, 1)).item().double
    #expect(abs(value - weight.reduce(0) { $0 + $1 * $1 }) < 1e-5)
    #expect(layer.namedParameters.map(\.name) == ["weight", "bias"])
  }

  @Test func slopesOfPenalties() throws {
    let weight = try Tensor([1.0, -2, 3, -4], [2, 2]).leaf()
    for kind in Penalty.Kind.allCases {
      let anchor = try Tensor([0.5, 1, 2, -1], [2, 2])
      let penalty = try Penalty(kind, 0.7, ratio: 0.3)
      try gradcheck([weight]) { [try penalty([("w", $0[0])], anchors: [anchor])] }
    }
  }

  @Test func constraints() throws {
    let named = try parameters()
    try Constraints.shrink(named, threshold: 1.5)
    #expect(try named[0].tensor.array(of: Double.self) == [0, -0.5, 1.5, -2.5])
    #expect(try named[1].tensor.item().double == 5)
    try Constraints.limitNorm(named, maxNorm: 1)
    let rows = try named[0].tensor.detach().norm(2, [1]).array(of: Double.self)
    #expect(abs(rows[0] - 0.5) < 1e-6 && abs(rows[1] - 1) < 1e-6)
    let before = try named[0].tensor.bytes()
    #expect(throws: SNNError.self) { try Constraints.shrink(named, threshold: -1) }
    #expect(throws: SNNError.self) { try Constraints.limitNorm(named, maxNorm: .nan) }
    #expect(throws: SNNError.self) { try Constraints.limitNorm(named, maxNorm: 1, dim: 5) }
    #expect(try named[0].tensor.bytes() == before)
  }

  @Test func patterns() {
    func matches(_ pattern: String, _ name: String) throws -> Bool {
      try ParameterSelection([pattern], includesVectors: true).contains(name, Tensor([1.0]))
    }
    for (pattern, name, expected) in [
      ("*", "", true), ("", "", true), ("a*c", "abbc", true), ("a*c", "abcb", false), ("?", "é", false),
      ("*a*b*", "xxaxxbxx", true), ("*a*b", "aab", true), ("a**", "a", true), ("b", "ab", false), ("ab", "a", false),
    ] { #expect((try? matches(pattern, name)) == expected, "\(pattern) \(name)") }
    let long = String(repeating: "a", count: 3000)
    #expect((try? matches(String(repeating: "*a", count: 200) + "b", long)) == false)
  }

  @Test func reportsNameTheLayer() throws {
    let named = try parameters()
    let report = try GradientReport(named)
    #expect(report.rows.map(\.verdict) == [.fine, .none] && report.totalNorm == 5)
    #expect(report.rows[0].zeros == 0.5 && report.rows[0].gradientSize == 2.5)
    #expect(report.description.contains("a.weight") && report.description.contains("no gradient"))
    func verdict(_ values: [Double]) throws -> GradientReport.Verdict {
      try named[0].tensor.setGradient(Tensor(values, [2, 2]))
      return try GradientReport(named).rows[0].verdict
    }
    #expect(try verdict([1e-9, 0, 0, 0]) == .vanishing)
    #expect(try verdict([1e6, 0, 0, 0]) == .exploding)
    #expect(try verdict([0, 0, 0, 0]) == .dead)
    #expect(try verdict([.infinity, 0, 0, 0]) == .notFinite)
    #expect(throws: SNNError.self) { try GradientReport([("i", Tensor([1, 2]))]) }
  }

  @Test func rangeTestLeavesEverythingAlone() throws {
    let parameter = try Tensor([1.0, -2]).leaf()
    let optimizer = try Optimizer([parameter], Adam(lr: 0.1))
    func step() throws -> Double {
      let loss = try parameter.square().sum()
      try loss.backward()
      return try loss.item().double
    }
    _ = try step()
    try optimizer.step()
    let before = try parameter.bytes()
    let state = try optimizer.state("exp_avg", group: 0, index: 0)?.bytes()
    var options = RateRange.Options()
    (options.from, options.smoothing, options.steps) = (1e-3, 0, 80)
    let found = try optimizer.rateRangeTest(options, step: step)
    #expect(found.rates.count > 20 && found.losses == found.smoothed && found.steepest != nil)
    #expect(try parameter.bytes() == before)
    #expect(try optimizer.state("exp_avg", group: 0, index: 0)?.bytes() == state)
    #expect(try optimizer.rates() == [0.1])
    #expect(parameter.gradient != nil)
    options.steps = 0
    #expect(throws: SNNError.self) { try optimizer.rateRangeTest(options, step: step) }
    struct Odd: Error {}
    #expect(throws: SNNError.self) { try optimizer.rateRangeTest { throw Odd() } }
    #expect(try optimizer.rates() == [0.1])
    let none = try optimizer.rateRangeTest { .nan }
    #expect(none.rates.isEmpty && none.steepest == nil && none.tenthOfLowest == nil)
  }

  @Test func ratesOfGroups() throws {
    #expect(try LearningRate.discriminative(0.1, groups: 3, decay: 2) == [0.025, 0.05, 0.1])
    #expect(try LearningRate.scaled(0.1, batchSize: 1024, baseBatchSize: 256) == 0.4)
    #expect(try LearningRate.scaled(0.1, batchSize: 1024, baseBatchSize: 256, byRoot: true) == 0.2)
    #expect(throws: SNNError.self) { try LearningRate.discriminative(0.1, groups: 0) }
    #expect(throws: SNNError.self) { try LearningRate.discriminative(0.1, groups: .max) }
    #expect(throws: SNNError.self) { try LearningRate.scaled(0.1, batchSize: 0) }
  }
}
