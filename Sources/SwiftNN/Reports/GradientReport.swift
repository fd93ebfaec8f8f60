/// The sizes of parameters and their gradients, by name, and what they say.
public struct GradientReport: Sendable, CustomStringConvertible {
  /// When something is said of a gradient.
  public struct Thresholds: Sendable {
    /// The root of the mean of the squares below this: vanishing.
    public var vanishing = 1e-7
    /// Above this: exploding.
    public var exploding = 1e3
    /// At least this share of zeros: dead.
    public var dead = 1.0

    public init() {}
  }

  /// The raw values are those of the C interface.
  public enum Verdict: Int32, Sendable {
    case none = 0
    case fine = 1
    case vanishing = 2
    case exploding = 3
    case dead = 4
    case notFinite = 5

    public var text: String {
      switch self {
      case .none: "no gradient"
      case .fine: "fine"
      case .vanishing: "vanishing"
      case .exploding: "exploding"
      case .dead: "dead"
      case .notFinite: "not finite"
      }
    }
  }

  public struct Row: Sendable {
    public let name: String
    /// The norm of the parameter.
    public let norm: Double
    /// The norm of the gradient, and the root of the mean of its squares; NaN without one.
    public let gradientNorm: Double
    public let gradientSize: Double
    /// The share of the gradient's elements that are 0.
    public let zeros: Double
    public let verdict: Verdict
  }

  public let rows: [Row]

  public init(
    _ parameters: [(name: String, tensor: Tensor)], _ thresholds: Thresholds = Thresholds()
  ) throws(SNNError) {
    var rows: [Row] = []
    for (name, tensor) in parameters { rows.append(try Row(name, tensor, thresholds)) }
    self.rows = rows
  }

  /// The norm of all gradients together.
  public var totalNorm: Double {
    rows.reduce(0) { $1.verdict == .none ? $0 : $0 + $1.gradientNorm * $1.gradientNorm }.squareRoot()
  }

  /// A table.
  public var description: String {
    let body = rows.map { row in
      row.verdict == .none
        ? [row.name, TextTable.scientific(row.norm), "-", "-", "-", row.verdict.text]
        : [
          row.name, TextTable.scientific(row.norm), TextTable.scientific(row.gradientNorm),
          row.norm == 0 ? "-" : TextTable.scientific(row.gradientNorm / row.norm),
          "\((row.zeros * 1000).rounded() / 10)%", row.verdict.text,
        ]
    }
    let header = ["parameter", "norm", "gradient norm", "gradient / parameter", "zeros", "verdict"]
    let total = ["total", "", TextTable.scientific(totalNorm), "", "", ""]
    return TextTable.text([header] + body, total: total, leading: 1)
  }
}

extension GradientReport.Row {
  fileprivate init(_ name: String, _ tensor: Tensor, _ thresholds: GradientReport.Thresholds) throws(SNNError) {
    self.name = name
    guard tensor.dtype.isFloatingPoint else {
      throw .dtype("gradient_report: '\(name)' is of dtype \(tensor.dtype.name), expected a floating dtype")
    }
    (norm, gradientNorm, zeros) = try Gradients.with(enabled: false) { () throws(SNNError) in
      let norm = try tensor.detach().norm(2, dtype: .float64).item().double
      guard let gradient = tensor.gradient?.detach() else { return (norm, .nan, .nan) }
      let zeros = try (gradient == 0).sum().item().double
      return (norm, try gradient.norm(2, dtype: .float64).item().double, zeros / Double(max(1, gradient.count)))
    }
    gradientSize = gradientNorm / Double(max(1, tensor.count)).squareRoot()
    verdict =
      if tensor.gradient == nil {
        .none
      } else if !gradientNorm.isFinite {
        .notFinite
      } else if gradientSize > thresholds.exploding {
        .exploding
      } else if zeros >= thresholds.dead {
        .dead
      } else if gradientSize < thresholds.vanishing { .vanishing } else { .fine }
  }
}
