import CSwiftNN
import SwiftNN

@_cdecl("snn_tensor_set_requires_grad")
@implementation
public func snn_tensor_set_requires_grad(_ tensor: OpaquePointer?, _ value: Bool, _ error: ErrorPointer) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let tensor: Tensor = try required(tensor, "snn_tensor_set_requires_grad", "tensor")
    try tensor.setRequiresGradient(value)
  }
}

@_cdecl("snn_tensor_requires_grad")
@implementation
public func snn_tensor_requires_grad(_ tensor: OpaquePointer?) -> Bool {
  object(tensor, Tensor.self)?.requiresGradient ?? false
}

@_cdecl("snn_tensor_is_leaf")
@implementation
public func snn_tensor_is_leaf(_ tensor: OpaquePointer?) -> Bool { object(tensor, Tensor.self)?.isLeaf ?? false }

@_cdecl("snn_tensor_retain_grad")
@implementation
public func snn_tensor_retain_grad(_ tensor: OpaquePointer?, _ error: ErrorPointer) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let tensor: Tensor = try required(tensor, "snn_tensor_retain_grad", "tensor")
    try tensor.retainGradient()
  }
}

@_cdecl("snn_tensor_gradient_function")
@implementation
public func snn_tensor_gradient_function(_ tensor: OpaquePointer?) -> UnsafePointer<CChar>? {
  object(tensor, Tensor.self)?.gradientFunctionName.map(Interned.word)
}

@_cdecl("snn_tensor_gradient")
@implementation
public func snn_tensor_gradient(
  _ tensor: OpaquePointer?, _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let tensor: Tensor = try required(tensor, "snn_tensor_gradient", "tensor")
    try required(out, "snn_tensor_gradient", "out").pointee = tensor.gradient.map { handle($0) }
  }
}

@_cdecl("snn_tensor_set_gradient")
@implementation
public func snn_tensor_set_gradient(_ tensor: OpaquePointer?, _ gradient: OpaquePointer?, _ error: ErrorPointer)
  -> snn_status
{
  guarded(error) { () throws(SNNError) in
    let tensor: Tensor = try required(tensor, "snn_tensor_set_gradient", "tensor")
    try tensor.setGradient(object(gradient))
  }
}

@_cdecl("snn_tensor_detach")
@implementation
public func snn_tensor_detach(
  _ tensor: OpaquePointer?, _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let tensor: Tensor = try required(tensor, "snn_tensor_detach", "tensor")
    try required(out, "snn_tensor_detach", "out").pointee = handle(tensor.detach())
  }
}

@_cdecl("snn_tensor_set_data")
@implementation
public func snn_tensor_set_data(_ tensor: OpaquePointer?, _ data: OpaquePointer?, _ error: ErrorPointer) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let tensor: Tensor = try required(tensor, "snn_tensor_set_data", "tensor")
    try tensor.setData(required(data, "snn_tensor_set_data", "data"))
  }
}

@_cdecl("snn_tensor_write")
@implementation
public func snn_tensor_write(_ tensor: OpaquePointer?, _ result: OpaquePointer?, _ error: ErrorPointer) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let tensor: Tensor = try required(tensor, "snn_tensor_write", "tensor")
    try tensor.write(required(result, "snn_tensor_write", "result"))
  }
}

@_cdecl("snn_tensor_add_hook")
@implementation
public func snn_tensor_add_hook(
  _ tensor: OpaquePointer?, _ hook: snn_hook?, _ user: UnsafeMutableRawPointer?, _ destructor: snn_destructor?,
  _ id: UnsafeMutablePointer<Int64>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let tensor: Tensor = try required(tensor, "snn_tensor_add_hook", "tensor")
    let hook = try required(hook, "snn_tensor_add_hook", "hook")
    let callback = Callback(user, destructor)
    let number: Int64
    do throws(SNNError) {
      number = try tensor.addHook { gradient in
        let borrowed = handle(gradient)
        defer { release(borrowed, Tensor.self) }
        var replacement: OpaquePointer?
        let status = hook(callback.user, borrowed, &replacement)
        let result = replacement.map { Unmanaged<Tensor>.fromOpaque(UnsafeRawPointer($0)).takeRetainedValue() }
        guard status == 0 else { throw SNNError(.callback, "hook: the callback returned status \(status)") }
        return result
      }
    } catch let mistake {
      callback.disarm()
      throw mistake
    }
    id?.pointee = number
  }
}

@_cdecl("snn_tensor_remove_hook")
@implementation
public func snn_tensor_remove_hook(_ tensor: OpaquePointer?, _ id: Int64, _ error: ErrorPointer) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let tensor: Tensor = try required(tensor, "snn_tensor_remove_hook", "tensor")
    try tensor.removeHook(id)
  }
}

@_cdecl("snn_backward")
@implementation
public func snn_backward(
  _ output: OpaquePointer?, _ seed: OpaquePointer?, _ retain_graph: Bool, _ create_graph: Bool, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let output: Tensor = try required(output, "snn_backward", "output")
    try output.backward(object(seed), retainGraph: retain_graph || create_graph, createGraph: create_graph)
  }
}

@_cdecl("snn_backward_many")
@implementation
public func snn_backward_many(
  _ outputs: UnsafePointer<OpaquePointer?>?, _ output_count: Int, _ seeds: UnsafePointer<OpaquePointer?>?,
  _ inputs: UnsafePointer<OpaquePointer?>?, _ input_count: Int, _ retain_graph: Bool, _ create_graph: Bool,
  _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    try Gradients.backward(
      tensors(outputs, output_count, "snn_backward_many", "outputs"),
      seeds: seeds == nil ? nil : optionalTensors(seeds, output_count, "snn_backward_many", "seeds"),
      inputs: input_count > 0 ? tensors(inputs, input_count, "snn_backward_many", "inputs") : nil,
      retainGraph: retain_graph || create_graph, createGraph: create_graph)
  }
}

@_cdecl("snn_grad")
@implementation
public func snn_grad(
  _ outputs: UnsafePointer<OpaquePointer?>?, _ output_count: Int, _ inputs: UnsafePointer<OpaquePointer?>?,
  _ input_count: Int, _ seeds: UnsafePointer<OpaquePointer?>?, _ retain_graph: Bool, _ create_graph: Bool,
  _ allow_unused: Bool, _ gradients: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let gradients = try required(gradients, "snn_grad", "gradients")
    let found = try Gradients.of(
      tensors(outputs, output_count, "snn_grad", "outputs"),
      withRespectTo: tensors(inputs, input_count, "snn_grad", "inputs"),
      seeds: seeds == nil ? nil : optionalTensors(seeds, output_count, "snn_grad", "seeds"),
      retainGraph: retain_graph || create_graph, createGraph: create_graph, allowUnused: allow_unused)
    for (i, gradient) in found.enumerated() { gradients[i] = gradient.map { handle($0) } }
  }
}

@_cdecl("snn_record")
@implementation
public func snn_record(
  _ name: UnsafePointer<CChar>?, _ inputs: UnsafePointer<OpaquePointer?>?, _ input_count: Int,
  _ outputs: UnsafePointer<OpaquePointer?>?, _ output_count: Int, _ backward: snn_backward_function?,
  _ user: UnsafeMutableRawPointer?, _ destructor: snn_destructor?, _ results: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let name = String(cString: try required(name, "snn_record", "name"))
    let backward = try required(backward, "snn_record", "backward")
    let results = try required(results, "snn_record", "results")
    let inputs = try tensors(inputs, input_count, "snn_record", "inputs")
    let outputs = try tensors(outputs, output_count, "snn_record", "outputs")
    let inputCount = inputs.count
    let callback = Callback(user, destructor)
    let recorded: [Tensor]
    do throws(SNNError) {
      recorded = try Gradients.record(name, inputs, outputs) { gradients in
        let given = gradients.map { $0.map { handle($0) } }
        defer { for gradient in given { release(gradient, Tensor.self) } }
        var found = [OpaquePointer?](repeating: nil, count: inputCount)
        let status = backward(callback.user, given, given.count, &found, found.count)
        let taken = found.map { $0.map { Unmanaged<Tensor>.fromOpaque(UnsafeRawPointer($0)).takeRetainedValue() } }
        guard status == 0 else { throw SNNError(.callback, "\(name): the callback returned status \(status)") }
        return taken
      }
    } catch let mistake {
      callback.disarm()
      throw mistake
    }
    for (i, result) in recorded.enumerated() { results[i] = handle(result) }
  }
}

@_cdecl("snn_grad_enabled")
@implementation
public func snn_grad_enabled() -> Bool { Gradients.isEnabled }

@_cdecl("snn_set_grad_enabled")
@implementation
public func snn_set_grad_enabled(_ enabled: Bool) -> Bool {
  defer { Gradients.isEnabled = enabled }
  return Gradients.isEnabled
}

/// The user pointer of a callback and its destructor, which runs when the last closure over it is gone.
final class Callback: @unchecked Sendable {
  let user: UnsafeMutableRawPointer?
  private var destructor: snn_destructor?

  init(_ user: UnsafeMutableRawPointer?, _ destructor: snn_destructor?) {
    self.user = user
    self.destructor = destructor
  }

  /// The call failed: the caller keeps what `user` points to.
  func disarm() { destructor = nil }

  deinit { destructor?(user) }
}
