extension Operation {
  static let resizing: [Operation] = [resizeInPlace, resizeAsInPlace]

  static let resizeInPlace = Operation(
    "resize_", "Another size in place: the elements stay in order, and what is new has any contents.",
    [.tensor("input"), .ints("size")], places: .method, differentiable: false, inPlace: true
  ) { try $0.tensor(0).resize($0.ints(1)) }

  static let resizeAsInPlace = Operation(
    "resize_as_", "The size of the_template, in place.", [.tensor("input"), .tensor("the_template")],
    places: [.function, .method], differentiable: false, inPlace: true
  ) { try $0.tensor(0).resize(Array($0.tensor(1).shape)) }
}

extension Tensor {
  /// Another size in place: the elements stay in order, and what is new has any contents.
  @discardableResult
  public func resize(_ sizes: [Int]) throws(SNNError) -> Tensor {
    guard !requiresGradient else { throw .gradient("resize_: cannot resize variables that require grad") }
    try refuseExamples("resize_")
    let target = try Dimensions.shape(sizes, operation: "resize_")
    guard target != shape else { return self }
    let needed = try target.byteCount(dtype.size, operation: "resize_")
    if offset * dtype.size + needed > storage.byteCount {
      let grown = try Storage(byteCount: needed, operation: "resize_")
      // An empty view may begin behind the memory's end.
      let kept = Swift.max(0, storage.byteCount - offset * dtype.size)
      grown.pointer.copyMemory(from: data, byteCount: Swift.min(needed, kept))
      storage = grown
      offset = 0
      viewBase = nil
    }
    shape = target
    strides = target.contiguousStrides
    isContiguous = true
    generation &+= 1
    storage.version += 1
    return self
  }

  /// Takes the shape and the elements of a result, converted to this tensor's dtype: what Python's `out=` does.
  public func write(_ result: Tensor) throws(SNNError) {
    guard !Gradients.areRecorded || !(requiresGradient || result.requiresGradient) else {
      throw .gradient(
        "out: functions with out=... arguments don't support automatic differentiation, but one of the arguments "
          + "requires grad.")
    }
    guard result.dtype.category <= dtype.category else {
      throw .dtype("out: result type \(result.dtype.name) can't be cast to the desired output type \(dtype.name)")
    }
    if shape != result.shape {
      if count > 0 {
        Log.warning("out: an output of shape \(shape) was resized, since the result has shape \(result.shape)")
      }
      try resize(Array(result.shape))
    }
    try copy(from: result)
  }
}
