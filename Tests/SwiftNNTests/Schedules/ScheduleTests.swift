import Foundation
import Testing

@testable import SwiftNN

/// Schedules give optimizers the rates that PyTorch's give them, for every line of the table.
@Suite struct ScheduleTests {
  private static let exact = Tolerance(relative: 1e-12, absolute: 1e-17)

  @Test(arguments: ScheduleCase.all)
  func trajectories(_ test: ScheduleCase) throws {
    let scheduler = try test.make()
    let first = try (scheduler.optimizer.rates(), ScheduleCase.momentum(scheduler.optimizer))
    let (rates, momenta) = try test.run(scheduler, 1...test.steps)
    #expect(difference(([first.0] + rates).flatMap(\.self), test.rates.flatMap(\.self), Self.exact) == nil)
    if !test.momenta.isEmpty { #expect(difference([first.1] + momenta, test.momenta, Self.exact) == nil) }
    #expect(scheduler.rates == rates.last)
  }

  @Test(arguments: ScheduleCase.all.filter(\.isPure))
  func ratesAreAFunctionOfTheStep(_ test: ScheduleCase) throws {
    let scheduler = try test.make()
    let rates = try (0...test.steps).flatMap { try scheduler.rates(at: $0) }
    #expect(difference(rates, test.rates.flatMap(\.self), Tolerance(relative: 1e-9, absolute: 1e-15)) == nil)
    #expect(throws: SNNError.self) { try scheduler.rates(at: -1) }
  }

  /// Bit for bit, in a new optimizer and a new schedule.
  @Test(arguments: ScheduleCase.all)
  func savedStateGoesOn(_ test: ScheduleCase) throws {
    let half = test.steps / 2
    let first = try test.make()
    if half > 0 { _ = try test.run(first, 1...half) }
    let state = first.state
    let second = try test.make()
    second.optimizer.groups = zip(second.optimizer.groups, first.optimizer.groups).map { new, old in
      var group = new
      (group.options, group.rule, group.notes) = (old.options, old.rule, old.notes)
      return group
    }
    try second.load(state: state)
    #expect(second.state == state)
    let expected = try test.run(first, half + 1...test.steps)
    let actual = try test.run(second, half + 1...test.steps)
    #expect(actual.rates == expected.rates && actual.momenta.map(\.bitPattern) == expected.momenta.map(\.bitPattern))
  }

  @Test func everyScheduleHasCases() {
    func names(_ parts: [ScheduleCase.Part]) -> [String] { parts.flatMap { [$0.schedule] + names($0.parts) } }
    let tested = Set(ScheduleCase.all.flatMap { [$0.schedule] + names($0.parts) })
    let missing = Registry.schedules.map(\.name).filter { !tested.contains($0) }
    #expect(missing == [], "add lines under Tests/Golden/schedules and run `make golden`")
  }

  private func optimizer(_ rates: [Double] = [0.1]) throws -> Optimizer {
    let made = try Optimizer([Tensor([1.0]).leaf()], SGD(lr: rates[0]))
    for rate in rates.dropFirst() { try made.addGroup([Tensor([1.0]).leaf()], SGD(lr: rate)) }
    return made
  }

  @Test func typedFunctionsMakeThem() throws {
    let optimizer = try optimizer()
    let scheduler = try Scheduler.stepLR(optimizer, stepSize: 2, gamma: 0.5)
    for _ in 0..<5 { try scheduler.step() }
    #expect(scheduler.rates == [0.025] && scheduler.currentStep == 5 && scheduler.baseRates == [0.1])
    #expect(try scheduler.rates(at: 4) == [0.025])
  }

  @Test func functionsOfTheCaller() throws {
    let first = try optimizer([0.1, 0.2])
    let lambda = try Scheduler.lambdaLR(first) { step, group in group == 0 ? pow(0.5, Double(step)) : 1 }
    for _ in 0..<3 { try lambda.step() }
    #expect(lambda.rates == [0.0125, 0.2])
    #expect(try lambda.rates(at: 1) == [0.05, 0.2])
    let second = try optimizer()
    let multiplied = try Scheduler.multiplicativeLR(second) { _, _ in 0.5 }
    for _ in 0..<3 { try multiplied.step() }
    #expect(multiplied.rates == [0.0125])
    #expect(try multiplied.rates(at: 3) == [0.0125])
    let itself = try Scheduler.of(optimizer(), .rate) { scheduler, step, _ in scheduler.baseRates[0] + Double(step) }
    try itself.step()
    #expect(itself.rates == [1.1])
    #expect(throws: SNNError.self) { try itself.rates(at: 3) }
  }

  /// A failed call leaves rates, momentum and state as they were.
  @Test func failuresChangeNothing() throws {
    struct Odd: Error {}
    let optimizer = try optimizer()
    var fails = false
    let scheduler = try Scheduler.lambdaLR(optimizer) { step, _ in
      if fails { throw Odd() }
      return 1 / Double(step + 1)
    }
    try scheduler.step()
    let (state, rate) = (scheduler.state, try optimizer.rates())
    fails = true
    #expect(throws: SNNError.self) { try scheduler.step() }
    #expect(scheduler.state == state)
    #expect(try optimizer.rates() == rate)
    let cycle = try Scheduler.oneCycleLR(optimizer, maxLr: [1], totalSteps: 4)
    for _ in 0..<4 { try cycle.step() }
    let before = cycle.state
    #expect(
      message { try cycle.step() }?.contains("Tried to step 5 times. The specified number of total steps is 4") == true)
    #expect(cycle.state == before)
    let other = try self.optimizer()
    #expect(throws: SNNError.self) { try Scheduler.oneCycleLR(other, maxLr: [1], totalSteps: 10, pctStart: 0.1) }
    #expect(try other.rates() == [0.1] && other.momentumOption == "momentum")
    #expect(throws: SNNError.self) { try other.option("max_lr", group: 0) }
  }

  @Test func pastTheEnd() throws {
    let optimizer = try optimizer()
    let scheduler = try Scheduler.oneCycleLR(optimizer, maxLr: [1], totalSteps: 10, annealStrategy: "linear")
    for _ in 0..<10 { try scheduler.step() }
    #expect(scheduler.rates[0] < 0)
    let polynomial = try Scheduler.polynomialLR(self.optimizer(), totalIters: 3)
    for _ in 0..<9 { try polynomial.step() }
    #expect(polynomial.rates == [0])
  }

  @Test func milestonesInAnyOrder() throws {
    let one = try optimizer()
    let parts = [
      try Scheduler.constantLR(one), try Scheduler.multiplicativeLR(one) { _, _ in 0.5 }, try Scheduler.constantLR(one),
    ]
    let scheduler = try Scheduler.sequential(parts, milestones: [10, 5])
    for step in 0..<20 { #expect(try scheduler.rates(at: step).allSatisfy(\.isFinite)) }
  }

  @Test func momentumThatWasNotThereCannotCycle() throws {
    let scheduler = try Scheduler.cyclicLR(optimizer(), baseLr: [0.1], maxLr: [1], cycleMomentum: false)
    try scheduler.load(state: "{\"cycle_momentum\": true}")
    let state = scheduler.state
    #expect(message { try scheduler.step() }?.contains("without momenta") == true)
    #expect(scheduler.state == state)
  }

  @Test func matricesAloneCanBeChained() throws {
    let muon = try Optimizer([Tensor.full([2, 2], 1, .float32).leaf()], Muon(lr: 0.5))
    #expect(try Scheduler.chained([.stepLR(muon, stepSize: 1, gamma: 0.5)]).rates(at: 2) == [0.125])
  }

  @Test func mistakesAreErrors() throws {
    let one = try optimizer()
    let two = try optimizer([0.1, 0.2])
    #expect(throws: SNNError.self) { try Scheduler.stepLR(one, stepSize: 0) }
    #expect(throws: SNNError.self) { try Scheduler.constantLR(one, factor: 1.5) }
    #expect(throws: SNNError.self) { try Scheduler.linearLR(one, startFactor: 0) }
    #expect(throws: SNNError.self) { try Scheduler.linearLR(one, endFactor: .nan) }
    #expect(throws: SNNError.self) { try Scheduler.cosineAnnealingLR(one, tMax: 0) }
    #expect(throws: SNNError.self) { try Scheduler.oneCycleLR(one, maxLr: [1]) }
    #expect(throws: SNNError.self) { try Scheduler.oneCycleLR(one, maxLr: [1], epochs: .max, stepsPerEpoch: .max) }
    #expect(throws: SNNError.self) { try Scheduler.oneCycleLR(two, maxLr: [1, 2, 3], totalSteps: 10) }
    #expect(throws: SNNError.self) { try Scheduler.reduceLROnPlateau(one, factor: 1) }
    #expect(throws: SNNError.self) { try Scheduler.reduceLROnPlateau(two, minLr: [1, 2, 3]) }
    #expect(throws: SNNError.self) { try Scheduler.stepLR(one, stepSize: 3, lastEpoch: -2) }
    #expect(message { _ = try Scheduler.stepLR(one, stepSize: 3, lastEpoch: 4) }?.contains("initial_lr") == true)
    let step = try Scheduler.stepLR(one, stepSize: 3)
    #expect(throws: SNNError.self) { try step.step(metric: 1) }
    #expect(throws: SNNError.self) { try step.step(to: -1) }
    #expect(throws: SNNError.self) { try step.step(to: 0.5) }
    #expect(throws: SNNError.self) { try step.step(to: .nan) }
    #expect(throws: SNNError.self) { try step.setScale { $0 } }
    let plateau = try Scheduler.reduceLROnPlateau(one)
    #expect(throws: SNNError.self) { try plateau.step() }
    #expect(throws: SNNError.self) { try plateau.rates(at: 3) }
    #expect(throws: SNNError.self) { try Scheduler.sequential([], milestones: []) }
    #expect(throws: SNNError.self) { try Scheduler.sequential([step], milestones: [3]) }
    #expect(throws: SNNError.self) { try Scheduler.sequential([step, step], milestones: [.min]) }
    #expect(throws: SNNError.self) { try Scheduler.sequential([step, plateau], milestones: [3]) }
    #expect(throws: SNNError.self) { try Scheduler.chained([step, .stepLR(two, stepSize: 3)]) }
    #expect(throws: SNNError.self) { try Scheduler.warmup(step, iterations: -1) }
    #expect(throws: SNNError.self) { try Scheduler.warmup(step, iterations: 4, start: 0, isExponential: true) }
    try one.addGroup([Tensor([1.0]).leaf()], SGD(lr: 1))
    #expect(message { try step.step() }?.contains("was made for 1 parameter groups, the optimizer has 2") == true)
  }

  @Test(arguments: [
    "", "{", "[]", "{\"gamma\": }", "{\"gamma\": \"fast\"}", "{\"step_size\": 0}", "{\"speed\": 1}", "{} x",
    "{\"base_lrs\": [0.1, 0.2]}", "{\"base_lrs\": [true]}", "{\"_schedulers\": [{}]}", "{\"last_epoch\": -7}",
    "{\"last_epoch\": 1e300}", "{\"gamma\": 1, \"step_size\": 0.5}", "{\"gamma\": tru}",
  ])
  func wrongStatesChangeNothing(_ text: String) throws {
    let scheduler = try Scheduler.stepLR(optimizer(), stepSize: 3)
    let state = scheduler.state
    #expect(throws: SNNError.self) { try scheduler.load(state: text) }
    #expect(scheduler.state == state)
  }

  @Test func valuesAreTakenOverByName() throws {
    let scheduler = try Scheduler.stepLR(optimizer(), stepSize: 3)
    try scheduler.load(state: #"{"gamma": 1, "last_epoch": 2, "_step_count": 7}"#)
    try scheduler.step()
    #expect(scheduler.rates == [0.1] && scheduler.currentStep == 3)
    let plateau = try Scheduler.reduceLROnPlateau(optimizer(), minLr: [0.5])
    try plateau.load(state: #"{"best": -Infinity, "min_lrs": [0], "default_min_lr": null}"#)
    #expect(plateau.state.contains("\"best\": -Infinity"))
  }
}
