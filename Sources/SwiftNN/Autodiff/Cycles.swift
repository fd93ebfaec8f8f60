/// What a change in place means for the nodes that keep the tensor: a tensor gets a new node by it, and when the graph behind
/// that node kept the tensor itself, the two would keep each other for ever.
extension Tensor {
  @inline(__always)
  func noteHolder(_ sequence: UInt64) {
    let number = Int(truncatingIfNeeded: sequence)
    if heldSince.load(ordering: .relaxed) > number { heldSince.min(number, ordering: .relaxed) }
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
    let since = UInt64(heldSince.load(ordering: .relaxed))
    guard let node, node.sequence >= since else { return }
    let extras = ensureExtras()
    // What is behind the node of the change before was looked through then.
    let done = extras.releasedNode
    extras.releasedNode = node.sequence
    var seen: Set<ObjectIdentifier> = []
    var waiting = [node]
    while let next = waiting.popLast() {
      guard next.sequence >= since, next.sequence != done else { continue }
      guard seen.insert(ObjectIdentifier(next)).inserted else { continue }
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

  /// Lets the nodes made since `start` keep a copy of this tensor, which is about to be overwritten: a product needs the old
  /// value for the gradient of the other side.
  func keepOldValue(in graph: Node, since start: UInt64) throws(SNNError) {
    var old: Tensor?
    var waiting = [graph]
    while let next = waiting.popLast() {
      guard next.sequence > start else { continue }
      for i in next.savedInputs.indices {
        guard let saved = next.savedInputs[i]?.tensor, saved.storage === storage, Geometry(saved) == Geometry(self)
        else { continue }
        if old == nil { old = try Gradients.with(enabled: false) { () throws(SNNError) in try clone() } }
        next.savedInputs[i] = old.map { SavedTensor($0) }
      }
      for i in 0..<next.edges.count { if case .node(let target, _) = next.edges[i] { waiting.append(target) } }
    }
  }
}
