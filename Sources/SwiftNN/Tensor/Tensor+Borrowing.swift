extension Tensor {
  /// A tensor over memory that somebody else keeps until `release` is called, which happens once, when nothing uses the
  /// memory any more. Strides are in elements; row-major without them. When this throws, `release` is not called.
  public static func borrowing(
    _ pointer: UnsafeMutableRawPointer?, _ sizes: [Int], strides: [Int]? = nil, _ dtype: DType,
    release: @escaping () -> Void
  ) throws(SNNError) -> Tensor {
    let shape = try Dimensions.shape(sizes, operation: "borrow")
    guard strides == nil || strides?.count == sizes.count else {
      throw .shape("borrow: expects \(sizes.count) strides, got \(strides?.count ?? 0)")
    }
    var steps = shape.contiguousStrides
    if let strides, shape.product > 0 {
      // The stride of an axis of one position may be anything and is never used.
      for i in shape.indices where shape[i] > 1 { steps[i] = strides[i] }
    }
    // The memory may begin before the first element where a stride is negative.
    var lowest = 0
    var highest = 0
    for i in shape.indices where shape.product > 0 {
      let (reach, overflow) = steps[i].multipliedReportingOverflow(by: shape[i] - 1)
      guard !overflow, reach.magnitude <= 1 << 45 else { throw .shape("borrow: stride \(steps[i]) is out of range") }
      if reach < 0 { lowest += reach } else { highest += reach }
    }
    guard let pointer = pointer ?? (shape.product == 0 ? UnsafeMutableRawPointer(bitPattern: 64) : nil) else {
      throw .argument("borrow: the memory of \(shape.product) elements must not be NULL")
    }
    guard Int(bitPattern: pointer) % dtype.size == 0 else {
      throw .argument("borrow: the memory is not aligned to the \(dtype.size) bytes of \(dtype.name)")
    }
    let storage = Storage(
      borrowing: pointer + lowest * dtype.size, byteCount: (highest - lowest + 1) * dtype.size, release: release)
    return Tensor(storage: storage, offset: -lowest, shape: shape, strides: steps, dtype: dtype)
  }

  /// Whether both show the same memory.
  public func sharesMemory(with other: Tensor) -> Bool { storage === other.storage }

  /// The first element, for callers that read or write the memory themselves and then call `touch`.
  public var unsafeData: UnsafeMutableRawPointer { data }

  /// Says that the memory was changed from outside, so that a graph that saved it can tell.
  public func touch() { storage.version += 1 }

  /// Shows the memory, shape and dtype of `other` from now on, outside any graph.
  public func setData(_ other: Tensor) throws(SNNError) {
    guard isLeaf else { throw .gradient("set_data: can only set the data of a leaf") }
    guard other.dtype.isFloatingPoint || !leafRequiresGradient else {
      throw .dtype("set_data: a tensor that requires gradients cannot take data of dtype \(other.dtype.name)")
    }
    guard batch == nil, other.batch == nil else {
      throw .argument("set_data: not possible inside of vmap, for a tensor that stands for many examples")
    }
    if shape != other.shape || dtype != other.dtype { generation &+= 1 }
    storage = other.storage
    offset = other.offset
    shape = other.shape
    strides = other.strides
    dtype = other.dtype
    isContiguous = other.isContiguous
    viewBase = nil
  }

  /// The name of the operation that made this tensor, nil for a leaf.
  public var gradientFunctionName: String? {
    guard let node = try? gradientNode() else { return nil }
    return node.primitive.name
  }

  /// A pointer to the sizes and to the strides, good as long as this tensor lives and is not given other data.
  package func withStableDimensions() -> (sizes: UnsafePointer<Int64>, strides: UnsafePointer<Int64>) {
    // Not `shape.withPointer`, which may point into a copy.
    let sizes = withUnsafeMutablePointer(to: &shape) { UnsafeRawPointer($0) }
    let steps = withUnsafeMutablePointer(to: &strides) { UnsafeRawPointer($0) }
    return (sizes.assumingMemoryBound(to: Int64.self), steps.assumingMemoryBound(to: Int64.self))
  }
}
