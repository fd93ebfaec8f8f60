/// The elements in the middle, and the most frequent ones.
extension Operation {
  static let middles: [Operation] = [median, medianAlong, nanmedian, nanmedianAlong, mode]

  private static func along(_ name: String, _ doc: String, skipsNaN: Bool) -> Operation {
    Operation(
      name, doc, [.tensor("input"), .int("dim"), .bool("keepdim", default: false)],
      body: .several(names: ["values", "indices"]) {
        let (values, indices) = try $0.tensor(0).median($0.int(1), keepDim: $0.bool(2), skipsNaN: skipsNaN)
        return [values, indices]
      })
  }

  static let median = Operation(
    "median", "The lower middle element; equal ones share the gradient.", [.tensor("input")]
  ) { try $0.tensor(0).median(skipsNaN: false) }
  static let nanmedian = Operation(
    "nanmedian", "The lower middle element of those that are not NaN.", [.tensor("input")]
  ) { try $0.tensor(0).median(skipsNaN: true) }

  static let medianAlong = along(
    "median.dim", "The lower middle elements along an axis, and where they stand.", skipsNaN: false)
  static let nanmedianAlong = along(
    "nanmedian.dim", "The lower middle elements along an axis of those that are not NaN.", skipsNaN: true)

  static let mode = Operation(
    "mode", "The most frequent elements along an axis, the least among equals, and where the last of them stand.",
    [.tensor("input"), .int("dim", default: -1), .bool("keepdim", default: false)],
    body: .several(names: ["values", "indices"]) {
      let (values, indices) = try $0.tensor(0).mode($0.int(1), keepDim: $0.bool(2))
      return [values, indices]
    })
}

/// An element of the first tensor, given by the second: those equal to it share the gradient.
struct SharedElement: Primitive {
  let name: String
  let saves: Saves = .inputs

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results { Results(inputs[1].shape, inputs[0].dtype) }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    outputs[0].fill(copying: inputs[1])
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    let (x, value) = (try p.a.detach(), try p.b)
    let isMine = try (x == value).logicalOr(x.isNaN().logicalAnd(value.isNaN())).cast(to: p.g.dtype)
    return Few(try p.g * isMine / isMine.sum(), nil)
  }
}

extension Tensor {
  /// The lower middle element, NaN where there is one unless those are skipped.
  public func median(skipsNaN: Bool = false) throws(SNNError) -> Tensor {
    let name = skipsNaN ? "nanmedian" : "median"
    guard count > 0 else {
      guard dtype.isFloatingPoint else { throw .shape("\(name): expects elements, got shape \(shape)") }
      return try Tensor.full([], .float(.nan), dtype)
    }
    let (value, _) = try detach().flatten().median(0, keepDim: false, skipsNaN: skipsNaN)
    return try SharedElement(name: name)(Few(self, value))
  }

  /// The lower middle elements along an axis, and where they stand.
  public func median(_ dim: Int, keepDim: Bool = false, skipsNaN: Bool = false) throws(SNNError) -> (
    values: Tensor, indices: Tensor
  ) {
    let name = skipsNaN ? "nanmedian" : "median"
    let (positions, axis) = try order(dim, descending: false, operation: name)
    if rank == 0 { return (try expanded(to: shape), positions) }
    let n = shape[axis]
    guard n > 0 else {
      throw .index("\(name): Expected reduction dim \(axis) to have non-zero size, got shape \(shape)")
    }
    // Numbers come first, then NaN: the first of those has the number of the numbers as its position.
    let numbers = try detach().isNaN().logicalNot().sum([axis], keepDim: true)
    let middle =
      try skipsNaN
      ? (numbers - 1).clamp(min: 0).floorDivided(by: 2)
      : Tensor.where(numbers < .int(n), numbers, Tensor.full([], .int((n - 1) / 2), .int64))
    let (found, _) = try positions.elements(at: middle, axis, operation: name)
    return try elements(at: found, axis, keepDim: keepDim, operation: name)
  }

  /// The most frequent elements along an axis, the least among equals, and where the last of them stand.
  public func mode(_ dim: Int = -1, keepDim: Bool = false) throws(SNNError) -> (values: Tensor, indices: Tensor) {
    let (positions, axis) = try order(dim, descending: false, operation: "mode")
    if rank == 0 { return (try expanded(to: shape), positions) }
    let n = shape[axis]
    guard n > 0 else { throw .index("mode: Expected reduction dim \(axis) to have non-zero size, got shape \(shape)") }
    let sorted = try detach().elements(at: positions, axis, operation: "mode").0.transpose(axis, -1)
    let continues = try (sorted.narrow(-1, 1, n - 1) == sorted.narrow(-1, 0, n - 1)).array(of: Bool.self)
    var shape = sorted.shape
    shape[rank - 1] = 1
    let ends = try Tensor(uninitialized: shape, .int64, operation: "mode")
    let room = ends.data.assumingMemoryBound(to: Int.self)
    for line in 0..<ends.count {
      var (best, bestEnd, length) = (1, 0, 1)
      for i in 1..<Swift.max(n, 1) {
        length = continues[line * (n - 1) + i - 1] ? length + 1 : 1
        if length > best { (best, bestEnd) = (length, i) }
      }
      room[line] = bestEnd
    }
    let (found, _) = try positions.elements(at: ends.transpose(axis, -1), axis, operation: "mode")
    return try elements(at: found, axis, keepDim: keepDim, operation: "mode")
  }

  /// Whole numbers divided by another, rounded down.
  fileprivate func floorDivided(by divisor: Int) throws(SNNError) -> Tensor {
    try Operation.floorDivide(self, Tensor(number: .int(divisor)))
  }
}
