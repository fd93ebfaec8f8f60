extension Operation {
  static let axes: [Operation] = [permute, transpose, transposeMatrix, expand]

  static let permute = Operation("permute", "The axes in another order.", [.tensor("input"), .ints("dims")]) {
    try $0.tensor(0).permute($0.ints(1))
  }

  static let transpose = Operation(
    "transpose", "Two axes swapped.", [.tensor("input"), .int("dim0"), .int("dim1")], aliases: ["swapdims"]
  ) { try $0.tensor(0).transpose($0.int(1), $0.int(2)) }

  static let transposeMatrix = Operation("t", "A matrix transposed; vectors stay.", [.tensor("input")]) {
    let x = $0.tensor(0)
    guard x.rank <= 2 else { throw SNNError.shape("t: expects a tensor with <= 2 dimensions, but self is \(x.rank)D") }
    return x.rank == 2 ? try x.transpose(0, 1) : x
  }

  static let expand = Operation(
    "expand", "Axes of size 1 repeated to size, without copies; -1 keeps an axis.",
    [.tensor("input"), .ints("size")], places: .method
  ) { try $0.tensor(0).expand($0.ints(1)) }
}

struct Permute: ViewPrimitive {
  let order: [Int]
  let name = "permute"

  func geometry(of x: Tensor) throws(SNNError) -> Geometry {
    Geometry(
      Dimensions(order.map { x.shape[$0] }), Dimensions(order.map { x.strides[$0] }), offset: x.offset)
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    var inverse = order
    for (i, axis) in order.enumerated() { inverse[axis] = i }
    return Few(try p.g.permute(inverse))
  }
}

struct Expand: ViewPrimitive {
  let shape: Dimensions
  let name = "expand"

  func geometry(of x: Tensor) throws(SNNError) -> Geometry {
    Geometry(shape, x.strides(broadcastTo: shape), offset: x.offset)
  }

  /// The walk sums over the repetitions.
  func derivative(_ p: Pass) throws -> Few<Tensor?> { Few(p.g) }
}

extension Tensor {
  public func permute(_ dims: [Int]) throws(SNNError) -> Tensor {
    guard dims.count == rank else {
      throw .shape(
        "permute: number of dimensions in the tensor input does not match the length of the desired ordering of "
          + "dimensions: \(rank) is not equal to \(dims.count)")
    }
    var order: [Int] = []
    for dim in dims {
      let axis = try shape.axis(dim, operation: "permute")
      guard !order.contains(axis) else { throw .index("permute: duplicate dims are not allowed, got \(dims)") }
      order.append(axis)
    }
    return try Permute(order: order)(self)
  }

  public func transpose(_ a: Int, _ b: Int) throws(SNNError) -> Tensor {
    let first = try shape.axis(a, operation: "transpose")
    let second = try shape.axis(b, operation: "transpose")
    if rank == 0 { return self }
    var order = Array(0..<rank)
    order.swapAt(first, second)
    return try Permute(order: order)(self)
  }

  public func expand(_ sizes: [Int]) throws(SNNError) -> Tensor {
    guard sizes.count >= rank else {
      throw .shape(
        "expand: the number of sizes provided (\(sizes.count)) must be greater or equal to the number of dimensions in "
          + "the tensor (\(rank))")
    }
    var target = sizes
    let shift = sizes.count - rank
    for i in sizes.indices {
      let own = i < shift ? 1 : shape[i - shift]
      if sizes[i] == -1, i >= shift { target[i] = own }
      guard own == 1 || target[i] == own else {
        throw .shape(
          "expand: the expanded size of the tensor (\(sizes[i])) must match the existing size (\(own)) at non-singleton "
            + "dimension \(i). Target sizes: \(sizes). Tensor sizes: \(shape)")
      }
    }
    return try expanded(to: Dimensions.shape(target, operation: "expand"))
  }

  /// The expansion to a shape that is known to fit.
  func expanded(to target: Dimensions) throws(SNNError) -> Tensor {
    target == shape ? self : try Expand(shape: target)(self)
  }
}
