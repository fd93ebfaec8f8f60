import CKernels

/// The modes of gradient recording, and the calls that differentiate.
public enum Gradients {
  /// Whether operations on this thread are recorded.
  @inline(__always)
  static var areRecorded: Bool { ck_thread().unsafelyUnwrapped.pointee.gradients_off == 0 }

  /// Whether this thread records operations; true at its start.
  public static var isEnabled: Bool {
    get { areRecorded }
    set { ck_thread().unsafelyUnwrapped.pointee.gradients_off = newValue ? 0 : 1 }
  }

  /// Whether this thread makes tensors that no graph may save.
  public static var isInferenceMode: Bool {
    get { ck_thread().unsafelyUnwrapped.pointee.inference != 0 }
    set { ck_thread().unsafelyUnwrapped.pointee.inference = newValue ? 1 : 0 }
  }

  /// Runs `body` with recording on or off, and restores what was.
  @inline(__always)
  public static func with<Result, Failure: Error>(
    enabled: Bool, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let thread = ck_thread().unsafelyUnwrapped
    let before = thread.pointee.gradients_off
    thread.pointee.gradients_off = enabled ? 0 : 1
    defer { thread.pointee.gradients_off = before }
    return try body()
  }

  /// The gradients of the sum of `outputs` (weighted by `seeds`, ones by default) with respect to `inputs`.
  ///
  /// An input on which the outputs do not depend is an error, unless `allowUnused`: then its gradient is nil.
  public static func of(
    _ outputs: [Tensor], withRespectTo inputs: [Tensor], seeds: [Tensor?]? = nil, retainGraph: Bool? = nil,
    createGraph: Bool = false, allowUnused: Bool = false
  ) throws(SNNError) -> [Tensor?] {
    for input in inputs where !input.requiresGradient {
      throw .gradient("grad: One of the differentiated Tensors does not require grad")
    }
    var walk = try Walk(
      outputs, seeds: seeds, inputs: inputs, keep: retainGraph ?? createGraph, create: createGraph, operation: "grad")
    let found = try walk.run()
    for i in inputs.indices where found[i] == nil && !allowUnused {
      throw .gradient(
        "grad: One of the differentiated Tensors appears to not have been used in the graph (input \(i) of shape "
          + "\(inputs[i].shape)). Set allow_unused=True if this is the desired behavior.")
    }
    return found
  }

  /// The gradient of one output with respect to one input.
  public static func of(_ output: Tensor, withRespectTo input: Tensor, createGraph: Bool = false) throws(SNNError)
    -> Tensor
  {
    try of([output], withRespectTo: [input], createGraph: createGraph)[0].unsafelyUnwrapped
  }

  /// Adds the gradients of `outputs` to those of the leaves, or of `inputs` alone.
  public static func backward(
    _ outputs: [Tensor], seeds: [Tensor?]? = nil, inputs: [Tensor]? = nil, retainGraph: Bool? = nil,
    createGraph: Bool = false
  ) throws(SNNError) {
    var walk = try Walk(
      outputs, seeds: seeds, inputs: inputs ?? [], keep: retainGraph ?? createGraph, create: createGraph,
      operation: "backward")
    let found = try walk.run()
    for (input, gradient) in zip(inputs ?? [], found) {
      if let gradient { try input.accumulate(gradient, create: createGraph) }
    }
    if inputs == nil { try walk.accumulateIntoLeaves() }
  }
}

extension Tensor {
  /// Whether gradients flow to this tensor.
  @inline(__always)
  public var requiresGradient: Bool {
    if leafRequiresGradient || node != nil { return true }
    guard viewBase != nil, viewVersion != storage.version else { return false }
    return currentBase?.requiresGradient ?? false
  }

  /// Whether the memory was made in inference mode.
  public var isInference: Bool { storage.isInference }

  /// Whether no recorded operation made this tensor.
  public var isLeaf: Bool { node == nil }

  /// Asks for gradients of a leaf of floating dtype, or no longer asks.
  public func setRequiresGradient(_ value: Bool) throws(SNNError) {
    guard dtype.isFloatingPoint || !value else {
      throw .gradient("requires_grad_: only Tensors of floating point dtype can require gradients, got \(dtype.name)")
    }
    guard isLeaf || value else {
      throw .gradient(
        "requires_grad_: you can only change requires_grad flags of leaf variables; use detach() for a tensor outside "
          + "the graph")
    }
    guard isLeaf else { return }
    guard !value || !storage.isInference || Gradients.isInferenceMode else {
      throw .gradient(
        "requires_grad_: Setting requires_grad=True on inference tensor outside InferenceMode is not allowed.")
    }
    leafRequiresGradient = value
    // A leaf has no history, so that of the tensor whose memory it shows is not its own either.
    if value { viewBase = nil }
  }

  /// The gradient that `backward` has added up.
  public var gradient: Tensor? { extras?.gradient }

  public func setGradient(_ gradient: Tensor?) throws(SNNError) {
    guard let gradient else {
      extras?.gradient = nil
      return
    }
    guard gradient.shape == shape else {
      throw .shape("grad: assigned grad has data of a different size: expected \(shape), got \(gradient.shape)")
    }
    guard gradient.dtype == dtype else {
      throw .dtype("grad: assigned grad has another dtype: expected \(dtype.name), got \(gradient.dtype.name)")
    }
    try requireOwnExamples(gradient)
    guard gradient !== self else { throw .argument("grad: can't assign Variable as its own grad") }
    ensureExtras().gradient = gradient
  }

  /// Adds the gradients of this tensor, of one element unless a seed is given, to those of the leaves.
  public func backward(_ seed: Tensor? = nil, retainGraph: Bool? = nil, createGraph: Bool = false) throws(SNNError) {
    try Gradients.backward([self], seeds: [seed], retainGraph: retainGraph, createGraph: createGraph)
  }

  /// The same memory outside of any graph.
  public func detach() -> Tensor {
    if let batch { return Tensor(each: batch.all.detach(), level: batch.level) }
    return alias()
  }

  /// Keeps the gradient of a tensor that is not a leaf.
  public func retainGradient() throws(SNNError) {
    guard requiresGradient else {
      throw .gradient("retain_grad: can't retain_grad on Tensor that has requires_grad=False")
    }
    guard let node = try gradientNode(), !ensureExtras().retainsGradient else { return }
    ensureExtras().retainsGradient = true
    node.hooks.append(
      OutputHook(output: outputIndex, id: OutputHook.retaining) { [weak self] gradient in
        self?.ensureExtras().gradient = gradient
        return nil
      })
  }

  /// The node that made this tensor. That of a view is made anew after a change in place of what it shows.
  func gradientNode() throws(SNNError) -> Node? {
    guard viewBase != nil, viewVersion != storage.version, let base = currentBase else { return node }
    viewVersion = storage.version
    if base.requiresGradient {
      let view = AsStrided(view: Geometry(self), base: Geometry(base))
      node = Node(view, Few(try base.edge()), Results(shape, dtype))
      outputIndex = 0
    }
    return node
  }

  /// Where the gradient of this tensor goes.
  @inline(__always)
  func edge() throws(SNNError) -> Edge {
    if viewBase == nil {
      if let node { return .node(node, outputIndex) }
      return leafRequiresGradient ? .leaf(self, generation) : .none
    }
    return try viewEdge()
  }

  private func viewEdge() throws(SNNError) -> Edge {
    if let node = try gradientNode() { return .node(node, outputIndex) }
    return leafRequiresGradient ? .leaf(self, generation) : .none
  }

  /// A gradient that differs between examples must not stay behind in a tensor that does not.
  private func requireOwnExamples(_ gradient: Tensor) throws(SNNError) {
    guard let level = gradient.batch?.level, level > batch?.level ?? 0 else { return }
    throw .gradient(
      "backward: called inside of vmap, where gradients differ between examples: use func.grad or func.vjp, or call it "
        + "outside")
  }

  /// Adds to the gradient of a leaf.
  func accumulate(_ gradient: consuming Tensor, create: Bool) throws(SNNError) {
    try requireOwnExamples(gradient)
    let extras = ensureExtras()
    if let sum = extras.gradient {
      let new = try Gradients.with(enabled: create) { () throws(SNNError) in try sum + gradient }
      extras.gradient = new
    } else if create {
      extras.gradient = gradient
    } else {
      extras.gradient = try gradient.uniqueCopy()
    }
  }
}

extension Tensor {
  /// Itself when nothing else can see its memory, else a copy: two leaves must not share one gradient.
  __consuming func uniqueCopy() throws(SNNError) -> Tensor {
    var tensor = self
    if tensor.isContiguous, tensor.node == nil, isKnownUniquelyReferenced(&tensor),
      isKnownUniquelyReferenced(&tensor.storage)
    {
      return tensor
    }
    return try Gradients.with(enabled: false) { () throws(SNNError) in try tensor.clone() }
  }
}
