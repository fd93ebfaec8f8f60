/// A function of tensors that runs example after example, with derivatives that do so too.
enum OneByOne {
  typealias Function = ([Tensor]) throws -> [Tensor]

  /// The results of `function` for every example of the innermost level.
  static func run(_ name: String, _ inputs: [Tensor], _ function: @escaping Function) throws -> [Tensor] {
    let examples = try Examples(Few(inputs), operation: name)
    guard examples.size > 0 else {
      throw SNNError.shape("vmap: \(name) runs example after example, and there is none")
    }
    remark(name)
    var columns: [[Tensor]] = []
    for number in 0..<examples.size {
      for (i, result) in try function(Array(examples.example(number))).enumerated() {
        if i < columns.count { columns[i].append(result) } else { columns.append([result]) }
      }
    }
    let outputs = try columns.map { parts in
      guard parts.count == examples.size, parts.allSatisfy({ $0.shape == parts[0].shape }) else {
        throw SNNError.dynamicShape(name)
      }
      return Tensor(each: try Tensor.stack(parts), level: examples.level)
    }
    return try Gradients.recordOneLevel(name, inputs, outputs) { gradients in
      try backward(name, inputs, gradients, function)
    }
  }

  /// The gradients of the inputs: those of each example by itself.
  private static func backward(
    _ name: String, _ inputs: [Tensor], _ gradients: [Tensor?], _ function: @escaping Function
  ) throws -> [Tensor?] {
    let differentiable = inputs.indices.filter { inputs[$0].dtype.isFloatingPoint }
    let reached = gradients.indices.filter { gradients[$0] != nil }
    let found = try run(name, inputs + gradients.compactMap(\.self)) { values in
      let create = Gradients.isEnabled
      var point = Array(values.prefix(inputs.count))
      let seeds = Array(values.dropFirst(inputs.count))
      return try Gradients.with(enabled: true) {
        for i in differentiable { point[i] = try Gradients.variable(point[i]) }
        let outputs = try function(point)
        let variables = differentiable.map { point[$0] }
        let used = reached.indices.filter { outputs[reached[$0]].requiresGradient }
        guard !used.isEmpty else { return try variables.map { try $0.zerosLike() } }
        let slopes = try Gradients.of(
          used.map { outputs[reached[$0]] }, withRespectTo: variables, seeds: used.map { seeds[$0] },
          createGraph: create, allowUnused: true)
        return try zip(slopes, variables).map { slope, variable in try slope ?? variable.zerosLike() }
      }
    }
    var all = [Tensor?](repeating: nil, count: inputs.count)
    for (i, gradient) in zip(differentiable, found) { all[i] = gradient }
    return all
  }
}

extension Operation {
  /// The body for every example of the innermost level among the arguments.
  func forEach(_ arguments: Arguments) throws -> [Tensor] {
    let values = Array(arguments.values)
    let inputs = values.flatMap(\.heldTensors)
    guard Few(inputs).haveBatches else { throw SNNError.elements(name) }
    let operation = self
    return try OneByOne.run(name, inputs) { tensors in
      var next = tensors[...]
      let replaced = values.map { $0.replacingTensors { next.removeFirst() } }
      return try replaced.withUnsafeBufferPointer { try operation.results(Arguments(values: $0)) }
    }
  }
}

extension Value {
  fileprivate var heldTensors: [Tensor] {
    switch self {
    case .tensor(let tensor): [tensor]
    case .tensors(let tensors): tensors.compactMap(\.self)
    default: []
    }
  }

  /// The same value with its tensors replaced, in order.
  fileprivate func replacingTensors(_ next: () -> Tensor) -> Value {
    switch self {
    case .tensor: .tensor(next())
    case .tensors(let tensors): .tensors(tensors.map { $0 == nil ? nil : next() })
    default: self
    }
  }
}
