/// A picture as the text of an SVG file. The same numbers give the same bytes.
public struct Chart: Sendable {
  public let svg: String

  /// Replaces a file when all is written.
  public func save(to path: String) throws(SNNError) {
    let writer = try FileWriter(path: path)
    try writer.add(Array(svg.utf8))
    try writer.finish()
  }

  /// What a picture is called and how it is laid out.
  public struct Options: Sendable {
    public var title = ""
    /// Nil: that of the kind of chart.
    public var xLabel: String?
    public var yLabel: String?
    /// Pixels, from 120 to 10000.
    public var width = 640.0
    public var height = 400.0
    /// Each mark of the axis is ten times the one before; numbers that are not positive are left out.
    public var hasLogarithmicX = false
    public var hasLogarithmicY = false
    /// From where to where the axes go; nil: as far as the numbers.
    public var xRange: (low: Double, high: Double)?
    public var yRange: (low: Double, high: Double)?

    public init(title: String = "", xLabel: String? = nil, yLabel: String? = nil) {
      (self.title, self.xLabel, self.yLabel) = (title, xLabel, yLabel)
    }

    func check() throws(SNNError) {
      guard width >= 120, width <= 10000, height >= 120, height <= 10000 else {
        throw .argument("chart: expects a size from 120 to 10000 pixels, got \(width)×\(height)")
      }
    }
  }

  /// Numbers that are drawn in one colour.
  public struct Series: Sendable {
    /// The raw values are those of the C interface.
    public enum Style: Int32, Sendable {
      /// A line; which one, follows from the place among the others.
      case automatic = 0
      case line = 1
      case dashed = 2
      case dotted = 3
      case points = 4
      /// A line that keeps the value before until the next one.
      case steps = 5
    }

    /// "" is not in the legend.
    public var name: String
    public var x: [Double]
    public var y: [Double]
    public var style: Style
    /// Counts from 0; nil: by the place among the others.
    public var colour: Int?

    /// - Parameter x: nil: 0, 1, 2, …
    public init(
      _ name: String, x: [Double]? = nil, y: [Double], style: Style = .automatic, colour: Int? = nil
    ) {
      self.name = name
      self.x = x ?? y.indices.map(Double.init)
      self.y = y
      self.style = style
      self.colour = colour
    }
  }
}
