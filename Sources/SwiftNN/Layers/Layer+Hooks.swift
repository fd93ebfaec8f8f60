import CKernels

/// Stands around the calls of a layer. `forward` runs the layer itself, with these inputs or others; what the hook returns is
/// what the layer gives.
public typealias ForwardHook = (_ inputs: [Tensor], _ forward: ([Tensor]) throws -> [Tensor]) throws -> [Tensor]

/// The hooks of a layer; the one added last is called first.
public struct ForwardHooks {
  fileprivate var list: [(id: Int64, function: ForwardHook)] = []

  public init() {}

  var isEmpty: Bool { list.isEmpty }
}

/// A layer with an identity: its calls can be watched and changed, and errors find their way to its name.
///
/// A class of layers becomes one by `var hooks = ForwardHooks()` and by doing its work inside of `called`.
public protocol HookedLayer: AnyObject, Layer {
  var hooks: ForwardHooks { get set }
}

extension HookedLayer {
  /// Puts `hook` around every call from now on; returns a number for `removeHook`. Not while another thread calls the layer.
  @discardableResult
  public func addHook(_ hook: @escaping ForwardHook) -> Int64 {
    let id = Int64(truncatingIfNeeded: ck_next_sequence())
    hooks.list.append((id, hook))
    return id
  }

  /// Removes a hook; removing it twice is an error.
  public func removeHook(_ id: Int64) throws(SNNError) {
    guard let index = hooks.list.firstIndex(where: { $0.id == id }) else {
      throw .argument("remove_hook: there is no hook \(id)")
    }
    hooks.list.remove(at: index)
  }

  /// Does the work of one call, with the hooks around it.
  public func called(_ input: Tensor, _ body: (Tensor) throws(SNNError) -> Tensor) throws(SNNError) -> Tensor {
    try SwiftNN.called(self, input, body)
  }

  /// The same for a layer of several inputs or results.
  public func called(
    _ inputs: [Tensor], results: Int, _ body: ([Tensor]) throws(SNNError) -> [Tensor]
  ) throws(SNNError) -> [Tensor] {
    do throws(SNNError) {
      return try hooks.isEmpty ? body(inputs) : hooked(inputs, results: results, body)
    } catch { throw error.located(in: self) }
  }

  /// `results` is nil where the arguments decide how many there are.
  func hooked(
    _ inputs: [Tensor], results: Int?, _ body: ([Tensor]) throws(SNNError) -> [Tensor]
  ) throws(SNNError) -> [Tensor] {
    try SwiftNN.hooked(self, inputs, results, body)
  }
}

// Dynamic, so that there is one of each: the compiler would make a copy for every closure.

private dynamic func called(
  _ layer: any HookedLayer, _ input: Tensor, _ body: (Tensor) throws(SNNError) -> Tensor
) throws(SNNError) -> Tensor {
  do throws(SNNError) {
    if layer.hooks.isEmpty { return try body(input) }
    return try hooked(layer, [input], 1) { inputs throws(SNNError) in [try body(inputs[0])] }[0]
  } catch { throw error.located(in: layer) }
}

private dynamic func hooked(
  _ layer: any HookedLayer, _ inputs: [Tensor], _ results: Int?,
  _ body: ([Tensor]) throws(SNNError) -> [Tensor]
) throws(SNNError) -> [Tensor] {
  let list = layer.hooks.list
  func run(_ remaining: Int, _ given: [Tensor]) throws -> [Tensor] {
    guard given.count == inputs.count else {
      throw SNNError.argument("hook: \(layer.reportName) was called with \(inputs.count) inputs, got \(given.count)")
    }
    guard remaining > 0 else { return try body(given) }
    return try list[remaining - 1].function(given) { try run(remaining - 1, $0) }
  }
  let outputs: [Tensor]
  do { outputs = try run(list.count, inputs) } catch { throw SNNError.from(error) }
  guard outputs.count == results ?? max(outputs.count, 1) else {
    throw .argument("hook: \(layer.reportName) gives \(results ?? 1) results, got \(outputs.count)")
  }
  return outputs
}

/// The layer inside of a hook, for callers that cannot hold a closure: it can be called until `end`, on the thread of the hook.
public final class UnwatchedLayer: Layer {
  private let thread = ck_thread()
  private let name: String
  private var call: (([Tensor]) throws -> [Tensor])?
  /// What the last call failed by.
  public private(set) var mistake: SNNError?

  public init(_ name: String, _ call: @escaping ([Tensor]) throws -> [Tensor]) { (self.name, self.call) = (name, call) }

  public func callAsFunction(_ input: Tensor) throws(SNNError) -> Tensor { try forward([input])[0] }

  public func forward(_ inputs: [Tensor]) throws(SNNError) -> [Tensor] {
    guard let call, thread == ck_thread() else {
      throw .argument("hook: \(name) can be called by its hook alone, while that runs and on the same thread")
    }
    do { return try call(inputs) } catch {
      let mistake = SNNError.from(error)
      self.mistake = mistake
      throw mistake
    }
  }

  public func end() { call = nil }

  public var members: [(name: String, value: Any)] { [] }
}
