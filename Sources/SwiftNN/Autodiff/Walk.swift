import Synchronization

/// One backward pass: finds the nodes that the outputs depend on, then visits each once, newest first.
///
/// The order is that of the nodes' making reversed, so sums of gradients are always added in the same order.
struct Walk: ~Copyable {
  private var nodes: [Node] = []
  /// Where the gradients of node `i` start in `gradients`.
  private var starts: [Int] = []
  /// For every edge of every node, in order: the position in `gradients` that it leads to, or -1.
  private var targets: [Int] = []
  private var gradients: [Tensor?] = []
  private var leaves: [Tensor] = []
  /// A leaf that was given another shape or dtype after it was used.
  private var staleLeaf: Tensor?
  /// Where the gradients of the leaves start in `gradients`.
  private var leafStart = 0
  /// For each input that was asked for, its position in `gradients`.
  private var captured: [Int] = []
  private var isNeeded: [Bool] = []
  private var results: [Tensor?] = []
  private let keep: Bool
  private let create: Bool

  /// Guards the marks on nodes and leaves while the graph is being read; no user code runs under it.
  private static let lock = Mutex<UInt64>(0)

  init(
    _ outputs: [Tensor], seeds: [Tensor?]?, inputs: [Tensor], keep: Bool, create: Bool, operation: String
  ) throws(SNNError) {
    self.keep = keep
    self.create = create
    guard !outputs.isEmpty else { throw .argument("\(operation): expects at least one output") }
    if let seeds, seeds.count != outputs.count {
      throw .argument("\(operation): got \(outputs.count) tensors and \(seeds.count) gradients")
    }
    var roots: [(edge: Edge, seed: Tensor)] = []
    for (i, output) in outputs.enumerated() {
      let edge = try output.edge()
      guard edge.isNeeded else {
        throw .gradient(
          "\(operation): element \(i) of tensors does not require grad and does not have a grad_fn")
      }
      roots.append((edge, try Self.seed(seeds?[i], for: output, operation)))
    }
    var wanted: [Edge] = []
    for input in inputs { wanted.append(try input.edge()) }

    let slots = Self.lock.withLock { pass -> (roots: [Int], wanted: [Int]) in
      pass += 1
      collect(roots.map(\.edge), pass)
      return (roots.map { slot(of: $0.edge, pass) }, wanted.map { slot(of: $0, pass) })
    }
    if let staleLeaf {
      throw .gradient(
        "\(operation): a leaf was given data of another shape or dtype after it was used; it now has shape "
          + "\(staleLeaf.shape) and dtype \(staleLeaf.dtype.name)")
    }
    gradients = Array(repeating: nil, count: leafStart + leaves.count)
    captured = slots.wanted
    findNeeded()
    for (slot, root) in zip(slots.roots, roots) { try add(root.seed, at: slot) }
  }

  private static func seed(_ seed: Tensor?, for output: Tensor, _ operation: String) throws(SNNError) -> Tensor {
    guard let seed else {
      guard output.count == 1 else {
        throw .gradient(
          "\(operation): grad can be implicitly created only for scalar outputs, got shape \(output.shape)")
      }
      return try Tensor.full(output.shape, 1, output.dtype)
    }
    guard seed.shape == output.shape else {
      throw .shape(
        "\(operation): Mismatch in shape: grad_output has a shape of \(seed.shape) and output has a shape of "
          + "\(output.shape)")
    }
    return seed.dtype == output.dtype ? seed : try seed.cast(to: output.dtype)
  }

  // MARK: Reading the graph, under the lock

  private mutating func collect(_ roots: [Edge], _ pass: UInt64) {
    var waiting: [Node] = []
    func visit(_ edge: Edge) {
      switch edge {
      case .none: break
      case .node(let node, _):
        if node.pass != pass {
          node.pass = pass
          waiting.append(node)
        }
      case .leaf(let tensor, let generation):
        if tensor.generation != generation { staleLeaf = tensor }
        if tensor.pass != pass {
          tensor.pass = pass
          tensor.passSlot = Int32(leaves.count)
          leaves.append(tensor)
        }
      }
    }
    for root in roots { visit(root) }
    while let node = waiting.popLast() {
      nodes.append(node)
      for i in 0..<node.edges.count { visit(node.edges[i]) }
    }
    nodes.sort { $0.sequence > $1.sequence }
    starts.reserveCapacity(nodes.count)
    for (i, node) in nodes.enumerated() {
      node.passSlot = Int32(i)
      starts.append(leafStart)
      leafStart += node.results.count
    }
    targets.reserveCapacity(nodes.count * 2)
    for node in nodes {
      for i in 0..<node.edges.count { targets.append(slot(of: node.edges[i], pass)) }
    }
  }

  /// The position of a value's gradient, or -1 when the outputs do not depend on it.
  private func slot(of edge: Edge, _ pass: UInt64) -> Int {
    switch edge {
    case .none: -1
    case .node(let node, let index): node.pass == pass ? starts[Int(node.passSlot)] + Int(index) : -1
    case .leaf(let tensor, _): tensor.pass == pass ? leafStart + Int(tensor.passSlot) : -1
    }
  }

  /// When only some inputs are asked for, nodes that do not lead to them are left out.
  private mutating func findNeeded() {
    guard !captured.isEmpty else { return }
    isNeeded = Array(repeating: false, count: gradients.count)
    for slot in captured where slot >= 0 { isNeeded[slot] = true }
    var edge = targets.count
    for i in nodes.indices.reversed() {
      edge -= nodes[i].edges.count
      let leads = (edge..<(edge + nodes[i].edges.count)).contains { targets[$0] >= 0 && isNeeded[targets[$0]] }
      if leads { for k in 0..<nodes[i].results.count { isNeeded[starts[i] + k] = true } }
    }
  }

  // MARK: Visiting

  /// Visits every node; returns the gradients of the inputs that were asked for.
  mutating func run() throws(SNNError) -> [Tensor?] {
    results = Array(repeating: nil, count: captured.count)
    let keep = keep
    let create = create
    let before = Gradients.isEnabled
    Gradients.isEnabled = create
    defer { Gradients.isEnabled = before }
    var edge = 0
    for i in nodes.indices {
      let node = nodes[i]
      try visit(node, start: starts[i], firstEdge: edge, keep: keep)
      edge += node.edges.count
    }
    for i in leaves.indices {
      guard let gradient = gradients[leafStart + i] else { continue }
      gradients[leafStart + i] = nil
      gradients[leafStart + i] = try leaves[i].hooked(gradient)
    }
    for (i, slot) in captured.enumerated() where slot >= leafStart { results[i] = gradients[slot] }
    return results
  }

  /// Adds the gradients that were found to those of the leaves.
  consuming func accumulateIntoLeaves() throws(SNNError) {
    for i in leaves.indices {
      guard let gradient = gradients[leafStart + i] else { continue }
      gradients[leafStart + i] = nil
      try leaves[i].accumulate(gradient, create: create)
    }
  }

  private mutating func visit(_ node: Node, start: Int, firstEdge: Int, keep: Bool) throws(SNNError) {
    var received = Few<Tensor?>()
    var isReached = false
    for k in 0..<node.results.count {
      var gradient = gradients[start + k]
      gradients[start + k] = nil
      if let unhooked = gradient {
        isReached = true
        gradient = try node.hooked(unhooked, output: k)
        for (i, slot) in captured.enumerated() where slot == start + k { results[i] = gradient }
      }
      received.append(gradient)
    }
    guard isReached, isNeeded.isEmpty || leadsOn(node, firstEdge) else { return }
    guard !node.isSpent else {
      throw .gradient(
        "\(node.primitive.name): Trying to backward through the graph a second time (or directly access saved tensors "
          + "after they have already been freed). Specify retain_graph=True if you need to backward through the graph "
          + "a second time")
    }
    let found: Few<Tensor?>
    do { found = try node.primitive.derivative(Pass(node: node, gradients: received)) } catch {
      throw SNNError.from(error)
    }
    if Anomaly.isOn { try Anomaly.check(node, found) }
    if !keep { node.spend() }
    for k in 0..<found.count {
      let slot = targets[firstEdge + k]
      guard slot >= 0, isNeeded.isEmpty || isNeeded[slot], let gradient = found[k],
        let spec = node.edges[k].spec
      else { continue }
      try add(try gradient.fitted(to: spec), at: slot)
    }
  }

  private func leadsOn(_ node: Node, _ firstEdge: Int) -> Bool {
    (firstEdge..<(firstEdge + node.edges.count)).contains { targets[$0] >= 0 && isNeeded[targets[$0]] }
  }

  private mutating func add(_ gradient: Tensor, at slot: Int) throws(SNNError) {
    if let sum = gradients[slot] {
      gradients[slot] = nil
      gradients[slot] = try sum + gradient
    } else {
      gradients[slot] = gradient
    }
  }
}

extension Tensor {
  /// Undoes broadcasting and conversion: the gradient of a value that was repeated is the sum over the repetitions.
  func fitted(to spec: TensorSpec) throws(SNNError) -> Tensor {
    var gradient = self
    if gradient.shape != spec.shape { gradient = try gradient.sum(to: spec.shape) }
    return gradient.dtype == spec.dtype ? gradient : try gradient.cast(to: spec.dtype)
  }
}
