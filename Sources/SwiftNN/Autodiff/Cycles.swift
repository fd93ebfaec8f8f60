/// A tensor that is changed in place gets a new node. When the graph behind that node keeps the tensor itself, the two would
/// keep each other for ever.
extension Tensor {
  @inline(__always)
  func noteHolder(_ node: Node) {
    if heldSince.load(ordering: .relaxed) > node.sequence { heldSince.min(node.sequence, ordering: .relaxed) }
  }

  /// This tensor for a graph to keep: a view without the tensor that it shows, which may be changed in place later.
  @inline(__always)
  func withoutBase() -> Tensor {
    if viewBase == nil { return self }
    let copy = alias()
    copy.node = node
    copy.outputIndex = outputIndex
    copy.isWrappedNumber = isWrappedNumber
    return copy
  }

  /// Takes this tensor out of the graph of its own node. A saved value of it is stale by now and stays so, and a leaf that has
  /// become a result is no leaf.
  func releaseFromOwnGraph() {
    let since = heldSince.load(ordering: .relaxed)
    guard let node, node.sequence >= since else { return }
    var seen: Set<ObjectIdentifier> = []
    var waiting = [node]
    while let next = waiting.popLast() {
      guard next.sequence >= since, seen.insert(ObjectIdentifier(next)).inserted else { continue }
      for i in next.savedInputs.indices {
        guard let saved = next.savedInputs[i], saved.tensor === self else { continue }
        next.savedInputs[i] = SavedTensor(stale: alias(), version: saved.version)
      }
      for i in 0..<next.edges.count {
        switch next.edges[i] {
        case .node(let target, _): waiting.append(target)
        case .leaf(let leaf, _) where leaf === self: next.edges[i] = .none
        default: break
        }
      }
    }
  }
}
