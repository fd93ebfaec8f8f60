import Testing

@testable import SwiftNN

/// One line of Tests/Golden/stopping.json: measurements, and what other implementations say of them.
struct StoppingCase: Decodable, Sendable, CustomStringConvertible {
  let rule: String
  let options: [String: PlainOption]
  let epochs: [Int]
  let values: [String: [ScheduleCase.Metric]]
  let best: [Bool]
  let stop: [Bool]
  let numbers: [Double?]

  private struct File: Decodable {
    let cases: [StoppingCase]
  }

  var description: String { "\(rule) \(options)" }

  static let all: [StoppingCase] = {
    do { return try Golden.read("stopping.json", as: File.self).cases } catch { fatalError("stopping.json: \(error)") }
  }()

  func make() throws -> any StoppingRule {
    let number = try #require(Registry.number(of: rule, in: .stoppingRules))
    let declaration = Registry.stoppingRules[number]
    return try declaration(options.inOrder(of: declaration))
  }

  func observe(_ rule: any StoppingRule, _ i: Int) throws -> StoppingVerdict {
    try rule.observe(values.map { ($0.key, $0.value[i].value) }, epoch: epochs[i])
  }
}

@Suite struct StoppingTests {
  @Test(arguments: StoppingCase.all) func verdicts(_ test: StoppingCase) throws {
    var rule = try test.make()
    let fresh = rule.state
    for i in test.epochs.indices {
      if i == test.epochs.count / 2 {
        let state = rule.state
        rule = try test.make()
        try rule.load(state: state)
        #expect(rule.state == state)
      }
      let verdict = try test.observe(rule, i)
      #expect(verdict.isBest == test.best[i] && (verdict.reason != nil) == test.stop[i], "epoch \(test.epochs[i])")
      if let number = test.numbers[i] {
        let told = (verdict.reason ?? "").split { !"-+.e0123456789".contains($0) }.compactMap { Double($0) }
        #expect(told.contains { abs($0 - number) <= 1e-9 * max(abs(number), 1) }, "\(number), not: \(told)")
      }
    }
    rule.reset()
    #expect(rule.state == fresh)
  }

  @Test func typedFunctions() throws {
    let rule = try StoppingRules.earlyStopping(monitor: "val_accuracy", patience: 2)
    let reasons = try [0.5, 0.7, 0.7, 0.6].enumerated().map { i, value in
      try rule.observe([("loss", 1), ("val_accuracy", value)], epoch: i).reason
    }
    #expect(reasons[..<3].allSatisfy { $0 == nil })
    #expect(reasons[3] == "val_accuracy did not become better for 2 epochs; the best was 0.7 behind epoch 1")
    #expect(message { _ = try rule.observe([("loss", 1)], epoch: 9) }?.contains("'val_accuracy'") == true)
    #expect(message { _ = try StoppingRules.slopeStopping(window: 1) }?.contains("window") == true)
    _ = try StoppingRules.gaussianProcessStopping(horizon: 3)
  }
}
