import Testing

@testable import SwiftNN

/// Parameters go the way that PyTorch's optimizers take them, for every combination of options.
@Suite struct OptimizerTests {
  private struct Trajectory: Decodable {
    struct Wrapper: Decodable {
      let name: String
      let options: [String: CaseArgument]
    }

    let optimizer: String
    let options: [String: CaseArgument]
    let shapes: [[Int]]
    /// Options of the second half of the parameters, when they are a group of their own.
    let secondGroup: [String: CaseArgument]
    let wrappers: [Wrapper]
    /// Gradients are taken by a closure.
    let closure: Bool
    /// "slope", whose gradient alone is known, "valley", Rosenbrock's, or "model", a small network.
    let problem: String
    /// The step whose first gradient is NaN.
    let nanAt: Int
    /// How many of the last parameters have no gradient.
    let withoutGradient: Int
    /// After which steps `values` was noted, all parameters in one list.
    let steps: [Int]
    let values: [[CaseNumber]]
  }

  private static let trajectories = Result { try Golden.read("optimizers.json", as: [Trajectory].self) }

  private func declaration(_ name: String) throws -> OptimizerDeclaration {
    guard let number = Registry.optimizerNumber(name) else { throw Golden.Missing(name: name) }
    return Registry.optimizers[number]
  }

  private func values(_ options: [String: CaseArgument], _ fields: [Field]) throws -> [Value] {
    #expect(Set(options.keys).subtracting(fields.map(\.name)) == [])
    return try fields.map { field in
      switch options[field.name] {
      case nil: .none
      case .bool(let truth): .bool(truth)
      case .int(let number): .int(number)
      case .float(let number): .float(number)
      case .floats(let numbers): .floats(numbers)
      case .string(let word): .string(word)
      case let other: throw Golden.Missing(name: "\(String(describing: other))")
      }
    }
  }

  private func optimizer(_ trajectory: Trajectory, _ parameters: [Tensor]) throws -> Optimizer {
    let declaration = try declaration(trajectory.optimizer)
    let options = try values(trajectory.options, declaration.fields)
    let half = trajectory.secondGroup.isEmpty ? parameters.count : parameters.count / 2
    let optimizer = try Optimizer(declaration, Array(parameters[..<half]), options)
    if half < parameters.count {
      let second = trajectory.options.merging(trajectory.secondGroup) { $1 }
      try optimizer.addGroup(Array(parameters[half...]), values(second, declaration.fields))
    }
    for wrapper in trajectory.wrappers {
      let declaration = WrapperDeclaration.named(wrapper.name)
      try optimizer.wrap(declaration, values(wrapper.options, declaration.fields))
    }
    return optimizer
  }

  /// Parameters whose elements are told apart, as in Tests/Golden/units/optimizers.py.
  private func start(_ shapes: [[Int]]) throws -> [Tensor] {
    var number = 0
    return try shapes.map { shape in
      let count = shape.reduce(1, *)
      let values = (number..<number + count).map { (i: Int) -> Double in
        let step = Double((7 * i + 3) % 11 - 5)
        return step / 4 + Double(i) / 64
      }
      number += count
      return try Tensor(values, shape).leaf()
    }
  }

  /// A gradient with changes of sign, as in Tests/Golden/units/optimizers.py.
  private func setGradient(_ parameter: Tensor, step: Int) throws {
    let slope = try parameter.detach() * 0.75 - .int(step % 3) + 0.5
    try parameter.setGradient(slope)
  }

  /// Rosenbrock's valley along the elements of each parameter, as in Tests/Golden/units/optimizers.py.
  private func valley(_ parameters: [Tensor], _ optimizer: Optimizer) throws -> Tensor {
    optimizer.zeroGradients()
    var loss = try Tensor(.int(0), .float64)
    for parameter in parameters {
      let x = try parameter.reshaped(to: [parameter.count])
      let (left, right) = (try x.narrow(0, 0, x.count - 1), try x.narrow(0, 1, x.count - 1))
      loss = try loss + ((right - left.square()).square() * 100 + (-left + 1).square()).sum()
    }
    try loss.backward(retainGraph: true)
    return loss
  }

  /// A network with these weights: after each a tanh but the last; as in Tests/Golden/units/optimizers.py.
  private func model(_ parameters: [Tensor], _ optimizer: Optimizer) throws -> Tensor {
    optimizer.zeroGradients()
    var weights = parameters.dropLast()
    let sizes = weights[0].rank == 2 ? [6, weights[0].shape[1]] : [6, weights[0].shape[1], 4, 4]
    func pattern(_ count: Int, _ step: Int, _ first: Int, _ period: Int) -> [Double] {
      (0..<count).map { Double((step * $0 + first) % period - period / 2) }
    }
    var x = try Tensor(pattern(sizes.reduce(1, *), 5, 2, 13), sizes) / 8
    while let weight = weights.popFirst() {
      let bias = weights.first?.rank == 1 ? weights.popFirst() : nil
      x =
        weight.rank == 4
        ? try x.convolution(
          weight, bias, ConvolutionArguments(stride: [1, 2], padding: .numbers([1])),
          Spatial(operation: "conv2d", axes: 2))
        : try (x.flatten(1, -1) / 4).linear(weight, bias)
      x = try weights.isEmpty ? x * parameters[parameters.count - 1] : x.tanh()
    }
    optimizer.outputs = [x]
    let target = try Tensor(pattern(x.count, 3, 0, 7), Array(x.shape)) / 4
    let loss = try (x - target).square().sum() / 12
    try loss.backward(retainGraph: true)
    return loss
  }

  private func take(
    _ steps: ClosedRange<Int>, _ optimizer: Optimizer, _ parameters: [Tensor], of trajectory: Trajectory,
    _ note: (Int) throws -> Void = { _ in }
  ) throws {
    for step in steps {
      let closure: () throws -> Tensor = {
        if trajectory.problem == "valley" { return try valley(parameters, optimizer) }
        if trajectory.problem == "model" { return try model(parameters, optimizer) }
        for parameter in parameters.dropLast(trajectory.withoutGradient) { try setGradient(parameter, step: step) }
        if step == trajectory.nanAt, let gradient = parameters[0].gradient {
          gradient.data.storeBytes(of: Double.nan, as: Double.self)
        }
        return try Tensor(0)
      }
      if trajectory.closure {
        try optimizer.step(closure)
      } else {
        _ = try closure()
        try optimizer.step()
      }
      try note(step)
    }
  }

  @Test(arguments: Registry.optimizers.map(\.name))
  func trajectories(of name: String) throws {
    let trajectories = try Self.trajectories.get().filter { $0.optimizer == name }
    #expect(!trajectories.isEmpty, "add the options of \(name) to Tests/Golden/optimizers")
    for trajectory in trajectories {
      let parameters = try start(trajectory.shapes)
      let optimizer = try optimizer(trajectory, parameters)
      var noted: [[Double]] = []
      try take(1...trajectory.steps.max()!, optimizer, parameters, of: trajectory) { step in
        if trajectory.steps.contains(step) { noted.append(try parameters.flatMap { try $0.array(of: Double.self) }) }
      }
      for (actual, expected) in zip(noted, trajectory.values) {
        let problem = difference(actual, expected.map(\.value), Tolerance(relative: 1e-9, absolute: 1e-12))
        #expect(problem == nil, "\(name) \(trajectory.options) \(trajectory.wrappers)")
      }
    }
  }

  /// Every wrapper is in the table.
  @Test func wrappersHaveTrajectories() throws {
    let names = Set(try Self.trajectories.get().flatMap { $0.wrappers.map(\.name) })
    #expect(names == Set(Registry.wrappers.map(\.name)))
  }

  /// Saved state in a new optimizer goes on where the old one was, bit for bit.
  @Test(arguments: Registry.optimizers.map(\.name))
  func stateCanBeMoved(of name: String) throws {
    for trajectory in try Self.trajectories.get().filter({ $0.optimizer == name && $0.nanAt == 0 }) {
      let whole = try start(trajectory.shapes)
      let first = try optimizer(trajectory, whole)
      try take(1...7, first, whole, of: trajectory)
      let moved = try whole.map { try $0.leaf() }
      let second = try optimizer(trajectory, moved)
      for (g, group) in first.groups.enumerated() {
        for index in group.parameters.indices {
          for state in first.stateNames {
            guard let tensor = try first.state(state, group: g, index: index) else { continue }
            try second.setState(state, group: g, index: index, to: tensor)
          }
        }
      }
      try take(8...20, first, whole, of: trajectory)
      try take(8...20, second, moved, of: trajectory)
      for (one, other) in zip(whole, moved) {
        #expect(try one.bytes() == other.bytes(), "\(name) \(trajectory.options) \(trajectory.wrappers)")
      }
    }
  }
}
