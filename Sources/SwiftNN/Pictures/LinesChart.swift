extension Chart {
  /// Lines or points over two axes. Numbers that are not finite leave gaps; thousands of points are drawn as far as they are seen.
  public static func lines(_ series: [Series], _ options: Options = Options()) throws(SNNError) -> Chart {
    try lines(series, references: [], options)
  }

  /// - Parameter references: Grey lines from point to point, of which the legend tells when they have a name.
  static func lines(_ series: [Series], references: [Series], _ options: Options) throws(SNNError) -> Chart {
    for one in series + references where one.x.count != one.y.count {
      throw .argument("chart: '\(one.name)' has \(one.x.count) numbers along x and \(one.y.count) along y")
    }
    var canvas = try Canvas(options)
    let shown = series.map { one in
      zip(one.x, one.y).filter { x, y in
        Axis.shows(x, logarithmic: options.hasLogarithmicX) && Axis.shows(y, logarithmic: options.hasLogarithmicY)
      }
    }
    var x = try Axis(
      options.xLabel ?? "", shown.map { $0.map { $0.0 } }, range: options.xRange,
      isLogarithmic: options.hasLogarithmicX, margin: 0.02)
    var y = try Axis(
      options.yLabel ?? "", shown.map { $0.map { $0.1 } }, range: options.yRange,
      isLogarithmic: options.hasLogarithmicY, margin: 0.05)
    let styles = series.enumerated().map { LineStyle($1, $0) }
    let grey = LineStyle(colour: Colour.reference, dash: "4 4")
    canvas.addTitle()
    canvas.addLegend(
      zip(series, styles).map { Canvas.LegendEntry(name: $0.name, style: $1) }
        + references.map { Canvas.LegendEntry(name: $0.name, style: grey) })
    canvas.addAxes(&x, &y)
    let frame = canvas.frame
    let places = (series + references).map { one in
      zip(one.x, one.y).map { (x: x.shownPlace($0), y: frame.height - y.shownPlace($1)) }
    }
    canvas.svg.inside(frame) { svg in
      for (i, points) in places.enumerated() {
        let style = i < styles.count ? styles[i] : grey
        let isSteps = i < styles.count && series[i].style == .steps
        let trace = Trace(points, isSteps: isSteps)
        style.draw(trace.path, at: style.hasMarkers ? Trace.apart(points, cell: 2) : trace.alone, in: &svg)
        if !style.hasMarkers { style.drawPoints(trace.alone, size: 3, in: &svg) }
      }
    }
    return canvas.finished()
  }
}

/// A line through points in pixels.
struct Trace {
  private(set) var path = ""
  /// Points between gaps, which a line does not show.
  private(set) var alone: [(x: Double, y: Double)] = []

  init(_ points: [(x: Double, y: Double)], isSteps: Bool) {
    var start = 0
    while start < points.count {
      guard Trace.isPlace(points[start]) else {
        start += 1
        continue
      }
      var end = start + 1
      while end < points.count, Trace.isPlace(points[end]) { end += 1 }
      if end == start + 1 { alone.append(points[start]) } else { add(points[start..<end], isSteps) }
      start = end
    }
  }

  private static func isPlace(_ point: (x: Double, y: Double)) -> Bool { point.x.isFinite && point.y.isFinite }

  /// Of neighbours in one column of pixels, the first, the last, the lowest and the highest are all that is seen.
  private mutating func add(_ points: ArraySlice<(x: Double, y: Double)>, _ isSteps: Bool) {
    var start = points.startIndex
    var isFirst = true
    while start < points.endIndex {
      let column = points[start].x.rounded(.down)
      var end = start + 1
      var (low, high) = (start, start)
      while end < points.endIndex, points[end].x.rounded(.down) == column {
        if points[end].y < points[low].y { low = end }
        if points[end].y > points[high].y { high = end }
        end += 1
      }
      var previous = -1
      for index in [start, min(low, high), max(low, high), end - 1] where index > previous {
        let (x, y) = (SVG.number(points[index].x), SVG.number(points[index].y))
        path += isFirst ? "M\(x) \(y)" : isSteps ? "H\(x)V\(y)" : "L\(x) \(y)"
        (isFirst, previous) = (false, index)
      }
      start = end
    }
  }

  /// Points of which no two lie in the same small square.
  static func apart(_ points: [(x: Double, y: Double)], cell: Double) -> [(x: Double, y: Double)] {
    var seen: Set<Int> = []
    return points.filter { point in
      guard isPlace(point), abs(point.x) < 1e5, abs(point.y) < 1e5 else { return false }
      return seen.insert(Int(point.x / cell) << 20 ^ Int(point.y / cell)).inserted
    }
  }
}
