import CKernels

extension Operation {
  static let masks: [Operation] = [
    maskedSelect, maskedScatter, argwhere, nonzeroTuple, nonzeroStatic, unravelIndex, oneHot, fillDiagonalInPlace,
  ]

  static let maskedSelect = Operation(
    "masked_select", "The elements where mask is true, along one axis.", [.tensor("input"), .tensor("mask")]
  ) { try $0.tensor(0).maskedSelect($0.tensor(1)) }

  static let maskedScatter = Operation(
    "masked_scatter", "A copy of input with the elements of source, in order, where mask is true.",
    [.tensor("input"), .tensor("mask"), .tensor("source")], hasInPlaceForm: true
  ) { try $0.tensor(0).maskedScatter($0.tensor(1), $0.tensor(2)) }

  static let argwhere = Operation(
    "argwhere", "The positions of the non-zero elements, one row each.", [.tensor("input")], differentiable: false
  ) { try $0.tensor(0).nonzero() }

  static let nonzeroTuple = Operation(
    "nonzero.as_tuple", "The positions of the non-zero elements, one tensor for each axis.",
    [.tensor("input"), .bool("as_tuple", only: true).keyword], differentiable: false,
    body: .list {
      let x = $0.tensor(0)
      return try (x.rank == 0 ? x.unsqueeze(0) : x).nonzero().unbind(1)
    })

  static let nonzeroStatic = Operation(
    "nonzero_static", "The positions of the first non-zero elements, as many rows as size says.",
    [
      .tensor("input"), .int("size", in: 0...Double(1 << 46)).keyword,
      .int("fill_value", default: -1, "What the rows without an element hold.").keyword,
    ], differentiable: false
  ) {
    let (found, rows) = (try $0.tensor(0).nonzero(), $0.int(1))
    let kept = try found.narrow(0, 0, Swift.min(rows, found.shape[0]))
    return try kept.padded([0, 0, 0, rows - kept.shape[0]], with: .int($0.int(2)))
  }

  static let unravelIndex = Operation(
    "unravel_index", "Positions in the flattened tensor of a shape as one tensor of positions for each axis.",
    [.tensor("indices"), .ints("shape")], places: .function, differentiable: false,
    body: .list {
      let indices = $0.tensor(0)
      guard indices.dtype.isInteger else {
        throw SNNError.dtype("unravel_index: expected integer indices, got \(indices.dtype.name)")
      }
      let shape = $0.ints(1)
      var results: [Tensor] = []
      var rest = try indices.cast(to: .int64)
      for size in shape.reversed() {
        guard size > 0 || (size == 0 && rest.count == 0) else {
          throw SNNError.shape("unravel_index: shape \(shape) has no positions")
        }
        results.append(try rest.remainder(.int(size)))
        rest = try Operation.floorDivide(rest, Tensor(number: .int(size)))
      }
      return results.reversed()
    })

  static let fillDiagonalInPlace = Operation(
    "fill_diagonal_", "Writes one number on the main diagonal.",
    [
      .tensor("input"), .scalar("fill_value"),
      .bool("wrap", default: false, "The diagonal of a tall matrix begins anew below each square."),
    ], places: .method, inPlace: true
  ) { arguments in
    let (x, wraps) = (arguments.tensor(0), arguments.bool(2))
    guard x.rank >= 2, x.rank == 2 || Set(x.shape).count == 1 else {
      throw SNNError.shape("fill_diagonal_: expects a matrix or equal sizes, got shape \(x.shape)")
    }
    let step = x.shape.contiguousStrides.reduce(0, +)
    let length = x.shape.min() ?? 0
    let end = wraps && x.rank == 2 ? x.count : Swift.min(x.count, length * step)
    let places = try Tensor.arange(0, .int(end), step: .int(Swift.max(step, 1)))
    let flat = try Tensor.full([x.count], false, .bool)
    let mask = try flat.indexCopy(0, places, Tensor.full([places.count], true, .bool)).reshaped(to: x.shape)
    return try x.update(operation: "fill_diagonal_") { try $0.masked(where: mask, arguments.scalar(1)) }
  }

  static let oneHot = Operation(
    "one_hot", "Zeros with a one at the place of each number, along a new last axis.",
    [.tensor("tensor"), .int("num_classes", default: -1, "-1: one more than the greatest number.")],
    places: .functional, differentiable: false
  ) { try $0.tensor(0).oneHot($0.int(1)) }
}

extension Tensor {
  public func maskedSelect(_ mask: Tensor) throws(SNNError) -> Tensor {
    guard mask.dtype == .bool else {
      throw .dtype("masked_select: expected BoolTensor for mask, got \(mask.dtype.name)")
    }
    let common = try Dimensions.broadcast(shape, mask.shape, operation: "masked_select")
    let flat = try expanded(to: common).reshape([-1])
    let positions = try mask.detach().expanded(to: common).reshape([-1]).nonzero().reshape([-1])
    return try SelectRows(axis: 0, name: "masked_select")(flat, positions)
  }

  /// A copy with the elements of `source`, in order, where the mask is true.
  public func maskedScatter(_ mask: Tensor, _ source: Tensor) throws(SNNError) -> Tensor {
    guard mask.dtype == .bool else {
      throw .dtype("masked_scatter: expected BoolTensor for mask, got \(mask.dtype.name)")
    }
    guard source.dtype == dtype else {
      throw .dtype(
        "masked_scatter: expected self and source to have same dtypes but got \(dtype.name) and "
          + "\(source.dtype.name)")
    }
    try mask.requireElements("masked_scatter")
    let common = try Dimensions.broadcast(shape, mask.shape, operation: "masked_scatter")
    let positions = try mask.detach().expanded(to: common).reshape([-1]).nonzero().reshape([-1])
    guard positions.count <= source.count else {
      throw .shape("masked_scatter: the mask has \(positions.count) true elements, but source only \(source.count)")
    }
    let flat = try expanded(to: common).reshape([-1])
    let values = try source.reshape([-1]).narrow(0, 0, positions.count)
    return try PutRows(axis: 0, how: ck_combine_set, name: "masked_scatter")(Few(flat, positions, values))
      .reshaped(to: common)
  }

  public func oneHot(_ classes: Int = -1) throws(SNNError) -> Tensor {
    guard dtype == .int64 else {
      throw .dtype("one_hot: is only applicable to index tensor of dtype int64, got \(dtype.name)")
    }
    guard rank < Dimensions.maximumRank else {
      throw .shape("one_hot: at most \(Dimensions.maximumRank - 1) dimensions are supported, got \(rank)")
    }
    guard classes >= -1, classes != 0 || count == 0, classes != -1 || count > 0 else {
      throw .argument("one_hot: num_classes should be positive, got \(classes) for a tensor of shape \(shape)")
    }
    guard batch == nil || classes != -1 else { throw .dynamicShape("one_hot") }
    let numbers = try detach().array(of: Int.self)
    for number in numbers where number < 0 || (classes >= 0 && number >= classes) {
      throw .index(
        "one_hot: class values must be between 0 and num_classes - 1, got \(number) and num_classes \(classes)")
    }
    let greatest = numbers.max() ?? 0
    guard greatest < 1 << 45 else { throw .shape("one_hot: \(greatest) classes are more than memory can hold") }
    let width = classes == -1 ? greatest + 1 : classes
    let result = try Tensor.full(Dimensions.shape(shape + [width], operation: "one_hot"), 0, .int64)
    let out = result.data.assumingMemoryBound(to: Int.self)
    for (i, number) in numbers.enumerated() { out[i * width + number] = 1 }
    return result
  }
}
