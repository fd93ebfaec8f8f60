import CKernels

extension Operation {
  static let moments: [Operation] = [
    variance, varianceOfAll, standardDeviation, standardDeviationOfAll, varianceMean, varianceMeanOfAll,
    standardDeviationMean, standardDeviationMeanOfAll, cov, corrcoef,
  ]

  private static let fields: [Field] = [
    .tensor("input"), Field("dim", .ints, "The axes to reduce; all without them.").optional,
    .bool("unbiased", default: true, "correction = 1; 0 without it."),
    .bool("keepdim", default: false, "Keeps the reduced axes with size 1."),
    Field("correction", .float, "Subtracted from the count.").optional.keyword,
  ]

  private static func correction(_ arguments: Arguments) -> Double {
    arguments.optionalFloat(4) ?? (arguments.bool(2) ? 1 : 0)
  }

  static let variance = Operation("var", "The variance over axes.", fields) {
    try $0.tensor(0).variance($0.optionalInts(1), correction: correction($0), keepDim: $0.bool(3))
  }

  static let standardDeviation = Operation("std", "The standard deviation over axes.", fields) {
    try $0.tensor(0).standardDeviation($0.optionalInts(1), correction: correction($0), keepDim: $0.bool(3))
  }

  private static let allFields: [Field] = [.tensor("input"), .bool("unbiased")]

  static let varianceOfAll = Operation("var.unbiased", "The variance of all elements.", allFields) {
    try $0.tensor(0).variance(correction: $0.bool(1) ? 1 : 0)
  }

  static let standardDeviationOfAll = Operation(
    "std.unbiased", "The standard deviation of all elements.", allFields
  ) { try $0.tensor(0).standardDeviation(correction: $0.bool(1) ? 1 : 0) }

  static let varianceMean = Operation(
    "var_mean", "The variance and the mean over axes.", fields, places: .function,
    body: .several(names: ["var", "mean"]) {
      let (variance, mean) = try $0.tensor(0).moments(
        $0.optionalInts(1), correction: correction($0), keepDim: $0.bool(3), operation: "var_mean")
      return [variance, mean]
    })

  static let standardDeviationMean = Operation(
    "std_mean", "The standard deviation and the mean over axes.", fields, places: .function,
    body: .several(names: ["std", "mean"]) {
      let (variance, mean) = try $0.tensor(0).moments(
        $0.optionalInts(1), correction: correction($0), keepDim: $0.bool(3), operation: "std_mean")
      return [try rootOfSum(variance), mean]
    })

  static let varianceMeanOfAll = Operation(
    "var_mean.unbiased", "The variance and the mean of all elements.", allFields, places: .function,
    body: .several(names: ["var", "mean"]) {
      let (variance, mean) = try $0.tensor(0).moments(
        nil, correction: $0.bool(1) ? 1 : 0, keepDim: false, operation: "var_mean")
      return [variance, mean]
    })

  static let standardDeviationMeanOfAll = Operation(
    "std_mean.unbiased", "The standard deviation and the mean of all elements.", allFields, places: .function,
    body: .several(names: ["std", "mean"]) {
      let (variance, mean) = try $0.tensor(0).moments(
        nil, correction: $0.bool(1) ? 1 : 0, keepDim: false, operation: "std_mean")
      return [try rootOfSum(variance), mean]
    })

  /// A root whose derivative is 0 at 0, where that of every summand is.
  static let rootOfSum = UnaryRule("sqrt", ck_unary_sqrt, usesSlopeKernel: false) { p, _ in
    let y = try p.y
    return try (p.g / (2 * y)).masked(where: y == 0, 0)
  }

  static let cov = Operation(
    "cov", "The covariance of the rows of a matrix.",
    [
      .tensor("input"), .int("correction", default: 1, "Subtracted from the count.").keyword,
      Field("fweights", .tensor, "How often each column counts.").optional.keyword,
      Field("aweights", .tensor, "The weight of each column.").optional.keyword,
    ]
  ) { try $0.tensor(0).covariance(correction: $0.int(1), $0.optionalTensor(2), $0.optionalTensor(3)) }

  static let corrcoef = Operation("corrcoef", "The correlation of the rows of a matrix.", [.tensor("input")]) {
    let c = try $0.tensor(0).covariance()
    guard c.rank > 0 else { return try c / c }
    let size = c.shape[0]
    let flat = try c.reshape([size * size])
    let diagonal = try Slice(axis: 0, start: 0, step: size + 1, length: size)(flat)
    let deviation = try diagonal.sqrt()
    return try (c / deviation.unsqueeze(1) / deviation.unsqueeze(0)).clamp(min: -1, max: 1)
  }
}

extension Tensor {
  /// The variance; `correction` is subtracted from the count.
  public func variance(
    _ dims: [Int]? = nil, correction: Double = 1, keepDim: Bool = false
  ) throws(SNNError) -> Tensor {
    try moments(dims, correction: correction, keepDim: keepDim, operation: "var").variance
  }

  /// The root of the variance.
  public func standardDeviation(
    _ dims: [Int]? = nil, correction: Double = 1, keepDim: Bool = false
  ) throws(SNNError) -> Tensor {
    try Operation.rootOfSum(moments(dims, correction: correction, keepDim: keepDim, operation: "std").variance)
  }

  fileprivate func moments(
    _ dims: [Int]?, correction: Double, keepDim: Bool, operation: String
  ) throws(SNNError) -> (variance: Tensor, mean: Tensor) {
    guard dtype.isFloatingPoint else {
      throw .dtype("\(operation): only supports floating point dtypes, got \(dtype.name)")
    }
    let axes = try ReducedAxes(dims, of: shape, keepDim: keepDim, operation: operation)
    let mean = try mean(dims, keepDim: true)
    let squares = try Reduce(name: operation, kernel: ck_reduce_sum_squares, axes: axes)(self - mean)
    let variance = try squares / .float(Swift.max(0, Double(axes.count(in: shape)) - correction))
    return (variance, try mean.reshaped(to: axes.result(of: shape)))
  }

  /// The covariance of the rows of a matrix; a vector is one row.
  public func covariance(
    correction: Int = 1, _ frequencies: Tensor? = nil, _ weights: Tensor? = nil
  ) throws(SNNError) -> Tensor {
    guard rank <= 2 else { throw .shape("cov: expected input to have two or fewer dimensions but got \(rank)") }
    guard dtype != .bool else { throw .dtype("cov: bool dtype is not supported for input") }
    let x = try (rank == 2 ? self : reshape([1, count])).cast(to: dtype.isFloatingPoint ? dtype : .default)
    let columns = x.shape[1]
    for (name, given) in [("fweights", frequencies), ("aweights", weights)] {
      guard let given else { continue }
      guard given.shape == [columns] else {
        throw .shape("cov: expected \(name) to have shape [\(columns)], got \(given.shape)")
      }
      guard given.dtype.isInteger == (name == "fweights"), given.dtype != .bool else {
        throw .dtype("cov: \(name) cannot be \(given.dtype.name)")
      }
      guard try (given.detach() < 0).any().item().double == 0 else {
        throw .argument("cov: \(name) cannot be negative")
      }
    }
    var weight = try frequencies?.cast(to: x.dtype)
    if let weights { weight = try weight.map { known throws(SNNError) in try known * weights } ?? weights }
    guard let weight else {
      let centred = try x - x.mean([1], keepDim: true)
      let product =
        try centred.matmul(centred.transpose(0, 1)) / .float(Swift.max(0, Double(columns) - Double(correction)))
      return rank == 2 ? product : try product.reshape([])
    }
    let total = try weight.sum()
    let mean = try (x * weight).sum([1], keepDim: true) / total
    var norm = try total - .int(correction)
    if let weights, correction != 0 { norm = try total - (weight * weights).sum() / total * .int(correction) }
    let centred = try x - mean
    let product = try centred.matmul((centred * weight).transpose(0, 1)) / norm.clamp(min: 0)
    return rank == 2 ? product : try product.reshape([])
  }
}
