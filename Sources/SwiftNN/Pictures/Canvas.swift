/// The parts that charts share: title, legend, axes and grid around a frame.
struct Canvas {
  var svg: SVG
  let options: Chart.Options
  /// Where the numbers are drawn.
  var frame: Frame
  private static let margin = 14.0

  init(_ options: Chart.Options) throws(SNNError) {
    try options.check()
    self.options = options
    svg = SVG(width: options.width, height: options.height)
    frame = Frame(
      x: Canvas.margin, y: Canvas.margin, width: options.width - 2 * Canvas.margin,
      height: options.height - 2 * Canvas.margin)
  }

  /// Takes a strip from a side of the frame.
  mutating func leave(top: Double = 0, left: Double = 0, bottom: Double = 0, right: Double = 0) {
    frame = Frame(
      x: frame.x + left, y: frame.y + top, width: max(frame.width - left - right, 20),
      height: max(frame.height - top - bottom, 20))
  }

  mutating func addTitle() {
    guard !options.title.isEmpty else { return }
    svg.label(options.title, options.width / 2, frame.y + 12, size: 15, isBold: true)
    leave(top: 26)
  }

  struct LegendEntry {
    let name: String
    let style: LineStyle
  }

  /// Names beside examples of their lines, in as many rows as they need.
  mutating func addLegend(_ entries: [LegendEntry]) {
    let sample = 30.0
    var (x, y) = (frame.x, frame.y + 8)
    for entry in entries where !entry.name.isEmpty {
      let width = sample + 6 + SVG.width(entry.name) + 16
      if x > frame.x, x + width > frame.right + 16 { (x, y) = (frame.x, y + 18) }
      entry.style.draw("M\(SVG.number(x)) \(SVG.number(y))h\(SVG.number(sample))", at: [(x + sample / 2, y)], in: &svg)
      svg.label(entry.name, x + sample + 6, y + 4, .start)
      x += width
    }
    if x > frame.x { leave(top: y + 18 - frame.y) }
  }

  /// Lays both axes around what is left, and draws their grid.
  mutating func addAxes(_ x: inout Axis, _ y: inout Axis) {
    // The room for the marks of y depends on their texts, which depend on the height.
    leave(top: 6, bottom: 20 + (x.label.isEmpty ? 0 : 18))
    y.length = frame.height
    let yTicks = y.ticks(every: 55)
    if yTicks.commonPower != nil { leave(top: 10) }
    y.length = frame.height
    let widest = yTicks.marks.map { SVG.width($0.text) + ($0.power == nil ? 0 : 14) }.max() ?? 0
    leave(left: widest + 9 + (y.label.isEmpty ? 0 : 20), right: 8)
    x.length = frame.width
    let xTicks = x.ticks(every: 80)
    addGrid(x, xTicks, y, yTicks)
    addMarks(x, xTicks, y, yTicks)
  }

  private mutating func addGrid(_ x: Axis, _ xTicks: Ticks, _ y: Axis, _ yTicks: Ticks) {
    for (values, colour) in [(xTicks.minor, Colour.faintGrid), (xTicks.marks.map(\.value), Colour.grid)] {
      for value in values {
        let place = frame.x + x.place(value)
        svg.line(place, frame.y, place, frame.bottom, colour)
      }
    }
    for (values, colour) in [(yTicks.minor, Colour.faintGrid), (yTicks.marks.map(\.value), Colour.grid)] {
      for value in values {
        let place = frame.bottom - y.place(value)
        svg.line(frame.x, place, frame.right, place, colour)
      }
    }
  }

  private mutating func addMarks(_ x: Axis, _ xTicks: Ticks, _ y: Axis, _ yTicks: Ticks) {
    svg.line(frame.x, frame.bottom, frame.right, frame.bottom, Colour.axis)
    svg.line(frame.x, frame.y, frame.x, frame.bottom, Colour.axis)
    for mark in xTicks.marks {
      let place = frame.x + x.place(mark.value)
      svg.line(place, frame.bottom, place, frame.bottom + 4, Colour.axis)
      svg.label(mark.text, place, frame.bottom + 17, power: mark.power)
    }
    for mark in yTicks.marks {
      let place = frame.bottom - y.place(mark.value)
      svg.line(frame.x - 4, place, frame.x, place, Colour.axis)
      svg.label(mark.text, frame.x - 7, place + 4, .end, power: mark.power)
    }
    if let power = xTicks.commonPower { svg.label("×10", frame.right, frame.bottom + 34, .end, power: power) }
    if let power = yTicks.commonPower { svg.label("×10", frame.x - 7, frame.y - 10, .start, power: power) }
    if !x.label.isEmpty { svg.label(x.label, frame.x + frame.width / 2, frame.bottom + 36, size: 13) }
    if !y.label.isEmpty { addYLabel(y.label, y: frame.y + frame.height / 2) }
  }

  mutating func addYLabel(_ label: String, y: Double) {
    svg.label(label, Canvas.margin + 10, y, size: 13, turned: -90)
  }

  mutating func finished() -> Chart {
    svg.finish()
    return Chart(svg: svg.text)
  }
}
