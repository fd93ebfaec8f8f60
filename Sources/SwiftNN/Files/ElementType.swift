import CKernels

/// How the elements of a tensor lie in a file: perhaps in the other byte order, perhaps of a type that tensors lack.
struct ElementType {
  /// Of the tensor that is made.
  let dtype: DType
  /// Bytes of an element in the file.
  let size: Int
  private let element: ck_element
  private let isSwapped: Bool

  /// Elements that tensors have.
  init(_ dtype: DType, isSwapped: Bool = false) {
    self.dtype = dtype
    size = dtype.size
    element = dtype == .bool ? CK_ELEMENT_BOOL : CK_ELEMENT_SAME
    self.isSwapped = isSwapped
  }

  /// `kind` is NumPy's letter: "i", "u", "f" or "b". Whole numbers that tensors lack become the next wider type.
  init?(kind: UInt8, size: Int, isSwapped: Bool) {
    let known: (ck_element, DType)? =
      switch (kind, size) {
      case (UInt8(ascii: "b"), 1): (CK_ELEMENT_BOOL, .bool)
      case (UInt8(ascii: "u"), 1): (CK_ELEMENT_SAME, .uint8)
      case (UInt8(ascii: "i"), 1): (CK_ELEMENT_INT8, .int32)
      case (UInt8(ascii: "i"), 2): (CK_ELEMENT_INT16, .int32)
      case (UInt8(ascii: "u"), 2): (CK_ELEMENT_UINT16, .int32)
      case (UInt8(ascii: "i"), 4): (CK_ELEMENT_SAME, .int32)
      case (UInt8(ascii: "u"), 4): (CK_ELEMENT_UINT32, .int64)
      case (UInt8(ascii: "i"), 8): (CK_ELEMENT_SAME, .int64)
      case (UInt8(ascii: "u"), 8): (CK_ELEMENT_UINT64, .int64)
      case (UInt8(ascii: "f"), 2): (CK_ELEMENT_SAME, .float16)
      case (UInt8(ascii: "f"), 4): (CK_ELEMENT_SAME, .float32)
      case (UInt8(ascii: "f"), 8): (CK_ELEMENT_SAME, .float64)
      default: nil
      }
    guard let known else { return nil }
    (element, dtype) = known
    self.size = size
    self.isSwapped = isSwapped
  }

  /// Whether the bytes of a file are those of a tensor, where they are aligned.
  private var isPlain: Bool { element == CK_ELEMENT_SAME && (!isSwapped || size == 1) }

  /// Elements as a tensor's memory: the file's own, which `owner` keeps, or a copy.
  func storage(
    over source: UnsafeMutableRawPointer, byteCount: Int, owner: AnyObject, _ name: String
  ) throws(SNNError) -> Storage {
    if isPlain, Int(bitPattern: source) % dtype.size == 0 {
      return Storage(borrowing: source, byteCount: byteCount) { withExtendedLifetime(owner) {} }
    }
    let count = byteCount / size
    let copy = try Storage(byteCount: count * dtype.size, operation: name)
    let misfit = ck_unpack(element, size, isSwapped, Int64(count), source, copy.pointer)
    guard misfit < 0 else {
      throw .file(name, "element \(misfit) is 2^63 or more, which does not fit into int64")
    }
    return withExtendedLifetime(owner) { copy }
  }
}
