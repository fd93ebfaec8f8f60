import Testing

@testable import SwiftNN

/// Parameters go the way that PyTorch's optimizers take them, for every combination of options.
@Suite struct OptimizerTests {
  private struct Trajectory: Decodable {
    let optimizer: String
    let options: [String: CaseArgument]
    let start: [[Double]]
    /// After which steps `values` was noted, all parameters in one list.
    let steps: [Int]
    let values: [[Double]]
  }

  private func declaration(_ name: String) throws -> OptimizerDeclaration {
    guard let number = Registry.optimizerNumber(name) else { throw Golden.Missing(name: name) }
    return Registry.optimizers[number]
  }

  private func options(_ trajectory: Trajectory, _ declaration: OptimizerDeclaration) throws -> [Value] {
    let unknown = Set(trajectory.options.keys).subtracting(declaration.fields.map(\.name))
    #expect(unknown == [])
    return try declaration.fields.map { field in
      switch trajectory.options[field.name] {
      case nil: .none
      case .bool(let truth): .bool(truth)
      case .int(let number): .int(number)
      case .float(let number): .float(number)
      case .floats(let numbers): .floats(numbers)
      case let other: throw Golden.Missing(name: "\(String(describing: other))")
      }
    }
  }

  /// A gradient with changes of sign, as in Tests/Golden/units/optimizers.py.
  private func setGradient(_ parameter: Tensor, step: Int) throws {
    let slope = try parameter.detach() * 0.75 - .int(step % 3) + 0.5
    try parameter.setGradient(slope)
  }

  @Test(arguments: Registry.optimizers.map(\.name))
  func trajectories(of name: String) throws {
    let trajectories = try Golden.read("optimizers.json", as: [Trajectory].self).filter { $0.optimizer == name }
    #expect(!trajectories.isEmpty, "add the options of \(name) to Tests/Golden/units/optimizers.py")
    for trajectory in trajectories {
      let parameters = try trajectory.start.map { try Tensor($0).leaf() }
      let declaration = try declaration(name)
      let optimizer = try Optimizer(declaration, parameters, options(trajectory, declaration))
      var noted: [[Double]] = []
      for step in 1...trajectory.steps.max()! {
        for parameter in parameters { try setGradient(parameter, step: step) }
        try optimizer.step()
        if trajectory.steps.contains(step) { noted.append(try parameters.flatMap { try $0.array(of: Double.self) }) }
      }
      for (actual, expected) in zip(noted, trajectory.values) {
        let problem = difference(actual, expected, Tolerance(relative: 1e-10, absolute: 1e-12))
        #expect(problem == nil, "\(name) \(trajectory.options)")
      }
    }
  }

  /// Saved state in a new optimizer goes on where the old one was.
  @Test(arguments: Registry.optimizers.map(\.name))
  func stateCanBeMoved(of name: String) throws {
    let declaration = try declaration(name)
    var values: [Value] = declaration.fields.map { $0.name == "lr" ? .float(0.1) : .none }
    if let momentum = declaration.fields.firstIndex(where: { $0.name == "momentum" }) { values[momentum] = .float(0.9) }
    func steps(_ optimizer: Optimizer, _ parameter: Tensor, _ range: ClosedRange<Int>) throws {
      for step in range {
        try setGradient(parameter, step: step)
        try optimizer.step()
      }
    }
    let whole = try Tensor([0.5, -1.0]).leaf()
    let first = try Optimizer(declaration, [whole], values)
    try steps(first, whole, 1...5)
    let moved = try whole.leaf()
    let second = try Optimizer(declaration, [moved], values)
    for state in first.stateNames {
      if let tensor = try first.state(state, group: 0, index: 0) {
        try second.setState(state, group: 0, index: 0, to: tensor)
      }
    }
    try steps(first, whole, 6...12)
    try steps(second, moved, 6...12)
    #expect(try whole.bytes() == moved.bytes())
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
  }
}
