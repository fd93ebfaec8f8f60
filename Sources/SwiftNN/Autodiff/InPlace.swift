import CKernels

extension Tensor {
  /// Replaces the elements by those of `result(of: self)`, which is computed aside, so that a failure changes nothing.
  ///
  /// The result's place in the graph becomes this tensor's. Of a view, the base gets a node that knows what was overwritten.
  @discardableResult
  func update(operation: String, _ result: (Tensor) throws -> Tensor) throws(SNNError) -> Tensor {
    guard !storage.isInference || Gradients.isInferenceMode else {
      throw .gradient(
        "\(operation): Inplace update to inference tensor outside InferenceMode is not allowed. You can make a clone to "
          + "get a normal tensor before doing inplace update.")
    }
    let isRecorded = Gradients.areRecorded
    if isRecorded { try refuseLeaf(operation) }
    let start = isRecorded ? ck_next_sequence() : .max
    let values: Tensor
    do { values = try result(try isRecorded && requiresGradientAnywhere ? snapshot() : self) } catch {
      throw SNNError.from(error)
    }
    try overwrite(with: values, isRecorded: isRecorded, start: start, operation: operation)
    return self
  }

  private func refuseLeaf(_ operation: String) throws(SNNError) {
    if leafRequiresGradient {
      throw .gradient("\(operation): a leaf Variable that requires grad is being used in an in-place operation.")
    }
    if currentBase?.leafRequiresGradient == true {
      throw .gradient(
        "\(operation): a view of a leaf Variable that requires grad is being used in an in-place operation.")
    }
    try batch?.all.refuseLeaf(operation)
  }

  /// Writes values that were computed since `start`, and gives this tensor their place in the graph.
  private func overwrite(with values: Tensor, isRecorded: Bool, start: UInt64, operation: String) throws(SNNError) {
    guard values.shape == shape else {
      throw .shape("\(operation): output with shape \(shape) doesn't match the broadcast shape \(values.shape)")
    }
    guard values.dtype.category <= dtype.category else {
      throw .dtype(
        "\(operation): result type \(values.dtype.name) can't be cast to the desired output type \(dtype.name)")
    }
    guard !sharesElements else {
      throw .argument(
        "\(operation): unsupported operation: more than one element of the written-to tensor refers to a single memory "
          + "location. Please clone() the tensor before performing the operation.")
    }
    if isRecorded, !requiresGradient, let graph = values.node { try keepOldValue(in: graph, since: start) }
    let oldBaseEdge = try currentBase?.edge() ?? .none
    if let batch {
      let all = try values.examples(at: batch.level, batch.size)
      try batch.all.overwrite(with: all, isRecorded: isRecorded, start: start, operation: operation)
    } else {
      try values.requireOneExample(operation)
      let overlaps = values.storage === storage && Geometry(values) != Geometry(self)
      fill(copying: overlaps ? try values.copied(to: values.dtype) : values)
      storage.version += 1
    }
    if isRecorded {
      try replaceNode(by: values, oldBaseEdge)
      releaseFromOwnGraph()
      currentBase?.releaseFromOwnGraph()
    }
  }

  /// Values that differ between examples do not fit into a tensor that is the same for all.
  private func requireOneExample(_ operation: String) throws(SNNError) {
    guard let batch else { return }
    throw .shape(
      "\(operation): vmap: an in-place operation is not possible on a tensor that is the same for all examples with "
        + "values that differ between the \(batch.size) examples; use the operation that is not in place")
  }

  private func replaceNode(by values: Tensor, _ oldBaseEdge: Edge) throws(SNNError) {
    let converted = try values.requiresGradient ? values.cast(to: dtype) : values
    guard let base = currentBase else {
      let oldEdge = try edge()
      if oldEdge.isNeeded, !converted.requiresGradient {
        node = Node(Overwrite(), Few(oldEdge), Results(shape, dtype))
        outputIndex = 0
        return
      }
      node = try converted.gradientNode()
      outputIndex = converted.outputIndex
      if node == nil, converted.leafRequiresGradient { try takeNode(ofCopy: converted) }
      return
    }
    guard oldBaseEdge.isNeeded || converted.requiresGradient else { return }
    base.node = Node(
      ViewUpdate(view: Geometry(self), base: Geometry(base)), Few(oldBaseEdge, try converted.edge()),
      Results(base.shape, base.dtype))
    base.outputIndex = 0
    // This view's node is made from the base's when it is next asked for: see gradientNode.
    node = nil
    viewVersion = -1
  }

  /// The values were a leaf themselves, as in `x.copy_(leaf)`.
  private func takeNode(ofCopy leaf: Tensor) throws(SNNError) {
    let copy = try leaf.clone()
    node = copy.node
    outputIndex = copy.outputIndex
  }

  /// The old value with its place in the graph, in memory of its own.
  private func snapshot() throws(SNNError) -> Tensor {
    let old: Tensor
    if let batch {
      old = Tensor(each: try batch.all.snapshot(), level: batch.level)
    } else {
      old = try copied(to: dtype)
    }
    old.node = try gradientNode()
    old.outputIndex = outputIndex
    return old
  }

  /// Whether two positions show one element.
  private var sharesElements: Bool {
    for i in 0..<rank where strides[i] == 0 && shape[i] > 1 { return true }
    return false
  }
}

/// The node of a tensor whose every element was replaced by a constant: what was there no longer matters.
private struct Overwrite: Primitive {
  let name = "fill_"
  let saves: Saves = []

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results { Results(inputs[0].shape, inputs[0].dtype) }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) { outputs[0].fill(with: 0) }

  func derivative(_ p: Pass) throws -> Few<Tensor?> { Few(try p.g.zerosLike()) }
}

extension Operation {
  static let assignment: [Operation] = [copyInPlace, fillInPlace, zeroInPlace]

  static let copyInPlace = Operation(
    "copy_", "Takes over the elements of src, broadcast and converted.", [.tensor("input"), .tensor("src")],
    places: .method, inPlace: true
  ) { try $0.tensor(0).copy(from: $0.tensor(1)) }

  static let fillInPlace = Operation(
    "fill_", "Writes one number everywhere.", [.tensor("input"), .operand("value")], places: .both, inPlace: true
  ) {
    let value = try $0.operand(1)
    guard value.rank == 0 else {
      throw SNNError.shape("fill_: only supports 0-dimension value tensor but got tensor with \(value.rank) dimensions")
    }
    return try $0.tensor(0).copy(from: value)
  }

  static let zeroInPlace = Operation("zero_", "Writes zeros.", [.tensor("input")], places: .both, inPlace: true) {
    try $0.tensor(0).copy(from: Tensor(number: 0))
  }

  /// `scatter_.value` for `scatter.value`.
  var inPlaceName: String {
    guard let dot = name.firstIndex(of: ".") else { return name + "_" }
    return "\(name[..<dot])_\(name[dot...])"
  }

  /// `name_`, which changes its first argument: the value is computed aside and written over it.
  var inPlaceForm: Operation? {
    guard case .one = body, hasInPlaceForm else { return nil }
    let original = self
    let name = inPlaceName
    let target = Field.tensor(fields[0].name, fields[0].doc)
    return Operation(
      name, doc, [target] + fields.dropFirst(), places: places.inPlace, differentiable: isDifferentiable, inPlace: true
    ) {
      arguments in
      try arguments.tensor(0).update(operation: name) { old in
        var values = Array(arguments.values)
        values[0] = .tensor(old)
        return try values.withUnsafeBufferPointer { try original.results(Arguments(values: $0))[0] }
      }
    }
  }
}

extension Tensor {
  /// Takes over the elements of `source`, broadcast and converted.
  @discardableResult
  public func copy(from source: Tensor) throws(SNNError) -> Tensor {
    let common = try Dimensions.broadcast(shape, source.shape, operation: "copy_")
    guard common == shape else {
      throw .shape("copy_: output with shape \(shape) doesn't match the broadcast shape \(common)")
    }
    return try update(operation: "copy_") { _ in try source.cast(to: dtype).expanded(to: shape) }
  }
}
