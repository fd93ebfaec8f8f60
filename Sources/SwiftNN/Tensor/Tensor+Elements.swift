import CKernels

/// A Swift type that tensors are made from and read into.
public protocol TensorElement {
  static var dtype: DType { get }
}

extension Float: TensorElement { public static var dtype: DType { .float32 } }
extension Double: TensorElement { public static var dtype: DType { .float64 } }
extension Int: TensorElement { public static var dtype: DType { .int64 } }
extension Int64: TensorElement { public static var dtype: DType { .int64 } }
extension Int32: TensorElement { public static var dtype: DType { .int32 } }
extension UInt8: TensorElement { public static var dtype: DType { .uint8 } }
extension Bool: TensorElement { public static var dtype: DType { .bool } }

extension Tensor {
  /// A number as a tensor of rank 0 that takes part in promotion by its category alone.
  convenience init(number: Scalar) throws(SNNError) {
    try self.init(uninitialized: [], number.dtype, operation: "scalar")
    switch number {
    case .int(let value): data.storeBytes(of: value, as: Int.self)
    case .float(let value): data.storeBytes(of: value, as: Double.self)
    case .bool(let value): data.storeBytes(of: value, as: Bool.self)
    }
    isWrappedNumber = true
  }

  /// A tensor with a copy of the elements, row-major; of one axis unless a shape is given.
  public convenience init<Element: TensorElement>(_ elements: [Element], _ shape: [Int]? = nil) throws(SNNError) {
    let dimensions = try Dimensions.shape(shape ?? [elements.count], operation: "tensor")
    guard dimensions.product == elements.count else {
      throw .shape("tensor: shape \(dimensions) has \(dimensions.product) elements, got \(elements.count)")
    }
    try self.init(uninitialized: dimensions, Element.dtype, operation: "tensor")
    elements.withUnsafeBytes { if let base = $0.baseAddress { data.copyMemory(from: base, byteCount: $0.count) } }
  }

  /// A tensor of rank 0.
  public convenience init(_ value: Scalar, _ dtype: DType? = nil) throws(SNNError) {
    try self.init(uninitialized: [], dtype ?? value.defaultDType, operation: "tensor")
    fill(with: value)
  }

  /// All elements, row-major, converted where the dtype differs.
  public func array<Element: TensorElement>(of type: Element.Type = Float.self) throws(SNNError) -> [Element] {
    let source = self.dtype == Element.dtype && isContiguous ? self : try detach().copied(to: Element.dtype)
    return withExtendedLifetime(source) {
      Array(UnsafeBufferPointer(start: source.data.assumingMemoryBound(to: Element.self), count: source.count))
    }
  }

  /// The value of a tensor with one element.
  public func item() throws(SNNError) -> Scalar {
    try requireElements("item")
    guard count == 1 else {
      throw .shape("item: a Tensor with \(count) elements cannot be converted to Scalar")
    }
    if dtype == .bool { return .bool(data.load(as: UInt8.self) != 0) }
    return dtype.isFloatingPoint
      ? .float(try array(of: Double.self)[0])
      : .int(try array(of: Int.self)[0])
  }

  /// Writes all elements, row-major and converted, to memory that has room for them.
  public func read(into memory: UnsafeMutableRawPointer, as dtype: DType) throws(SNNError) {
    try requireElements("read")
    let target = try Tensor.borrowing(memory, Array(shape), dtype) {}
    target.fill(copying: self)
  }

  /// A contiguous copy outside any graph.
  func copied(to dtype: DType) throws(SNNError) -> Tensor {
    try requireElements("copy")
    let copy = try Tensor(uninitialized: shape, dtype, operation: "copy")
    copy.fill(copying: self)
    return copy
  }

  /// Calls `body` with one element of `dtype` that has the value.
  func withElement(of value: Scalar, _ dtype: DType, _ body: (UnsafeRawPointer) -> Void) {
    withUnsafeTemporaryAllocation(byteCount: 16, alignment: 16) { buffer in
      let raw = buffer.baseAddress.unsafelyUnwrapped
      let source = raw + 8
      let from: DType
      switch value {
      case .int(let number):
        source.storeBytes(of: number, as: Int.self)
        from = .int64
      case .float(let number):
        source.storeBytes(of: number, as: Double.self)
        from = .float64
      case .bool(let truth):
        source.storeBytes(of: truth, as: Bool.self)
        from = .bool
      }
      var one: Int64 = 1
      ck_cast(
        from.kernel, dtype.kernel, 1, &one, ck_out(data: raw, stride: nil), ck_in(data: source, stride: nil))
      body(raw)
    }
  }
}
