import CKernels

/// The numbers of a tensor by size, as PyTorch's writer counts them for TensorBoard.
struct EventHistogram {
  private var counts: [Double]
  private var limits: [Double]
  private let count: Int
  private var totals = ck_histogram_totals()

  init(_ tensor: Tensor, _ limits: [Double]?, mostBins: Int?) throws(SNNError) {
    self.limits = limits ?? EventHistogram.standardLimits
    try EventHistogram.check(self.limits, mostBins)
    let values = try tensor.array(of: Double.self)
    count = values.count
    guard count > 0 else { throw .argument("histogram: the tensor has no elements") }
    counts = Array(repeating: 0, count: self.limits.count - 1)
    ck_histogram(values, count, self.limits, self.limits.count, &counts, &totals)
    guard totals.wild == 0 else {
      throw .argument("histogram: \(totals.wild) of \(count) numbers are not finite")
    }
    if let mostBins { join(mostBins) }
    try cut()
  }

  /// TensorFlow's: from 1e-12, each a tenth wider than the last, on both sides of 0.
  private static let standardLimits: [Double] = {
    var limits: [Double] = []
    var limit = 1e-12
    while limit < 1e20 {
      limits.append(limit)
      limit *= 1.1
    }
    return limits.reversed().map { -$0 } + [0] + limits
  }()

  private static func check(_ limits: [Double], _ mostBins: Int?) throws(SNNError) {
    guard limits.count >= 2, !zip(limits, limits.dropFirst()).contains(where: { !($0 <= $1) }) else {
      throw .argument("histogram: expects at least two limits that rise, got \(limits.count)")
    }
    guard mostBins ?? 1 >= 1 else { throw .argument("histogram: expects at least one bin, got \(mostBins ?? 1)") }
  }

  /// Joins neighbours until there are about so many.
  private mutating func join(_ mostBins: Int) {
    guard counts.count > mostBins else { return }
    let width = counts.count / mostBins
    var (joined, starts): ([Double], [Double]) = ([], [])
    for start in stride(from: 0, to: counts.count, by: width) {
      joined.append(counts[start..<min(start + width, counts.count)].reduce(0, +))
      starts.append(limits[start])
    }
    (counts, limits) = (joined, starts + [limits[limits.count - 1]])
  }

  /// Leaves what lies outside, but for an empty part at the left, whose limit is where the first one begins.
  private mutating func cut() throws(SNNError) {
    guard let first = counts.firstIndex(where: { $0 > 0 }), let last = counts.lastIndex(where: { $0 > 0 }) else {
      throw .argument("histogram: all \(count) numbers lie outside of the limits")
    }
    counts = [first > 0 ? counts[first - 1] : 0] + counts[first...last]
    limits = Array(limits[first...last + 1])
  }

  var message: ProtocolBuffer {
    var message = ProtocolBuffer()
    message.add(1, double: totals.least)
    message.add(2, double: totals.greatest)
    message.add(3, double: Double(count))
    message.add(4, double: totals.sum)
    message.add(5, double: totals.squares)
    message.add(6, doubles: limits)
    message.add(7, doubles: counts)
    return message
  }
}
