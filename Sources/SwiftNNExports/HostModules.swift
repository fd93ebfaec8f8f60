import CSwiftNN
import SwiftNN

@_cdecl("snn_module_from_host")
@implementation
public func snn_module_from_host(
  _ host: UnsafePointer<snn_host_module>?, _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let function: StaticString = "snn_module_from_host"
    let host = try required(host, function, "host").pointee
    let out = try required(out, function, "out")
    let name = String(cString: try required(host.name, function, "name"))
    let forward = try required(host.forward, function, "forward")
    let capacity = host.capacity == 0 ? 1 : host.capacity
    guard capacity >= 1, capacity <= 1 << 20 else {
      throw SNNError(.argument, "\(function): got room for \(capacity) results")
    }
    let words = try words(host.names, host.count, function, "names")
    let tensors = try tensors(host.tensors, host.count, function, "tensors")
    guard Set(words).count == words.count else { throw SNNError(.argument, "\(function): two tensors have one name") }
    let state = words.indices.map {
      (name: words[$0], tensor: tensors[$0], isParameter: host.are_parameters?[$0] ?? true)
    }
    // Nothing fails from here on.
    let callback = Callback(host.user, host.destructor)
    let compute = engineFunction(forward, host.user, capacity: capacity, name)
    let layer = HostLayer(name, state, tell: { host.train?(callback.user, $0) }) { inputs throws(SNNError) in
      try compute(inputs)
    }
    out.pointee = handle(Module(part: layer))
  }
}
