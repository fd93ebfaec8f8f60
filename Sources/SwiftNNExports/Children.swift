import CSwiftNN
import SwiftNN

@_cdecl("snn_module_child_count")
@implementation
public func snn_module_child_count(_ module: OpaquePointer?) -> Int32 {
  Int32(object(module, Module.self)?.childNames.count ?? 0)
}

@_cdecl("snn_module_child_name")
@implementation
public func snn_module_child_name(_ module: OpaquePointer?, _ index: Int32) -> UnsafePointer<CChar>? {
  guard let names = object(module, Module.self)?.childNames, names.indices.contains(Int(index)) else { return nil }
  return UnsafePointer(names[Int(index)])
}

@_cdecl("snn_module_child")
@implementation
public func snn_module_child(
  _ module: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ out: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let module: Module = try required(module, "snn_module_child", "module")
    let name = String(cString: try required(name, "snn_module_child", "name"))
    let out = try required(out, "snn_module_child", "out")
    out.pointee = handle(Module(part: try module.layer.child(name)))
  }
}

/// More results than any layer has.
private let mostResults = 16

@_cdecl("snn_module_add_hook")
@implementation
public func snn_module_add_hook(
  _ module: OpaquePointer?, _ hook: snn_forward_hook?, _ user: UnsafeMutableRawPointer?,
  _ destructor: snn_destructor?, _ id: UnsafeMutablePointer<Int64>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let module: Module = try required(module, "snn_module_add_hook", "module")
    let hook = try required(hook, "snn_module_add_hook", "hook")
    let name = module.layer.reportName
    guard let layer = module.layer as? any HookedLayer else {
      throw SNNError(.unsupported, "\(name): is not called by itself, so that it can have no hooks")
    }
    let callback = Callback(user, destructor)
    let number = layer.addHook { inputs, forward in
      try withoutActuallyEscaping(forward) { forward in
        let unwatched = UnwatchedLayer(name, forward)
        defer { unwatched.end() }
        let given = inputs.map { Optional(handle($0)) }
        let layer = handle(Module(part: unwatched))
        defer {
          for input in given { release(input, Tensor.self) }
          release(layer, Module.self)
        }
        var results = [OpaquePointer?](repeating: nil, count: mostResults)
        var count = 0
        let status = hook(callback.user, layer, given, given.count, &results, mostResults, &count)
        let taken = results.compactMap {
          $0.map { Unmanaged<Tensor>.fromOpaque(UnsafeRawPointer($0)).takeRetainedValue() }
        }
        if let mistake = unwatched.mistake, status == mistake.code.rawValue { throw mistake }
        guard status == 0 else { throw SNNError(.callback, "\(name): the hook returned status \(status)") }
        guard count == taken.count else {
          throw SNNError(.callback, "\(name): the hook says that it gives \(count) results, but gave \(taken.count)")
        }
        return taken
      }
    }
    id?.pointee = number
  }
}

@_cdecl("snn_module_remove_hook")
@implementation
public func snn_module_remove_hook(_ module: OpaquePointer?, _ id: Int64, _ error: ErrorPointer) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let module: Module = try required(module, "snn_module_remove_hook", "module")
    guard let layer = module.layer as? any HookedLayer else {
      throw SNNError(.argument, "remove_hook: there is no hook \(id)")
    }
    try layer.removeHook(id)
  }
}
