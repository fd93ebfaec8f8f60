import CKernels

/// How the weights of false and true positives grow while the threshold falls from score to score.
struct BinaryCurve {
  private let points: Tensor
  private let capacity: Int
  private(set) var count: Int
  /// Whether there are examples of both kinds, those without weight included.
  let hasBoth: Bool

  init(_ scores: Tensor, _ positive: Tensor, _ weights: Tensor?, _ owner: String) throws(SNNError) {
    let flags = try positive.contiguous()
    let n = scores.count
    let order = try Tensor(uninitialized: [n], .int64, operation: owner)
    let numbers = try scores.cast(to: .float64).contiguous()
    let points = try Tensor(uninitialized: [3, n], .float64, operation: owner)
    guard ck_argsort(scores.dtype.kernel, true, 1, Int64(n), order.integers, scores.data) else {
      throw SNNError(.memory, "\(owner): no memory to put \(n) scores in order")
    }
    count = withExtendedLifetime((flags, order, numbers, weights)) {
      Int(
        ck_curve(
          Int64(n), order.integers, numbers.doubles, flags.data.assumingMemoryBound(to: Bool.self), weights?.doubles,
          points.doubles, points.doubles + n, points.doubles + 2 * n))
    }
    (self.points, capacity) = (points, n)
    let held = try flags.sum([0], dtype: .int64).item().double
    hasBoth = held > 0 && held < Double(n)
  }

  private func row(_ i: Int) -> UnsafeMutablePointer<Double> { points.doubles + i * capacity }

  /// The weight of all negative and of all positive examples.
  var negatives: Double { count > 0 ? row(0)[count - 1] : 0 }
  var positives: Double { count > 0 ? row(1)[count - 1] : 0 }

  func falseSums() throws(SNNError) -> Tensor { try points.select(0, 0).narrow(0, 0, count) }
  func trueSums() throws(SNNError) -> Tensor { try points.select(0, 1).narrow(0, 0, count) }
  func thresholds() throws(SNNError) -> Tensor { try points.select(0, 2).narrow(0, 0, count) }

  /// Leaves out points that lie on straight lines between others, or of one recall all but the first and the last.
  mutating func thin(vertical: Bool) {
    count = Int(ck_thin_curve(Int64(count), vertical, row(0), row(1), row(2)))
  }

  /// The area under true over false positives, NaN where there are examples of one kind alone. Up to a share of false positives
  /// below 1, it is put on a scale on which chance gives 0.5.
  func area(upTo limit: Double) throws(SNNError) -> Double {
    guard hasBoth, negatives > 0, positives > 0 else { return .nan }
    let (x, y) = try (falseSums() / .float(negatives), trueSums() / .float(positives))
    let area = withExtendedLifetime((x, y)) { ck_area(Int64(count), x.doubles, y.doubles, limit) }
    guard limit < 1 else { return area }
    let least = limit * limit / 2
    return (1 + (area - least) / (limit - least)) / 2
  }

  func averagePrecision() -> Double { ck_average_precision(Int64(count), row(0), row(1)) }
}
