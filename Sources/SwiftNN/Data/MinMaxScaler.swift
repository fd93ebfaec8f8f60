import CKernels

/// Shifts and scales each feature into a range. NaN is passed over, and stays.
public final class MinMaxScaler: Transform {
  private let range: (low: Double, high: Double)
  private let clip: Bool
  private var lowest: [Double] = []
  private var greatest: [Double] = []
  private var seen = 0

  static let declaration = Maker<any Transform>(
    "MinMaxScaler", "Shifts and scales each feature into a range.",
    [
      .floats("feature_range", default: [0, 1], "The least and the greatest value of the data that it is fitted to.")
        .tuple,
      .bool("clip", default: false, "Moves values of other data into the range."),
    ]
  ) { options throws(SNNError) in
    let range = try options.floats("feature_range", 2)
    return try MinMaxScaler(range: (range[0], range[1]), clip: options.bool("clip"))
  }

  public init(range: (Double, Double) = (0, 1), clip: Bool = false) throws(SNNError) {
    guard range.0 < range.1 else {
      throw .argument(
        "MinMaxScaler: the minimum of feature_range must be below its maximum, got (\(range.0), \(range.1))")
    }
    (self.range, self.clip) = (range, clip)
  }

  public func fit(_ data: Tensor) throws(SNNError) {
    let before = (lowest, greatest, seen)
    (lowest, greatest, seen) = ([], [], 0)
    do { try partialFit(data) } catch {
      (lowest, greatest, seen) = before
      throw error
    }
  }

  public func partialFit(_ data: Tensor) throws(SNNError) {
    try Columns.check(data, "MinMaxScaler", features: seen == 0 ? nil : lowest.count)
    try Columns.requireRows(data, "MinMaxScaler")
    let columns = data.shape[1]
    let none = [Double](repeating: .nan, count: columns)
    var (low, high) = seen == 0 ? (none, none) : (lowest, greatest)
    try Columns.rows(data) { ck_column_bounds(Int64($0), Int64(columns), $1, &low, &high) }
    (lowest, greatest, seen) = (low, high, seen + data.shape[0])
  }

  /// 1 for the distance between bounds of a feature that does not vary.
  private var scales: [Double] {
    lowest.indices.map { c in
      let distance = greatest[c] - lowest[c]
      return (range.high - range.low) / (distance < 10 * 0x1p-52 ? 1 : distance)
    }
  }
  private var shifts: [Double] { zip(lowest, scales).map { range.low - $0 * $1 } }

  public func transform(_ data: Tensor) throws(SNNError) -> Tensor {
    var result = try start(data) * scales.tensor() + shifts.tensor()
    if clip { result = try result.clamp(min: .float(range.low), max: .float(range.high)) }
    return try result.copied(to: Columns.result(data))
  }

  public func inverseTransform(_ data: Tensor) throws(SNNError) -> Tensor {
    try ((start(data) - shifts.tensor()) / scales.tensor()).copied(to: Columns.result(data))
  }

  private func start(_ data: Tensor) throws(SNNError) -> Tensor {
    guard seen > 0 else { throw Columns.unfitted("MinMaxScaler") }
    try Columns.check(data, "MinMaxScaler", features: lowest.count)
    return try data.detach().copied(to: .float64)
  }

  public var state: [(name: String, tensor: Tensor)] {
    guard seen > 0 else { return [] }
    let distances = zip(greatest, lowest).map { $0 - $1 }
    let named = [
      ("min_", shifts), ("scale_", scales), ("data_min_", lowest), ("data_max_", greatest), ("data_range_", distances),
    ]
    var state = named.compactMap { (name, numbers) in (try? numbers.tensor()).map { (name: name, tensor: $0) } }
    let all = [Double](repeating: Double(seen), count: lowest.count)
    if let seen = try? all.tensor(.int64) { state.append(("n_samples_seen_", seen)) }
    return state
  }

  public func load(state: [(name: String, tensor: Tensor)]) throws(SNNError) {
    guard !state.isEmpty else {
      (lowest, greatest, seen) = ([], [], 0)
      return
    }
    let found = try Columns.state("MinMaxScaler", state, ["data_min_", "data_max_", "n_samples_seen_"])
    let counts = try found[2].array(of: Double.self)
    guard let count = counts.first, count >= 1, count < 0x1p53 else {
      throw .argument("MinMaxScaler: the state is of \(counts.first ?? 0) examples")
    }
    (lowest, greatest, seen) = (try found[0].array(of: Double.self), try found[1].array(of: Double.self), Int(count))
  }
}
