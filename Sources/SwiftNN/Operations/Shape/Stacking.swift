extension Operation {
  static let stacking: [Operation] = [
    hstack, vstack, dstack, columnStack, blockDiag, meshgrid, cartesianProd, combinations,
    atLeast1D, atLeast1DList, atLeast2D, atLeast2DList, atLeast3D, atLeast3DList,
  ]

  private static func joined(
    _ name: String, _ doc: String, aliases: [Alias] = [],
    _ join: @escaping @Sendable ([Tensor]) throws(SNNError) -> Tensor
  ) -> Operation {
    Operation(name, doc, [.tensors("tensors")], places: .function, aliases: aliases) {
      let tensors = try $0.tensors(0)
      guard !tensors.isEmpty else { throw SNNError.argument("\(name): expects a non-empty list of tensors") }
      return try join(tensors)
    }
  }

  static let hstack = joined("hstack", "Tensors side by side: along the second axis, vectors along the first.") {
    tensors throws(SNNError) in
    try Tensor.cat(tensors.map { x throws(SNNError) in try x.atLeast(1) }, tensors[0].rank > 1 ? 1 : 0)
  }

  static let vstack = joined("vstack", "Tensors below each other; vectors are rows.", aliases: ["row_stack"]) {
    tensors throws(SNNError) in try Tensor.cat(tensors.map { x throws(SNNError) in try x.atLeast(2) }, 0)
  }

  static let dstack = joined("dstack", "Tensors behind each other, along the third axis.") { tensors throws(SNNError) in
    try Tensor.cat(tensors.map { x throws(SNNError) in try x.atLeast(3) }, 2)
  }

  static let columnStack = joined("column_stack", "Tensors side by side; vectors are columns.") {
    tensors throws(SNNError) in
    try Tensor.cat(
      tensors.map { x throws(SNNError) in try x.rank <= 1 ? x.reshaped(to: [x.count, 1]) : x }, 1)
  }

  static let blockDiag = Operation(
    "block_diag", "The matrix with the given ones along its diagonal, zeros elsewhere.", [.tensors("tensors")],
    places: .function
  ) { try Tensor.blockDiagonal($0.tensors(0)) }

  static let meshgrid = Operation(
    "meshgrid", "Coordinates of all points of a grid, one tensor for each axis.",
    [
      .tensors("tensors"),
      .choice("indexing", of: ["ij", "xy"], default: "ij", "xy swaps the first two axes.").keyword,
    ], places: .function, body: .list { try Tensor.meshgrid($0.tensors(0), isCartesian: $0.string(1) == "xy") })

  static let cartesianProd = Operation(
    "cartesian_prod", "All combinations of an element of each vector, one row each.", [.tensors("tensors")],
    places: .function
  ) {
    let tensors = try $0.tensors(0)
    for tensor in tensors where tensor.rank != 1 {
      throw SNNError.shape("cartesian_prod: expect a 1D vector, but got shape \(tensor.shape)")
    }
    if tensors.count == 1 { return tensors[0] }
    return try Tensor.stack(Tensor.meshgrid(tensors).map { try $0.reshape([-1]) }, 1)
  }

  static let combinations = Operation(
    "combinations", "All choices of r elements of a vector, in order, one row each.",
    [.tensor("input"), .int("r", default: 2), .bool("with_replacement", default: false)], places: .function
  ) { try $0.tensor(0).combinations($0.int(1), withReplacement: $0.bool(2)) }

  private static func atLeast(_ rank: Int) -> (Operation, Operation) {
    let name = "atleast_\(rank)d"
    let doc = "The tensor with axes of size 1 added until it has \(rank)."
    return (
      Operation(name, doc, [.tensor("input")], places: .function) { try $0.tensor(0).atLeast(rank) },
      Operation(
        "\(name).list", doc, [.tensors("tensors")], places: .function,
        body: .list { try $0.tensors(0).map { try $0.atLeast(rank) } })
    )
  }

  static let (atLeast1D, atLeast1DList) = atLeast(1)
  static let (atLeast2D, atLeast2DList) = atLeast(2)
  static let (atLeast3D, atLeast3DList) = atLeast(3)
}

extension Tensor {
  /// The tensor with axes of size 1 added until it has `count`: in front of a vector, and behind a matrix.
  public func atLeast(_ count: Int) throws(SNNError) -> Tensor {
    var x = self
    while x.rank < count { x = try x.unsqueeze(x.rank == 2 ? 2 : 0) }
    return x
  }

  /// The matrix with the given ones along its diagonal, zeros elsewhere.
  public static func blockDiagonal(_ tensors: [Tensor]) throws(SNNError) -> Tensor {
    guard !tensors.isEmpty else { return try Tensor.zeros([1, 0]) }
    let dtype = DType.result(of: tensors)
    var blocks: [Tensor] = []
    for (i, tensor) in tensors.enumerated() {
      guard tensor.rank <= 2 else {
        throw .shape("block_diag: input tensors must have two or fewer dimensions. Input \(i) has \(tensor.rank)")
      }
      blocks.append(try tensor.atLeast(2).cast(to: dtype))
    }
    let width = blocks.reduce(0) { Swift.min($0 + $1.shape[1], 1 << 46) }
    var rows: [Tensor] = []
    var start = 0
    for block in blocks {
      let size = block.shape[1]
      rows.append(try block.padded([start, width - start - size], with: 0))
      start += size
    }
    return try cat(rows)
  }

  /// Coordinates of all points of a grid, one tensor for each axis.
  public static func meshgrid(_ tensors: [Tensor], isCartesian: Bool = false) throws(SNNError) -> [Tensor] {
    guard let first = tensors.first else { throw .argument("meshgrid: expects a non-empty list of tensors") }
    for (i, tensor) in tensors.enumerated() {
      guard tensor.rank <= 1 else {
        throw .shape("meshgrid: expected 0D or 1D tensor in the tensor list but got shape \(tensor.shape) at \(i)")
      }
      guard tensor.dtype == first.dtype else {
        throw .dtype(
          "meshgrid: expects all tensors to have the same dtype, got \(first.dtype.name) and \(tensor.dtype.name)")
      }
    }
    let swaps = isCartesian && tensors.count > 1
    let ordered = swaps ? [tensors[1], tensors[0]] + tensors[2...] : tensors
    let shape = try Dimensions.shape(ordered.map(\.count), operation: "meshgrid")
    var grids: [Tensor] = []
    for (i, tensor) in ordered.enumerated() {
      var own = Dimensions(repeating: 1, count: shape.count)
      own[i] = tensor.count
      grids.append(try tensor.reshaped(to: own).expanded(to: shape))
    }
    if swaps { grids.swapAt(0, 1) }
    return grids
  }

  /// All choices of r elements of a vector, in order, one row each.
  public func combinations(_ r: Int = 2, withReplacement: Bool = false) throws(SNNError) -> Tensor {
    guard rank == 1 else { throw .shape("combinations: expect a 1D vector, but got shape \(shape)") }
    guard r >= 0 else { throw .argument("combinations: expect a non-negative number, but got \(r)") }
    if r == 0 { return try Tensor.zeros([0], dtype) }
    let target = try Dimensions.shape([0, r], operation: "combinations")
    guard count > 0, withReplacement || r <= count else { return try narrow(0, 0, 0).reshaped(to: target) }
    guard r <= 1 << 20 else { throw .shape("combinations: rows of \(r) elements are too many") }
    var chosen = withReplacement ? Array(repeating: 0, count: r) : Array(0..<r)
    var positions: [Int] = []
    while true {
      positions += chosen
      guard positions.count <= 1 << 32 else {
        throw .shape("combinations: the choices of \(r) out of \(count) elements are more than memory can hold")
      }
      guard let place = chosen.indices.last(where: { chosen[$0] < (withReplacement ? count - 1 : count - r + $0) })
      else { break }
      chosen[place] += 1
      for i in (place + 1)..<Swift.max(r, place + 1) { chosen[i] = withReplacement ? chosen[place] : chosen[i - 1] + 1 }
    }
    return try indexSelect(0, Tensor(positions)).reshaped(to: [positions.count / r, r])
  }
}
