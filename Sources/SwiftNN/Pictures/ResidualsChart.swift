import CKernels

extension Chart {
  /// What predictions of numbers miss: actual less predicted over the predicted, and how often each size occurs.
  public static func residuals(
    actual: [Double], predicted: [Double], _ options: Options = Options()
  ) throws(SNNError) -> Chart {
    guard actual.count == predicted.count else {
      throw .argument("residuals: got \(actual.count) actual and \(predicted.count) predicted numbers")
    }
    let pairs = zip(predicted, actual).map { ($0, $1 - $0) }.filter {
      Axis.shows($0.0, logarithmic: false) && Axis.shows($0.1, logarithmic: false)
    }
    var canvas = try Canvas(options)
    var x = try Axis(
      options.xLabel ?? "predicted", [pairs.map { $0.0 }], range: options.xRange, isLogarithmic: false, margin: 0.04)
    var y = try Axis(
      options.yLabel ?? "actual - predicted", [pairs.map { $0.1 } + [0]], range: options.yRange, isLogarithmic: false,
      margin: 0.06)
    canvas.addTitle()
    let share = 0.22 * canvas.frame.width
    canvas.leave(right: share)
    canvas.addAxes(&x, &y)
    let frame = canvas.frame
    let style = LineStyle(colour: Colour.series[0])
    let points = pairs.map { (x: x.place($0.0), y: frame.height - y.place($0.1)) }
    canvas.svg.inside(frame) { svg in
      style.drawPoints(Trace.apart(points, cell: 2), size: 5, opacity: 0.55, in: &svg)
      let zero = frame.height - y.place(0)
      svg.line(0, zero, frame.width, zero, Colour.text, width: 1.2)
    }
    addHistogram(pairs.map { $0.1 }, y, beside: frame, width: share - 6, &canvas.svg)
    return canvas.finished()
  }

  /// Bars that lie, along the same axis as the points.
  private static func addHistogram(
    _ values: [Double], _ axis: Axis, beside frame: Frame, width: Double, _ svg: inout SVG
  ) {
    // Twice the cube root of the number of values, as Rice counts.
    let wanted = 2 * ck_exp(ck_log(Double(max(values.count, 1))) / 3)
    let bins = min(max(Int(wanted), 5), 60)
    let limits = (0...bins).map { axis.low + (axis.high - axis.low) * (Double($0) / Double(bins)) }
    var counts = [Double](repeating: 0, count: bins)
    var totals = ck_histogram_totals()
    ck_histogram(values, values.count, limits, limits.count, &counts, &totals)
    let (most, height) = (max(counts.max() ?? 0, 1), frame.height / Double(bins))
    let start = frame.right + 10
    for (i, count) in counts.enumerated() where count > 0 {
      let top = frame.bottom - Double(i + 1) * height
      svg.rectangle(start, top + 0.5, (width - 10) * count / most, max(height - 1, 0.5), fill: Colour.series[0])
    }
    svg.line(start, frame.y, start, frame.bottom, Colour.axis)
    let mean = totals.sum / Double(max(values.count, 1))
    let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(values.count, 1))).squareRoot()
    // What rounding leaves of a mean of 0 is no number to show.
    let shown = abs(mean) < 1e-9 * deviation ? 0 : mean
    let lines = ["n \(values.count)", "mean \(Ticks.short(shown))", "sd \(Ticks.short(deviation))"]
    for (i, line) in lines.enumerated() { svg.label(line, start, frame.bottom + 17 + 15 * Double(i), .start, size: 11) }
  }
}
