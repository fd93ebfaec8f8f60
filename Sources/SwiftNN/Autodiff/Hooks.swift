import CKernels

/// Sees the gradient of a tensor; a returned tensor takes its place.
public typealias GradientHook = (Tensor) throws -> Tensor?

/// A hook on one result of a node.
struct OutputHook {
  /// The number of a hook that keeps the gradient of a tensor that is not a leaf.
  static let retaining: Int64 = -1

  let output: Int32
  let id: Int64
  let function: GradientHook
}

/// The hooks of a leaf, in the order of their registration.
struct HookList {
  private(set) var hooks: [(id: Int64, function: GradientHook)] = []

  mutating func add(_ id: Int64, _ function: @escaping GradientHook) { hooks.append((id, function)) }

  mutating func remove(_ id: Int64) -> Bool {
    guard let index = hooks.firstIndex(where: { $0.id == id }) else { return false }
    hooks.remove(at: index)
    return true
  }
}

extension Tensor {
  /// Calls `hook` with every gradient of this tensor; returns a number for `removeHook`.
  @discardableResult
  public func addHook(_ hook: @escaping GradientHook) throws(SNNError) -> Int64 {
    guard requiresGradient else {
      throw .gradient("register_hook: cannot register a hook on a tensor that doesn't require gradient")
    }
    let id = Int64(truncatingIfNeeded: ck_next_sequence())
    if let node = try gradientNode() {
      // A retained gradient is what is left after all other hooks.
      let end = node.hooks.firstIndex { $0.id == OutputHook.retaining } ?? node.hooks.count
      node.hooks.insert(OutputHook(output: outputIndex, id: id, function: hook), at: end)
    } else {
      ensureExtras().hooks.add(id, hook)
    }
    return id
  }

  /// Removes a hook; removing it twice is an error.
  public func removeHook(_ id: Int64) throws(SNNError) {
    if let node, let index = node.hooks.firstIndex(where: { $0.id == id }) {
      node.hooks.remove(at: index)
      return
    }
    guard extras?.hooks.remove(id) == true else { throw .argument("remove_hook: there is no hook \(id)") }
  }

  /// The gradient after all hooks have seen it.
  func hooked(_ gradient: Tensor) throws(SNNError) -> Tensor {
    guard let hooks = extras?.hooks.hooks, !hooks.isEmpty else { return gradient }
    return try apply(hooks.map(\.function), to: gradient)
  }
}

extension Node {
  /// The gradient of one result after its hooks have seen it.
  func hooked(_ gradient: Tensor, output: Int) throws(SNNError) -> Tensor {
    if hooks.isEmpty { return gradient }
    return try apply(hooks.lazy.filter { $0.output == output }.map(\.function), to: gradient)
  }
}

private func apply(_ hooks: some Sequence<GradientHook>, to gradient: Tensor) throws(SNNError) -> Tensor {
  var current = gradient
  for hook in hooks {
    let replacement: Tensor?
    do { replacement = try hook(current) } catch { throw SNNError.from(error) }
    guard let replacement else { continue }
    guard replacement.shape == current.shape else {
      throw .shape("hook: expected a gradient of shape \(current.shape), got \(replacement.shape)")
    }
    guard replacement.dtype == current.dtype else {
      throw .dtype("hook: expected a gradient of dtype \(current.dtype.name), got \(replacement.dtype.name)")
    }
    current = replacement
  }
  return current
}
