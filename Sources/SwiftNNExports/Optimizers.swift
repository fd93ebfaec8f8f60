import CSwiftNN
import SwiftNN

@_cdecl("snn_optimizer_new")
@implementation
public func snn_optimizer_new(
  _ optimizer: Int32, _ parameters: UnsafePointer<OpaquePointer?>?, _ parameter_count: Int,
  _ arguments: UnsafePointer<snn_value>?, _ argument_count: Int, _ out: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let out = try required(out, "snn_optimizer_new", "out")
    guard Registry.optimizers.indices.contains(Int(optimizer)) else {
      throw SNNError(.name, "snn_optimizer_new: there is no optimizer number \(optimizer)")
    }
    let declaration = Registry.optimizers[Int(optimizer)]
    out.pointee = handle(
      try Optimizer(
        declaration, tensors(parameters, parameter_count, "snn_optimizer_new", "parameters"),
        values(arguments, argument_count, declaration.name)))
  }
}

@_cdecl("snn_optimizer_retain")
@implementation
public func snn_optimizer_retain(_ optimizer: OpaquePointer?) -> OpaquePointer? { retain(optimizer, Optimizer.self) }

@_cdecl("snn_optimizer_release")
@implementation
public func snn_optimizer_release(_ optimizer: OpaquePointer?) { release(optimizer, Optimizer.self) }

@_cdecl("snn_optimizer_add_group")
@implementation
public func snn_optimizer_add_group(
  _ optimizer: OpaquePointer?, _ parameters: UnsafePointer<OpaquePointer?>?, _ parameter_count: Int,
  _ arguments: UnsafePointer<snn_value>?, _ argument_count: Int, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let optimizer: Optimizer = try required(optimizer, "snn_optimizer_add_group", "optimizer")
    try optimizer.addGroup(
      tensors(parameters, parameter_count, "snn_optimizer_add_group", "parameters"),
      values(arguments, argument_count, optimizer.declaration.name))
  }
}

@_cdecl("snn_optimizer_group_count")
@implementation
public func snn_optimizer_group_count(_ optimizer: OpaquePointer?) -> Int32 {
  Int32(object(optimizer, Optimizer.self)?.groups.count ?? 0)
}

@_cdecl("snn_optimizer_parameter_count")
@implementation
public func snn_optimizer_parameter_count(_ optimizer: OpaquePointer?, _ group: Int32) -> Int32 {
  guard let groups = object(optimizer, Optimizer.self)?.groups, groups.indices.contains(Int(group)) else { return -1 }
  return Int32(groups[Int(group)].parameters.count)
}

@_cdecl("snn_optimizer_parameter")
@implementation
public func snn_optimizer_parameter(
  _ optimizer: OpaquePointer?, _ group: Int32, _ index: Int32, _ out: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let optimizer: Optimizer = try required(optimizer, "snn_optimizer_parameter", "optimizer")
    let out = try required(out, "snn_optimizer_parameter", "out")
    out.pointee = handle(try optimizer.parameter(group: Int(group), index: Int(index)))
  }
}

@_cdecl("snn_optimizer_get")
@implementation
public func snn_optimizer_get(
  _ optimizer: OpaquePointer?, _ group: Int32, _ option: UnsafePointer<CChar>?, _ out: UnsafeMutablePointer<snn_value>?,
  _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let optimizer: Optimizer = try required(optimizer, "snn_optimizer_get", "optimizer")
    let out = try required(out, "snn_optimizer_get", "out")
    let name = String(cString: try required(option, "snn_optimizer_get", "option"))
    switch try optimizer.option(name, group: Int(group)) {
    case .int(let number): out.pointee = snn_int(Int64(number))
    case .float(let number): out.pointee = snn_float(number)
    case .bool(let truth): out.pointee = snn_bool(truth)
    case .string(let word): out.pointee = snn_string(Interned.word(word))
    case .floats(let numbers):
      let lent = LentNumbers(numbers)
      optimizer.lent = lent
      out.pointee = snn_floats(UnsafePointer(lent.memory.baseAddress), Int32(numbers.count))
    default: out.pointee = snn_none()
    }
  }
}

@_cdecl("snn_optimizer_set")
@implementation
public func snn_optimizer_set(
  _ optimizer: OpaquePointer?, _ group: Int32, _ option: UnsafePointer<CChar>?, _ new: snn_value, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let optimizer: Optimizer = try required(optimizer, "snn_optimizer_set", "optimizer")
    let name = String(cString: try required(option, "snn_optimizer_set", "option"))
    try optimizer.setOption(name, value(new, optimizer.declaration.name), group: Int(group))
  }
}

@_cdecl("snn_optimizer_step")
@implementation
public func snn_optimizer_step(_ optimizer: OpaquePointer?, _ error: ErrorPointer) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let optimizer: Optimizer = try required(optimizer, "snn_optimizer_step", "optimizer")
    try optimizer.step()
  }
}

@_cdecl("snn_optimizer_step_closure")
@implementation
public func snn_optimizer_step_closure(
  _ optimizer: OpaquePointer?, _ closure: snn_closure?, _ user: UnsafeMutableRawPointer?,
  _ loss: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let optimizer: Optimizer = try required(optimizer, "snn_optimizer_step_closure", "optimizer")
    let closure = try required(closure, "snn_optimizer_step_closure", "closure")
    let found = try optimizer.step { () throws(SNNError) in
      var given: OpaquePointer?
      let status = closure(user, &given)
      let taken = given.map { Unmanaged<Tensor>.fromOpaque(UnsafeRawPointer($0)).takeRetainedValue() }
      guard status == 0 else { throw SNNError(.callback, "step: the closure returned status \(status)") }
      guard let taken else { throw SNNError(.callback, "step: the closure returned NULL as the loss") }
      return taken
    }
    loss?.pointee = handle(found)
  }
}

@_cdecl("snn_optimizer_set_outputs")
@implementation
public func snn_optimizer_set_outputs(
  _ optimizer: OpaquePointer?, _ outputs: UnsafePointer<OpaquePointer?>?, _ count: Int, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let optimizer: Optimizer = try required(optimizer, "snn_optimizer_set_outputs", "optimizer")
    optimizer.outputs = try tensors(outputs, count, "snn_optimizer_set_outputs", "outputs")
  }
}

@_cdecl("snn_optimizer_first_step")
@implementation
public func snn_optimizer_first_step(_ optimizer: OpaquePointer?, _ error: ErrorPointer) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let optimizer: Optimizer = try required(optimizer, "snn_optimizer_first_step", "optimizer")
    try optimizer.firstStep()
  }
}

@_cdecl("snn_optimizer_wrap")
@implementation
public func snn_optimizer_wrap(
  _ optimizer: OpaquePointer?, _ wrapper: Int32, _ arguments: UnsafePointer<snn_value>?, _ argument_count: Int,
  _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let optimizer: Optimizer = try required(optimizer, "snn_optimizer_wrap", "optimizer")
    guard Registry.wrappers.indices.contains(Int(wrapper)) else {
      throw SNNError(.name, "snn_optimizer_wrap: there is no wrapper number \(wrapper)")
    }
    let declaration = Registry.wrappers[Int(wrapper)]
    try optimizer.wrap(declaration, values(arguments, argument_count, declaration.name))
  }
}

@_cdecl("snn_optimizer_zero_grad")
@implementation
public func snn_optimizer_zero_grad(_ optimizer: OpaquePointer?) {
  object(optimizer, Optimizer.self)?.zeroGradients()
}

@_cdecl("snn_optimizer_state_count")
@implementation
public func snn_optimizer_state_count(_ optimizer: OpaquePointer?) -> Int32 {
  Int32(object(optimizer, Optimizer.self)?.stateNames.count ?? 0)
}

@_cdecl("snn_optimizer_state_name")
@implementation
public func snn_optimizer_state_name(_ optimizer: OpaquePointer?, _ index: Int32) -> UnsafePointer<CChar>? {
  guard let names = object(optimizer, Optimizer.self)?.stateNames, names.indices.contains(Int(index)) else {
    return nil
  }
  return Interned.word(names[Int(index)])
}

@_cdecl("snn_optimizer_state")
@implementation
public func snn_optimizer_state(
  _ optimizer: OpaquePointer?, _ group: Int32, _ index: Int32, _ name: UnsafePointer<CChar>?,
  _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let optimizer: Optimizer = try required(optimizer, "snn_optimizer_state", "optimizer")
    let out = try required(out, "snn_optimizer_state", "out")
    let name = String(cString: try required(name, "snn_optimizer_state", "name"))
    out.pointee = try optimizer.state(name, group: Int(group), index: Int(index)).map { handle($0) }
  }
}

@_cdecl("snn_optimizer_clear_state")
@implementation
public func snn_optimizer_clear_state(
  _ optimizer: OpaquePointer?, _ group: Int32, _ index: Int32, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let optimizer: Optimizer = try required(optimizer, "snn_optimizer_clear_state", "optimizer")
    try optimizer.clearState(group: Int(group), index: Int(index))
  }
}

@_cdecl("snn_optimizer_set_state")
@implementation
public func snn_optimizer_set_state(
  _ optimizer: OpaquePointer?, _ group: Int32, _ index: Int32, _ name: UnsafePointer<CChar>?, _ value: OpaquePointer?,
  _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let optimizer: Optimizer = try required(optimizer, "snn_optimizer_set_state", "optimizer")
    let name = String(cString: try required(name, "snn_optimizer_set_state", "name"))
    let value: Tensor = try required(value, "snn_optimizer_set_state", "value")
    try optimizer.setState(name, group: Int(group), index: Int(index), to: value)
  }
}
