/// A layer that its declaration describes completely: arguments, tensors and formula. The Swift classes of such layers,
/// with typed arguments, are written by swiftnn-generate.
public class DeclaredLayer: ConfiguredLayer, HookedLayer, TrainingSensitive, Resettable {
  public final let declaration: LayerDeclaration
  /// The arguments, in the order of the declaration's fields.
  public private(set) final var configuration: [Value]
  public final var isTraining = true
  public final var hooks = ForwardHooks()
  /// Where the random numbers of its calls come from; the default generator without one.
  public final let generator: Generator?
  private final let cells: [any StateCell]

  init(
    _ declaration: LayerDeclaration, complete configuration: [Value], _ generator: Generator?
  ) throws(SNNError) {
    self.declaration = declaration
    self.configuration = configuration
    self.generator = generator
    cells = try declaration.cells(configuration, generator)
  }

  /// A layer from complete arguments.
  convenience init(complete configuration: [Value], of declaration: LayerDeclaration) throws(SNNError) {
    try self.init(declaration, complete: configuration, nil)
  }

  /// A layer from arguments of which the missing ones are `none`.
  convenience init(
    _ declaration: LayerDeclaration, _ values: [Value], _ generator: Generator? = nil
  ) throws(SNNError) {
    try self.init(declaration, complete: declaration.fields.complete(values, of: declaration.name), generator)
  }

  /// A layer whose arguments the compiler has checked and that holds nothing.
  convenience init(checked values: [Value], of declaration: LayerDeclaration) {
    do throws(SNNError) { try self.init(declaration, values) } catch { preconditionFailure("\(error)") }
  }

  public final func callAsFunction(_ input: Tensor) throws(SNNError) -> Tensor { try one([.tensor(input)]) }

  public final func forward(_ inputs: [Tensor]) throws(SNNError) -> [Tensor] {
    try declaration.call(self, inputs.map { .tensor($0) }).compactMap { $0 }
  }

  /// Gives one of the arguments another value, from the next call on.
  public final func set(_ name: String, _ value: Value) throws(SNNError) {
    guard let position = declaration.fields.firstIndex(where: { $0.name == name }) else {
      throw SNNError(.name, "\(declaration.name): there is no argument '\(name)'")
    }
    configuration[position] = try declaration.fields[position].resolve(value, of: declaration.name)
  }

  public final var members: [(name: String, value: Any)] {
    zip(declaration.held ?? [], cells).map { ($0.name, $1) }
  }

  public func resetParameters(_ generator: Generator?) throws(SNNError) {
    for (cell, fresh) in zip(cells, try declaration.cells(configuration, generator ?? self.generator)) {
      if let old = cell.tensor, let new = fresh.tensor { try old.overwriteInitially(new) }
    }
  }

  /// The tensor at a position of what the declaration holds.
  final func held(_ position: Int) -> Tensor? { cells[position].tensor }

  final func parameter(_ position: Int) throws(SNNError) -> Tensor {
    guard let tensor = held(position) else {
      throw .argument("\(declaration.name): cannot do without '\(members[position].name)'")
    }
    return tensor
  }

  /// What the formula gives. Hooks see the tensors with which the arguments begin.
  final func evaluated(_ inputs: Arguments, _ formula: LayerDeclaration.Formula) throws(SNNError) -> [Tensor?] {
    func results(_ inputs: Arguments) throws -> [Tensor?] {
      try configuration.withUnsafeBufferPointer { try formula(self, Arguments(values: $0), inputs) }
    }
    do {
      if hooks.isEmpty { return try results(inputs) }
      let tensors = inputs.values.prefix { if case .tensor = $0 { true } else { false } }.indices.map(inputs.tensor)
      // Hooks see the results that there are.
      var places: [Int]?
      let found = try hooked(tensors, results: nil) { given throws(SNNError) in
        let values = given.map { Value.tensor($0) } + inputs.values.dropFirst(given.count)
        do {
          let all = try values.withUnsafeBufferPointer { try results(Arguments(values: $0)) }
          places = all.indices.filter { all[$0] != nil }
          return all.compactMap { $0 }
        } catch { throw SNNError.from(error) }
      }
      let declared = declaration.results.isEmpty ? found.count : declaration.results.count
      let wanted = places ?? Array(0..<declared)
      guard found.count == wanted.count else {
        throw SNNError.argument("hook: \(declaration.name) gives \(wanted.count) results, got \(found.count)")
      }
      var complete = [Tensor?](repeating: nil, count: max(declared, (wanted.last ?? -1) + 1))
      for (place, tensor) in zip(wanted, found) { complete[place] = tensor }
      return complete
    } catch { throw SNNError.from(error).located(in: self) }
  }

  /// What a call gives whose result is one tensor.
  final func one(_ inputs: [Value]) throws(SNNError) -> Tensor {
    guard let result = try declaration.call(self, inputs).first, let result else {
      throw SNNError(.internal, "\(declaration.name): gave no result")
    }
    return result
  }

  /// Makes a tensor the parameter or buffer at a position.
  final func hold(_ tensor: Tensor?, _ position: Int) {
    cells[position].tensor = tensor
    if cells[position].isParameter { tensor?.askForGradients() }
  }
}

extension LayerDeclaration {
  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  /// The layer of a name that a caller gave.
  static func known(_ name: String, as what: String) throws(SNNError) -> LayerDeclaration {
    guard let found = byName[name] else { throw SNNError(.name, "\(what): there is no layer '\(name)'") }
    return found
  }

  static func named(_ name: String) -> LayerDeclaration {
    guard let found = byName[name] else { preconditionFailure("there is no layer \(name)") }
    return found
  }

  fileprivate func cells(_ configuration: [Value], _ generator: Generator?) throws(SNNError) -> [any StateCell] {
    guard let held, !held.isEmpty else { return [] }
    do {
      let tensors = try configuration.withUnsafeBufferPointer { try initial(Arguments(values: $0), generator) }
      return zip(held, tensors).map { $0.cell($1) }
    } catch { throw SNNError.from(error).naming(name) }
  }
}

/// One number for all axes, or one for each: `3` or `[3, 5]`.
public protocol Sizes {
  var sizes: [Int] { get }
}

extension Int: Sizes {
  public var sizes: [Int] { [self] }
}

extension [Int]: Sizes {
  public var sizes: [Int] { self }
}

/// Sizes, or a word that stands for some: `1`, `[1, 2]` or `"same"`.
public struct SizesOrWord: ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral, ExpressibleByStringLiteral {
  let value: Value

  public init(_ sizes: any Sizes) { value = .ints(sizes.sizes) }
  public init(integerLiteral size: Int) { value = .ints([size]) }
  public init(arrayLiteral sizes: Int...) { value = .ints(sizes) }
  public init(stringLiteral word: String) { value = .string(word) }
}
