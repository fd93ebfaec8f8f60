extension Gradients {
  /// A variable with the value of `tensor`, by which a function of it is differentiated; the graphs around see it as the
  /// tensor itself.
  public static func variable(_ tensor: Tensor) throws(SNNError) -> Tensor {
    guard tensor.dtype.isFloatingPoint else {
      throw .gradient("grad: only Tensors of floating point dtype can require gradients, got \(tensor.dtype.name)")
    }
    guard tensor.requiresGradient else {
      let leaf = tensor.alias()
      leaf.leafRequiresGradient = true
      return leaf
    }
    return try with(enabled: true) { () throws(SNNError) in try Expand(shape: tensor.shape)(tensor) }
  }

  /// Whether something else than the variables of a function takes part in the graph of a tensor that it made, so that
  /// gradients of what is around the function flow through it.
  public static func isOpen(_ tensor: Tensor, besides variables: [Tensor]) throws(SNNError) -> Bool {
    if let batch = tensor.batch, batch.all.requiresGradientAnywhere { return true }
    let own = Set(variables.map(ObjectIdentifier.init))
    var seen: Set<ObjectIdentifier> = []
    var waiting = [try tensor.edge()]
    while let edge = waiting.popLast() {
      switch edge {
      case .none: break
      case .leaf(let leaf, _): if !own.contains(ObjectIdentifier(leaf)) { return true }
      case .node(let node, _):
        guard seen.insert(ObjectIdentifier(node)).inserted else { continue }
        for i in 0..<node.edges.count { waiting.append(node.edges[i]) }
      }
    }
    return false
  }

  /// A tensor that a function of variables made, as it is seen outside: without its graph, unless that is open.
  public static func settled(_ tensor: Tensor, besides variables: [Tensor]) throws(SNNError) -> Tensor {
    guard areRecorded else { return tensor.detach() }
    return try isOpen(tensor, besides: variables) ? tensor : tensor.alias()
  }
}
