import CSwiftNN
import SwiftNN

/// A layer made by name, as C holds it.
final class Module: @unchecked Sendable {
  let declaration: LayerDeclaration
  let layer: any Layer
  private let given: [Value]
  /// The arguments, as they are now.
  var configuration: [Value] { (layer as? DeclaredLayer)?.configuration ?? given }
  let state: [NamedState]
  /// The names of the state as C reads them.
  let names: [UnsafeMutablePointer<CChar>]
  let childNames: [UnsafeMutablePointer<CChar>]
  var isTraining = true
  private var shownMemory: UnsafeMutableRawPointer?
  /// How many modules stand inside one another. Layers call their children, so that the stack sets a limit.
  let depth: Int
  private static let greatestDepth = 200

  init(_ declaration: LayerDeclaration, _ values: [Value], depth: Int) throws(SNNError) {
    self.declaration = declaration
    self.depth = depth
    guard depth <= Self.greatestDepth else {
      throw SNNError(.argument, "\(declaration.name): modules can be nested \(Self.greatestDepth) deep, got \(depth)")
    }
    (layer, given) = try declaration.make(values)
    state = layer.state
    names = state.map { ownedText($0.name) }
    childNames = layer.children.map { ownedText($0.name) }
  }

  /// A layer that was made with another.
  init(part layer: any Layer) {
    let known = layer as? any ConfiguredLayer
    let number = Registry.layerNumber(layer.reportName)
    declaration = known?.declaration ?? number.map { Registry.layers[$0] } ?? LayerDeclaration(part: layer.reportName)
    (self.layer, given, depth) = (layer, known?.configuration ?? [], 1)
    state = layer.state
    names = state.map { ownedText($0.name) }
    childNames = layer.children.map { ownedText($0.name) }
  }

  /// A value for C, whose list or word lives until the next one is asked for.
  func shown(_ value: Value) -> snn_value {
    switch value {
    case .int(let number): snn_int(Int64(number))
    case .float(let number): snn_float(number)
    case .bool(let truth): snn_bool(truth)
    case .string(let word): snn_string(kept(Array(word.utf8CString)))
    case .ints(let numbers): snn_ints(kept(numbers.map { Int64($0) }), Int32(numbers.count))
    case .floats(let numbers): snn_floats(kept(numbers), Int32(numbers.count))
    case .dtype(let dtype): snn_type(snn_dtype(rawValue: UInt32(dtype.rawValue)))
    default: snn_value()
    }
  }

  private func kept<Element>(_ elements: [Element]) -> UnsafePointer<Element> {
    shownMemory?.deallocate()
    let memory = UnsafeMutablePointer<Element>.allocate(capacity: max(elements.count, 1))
    memory.initialize(from: elements, count: elements.count)
    shownMemory = UnsafeMutableRawPointer(memory)
    return UnsafePointer(memory)
  }

  deinit {
    for name in names + childNames { name.deallocate() }
    shownMemory?.deallocate()
  }

  func cell(_ name: UnsafePointer<CChar>?, _ function: StaticString) throws(SNNError) -> any StateCell {
    let name = String(cString: try required(name, function, "name"))
    guard let found = state.first(where: { $0.name == name }) else {
      throw SNNError(.name, "\(declaration.name): there is no parameter or buffer named '\(name)'")
    }
    return found.cell
  }
}

/// The depth of the deepest module among checked arguments.
private func depth(_ arguments: UnsafePointer<snn_value>?, _ count: Int) -> Int {
  var deepest = 0
  for i in 0..<count {
    guard let value = arguments?[i] else { continue }
    switch value.kind {
    case Int32(SNN_KIND_MODULE.rawValue): deepest = max(deepest, object(value.as.module, Module.self)?.depth ?? 0)
    case Int32(SNN_KIND_MODULES.rawValue):
      for k in 0..<Int(value.count) { deepest = max(deepest, object(value.as.modules[k], Module.self)?.depth ?? 0) }
    default: break
    }
  }
  return deepest
}

@_cdecl("snn_module_new")
@implementation
public func snn_module_new(
  _ layer: Int32, _ arguments: UnsafePointer<snn_value>?, _ argument_count: Int,
  _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let out = try required(out, "snn_module_new", "out")
    guard Registry.layers.indices.contains(Int(layer)) else {
      throw SNNError(.name, "snn_module_new: there is no layer number \(layer)")
    }
    let declaration = Registry.layers[Int(layer)]
    let given = try values(arguments, argument_count, declaration.name)
    let depth = depth(arguments, argument_count) + 1
    out.pointee = handle(try Module(declaration, given, depth: depth))
  }
}

@_cdecl("snn_module_retain")
@implementation
public func snn_module_retain(_ module: OpaquePointer?) -> OpaquePointer? { retain(module, Module.self) }

@_cdecl("snn_module_release")
@implementation
public func snn_module_release(_ module: OpaquePointer?) { release(module, Module.self) }

@_cdecl("snn_module_layer")
@implementation
public func snn_module_layer(_ module: OpaquePointer?) -> UnsafePointer<CChar>? {
  object(module, Module.self).map { Interned.word($0.declaration.name) }
}

@_cdecl("snn_module_forward")
@implementation
public func snn_module_forward(
  _ module: OpaquePointer?, _ inputs: UnsafePointer<OpaquePointer?>?, _ input_count: Int,
  _ results: UnsafeMutablePointer<OpaquePointer?>?, _ capacity: Int, _ result_count: UnsafeMutablePointer<Int>?,
  _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let module: Module = try required(module, "snn_module_forward", "module")
    let made = try module.layer.forward(tensors(inputs, input_count, "snn_module_forward", "inputs"))
    try give(made, results, capacity, result_count, module)
  }
}

@_cdecl("snn_module_call")
@implementation
public func snn_module_call(
  _ module: OpaquePointer?, _ arguments: UnsafePointer<snn_value>?, _ argument_count: Int,
  _ results: UnsafeMutablePointer<OpaquePointer?>?, _ capacity: Int, _ result_count: UnsafeMutablePointer<Int>?,
  _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let module: Module = try required(module, "snn_module_call", "module")
    let given = try values(arguments, argument_count, module.declaration.name)
    try give(module.declaration.call(module.layer, given), results, capacity, result_count, module)
  }
}

private func give(
  _ made: [Tensor?], _ results: UnsafeMutablePointer<OpaquePointer?>?, _ capacity: Int,
  _ count: UnsafeMutablePointer<Int>?, _ module: Module
) throws(SNNError) {
  count?.pointee = made.count
  guard made.count <= capacity, let results else {
    throw SNNError(
      .capacity,
      "\(module.declaration.name): gives \(made.count) results, the array holds \(results == nil ? 0 : capacity)")
  }
  for (i, result) in made.enumerated() { results[i] = result.map { handle($0) } }
}

@_cdecl("snn_module_train")
@implementation
public func snn_module_train(_ module: OpaquePointer?, _ training: Bool) {
  object(module, Module.self)?.layer.train(training)
  object(module, Module.self)?.isTraining = training
}

@_cdecl("snn_module_training")
@implementation
public func snn_module_training(_ module: OpaquePointer?) -> Bool { object(module, Module.self)?.isTraining ?? false }

@_cdecl("snn_module_set_noise")
@implementation
public func snn_module_set_noise(_ module: OpaquePointer?, _ on: Bool) {
  object(module, Module.self)?.layer.setNoise(on)
}

@_cdecl("snn_module_monte_carlo")
@implementation
public func snn_module_monte_carlo(
  _ module: OpaquePointer?, _ inputs: UnsafePointer<OpaquePointer?>?, _ input_count: Int, _ passes: Int64,
  _ correction: Int64, _ means: UnsafeMutablePointer<OpaquePointer?>?,
  _ variances: UnsafeMutablePointer<OpaquePointer?>?, _ capacity: Int, _ result_count: UnsafeMutablePointer<Int>?,
  _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let module: Module = try required(module, "snn_module_monte_carlo", "module")
    let given = try tensors(inputs, input_count, "snn_module_monte_carlo", "inputs")
    let variances = try required(variances, "snn_module_monte_carlo", "variances")
    let found = try module.layer.monteCarlo(given, passes: Int(passes), correction: Int(correction))
    try give(found.map(\.mean), means, capacity, result_count, module)
    try give(found.map(\.variance), variances, capacity, result_count, module)
  }
}

@_cdecl("snn_module_config")
@implementation
public func snn_module_config(
  _ module: OpaquePointer?, _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let module: Module = try required(module, "snn_module_config", "module")
    try required(json, "snn_module_config", "json").pointee = ownedText(
      module.declaration.configurationJSON(module.configuration))
  }
}

@_cdecl("snn_module_argument")
@implementation
public func snn_module_argument(
  _ module: OpaquePointer?, _ index: Int32, _ out: UnsafeMutablePointer<snn_value>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let module: Module = try required(module, "snn_module_argument", "module")
    let out = try required(out, "snn_module_argument", "out")
    let fields = module.declaration.fields
    let known = min(fields.count, module.configuration.count)
    guard index >= 0, index < known else {
      throw SNNError(.index, "\(module.declaration.name): there is no argument \(index) of \(known)")
    }
    out.pointee = module.shown(fields[Int(index)].shown(module.configuration[Int(index)]))
  }
}

@_cdecl("snn_module_set_argument")
@implementation
public func snn_module_set_argument(
  _ module: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ value: UnsafePointer<snn_value>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let module: Module = try required(module, "snn_module_set_argument", "module")
    let name = String(cString: try required(name, "snn_module_set_argument", "name"))
    guard let layer = module.layer as? DeclaredLayer else {
      throw SNNError(.unsupported, "\(module.declaration.name): its arguments cannot be changed")
    }
    let value = try required(value, "snn_module_set_argument", "value")
    try layer.set(name, values(value, 1, module.declaration.name)[0])
  }
}

@_cdecl("snn_module_text")
@implementation
public func snn_module_text(
  _ module: OpaquePointer?, _ out: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let module: Module = try required(module, "snn_module_text", "module")
    try required(out, "snn_module_text", "out").pointee = ownedText(module.declaration.text(module.configuration))
  }
}

@_cdecl("snn_module_state_count")
@implementation
public func snn_module_state_count(_ module: OpaquePointer?) -> Int32 {
  Int32(object(module, Module.self)?.state.count ?? 0)
}

@_cdecl("snn_module_state_at")
@implementation
public func snn_module_state_at(
  _ module: OpaquePointer?, _ index: Int32, _ out: UnsafeMutablePointer<snn_state>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let module: Module = try required(module, "snn_module_state_at", "module")
    let out = try required(out, "snn_module_state_at", "out")
    guard module.state.indices.contains(Int(index)) else {
      throw SNNError(.index, "\(module.declaration.name): there is no state \(index) of \(module.state.count)")
    }
    let cell = module.state[Int(index)].cell
    let tensor = cell.tensor.map { OpaquePointer(Unmanaged.passUnretained($0).toOpaque()) }
    out.pointee = snn_state(name: module.names[Int(index)], tensor: tensor, is_parameter: cell.isParameter)
  }
}

@_cdecl("snn_module_get")
@implementation
public func snn_module_get(
  _ module: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ out: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let module: Module = try required(module, "snn_module_get", "module")
    let out = try required(out, "snn_module_get", "out")
    out.pointee = try module.cell(name, "snn_module_get").tensor.map { handle($0) }
  }
}

@_cdecl("snn_module_set")
@implementation
public func snn_module_set(
  _ module: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ tensor: OpaquePointer?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let module: Module = try required(module, "snn_module_set", "module")
    let cell = try module.cell(name, "snn_module_set")
    guard let tensor = object(tensor, Tensor.self) else {
      guard cell.isOptional else {
        throw SNNError(.argument, "\(module.declaration.name): cannot do without this parameter")
      }
      cell.tensor = nil
      return
    }
    if let old = cell.tensor, old.shape != tensor.shape {
      throw SNNError(.shape, "\(module.declaration.name): expects a tensor of shape \(old.shape), got \(tensor.shape)")
    }
    if let old = cell.tensor, old.dtype != tensor.dtype {
      throw SNNError(
        .dtype, "\(module.declaration.name): expects a tensor of dtype \(old.dtype.name), got \(tensor.dtype.name)")
    }
    cell.tensor = tensor
  }
}

@_cdecl("snn_module_reset")
@implementation
public func snn_module_reset(
  _ module: OpaquePointer?, _ names: UnsafePointer<UnsafePointer<CChar>?>?, _ count: Int, _ generator: OpaquePointer?,
  _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let module: Module = try required(module, "snn_module_reset", "module")
    try module.layer.resetParameters(
      under: words(names, count, "snn_module_reset", "names"), generator: object(generator, Generator.self))
  }
}
