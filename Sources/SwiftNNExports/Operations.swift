import CSwiftNN
import SwiftNN

/// An argument from C as the engine takes it.
@inline(__always)
@_optimize(speed)
func value(_ value: snn_value, _ owner: @autoclosure () -> String) throws(SNNError) -> Value {
  if value.kind == Int32(SNN_KIND_TENSOR.rawValue) {
    guard let tensor = object(value.as.tensor, Tensor.self) else { throw nullValue(owner()) }
    return .tensor(tensor)
  }
  return try otherValue(value, owner())
}

@inline(never)
@_optimize(speed)
private func nullValue(_ owner: String) -> SNNError { SNNError(.argument, "\(owner): an argument must not be NULL") }

@_optimize(speed)
private func otherValue(_ value: snn_value, _ owner: String) throws(SNNError) -> Value {
  @_optimize(speed)
  func list<Element>(_ pointer: UnsafePointer<Element>?) throws(SNNError) -> UnsafeBufferPointer<Element> {
    guard value.count >= 0, value.count <= 1 << 24 else {
      throw SNNError(.argument, "\(owner): got a list of \(value.count)")
    }
    guard value.count == 0 || pointer != nil else { throw nullValue(owner) }
    return UnsafeBufferPointer(start: pointer, count: Int(value.count))
  }
  switch snn_kind(rawValue: UInt32(bitPattern: value.kind)) {
  case SNN_KIND_NONE: return .none
  case SNN_KIND_INT: return .int(Int(value.as.i))
  case SNN_KIND_FLOAT: return .float(value.as.f)
  case SNN_KIND_BOOL: return .bool(value.as.i != 0)
  case SNN_KIND_STRING:
    guard let word = value.as.s else { throw nullValue(owner) }
    return .string(String(cString: word))
  case SNN_KIND_INTS: return .ints(try list(value.as.ints).map { Int($0) })
  case SNN_KIND_FLOATS: return .floats(Array(try list(value.as.floats)))
  case SNN_KIND_TENSORS: return .tensors(try list(value.as.tensors).map { object($0, Tensor.self) })
  case SNN_KIND_DTYPE:
    guard let dtype = UInt8(exactly: value.as.i).flatMap(DType.init(rawValue:)) else {
      throw SNNError(.dtype, "\(owner): there is no dtype \(value.as.i)")
    }
    return .dtype(dtype)
  case SNN_KIND_MODULE:
    guard let module = object(value.as.module, Module.self) else { throw nullValue(owner) }
    return .layer(module.layer)
  case SNN_KIND_MODULES:
    var layers: [any Layer] = []
    for handle in try list(value.as.modules) {
      guard let module = object(handle, Module.self) else { throw nullValue(owner) }
      layers.append(module.layer)
    }
    return .layers(layers)
  case SNN_KIND_GENERATOR:
    guard let generator = object(value.as.generator, Generator.self) else { throw nullValue(owner) }
    return .generator(generator)
  default: throw SNNError(.argument, "\(owner): there is no kind of value \(value.kind)")
  }
}

/// An array of arguments from C.
@_optimize(speed)
func values(_ arguments: UnsafePointer<snn_value>?, _ count: Int, _ owner: String) throws(SNNError) -> [Value] {
  guard count >= 0, count <= 64 else { throw SNNError(.argument, "\(owner): got \(count) arguments") }
  guard count == 0 || arguments != nil else { throw nullValue(owner) }
  var all: [Value] = []
  for i in 0..<count { all.append(try value(arguments.unsafelyUnwrapped[i], owner)) }
  return all
}

@_cdecl("snn_apply")
@implementation
@_optimize(speed)
public func snn_apply(
  _ operation: Int32, _ arguments: UnsafePointer<snn_value>?, _ argument_count: Int,
  _ results: UnsafeMutablePointer<OpaquePointer?>?, _ capacity: Int, _ result_count: UnsafeMutablePointer<Int>?,
  _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    guard Registry.operations.indices.contains(Int(operation)) else {
      throw SNNError(.name, "snn_apply: there is no operation number \(operation)")
    }
    let operation = Registry.operations[Int(operation)]
    var count = argument_count
    // Values of no kind at the end say what leaving them out says.
    while count > 0, let arguments, arguments[count - 1].kind == 0 { count -= 1 }
    guard count >= 0, count <= operation.fields.count else {
      throw SNNError(.argument, "\(operation.name): takes at most \(operation.fields.count) arguments, got \(count)")
    }
    guard count == 0 || arguments != nil else { throw nullArgument("snn_apply", "arguments") }
    var made = 0
    try withUnsafeTemporaryAllocation(of: Value.self, capacity: max(count, 1)) { buffer throws(SNNError) in
      let base = buffer.baseAddress.unsafelyUnwrapped
      var filled = 0
      defer { base.deinitialize(count: filled) }
      for i in 0..<count {
        (base + i).initialize(to: try value(arguments.unsafelyUnwrapped[i], operation.name))
        filled += 1
      }
      try operation.apply(UnsafeBufferPointer(start: base, count: count)) { tensor in
        if made < capacity, let results { results[made] = handle(tensor) }
        made += 1
      }
    }
    result_count?.pointee = made
    guard made <= capacity, results != nil else {
      for i in 0..<min(made, results == nil ? 0 : max(capacity, 0)) {
        release(results.unsafelyUnwrapped[i], Tensor.self)
        results.unsafelyUnwrapped[i] = nil
      }
      throw SNNError(
        .capacity, "\(operation.name): gives \(made) results, the array holds \(results == nil ? 0 : capacity)")
    }
  }
}
