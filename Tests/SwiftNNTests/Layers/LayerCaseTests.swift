import Testing

@testable import SwiftNN

/// Runs every case of a layer; each problem is reported with the case's line.
private func forEachCase(of name: String, _ body: (LayerCase) throws -> String?) {
  for test in LayerTable.byLayer[name] ?? [] {
    do {
      if let problem = try body(test) { Issue.record("\(test.text): \(problem)") }
    } catch {
      Issue.record("\(test.text): \(error)")
    }
  }
}

/// Every layer of the registry against PyTorch's.
@Suite struct LayerCaseTests {
  @Test func everyLayerHasCases() {
    // Layers of layers have tests of their own, and models that are large at their smallest are compared whole.
    let missing = Registry.layers.filter { layer in
      LayerTable.byLayer[layer.name] == nil && !layer.name.contains(".")
        && !layer.fields.contains { $0.kind == .layers || $0.kind == .layer }
    }
    #expect(missing.map(\.name) == [], "add lines under Tests/Golden/layers and run `make golden`")
    #expect(Set(LayerTable.byLayer.keys).subtracting(Registry.layers.map(\.name)) == [])
  }

  /// Names and shapes of parameters and buffers, and the printed text.
  @Test(arguments: LayerTable.layers)
  func description(of name: String) {
    forEachCase(of: name) { test in
      let (layer, _, text) = try test.made()
      let printed = layer.text(named: String(name.split(separator: ".").last ?? ""), text)
      if printed != test.repr { return "printed as \(printed), expected \(test.repr)" }
      let found = layer.present
      let names = found.map { "\($0.name) \($0.cell.isParameter)" }
      let expected = test.state.map { "\($0.name) \($0.parameter)" }
      if names != expected { return "holds \(names), expected \(expected)" }
      for (state, stored) in zip(found, test.state) {
        let golden = try Golden.tensor(stored.tensor)
        if state.cell.tensor?.shape != golden.shape { return "\(state.name) has another shape than \(golden.shape)" }
      }
      return nil
    }
  }

  @Test(arguments: LayerTable.layers)
  func training(of name: String) { forEachCase(of: name) { try problem($0, $0.training, isTraining: true) } }

  @Test(arguments: LayerTable.layers)
  func evaluation(of name: String) { forEachCase(of: name) { try problem($0, $0.evaluation, isTraining: false) } }

  private func problem(_ test: LayerCase, _ run: LayerCase.Run, isTraining: Bool) throws -> String? {
    let (layer, declaration) = try test.ready()
    layer.train(isTraining)
    let (values, inputs) = try test.callArguments(declaration)
    let results = try declaration.call(layer, values).compactMap { $0 }
    if let shapes = run.shapes {
      let (found, expected) = (results.map { Array($0.shape) }, shapes.map(\.shape))
      return found == expected ? nil : "gave shapes \(found), expected \(expected)"
    }
    if let found = try difference(results, (run.results ?? []).map(Golden.tensor)) { return found }
    for (state, key) in zip(layer.present, run.state ?? []) {
      guard let tensor = state.cell.tensor else { continue }
      if let found = try difference(tensor.detach(), Golden.tensor(key)) { return "\(state.name) afterwards: \(found)" }
    }
    guard let expected = run.gradients else { return nil }
    let leaves = inputs + layer.parameters.filter(\.requiresGradient)
    let first = try GradientCheck.gradients(
      of: Projection.first.total(results), at: leaves, createGraph: run.second != nil)
    if let found = try difference(first, expected.map(Golden.tensor)) { return "gradient: \(found)" }
    guard let twice = run.second else { return nil }
    let second = try GradientCheck.gradients(
      of: Projection.second.total(ofAll: first), at: leaves, createGraph: false)
    return try difference(second, twice.map(Golden.tensor)).map { "second gradient: \($0)" }
  }

  /// What parameters begin with is distributed as PyTorch's.
  @Test(arguments: LayerTable.layers)
  func initialNumbers(of name: String) {
    forEachCase(of: name) { test in
      var drawn: [String: [Double]] = [:]
      for _ in 0..<test.draws {
        for state in try test.made().layer.present where state.cell.isParameter {
          drawn[state.name, default: []] += try state.cell.tensor?.array(of: Double.self) ?? []
        }
      }
      for (parameter, expected) in test.initial {
        let numbers = drawn[parameter] ?? []
        let count = Double(numbers.count)
        let mean = numbers.reduce(0, +) / count
        let deviation = (numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
        let greatest = numbers.lazy.map { abs($0 - mean) }.max() ?? 0
        let allowed = 6 * expected[1] / count.squareRoot() + 1e-9
        let isBounded = expected[3] - expected[0] < 1.8 * expected[1]
        guard abs(mean - expected[0]) <= 2 * allowed, abs(deviation - expected[1]) <= allowed,
          count < 2000 || expected[1] == 0 || isBounded == (greatest < 1.9 * expected[1])
        else { return "\(parameter) begins with mean \(mean) and deviation \(deviation), expected \(expected)" }
      }
      return nil
    }
  }
}
