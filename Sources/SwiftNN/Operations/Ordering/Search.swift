import CKernels

extension Operation {
  static let searches: [Operation] = [searchsorted, bucketize, isin]

  static let searchsorted = Operation(
    "searchsorted", "Where values would stand in ordered lines.",
    [
      .tensor("sorted_sequence"), .operand("input"), .bool("out_int32", default: false).keyword,
      .bool("right", default: false, "Behind equal elements instead of before them.").keyword,
      .choice("side", of: ["left", "right"], "right as a word.").optional.keyword,
      Field("sorter", .tensor, "The order of the lines, where they are not in order themselves.").optional.keyword,
    ], places: .function, differentiable: false
  ) {
    let isRight = $0.isNone(4) ? $0.bool(3) : $0.string(4) == "right"
    guard $0.isNone(4) || $0.string(4) == "right" || !$0.bool(3) else {
      throw SNNError.argument(
        "searchsorted: side and right can't be set to opposites, got side of left while right was True")
    }
    let found = try $0.tensor(0).searchSorted($0.operand(1), right: isRight, sorter: $0.optionalTensor(5))
    return $0.bool(2) ? try found.cast(to: .int32) : found
  }

  static let bucketize = Operation(
    "bucketize", "Between which of the ordered boundaries each element lies.",
    [
      .operand("input"), .tensor("boundaries"), .bool("out_int32", default: false).keyword,
      .bool("right", default: false, "Behind equal boundaries instead of before them.").keyword,
    ], places: .function, differentiable: false
  ) {
    guard $0.tensor(1).rank == 1 else {
      throw SNNError.shape("bucketize: boundaries tensor must be 1 dimension, but got dim(\($0.tensor(1).rank))")
    }
    let found = try $0.tensor(1).searchSorted($0.operand(0), right: $0.bool(3))
    return $0.bool(2) ? try found.cast(to: .int32) : found
  }

  static let isin = Operation(
    "isin", "Whether each element is one of test_elements.",
    [
      .operand("elements"), .operand("test_elements"), .bool("assume_unique", default: false).keyword,
      .bool("invert", default: false, "Whether it is none of them.").keyword,
    ], places: .function, differentiable: false
  ) {
    let found = try $0.operand(0).isIn($0.operand(1))
    return $0.bool(3) ? try found.logicalNot() : found
  }
}

extension Tensor {
  /// Where values would stand in this tensor's lines, which are in order, or which `sorter` puts in order.
  public func searchSorted(_ values: Tensor, right: Bool = false, sorter: Tensor? = nil) throws(SNNError) -> Tensor {
    let name = "searchsorted"
    guard rank > 0 else { throw .shape("\(name): boundaries tensor should have positive dimension") }
    let isShared = rank == 1
    var expected = values.shape
    if !isShared {
      guard values.rank == rank else {
        throw .shape(
          "\(name): boundaries of shape \(shape) and values of shape \(values.shape) must match but for the last axis")
      }
      expected[rank - 1] = shape[rank - 1]
    }
    guard isShared || expected == shape else {
      throw .shape(
        "\(name): boundaries of shape \(shape) and values of shape \(values.shape) must match but for the last axis")
    }
    var lines = detach()
    if let sorter {
      guard sorter.shape == shape, sorter.dtype == .int64 else {
        throw .argument("\(name): sorter must be int64 of shape \(shape), got \(sorter.dtype.name)\(sorter.shape)")
      }
      let positions = try sorter.checkedIndex(below: shape[rank - 1], operation: name)
      lines = try lines.elements(
        at: Tensor.where(positions < 0, positions + .int(shape[rank - 1]), positions), rank - 1, operation: name
      ).0
    }
    let dtype = values.isWrappedNumber ? DType.result(of: self, values) : DType.promoted(dtype, values.dtype)
    lines = try lines.cast(to: dtype).contiguous()
    let sought = try values.detach().cast(to: dtype).contiguous()
    try lines.requireElements(name)
    try sought.requireElements(name)
    let result = try Tensor(uninitialized: values.shape, .int64, operation: name)
    let n = isShared ? sought.count : sought.shape[rank - 1]
    ck_searchsorted(
      dtype.kernel, right, isShared, Int64(isShared ? 1 : n > 0 ? sought.count / n : 0), Int64(shape[rank - 1]),
      Int64(n),
      result.data.assumingMemoryBound(to: Int64.self), lines.data, sought.data)
    return result
  }

  /// Whether each element is one of others.
  public func isIn(_ others: Tensor) throws(SNNError) -> Tensor {
    let dtype = DType.result(of: self, others)
    try others.requireElements("isin")
    // NaN equals nothing.
    let flat = try others.detach().cast(to: dtype).flatten()
    let known = try flat.index([flat.isNaN().logicalNot()]).sort(0).values
    let x = try detach().cast(to: dtype)
    guard known.count > 0 else { return try Tensor.full(shape, false, .bool) }
    let places = try known.searchSorted(x).clamp(max: .int(known.count - 1))
    return try known.rows(places.flatten(), operation: "isin").reshaped(to: shape) == x
  }
}
