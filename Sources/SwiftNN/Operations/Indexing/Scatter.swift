import CKernels

extension Operation {
  static let scattering: [Operation] = [gather, scatter, scatterValue, scatterAdd, scatterReduce, takeAlongDim]

  private static let dim = Field.int("dim")
  private static let places = Field.tensor("index", "Positions along dim.")

  static let gather = Operation(
    "gather", "For every position of index, the element there along an axis.",
    [.tensor("input"), dim, places, .bool("sparse_grad", default: false).keyword]
  ) { try $0.tensor(0).gather($0.int(1), $0.tensor(2)) }

  private static let combining = Field.choice(
    "reduce", of: ["add", "multiply"], "Combines with what is there instead of replacing it."
  ).optional.keyword

  static let scatter = Operation(
    "scatter", "A copy of input with elements of src put at the positions of index along an axis.",
    [.tensor("input"), dim, places, .tensor("src"), combining], hasInPlaceForm: true
  ) { try $0.tensor(0).scatter($0.int(1), $0.tensor(2), $0.tensor(3), reduce: $0.isNone(4) ? nil : $0.string(4)) }

  static let scatterValue = Operation(
    "scatter.value", "A copy of input with one number put at the positions of index along an axis.",
    [.tensor("input"), dim, places, .scalar("value"), combining], hasInPlaceForm: true
  ) {
    let (x, index) = ($0.tensor(0), $0.tensor(2))
    let source = try Tensor.full([], $0.scalar(3), x.dtype).expanded(to: index.shape)
    return try x.scatter($0.int(1), index, source, reduce: $0.isNone(4) ? nil : $0.string(4))
  }

  static let scatterAdd = Operation(
    "scatter_add", "A copy of input with elements of src added at the positions of index along an axis.",
    [.tensor("input"), dim, places, .tensor("src")], hasInPlaceForm: true
  ) { try $0.tensor(0).scatterAdd($0.int(1), $0.tensor(2), $0.tensor(3)) }

  static let scatterReduce = Operation(
    "scatter_reduce", "A copy of input with elements of src that have the same position of index combined there.",
    [
      .tensor("input"), dim, places, .tensor("src"),
      .choice("reduce", of: ["sum", "prod", "mean", "amax", "amin"]),
      .bool("include_self", default: true, "The element that is there takes part.").keyword,
    ], hasInPlaceForm: true
  ) {
    try $0.tensor(0).scatterReduce($0.int(1), $0.tensor(2), $0.tensor(3), $0.string(4), includeSelf: $0.bool(5))
  }

  static let takeAlongDim = Operation(
    "take_along_dim", "For every position of indices, the element there along an axis; other axes broadcast.",
    [.tensor("input"), .tensor("indices"), Field("dim", .int, "The flattened tensor without one.").optional]
  ) {
    let (x, indices) = ($0.tensor(0), $0.tensor(1))
    guard let dim = $0.optionalInt(2) else { return try x.reshape([-1]).gather(0, indices.reshape([-1])) }
    return try x.takeAlong(dim, indices)
  }
}

/// For every position of the index, the element there along an axis.
struct Gather: Primitive {
  let axis: Int
  let name: String
  let saves: Saves = .inputsForOthers

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results { Results(inputs[1].shape, inputs[0].dtype) }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    let shape = inputs[1].shape
    let x = try inputs[0].part(like: shape, axis: axis).contiguous()
    let rows = RowLayout(x.shape, axis)
    ck_gather(
      x.dtype.kernel, rows.outer, rows.limit, rows.inner, Int64(shape[axis]), inputs[1].indexPointer, outputs[0].data,
      x.data)
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    let base = try Tensor.full(p.inputSpec(0).shape, 0, p.g.dtype)
    return Few(try Scatter(axis: axis, how: ck_combine_add, name: name)(Few(base, try p.savedIndex(1), p.g)), nil)
  }
}

/// A copy of the first tensor with elements of the third combined at the positions of the index along an axis.
struct Scatter: Primitive {
  let axis: Int
  let how: ck_combine
  let name: String
  var saves: Saves { isSimple ? .inputsForOthers : [.inputs, .outputs] }

  private var isSimple: Bool { how == ck_combine_set || how == ck_combine_add }

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results { Results(inputs[0].shape, inputs[0].dtype) }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    let out = outputs[0]
    out.fill(copying: inputs[0])
    let shape = inputs[1].shape
    let values = try inputs[2].part(like: shape, axis: nil).contiguous()
    let shown = try out.part(like: shape, axis: axis)
    let target = try shown.contiguous()
    let rows = RowLayout(target.shape, axis)
    ck_scatter(
      how, values.dtype.kernel, rows.outer, rows.limit, rows.inner, Int64(shape[axis]), inputs[1].indexPointer,
      target.data, values.data)
    if target !== shown { shown.fill(copying: target) }
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    let index = try p.savedIndex(1)
    func atIndex(_ x: Tensor) throws(SNNError) -> Tensor { try Gather(axis: axis, name: name)(x, index) }
    guard isSimple else { return try combinedDerivative(p, index, atIndex) }
    var old: Tensor? = nil
    if p.needs(0) {
      let nothing = try Tensor.full(index.shape, 0, p.g.dtype)
      old = how == ck_combine_add ? p.g : try self(Few(p.g, index, nothing))
    }
    return Few(old, nil, try grown(atIndex(p.g), p))
  }

  /// The gradient of the source, if it needs one: zeros around that of the part that was read.
  private func grown(_ ofPart: @autoclosure () throws(SNNError) -> Tensor, _ p: Pass) throws(SNNError) -> Tensor? {
    guard p.needs(2) else { return nil }
    let gradient = try ofPart()
    let shape = p.inputSpec(2).shape
    guard gradient.shape != shape else { return gradient }
    return try gradient.padded((0..<shape.count).reversed().flatMap { [0, shape[$0] - gradient.shape[$0]] }, with: 0)
  }

  private func combinedDerivative(
    _ p: Pass, _ index: Tensor, _ atIndex: (Tensor) throws(SNNError) -> Tensor
  ) throws(SNNError) -> Few<Tensor?> {
    let (old, result) = (try p.a, try p.y)
    let source = try p.c.part(like: index.shape, axis: nil, recorded: true)
    let count = Scatter(axis: axis, how: ck_combine_add, name: name)
    if how == ck_combine_mul {
      let (oldIsZero, isZero) = (try old == 0, try source == 0)
      let solid = try old.masked(where: oldIsZero, 1)
      let ofSolid = try self(Few(solid, index, source))
      let zeros = try atIndex(count(Few(old.zerosLike(), index, isZero.cast(to: old.dtype))))
      let isOnlyZero = try isZero.logicalAnd(zeros == 1)
      let withoutIt = try self(Few(old, index, source.masked(where: isOnlyZero, 1)))
      let usual = try atIndex(p.g * result) / source.masked(where: isZero, 1)
      return Few(
        try p.g * ofSolid / solid, nil, try grown(Tensor.where(isOnlyZero, atIndex(p.g * withoutIt), usual), p))
    }
    // Equal extremes share the gradient.
    let oldWins = try (old == result).cast(to: p.g.dtype)
    let sourceWins = try (source == atIndex(result)).cast(to: p.g.dtype)
    let winners = try count(Few(oldWins, index, sourceWins))
    let share = try p.g / winners.maximum(Tensor(number: 1))
    return Few(try oldWins * share, nil, try grown(sourceWins * atIndex(share), p))
  }
}

extension Tensor {
  public func gather(_ dim: Int, _ index: Tensor) throws(SNNError) -> Tensor {
    guard index.count > 0 else {
      try checkNothing(along: dim, index, operation: "gather")
      return try reshaped(to: [count]).narrow(0, 0, 0).reshaped(to: index.shape)
    }
    let (axis, x, positions) = try alongAxis(dim, index, operation: "gather")
    let picked = try Gather(axis: axis, name: "gather")(x, positions)
    return index.rank == 0 ? try picked.reshaped(to: []) : picked
  }

  public func scatter(_ dim: Int, _ index: Tensor, _ source: Tensor, reduce: String? = nil) throws(SNNError) -> Tensor {
    let how = reduce == nil ? ck_combine_set : reduce == "add" ? ck_combine_add : ck_combine_mul
    return try scattered(how, dim, index, source, operation: "scatter")
  }

  public func scatterAdd(_ dim: Int, _ index: Tensor, _ source: Tensor) throws(SNNError) -> Tensor {
    try scattered(ck_combine_add, dim, index, source, operation: "scatter_add")
  }

  /// A copy with elements of `source` that have the same position combined there.
  public func scatterReduce(
    _ dim: Int, _ index: Tensor, _ source: Tensor, _ reduce: String, includeSelf: Bool = true,
    operation: String = "scatter_reduce"
  ) throws(SNNError) -> Tensor {
    func put(_ how: ck_combine, _ x: Tensor, _ values: Tensor) throws(SNNError) -> Tensor {
      try x.scattered(how, dim, index, values, operation: operation)
    }
    let (how, neutral): (ck_combine, Scalar) =
      switch reduce {
      case "prod": (ck_combine_mul, 1)
      case "amax": (ck_combine_amax, dtype.lowest)
      case "amin": (ck_combine_amin, dtype.highest)
      default: (ck_combine_add, 0)
      }
    let start = includeSelf ? self : try put(ck_combine_set, self, Tensor.full(index.shape, neutral, dtype))
    let total = try put(how, start, source)
    guard reduce == "mean" else { return total }
    let one = try Tensor.full(shape, 1, dtype)
    let zero = try Tensor.full(index.shape, 0, dtype)
    let counts = try put(
      ck_combine_add, includeSelf ? one : put(ck_combine_set, one, zero), Tensor.full(index.shape, 1, dtype))
    let divisor = try counts.masked(where: counts == 0, 1)
    return try dtype.isFloatingPoint ? total / divisor : Scatter.wholeQuotient(total, divisor)
  }

  fileprivate func scattered(
    _ how: ck_combine, _ dim: Int, _ index: Tensor, _ source: Tensor, operation: String
  ) throws(SNNError) -> Tensor {
    guard source.dtype == dtype else {
      throw .dtype(
        "\(operation): expected self.dtype to be equal to src.dtype, got \(dtype.name) and \(source.dtype.name)")
    }
    guard index.count > 0 else {
      try checkNothing(along: dim, index, operation: operation)
      return try clone()
    }
    let (axis, x, positions) = try alongAxis(dim, index, operation: operation)
    let values = source.rank == 0 ? try source.reshaped(to: [1]) : source
    guard values.rank == positions.rank, zip(positions.shape, values.shape).allSatisfy({ $0 <= $1 }) else {
      throw .shape(
        "\(operation): expected index \(index.shape) to be no larger than src \(source.shape) in any dimension")
    }
    let put = try Scatter(axis: axis, how: how, name: operation)(Few(x, positions, values))
    return rank == 0 ? try put.reshaped(to: []) : put
  }

  /// An index without elements may have any shape: nothing is chosen by it.
  private func checkNothing(along dim: Int, _ index: Tensor, operation: String) throws(SNNError) {
    _ = try shape.axis(dim, operation: operation)
    _ = try index.checkedIndex(below: 0, operation: operation)
  }

  /// The axis, this tensor and the checked index, of rank 1 at least.
  private func alongAxis(_ dim: Int, _ index: Tensor, operation: String) throws(SNNError) -> (Int, Tensor, Tensor) {
    let axis = try shape.axis(dim, operation: operation)
    let x = rank == 0 ? try reshaped(to: [1]) : self
    let plain = index.rank == 0 ? try index.reshaped(to: [1]) : index
    guard plain.rank == x.rank else {
      throw .shape(
        "\(operation): index tensor must have the same number of dimensions as input tensor, got shapes "
          + "\(index.shape) and \(shape)")
    }
    for i in 0..<x.rank where i != axis && plain.shape[i] > x.shape[i] {
      throw .shape(
        "\(operation): Size does not match at dimension \(i) expected index \(index.shape) to be no larger than self "
          + "\(shape) apart from dimension \(axis)")
    }
    return (axis, x, try plain.checkedIndex(below: x.shape[axis], operation: operation))
  }

  /// The leading part of every axis but one that a smaller shape covers.
  fileprivate func part(like target: Dimensions, axis: Int?, recorded: Bool = false) throws(SNNError) -> Tensor {
    var part = recorded ? self : detach()
    for i in 0..<rank where i != axis && target[i] < shape[i] { part = try part.narrow(i, 0, target[i]) }
    return part
  }

  public func takeAlong(_ dim: Int, _ indices: Tensor) throws(SNNError) -> Tensor {
    guard rank == indices.rank else {
      throw .shape(
        "take_along_dim: input and indices should have the same number of dimensions, got shapes \(shape) and "
          + "\(indices.shape)")
    }
    let axis = try shape.axis(dim, operation: "take_along_dim")
    guard rank > 0 else { return try gather(dim, indices) }
    var (mine, theirs) = (shape, indices.shape)
    (mine[axis], theirs[axis]) = (1, 1)
    var common = try Dimensions.broadcast(mine, theirs, operation: "take_along_dim")
    common[axis] = shape[axis]
    let x = try expanded(to: common)
    common[axis] = indices.shape[axis]
    return try x.gather(axis, indices.expanded(to: Dimensions.shape(common, operation: "take_along_dim")))
  }
}

extension Scatter {
  /// Quotients of integers, rounded towards minus infinity.
  fileprivate static let wholeQuotient = BinaryRule(
    "scatter_reduce", ck_binary_floor_divide, .common, saves: [], left: nil, right: nil)
}

extension DType {
  /// What is not greater than any element.
  fileprivate var lowest: Scalar {
    switch self {
    case .int64: .int(.min)
    case .int32: .int(Int(Int32.min))
    case .uint8, .bool: .int(0)
    default: .float(-.infinity)
    }
  }

  /// What is not less than any element.
  fileprivate var highest: Scalar {
    switch self {
    case .int64: .int(.max)
    case .int32: .int(Int(Int32.max))
    case .uint8: .int(255)
    case .bool: .int(1)
    default: .float(.infinity)
    }
  }
}
