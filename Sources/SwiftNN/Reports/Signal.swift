/// What came out of a layer, and the gradient that came back.
public struct Signal: Sendable {
  public let variance: Double
  /// nil where no gradient flowed.
  public let gradientVariance: Double?
  /// The root of the mean of the squares: all elements of a gradient may be the same.
  private let gradientSize: Double?
  /// Units are the positions along the second axis, or along the only one.
  public let units: Int
  /// Units that were 0 for the whole batch.
  public let deadUnits: Int

  /// What the numbers say. Compared are the standard deviation of activations with that of the first layer, and the size of
  /// gradients with that of the last.
  /// The raw values are those of the C interface.
  public enum Verdict: Int32, Sendable {
    case fine = 1
    /// Less than a thousandth.
    case vanishing = 2
    /// More than a thousandfold, or not finite.
    case exploding = 3
    /// Units were 0 for the whole batch.
    case dead = 4

    public var text: String {
      switch self {
      case .fine: "fine"
      case .vanishing: "vanishing"
      case .exploding: "exploding"
      case .dead: "dead units"
      }
    }
  }

  init(_ output: Tensor) throws(SNNError) {
    let (variance, gradientVariance, gradientSize, units, dead) = try Gradients.with(enabled: false) {
      () throws(SNNError) in
      let values = try output.detach().cast(to: .float64)
      let gradient = try output.gradient.map { (g) throws(SNNError) in try g.detach().cast(to: .float64) }
      let axis = values.rank > 1 ? 1 : 0
      let others = (0..<values.rank).filter { $0 != axis }
      let greatest =
        values.rank == 0 || values.count == 0 ? nil : try others.isEmpty ? values.abs() : values.abs().amax(others)
      return (
        try values.variance(correction: 0).item().double,
        try gradient.map { (g) throws(SNNError) in try g.variance(correction: 0).item().double },
        try gradient.map { (g) throws(SNNError) in try (g * g).mean().item().double.squareRoot() },
        greatest?.count ?? 0, try greatest.map { (all) throws(SNNError) in try (all == 0).sum().item().integer } ?? 0
      )
    }
    self.variance = variance
    self.gradientVariance = gradientVariance
    self.gradientSize = gradientSize
    self.units = units
    deadUnits = dead
  }

  /// Compared with the first layer's activations and the last layer's gradients.
  func verdict(first: Signal, last: Signal) -> Verdict {
    let ratios =
      [(variance / first.variance).squareRoot()]
      + (gradientSize.flatMap { mine in last.gradientSize.map { [mine / $0] } } ?? [])
    if !variance.isFinite || gradientSize?.isFinite == false || ratios.contains(where: { $0 > 1000 }) {
      return .exploding
    }
    if deadUnits > 0, deadUnits < units || variance == 0 { return .dead }
    return ratios.contains { $0 < 0.001 } ? .vanishing : .fine
  }
}
