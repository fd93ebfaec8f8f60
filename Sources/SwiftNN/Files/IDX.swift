import CKernels

/// The files of MNIST: a type, sizes and elements, the most significant byte first.
public enum IDX {
  private static let types: [Int: (kind: UInt8, size: Int)] = [
    0x08: (0x75, 1), 0x09: (0x69, 1), 0x0B: (0x69, 2), 0x0C: (0x69, 4), 0x0D: (0x66, 4), 0x0E: (0x66, 8),
  ]

  public static func read(path: String, mapped: Bool = false) throws(SNNError) -> Tensor {
    try read(DataSource(path: path, mapped: mapped))
  }

  public static func read(_ source: DataSource) throws(SNNError) -> Tensor {
    let bytes = try source.unpacked()
    guard bytes.count >= 4, bytes.integer(at: 0, bytes: 2) == 0, let code = bytes.integer(at: 2, bytes: 1),
      let rank = bytes.integer(at: 3, bytes: 1), let known = types[code],
      let type = ElementType(kind: known.kind, size: known.size, isSwapped: true)
    else {
      throw bytes.broken("is not an IDX file: it does not begin with 0, 0, a type of elements and a number of axes")
    }
    guard bytes.contains(4, 4 * rank) else {
      throw bytes.broken("an IDX header of \(rank) axes needs \(4 + 4 * rank) bytes, the file has \(bytes.count)")
    }
    var sizes: [Int] = []
    for axis in 0..<rank {
      sizes.append(bytes.part(4 + 4 * axis..<8 + 4 * axis).reduce(0) { $0 << 8 | Int($1) })
    }
    let shape = try Dimensions.shape(sizes, operation: bytes.name)
    let (start, needed) = (4 + 4 * rank, shape.product * type.size)
    guard bytes.count == start + needed else {
      throw bytes.broken("IDX elements of shape \(shape) end at byte \(start + needed), the file at \(bytes.count)")
    }
    guard needed > 0, let data = bytes.start else {
      return try Tensor(uninitialized: shape, type.dtype, operation: bytes.name)
    }
    let storage = try type.storage(over: data + start, byteCount: needed, owner: bytes, bytes.name)
    return Tensor(storage: storage, offset: 0, shape: shape, strides: shape.contiguousStrides, dtype: type.dtype)
  }
}
