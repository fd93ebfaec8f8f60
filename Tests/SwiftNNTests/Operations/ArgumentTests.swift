import Testing

@testable import SwiftNN

/// Wrong arguments are errors that name the operation, whatever they are.
@Suite struct ArgumentTests {
  /// What is wrong with the way in which an operation refuses arguments; `mayPass` where they may be right. Messages start
  /// with the operation's name, in place or not, with or without the name of the overload.
  private func problem(_ name: String, _ values: [Value], mayPass: Bool = false) -> String? {
    var results: [Tensor] = []
    guard let text = message(of: { results = try Registry.apply(name, values) }) else {
      // What is let through has derivatives or says that it has none; neither may trap.
      _ = message { try differentiateTwice(results, values) }
      return mayPass ? nil : "was accepted"
    }
    let spoken = name.prefix { $0 != "." }
    let names = [name, String(spoken), spoken.hasSuffix("_") ? String(spoken.dropLast()) : name]
    return names.contains { text.hasPrefix("\($0):") } ? nil : "the message does not name \(name): \(text)"
  }

  private func differentiateTwice(_ results: [Tensor], _ values: [Value]) throws {
    let leaves = values.compactMap { if case .tensor(let x) = $0, x.requiresGradient, x.isLeaf { x } else { nil } }
    var outputs = results.filter(\.requiresGradient)
    for isLast in [false, true] where !outputs.isEmpty && !leaves.isEmpty {
      let seeds: [Tensor?] = try outputs.map { try .ones(Array($0.shape), $0.dtype) }
      let found = try Gradients.of(
        outputs, withRespectTo: leaves, seeds: seeds, createGraph: !isLast, allowUnused: true)
      outputs = found.compactMap { $0 }.filter(\.requiresGradient)
    }
  }

  private func problems(_ name: String, _ found: (String, [Value])..., mayPass: Bool = false) -> [String] {
    found.compactMap { what, values in problem(name, values, mayPass: mayPass).map { "\(what): \($0)" } }
  }

  @Test(arguments: Table.operations)
  func count(of name: String) throws {
    let call = try Call(Table.byOperation[name]![0])
    let fields = call.operation.fields
    var found = problems(name, ("too many", call.values + [.int(1)]))
    if let needed = fields.lastIndex(where: { $0.defaultValue == nil }) {
      found += problems(name, ("none", []), ("one is missing", Array(call.values.prefix(needed))))
    }
    #expect(found == [])
  }

  @Test(arguments: Table.operations)
  func kind(of name: String) throws {
    let call = try Call(Table.byOperation[name]![0])
    for (i, field) in call.operation.fields.enumerated() {
      var values = call.values
      values[i] = field.kind == .string ? .ints([1, 2]) : .string("nonsense")
      #expect(problems(name, (field.name, values)) == [])
      if !field.choices.isEmpty {
        values[i] = .string("nonsense")
        #expect(problems(name, (field.name, values)) == [])
      }
    }
  }

  /// The dims of `tile` are numbers of repetitions.
  @Test(arguments: Table.operations)
  func axis(of name: String) throws {
    let names: Set = ["dim", "dims", "dim0", "dim1", "axis", "axes", "start_dim", "end_dim"]
    for test in Table.byOperation[name]! {
      let call = try Call(test)
      for (i, field) in call.operation.fields.enumerated() where names.contains(field.name) && name != "tile" {
        for wrong in [99, -99, Int.max, Int.min] {
          var values = call.values
          values[i] = field.kind == .ints ? .ints([wrong]) : .int(wrong)
          #expect(problems(name, ("\(test.text) with \(field.name)=\(wrong)", values)) == [])
        }
      }
    }
  }

  /// Tensors of other shapes and dtypes than expected, and absurd numbers, never trap.
  @Test(arguments: Table.operations)
  func strangeArguments(of name: String) throws {
    let tensors = try [
      Tensor.zeros([7, 5, 3], .float64), Tensor.zeros([], .float64), Tensor.zeros([0], .float64),
      Tensor.zeros([2, 0, 3], .float32), Tensor.zeros([3, 0], .int64), Tensor.zeros([0, 2], .int64),
      Tensor.ones([4, 4], .int64), Tensor.ones([3], .bool),
      Tensor.full([2, 2], .int(-1), .int64), Tensor.full([3, 4], 200, .uint8), Tensor.full([3], .float(.nan), .float64),
      Tensor.ones(Array(repeating: 1, count: 12), .float64), Tensor.full([4], .int(Int.max), .int64),
    ]
    for test in Table.byOperation[name]! {
      let call = try Call(test)
      for (i, field) in call.operation.fields.enumerated() {
        for strange in [.none] + Self.strange(field.kind, tensors) {
          var values = call.values
          values[i] = strange
          if call.operation.isInPlace, case .tensor(let target) = values[0] { values[0] = .tensor(try target.clone()) }
          let what = "\(test.text) with \(field.name)=\(strange.pythonText)"
          #expect(problems(name, (what, values), mayPass: true) == [])
        }
      }
    }
  }

  private static func strange(_ kind: Field.Kind, _ tensors: [Tensor]) -> [Value] {
    let integers: [Value] = [.int(-1), .int(0), .int(1 << 50), .int(Int.max), .int(Int.min)]
    let reals: [Value] = [.float(.nan), .float(.infinity), .float(-.infinity), .float(-1), .float(1e300)]
    switch kind {
    case .tensor: return tensors.map { .tensor($0) }
    case .operand: return tensors.map { .tensor($0) } + integers + reals + [.bool(true)]
    case .tensors: return [.tensors([]), .tensors([nil]), .tensors(tensors), .tensors([tensors[0], nil, tensors[4]])]
    case .int: return integers
    case .float: return reals
    case .scalar: return integers + reals
    case .ints:
      return [.ints([]), .ints([-1]), .ints([-1, -1]), .ints([0]), .ints([0, 0]), .ints([Int.max, Int.max, 0])]
        + [.ints([Int.min]), .ints(Array(repeating: 1, count: 13)), .ints([1 << 50]), .ints([3, -5])]
    case .floats: return [.floats([]), .floats([.nan]), .floats([-1, 2, 3])]
    case .dtype: return DType.allCases.map { .dtype($0) }
    case .bool: return [.bool(true), .bool(false)]
    case .string, .layer, .layers, .generator: return []
    }
  }
}
