import CKernels

/// Methods that change how a tensor shows its memory, in place.
extension Operation {
  static let reshown: [Operation] = [
    shown(as: squeeze), shown(as: unsqueeze), shown(as: transpose), shown(as: transpose, "swapdims_"),
    shown(as: swapaxes), shown(as: transposeMatrix), shown(as: asStrided), detachInPlace,
  ]

  private static func shown(as view: Operation, _ name: String? = nil) -> Operation {
    guard case .one(let body) = view.body else { preconditionFailure("\(view.name) has one result") }
    let name = name ?? view.name + "_"
    return Operation(name, "As \(view.name), in place.", view.fields, places: .method, inPlace: true) { arguments in
      try arguments.tensor(0).reshow(operation: name) { old in
        var values = Array(arguments.values)
        values[0] = .tensor(old)
        return try values.withUnsafeBufferPointer { try body(Arguments(values: $0)) }
      }
    }
  }

  static let detachInPlace = Operation(
    "detach_", "Leaves its graph, in place.", [.tensor("input")], differentiable: false, inPlace: true
  ) {
    let x = $0.tensor(0)
    guard x.currentBase == nil else {
      throw SNNError.gradient("detach_: a view cannot leave its graph in place. Use detach() instead.")
    }
    x.node = nil
    x.leafRequiresGradient = false
    return x
  }
}

extension Tensor {
  func refuseExamples(_ operation: String) throws(SNNError) {
    guard batch == nil else {
      throw .argument("\(operation): not possible inside of vmap, for a tensor that stands for many examples")
    }
  }

  /// Takes the shape and the strides of a view of itself, and the view's place in the graph.
  @discardableResult
  fileprivate func reshow(operation: String, _ view: (Tensor) throws -> Tensor) throws(SNNError) -> Tensor {
    try refuseExamples(operation)
    if Gradients.areRecorded, leafRequiresGradient {
      throw .gradient("\(operation): a leaf Variable that requires grad is being used in an in-place operation.")
    }
    let base = currentBase
    let old = alias()
    old.node = try gradientNode()
    old.outputIndex = outputIndex
    let shown: Tensor
    do { shown = try view(old) } catch { throw SNNError.from(error) }
    (shape, strides, offset, isContiguous) = (shown.shape, shown.strides, shown.offset, shown.isContiguous)
    storage.version += 1
    if base != nil {
      // Its node is made from the base's when it is next asked for: see gradientNode.
      node = nil
      viewVersion = -1
    } else if let graph = shown.node {
      node = graph
      outputIndex = shown.outputIndex
    }
    return self
  }
}
