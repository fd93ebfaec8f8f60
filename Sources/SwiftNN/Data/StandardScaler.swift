import CKernels

/// Shifts and scales each feature to mean 0 and variance 1. NaN is passed over, and stays.
public final class StandardScaler: Transform {
  private let (withMean, withStd): (Bool, Bool)
  private var counts: [Double] = []
  private var means: [Double] = []
  private var variances: [Double] = []

  static let declaration = Maker<any Transform>(
    "StandardScaler", "Shifts and scales each feature to mean 0 and variance 1.",
    [
      .bool("with_mean", default: true, "Takes the mean away."),
      .bool("with_std", default: true, "Divides by the standard deviation; constant features stay."),
    ]
  ) { options throws(SNNError) in StandardScaler(withMean: options.bool("with_mean"), withStd: options.bool("with_std"))
  }

  public init(withMean: Bool = true, withStd: Bool = true) { (self.withMean, self.withStd) = (withMean, withStd) }

  public func fit(_ data: Tensor) throws(SNNError) {
    let before = (counts, means, variances)
    (counts, means, variances) = ([], [], [])
    do { try partialFit(data) } catch {
      (counts, means, variances) = before
      throw error
    }
  }

  /// Joins the moments of both parts, as Chan, Golub and LeVeque do.
  public func partialFit(_ data: Tensor) throws(SNNError) {
    try Columns.check(data, "StandardScaler", features: counts.isEmpty ? nil : counts.count)
    try Columns.requireRows(data, "StandardScaler")
    let columns = data.shape[1]
    let none = [Double](repeating: 0, count: columns)
    var (added, sums, deviations, squares) = (none, none, none, none)
    try Columns.rows(data) { ck_column_sums(Int64($0), Int64(columns), $1, &added, &sums) }
    let centers = (0..<columns).map { added[$0] > 0 ? sums[$0] / added[$0] : 0 }
    try Columns.rows(data) { ck_column_deviations(Int64($0), Int64(columns), $1, centers, &deviations, &squares) }
    if counts.isEmpty { (counts, means, variances) = (none, none, none) }
    for c in 0..<columns where added[c] > 0 {
      var spread = squares[c] - deviations[c] * deviations[c] / added[c]
      let (last, all) = (counts[c], counts[c] + added[c])
      let lastSum = means[c] * last
      if last > 0 {
        let ratio = last / added[c]
        let gap = lastSum / ratio - sums[c]
        spread += variances[c] * last + ratio / all * gap * gap
      }
      (counts[c], means[c], variances[c]) = (all, (lastSum + sums[c]) / all, spread / all)
    }
  }

  /// 1 for features that do not vary by more than rounding.
  private var scales: [Double] {
    counts.indices.map { c in
      let rounding = counts[c] * means[c] * 0x1p-52
      let bound = counts[c] * 0x1p-52 * variances[c] + rounding * rounding
      let scale = variances[c].squareRoot()
      return variances[c] <= bound || scale == 0 ? 1 : scale
    }
  }

  public func transform(_ data: Tensor) throws(SNNError) -> Tensor {
    var result = try start(data)
    if withMean { result = try result - means.tensor() }
    if withStd { result = try result / scales.tensor() }
    return try result.copied(to: Columns.result(data))
  }

  public func inverseTransform(_ data: Tensor) throws(SNNError) -> Tensor {
    var result = try start(data)
    if withStd { result = try result * scales.tensor() }
    if withMean { result = try result + means.tensor() }
    return try result.copied(to: Columns.result(data))
  }

  private func start(_ data: Tensor) throws(SNNError) -> Tensor {
    guard !counts.isEmpty else { throw Columns.unfitted("StandardScaler") }
    try Columns.check(data, "StandardScaler", features: counts.count)
    return try data.detach().copied(to: .float64)
  }

  public var state: [(name: String, tensor: Tensor)] {
    guard !counts.isEmpty else { return [] }
    var named: [(String, [Double])] = []
    if withMean || withStd { named.append(("mean_", means)) }
    if withStd { named += [("var_", variances), ("scale_", scales)] }
    var state = named.compactMap { (name, numbers) in (try? numbers.tensor()).map { (name: name, tensor: $0) } }
    if let seen = try? counts.tensor(.int64) { state.append(("n_samples_seen_", seen)) }
    return state
  }

  public func load(state: [(name: String, tensor: Tensor)]) throws(SNNError) {
    guard !state.isEmpty else {
      (counts, means, variances) = ([], [], [])
      return
    }
    let found = try Columns.state(
      "StandardScaler", state, ["n_samples_seen_"] + (withMean || withStd ? ["mean_"] : []) + (withStd ? ["var_"] : []))
    counts = try found[0].array(of: Double.self)
    let none = [Double](repeating: 0, count: counts.count)
    means = found.count > 1 ? try found[1].array(of: Double.self) : none
    variances = found.count > 2 ? try found[2].array(of: Double.self) : none
  }
}
