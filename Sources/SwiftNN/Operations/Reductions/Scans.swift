import CKernels

extension Operation {
  static let scans: [Operation] = [cumsum, cumprod, logcumsumexp, cummax, cummin]

  private static let fields: [Field] = [.tensor("input"), .int("dim"), .dtype().keyword]

  static let cumsum = Operation("cumsum", "The running sum along an axis.", fields, hasInPlaceForm: true) {
    try $0.tensor(0).cumsum($0.int(1), dtype: $0.dtype(2))
  }

  static let cumprod = Operation("cumprod", "The running product along an axis.", fields, hasInPlaceForm: true) {
    try $0.tensor(0).cumprod($0.int(1), dtype: $0.dtype(2))
  }

  static let logcumsumexp = Operation(
    "logcumsumexp", "The logarithm of the running sum of exp(input) along an axis.", [.tensor("input"), .int("dim")]
  ) { try $0.tensor(0).logCumSumExp($0.int(1)) }

  private static func extreme(_ name: String, _ doc: String, greatest: Bool) -> Operation {
    Operation(
      name, doc, [.tensor("input"), .int("dim")],
      body: .several(names: ["values", "indices"]) {
        let (values, indices) = try $0.tensor(0).runningExtreme(greatest: greatest, $0.int(1))
        return [values, indices]
      })
  }

  static let cummax = extreme(
    "cummax", "The greatest element so far along an axis, and its position, the last among equals.", greatest: true)
  static let cummin = extreme(
    "cummin", "The least element so far along an axis, and its position, the last among equals.", greatest: false)
}

/// A running sum, product or log-sum along one axis.
struct Scan: Primitive {
  let name: String
  let kernel: ck_scan_op
  let axis: Int

  var saves: Saves { kernel == ck_scan_cumsum ? [] : [.inputs, .outputs] }

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results { Results(inputs[0].shape, inputs[0].dtype) }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    try Self.run(kernel, inputs[0], axis, into: outputs[0], indices: nil)
  }

  /// Lines of the axis are put side by side for the kernel.
  static func run(_ kernel: ck_scan_op, _ input: Tensor, _ axis: Int, into output: Tensor, indices: Tensor?)
    throws(SNNError)
  {
    let lines = try input.detach().transpose(axis, -1).contiguous()
    let isLast = axis == input.rank - 1
    let result = isLast ? output : try Tensor(uninitialized: lines.shape, output.dtype, operation: "scan")
    let positions = try indices.map { indices throws(SNNError) in
      isLast ? indices : try Tensor(uninitialized: lines.shape, .int64, operation: "scan")
    }
    let n = input.shape[axis]
    ck_scan(
      kernel, lines.dtype.kernel, Int64(n > 0 ? lines.count / n : 0), Int64(n), result.data,
      positions.map { $0.data.assumingMemoryBound(to: Int64.self) }, lines.data)
    guard !isLast else { return }
    output.fill(copying: try result.transpose(axis, -1))
    if let positions { indices?.fill(copying: try positions.transpose(axis, -1)) }
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    switch kernel {
    case ck_scan_cumsum: return Few(try p.g.reversedCumsum(axis))
    case ck_scan_cumprod: return Few(try productSlope(p))
    default: return Few(try logSlope(p))
    }
  }

  private func productSlope(_ p: Pass) throws -> Tensor {
    let x = try p.a
    guard try (x.detach() == 0).holdsAnywhere() else {
      return try (p.g * p.y).reversedCumsum(axis) / x
    }
    // Nothing can be divided by a zero: the sum of the gradients of later products is built up from the end.
    let last = x.shape[axis] - 1
    var rest = try p.g.narrow(axis, last, 1)
    var parts = [rest]
    for i in stride(from: last - 1, through: 0, by: -1) {
      rest = try p.g.narrow(axis, i, 1) + x.narrow(axis, i + 1, 1) * rest
      parts.append(rest)
    }
    return try x.productsBefore(axis) * Tensor.cat(parts.reversed(), axis)
  }

  /// The sum of g exp(x - y) over all later positions, by logarithms: the exponentials alone might overflow.
  private func logSlope(_ p: Pass) throws -> Tensor {
    let (x, g) = (try p.a, p.g)
    let y = try p.y.masked(where: p.y == .float(-.infinity), 0)
    func part(_ g: Tensor) throws -> Tensor {
      let isAbsent = try (g > 0).logicalNot()
      let logs = try g.masked(where: isAbsent, 1).log().masked(where: isAbsent, .float(-.infinity)) - y
      return try (logs.reversed(axis).logCumSumExp(axis).reversed(axis) + x).exp()
    }
    return try part(g) - part(-g)
  }
}

extension Tensor {
  public func cumsum(_ dim: Int, dtype: DType? = nil) throws(SNNError) -> Tensor {
    try scan("cumsum", ck_scan_cumsum, dim, dtype ?? self.dtype.sumType)
  }

  public func cumprod(_ dim: Int, dtype: DType? = nil) throws(SNNError) -> Tensor {
    try scan("cumprod", ck_scan_cumprod, dim, dtype ?? self.dtype.sumType)
  }

  public func logCumSumExp(_ dim: Int) throws(SNNError) -> Tensor {
    guard dtype.isFloatingPoint else { throw .dtype("logcumsumexp: not defined for \(dtype.name)") }
    return try scan("logcumsumexp", ck_scan_logcumsumexp, dim, dtype)
  }

  /// The greatest element so far along an axis, and its position.
  public func cummax(_ dim: Int) throws(SNNError) -> (values: Tensor, indices: Tensor) {
    try runningExtreme(greatest: true, dim)
  }

  /// The least element so far along an axis, and its position.
  public func cummin(_ dim: Int) throws(SNNError) -> (values: Tensor, indices: Tensor) {
    try runningExtreme(greatest: false, dim)
  }

  private func scan(_ name: String, _ kernel: ck_scan_op, _ dim: Int, _ dtype: DType) throws(SNNError) -> Tensor {
    let axis = try shape.axis(dim, operation: name)
    let x = try cast(to: dtype == .bool ? .int64 : dtype)
    let result = try rank == 0 ? x.expanded(to: shape) : Scan(name: name, kernel: kernel, axis: axis)(x)
    return try result.cast(to: dtype)
  }

  fileprivate func runningExtreme(greatest: Bool, _ dim: Int) throws(SNNError) -> (Tensor, Tensor) {
    let name = greatest ? "cummax" : "cummin"
    let axis = try shape.axis(dim, operation: name)
    guard rank > 0 else { return (try clone(), try Tensor.full(shape, 0, .int64)) }
    return try elements(at: runningPositions(greatest: greatest, axis, name), axis, operation: name)
  }

  private func runningPositions(greatest: Bool, _ axis: Int, _ name: String) throws(SNNError) -> Tensor {
    if let batch {
      let all = try batch.all.runningPositions(greatest: greatest, axis + 1, name)
      return Tensor(each: all, level: batch.level)
    }
    let indices = try Tensor.full(shape, 0, .int64)
    let values = try Tensor(uninitialized: shape, dtype, operation: name)
    try Scan.run(greatest ? ck_scan_cummax : ck_scan_cummin, self, axis, into: values, indices: indices)
    return indices
  }

  /// Running sums from the end.
  func reversedCumsum(_ axis: Int) throws(SNNError) -> Tensor {
    try reversed(axis).scan("cumsum", ck_scan_cumsum, axis, dtype).reversed(axis)
  }

  /// For each position the product of those before it.
  func productsBefore(_ axis: Int) throws(SNNError) -> Tensor {
    guard shape[axis] > 0 else { return self }
    let products = try narrow(axis, 0, shape[axis] - 1).cumprod(axis)
    var first = shape
    first[axis] = 1
    return try Tensor.cat([Tensor.full(first, 1, dtype), products], axis)
  }
}
