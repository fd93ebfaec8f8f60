/// How a series is drawn.
struct LineStyle {
  let colour: String
  let dash: String?
  let hasLine: Bool
  let hasMarkers: Bool

  init(_ series: Chart.Series, _ position: Int) {
    let colours = Colour.series
    let number = series.colour ?? position
    colour = colours[number % colours.count]
    hasLine = series.style != .points
    switch series.style {
    case .automatic: dash = Colour.dashes[position % Colour.dashes.count]
    case .dashed: dash = Colour.dashes[1]
    case .dotted: dash = Colour.dashes[2]
    case .line, .points, .steps: dash = nil
    }
    // Few points are worth to be seen.
    hasMarkers = !hasLine || (series.y.count <= 25 && series.style != .steps)
  }

  init(colour: String, dash: String? = nil) {
    (self.colour, self.dash, hasLine, hasMarkers) = (colour, dash, true, false)
  }

  func draw(_ line: String, at points: [(x: Double, y: Double)], in svg: inout SVG) {
    if hasLine, !line.isEmpty { svg.path(line, colour, width: 1.8, dash: dash, isRound: dash == nil) }
    if hasMarkers { drawPoints(points, size: 5, in: &svg) }
  }

  /// Lines without length and with round ends.
  func drawPoints(_ points: [(x: Double, y: Double)], size: Double, opacity: Double = 1, in svg: inout SVG) {
    guard !points.isEmpty else { return }
    var path = ""
    for (x, y) in points { path += "M\(SVG.number(x)) \(SVG.number(y))h0" }
    svg.path(path, colour, width: size, isRound: true, opacity: opacity)
  }
}
