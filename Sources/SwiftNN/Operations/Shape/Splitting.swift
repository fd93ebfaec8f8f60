extension Operation {
  static let splitting: [Operation] = [
    split, splitSizes, splitWithSizes, chunk, unbind, tensorSplit, tensorSplitIndices, hsplit, hsplitIndices, vsplit,
    vsplitIndices,
    dsplit, dsplitIndices,
  ]

  private static let dim = Field.int("dim", default: 0)

  private static func declare(
    _ name: String, _ doc: String, _ fields: [Field], aliases: [Alias] = [],
    _ body: @escaping @Sendable (Arguments) throws -> [Tensor]
  ) -> Operation {
    Operation(name, doc, [.tensor("input")] + fields, aliases: aliases, body: .list(body))
  }

  static let split = declare(
    "split", "Pieces of one length along an axis; the last may be shorter.", [.int("split_size_or_sections"), dim],
    aliases: ["unsafe_split"]
  ) { try $0.tensor(0).split($0.int(1), $0.int(2)) }

  static let splitSizes = declare(
    "split.sizes", "Pieces of the given lengths along an axis.", [.ints("split_size_or_sections"), dim]
  ) { try $0.tensor(0).split($0.ints(1), $0.int(2)) }

  static let splitWithSizes = declare(
    "split_with_sizes", "Pieces of the given lengths along an axis.", [.ints("split_sizes"), dim],
    aliases: ["unsafe_split_with_sizes"]
  ) { try $0.tensor(0).split($0.ints(1), $0.int(2)) }

  static let chunk = declare(
    "chunk", "At most so many pieces of equal length along an axis; the last may be shorter.", [.int("chunks"), dim],
    aliases: ["unsafe_chunk"]
  ) { try $0.tensor(0).chunk($0.int(1), $0.int(2)) }

  static let unbind = declare("unbind", "The positions of an axis as tensors of their own.", [dim]) {
    try $0.tensor(0).unbind($0.int(1))
  }

  static let tensorSplit = declare(
    "tensor_split", "So many pieces along an axis, the first of them longer by one where they cannot be equal.",
    [.int("indices_or_sections"), dim]
  ) { try $0.tensor(0).tensorSplit($0.int(1), $0.int(2)) }

  static let tensorSplitIndices = declare(
    "tensor_split.indices", "The pieces of an axis between the given positions.", [.ints("indices_or_sections"), dim]
  ) { try $0.tensor(0).tensorSplit(at: $0.ints(1), $0.int(2)) }

  private static func along(
    _ name: String, _ what: String, _ axis: @escaping @Sendable (Tensor) throws(SNNError) -> Int
  ) -> (Operation, Operation) {
    (
      declare(name, "So many equal pieces along \(what).", [.int("sections")]) {
        let (x, sections) = ($0.tensor(0), $0.int(1))
        let dim = try axis(x)
        guard sections > 0, x.shape[dim] % sections == 0 else {
          throw SNNError.shape(
            "\(name): cannot split dimension \(dim) of size \(x.shape[dim]) into \(sections) equal parts")
        }
        return try x.tensorSplit(sections, dim)
      },
      declare("\(name).indices", "The pieces of \(what) between the given positions.", [.ints("indices")]) {
        try $0.tensor(0).tensorSplit(at: $0.ints(1), axis($0.tensor(0)))
      }
    )
  }

  static let (hsplit, hsplitIndices) = along("hsplit", "the second axis, that of a vector along the first") {
    x throws(SNNError) in
    guard x.rank >= 1 else { throw .shape("hsplit: requires a tensor with at least 1 dimension, got 0") }
    return x.rank == 1 ? 0 : 1
  }

  static let (vsplit, vsplitIndices) = along("vsplit", "the first axis") { x throws(SNNError) in
    guard x.rank >= 2 else { throw .shape("vsplit: requires a tensor with at least 2 dimensions, got \(x.rank)") }
    return 0
  }

  static let (dsplit, dsplitIndices) = along("dsplit", "the third axis") { x throws(SNNError) in
    guard x.rank >= 3 else { throw .shape("dsplit: requires a tensor with at least 3 dimensions, got \(x.rank)") }
    return 2
  }
}

extension Tensor {
  /// Pieces of one length along an axis; the last may be shorter.
  public func split(_ size: Int, _ dim: Int = 0) throws(SNNError) -> [Tensor] {
    let (axis, length) = try splitAxis(dim, "split")
    guard size > 0 || (size == 0 && length == 0) else {
      throw .argument("split: expects split_size be positive, but got split_size=\(size)")
    }
    guard length > 0 else { return [try narrow(axis, 0, 0)] }
    return try stride(from: 0, to: length, by: Swift.min(size, length)).map { start throws(SNNError) in
      try narrow(axis, start, Swift.min(size, length - start))
    }
  }

  /// Pieces of the given lengths along an axis.
  public func split(_ sizes: [Int], _ dim: Int = 0) throws(SNNError) -> [Tensor] {
    let (axis, length) = try splitAxis(dim, "split")
    var start = 0
    var parts: [Tensor] = []
    for size in sizes {
      guard size >= 0, size <= length - start else {
        throw .argument(
          "split: expects split_sizes to sum exactly to \(length) (the size of dimension \(axis)), got \(sizes)")
      }
      parts.append(try narrow(axis, start, size))
      start += size
    }
    guard start == length else {
      throw .argument(
        "split: expects split_sizes to sum exactly to \(length) (the size of dimension \(axis)), got \(sizes)")
    }
    return parts
  }

  public func chunk(_ chunks: Int, _ dim: Int = 0) throws(SNNError) -> [Tensor] {
    let (_, length) = try splitAxis(dim, "chunk")
    guard chunks > 0 else { throw .argument("chunk: expects chunks to be greater than 0, got \(chunks)") }
    if length == 0 {
      guard chunks <= 1 << 20 else { throw .argument("chunk: \(chunks) empty pieces are too many") }
      return try (0..<chunks).map { _ throws(SNNError) in try narrow(dim, 0, 0) }
    }
    return try split(length / chunks + (length % chunks == 0 ? 0 : 1), dim)
  }

  public func unbind(_ dim: Int = 0) throws(SNNError) -> [Tensor] {
    let (axis, length) = try splitAxis(dim, "unbind")
    return try (0..<length).map { position throws(SNNError) in try select(axis, position) }
  }

  public func tensorSplit(_ sections: Int, _ dim: Int = 0) throws(SNNError) -> [Tensor] {
    let (axis, length) = try splitAxis(dim, "tensor_split")
    guard sections > 0, sections <= 1 << 20 else {
      throw .argument("tensor_split: number of sections must be between 1 and \(1 << 20), got \(sections)")
    }
    var start = 0
    return try (0..<sections).map { i throws(SNNError) in
      let size = length / sections + (i < length % sections ? 1 : 0)
      defer { start += size }
      return try narrow(axis, start, size)
    }
  }

  /// The pieces of an axis between the given positions.
  public func tensorSplit(at indices: [Int], _ dim: Int = 0) throws(SNNError) -> [Tensor] {
    let (axis, _) = try splitAxis(dim, "tensor_split")
    var parts: [Tensor] = []
    for i in 0...indices.count {
      parts.append(
        try slice(axis, from: i == 0 ? 0 : indices[i - 1], to: i < indices.count ? indices[i] : nil))
    }
    return parts
  }

  private func splitAxis(_ dim: Int, _ operation: String) throws(SNNError) -> (axis: Int, length: Int) {
    guard rank > 0 else { throw .shape("\(operation): expects at least a 1-dimensional tensor") }
    let axis = try shape.axis(dim, operation: operation)
    return (axis, shape[axis])
  }
}
