extension Chart {
  /// How often each class is taken for each other: true ones along the rows, predicted ones along the columns.
  /// - Parameters:
  ///   - counts: Row by row.
  ///   - names: nil: 0, 1, 2, …
  ///   - isNormalized: Each row is divided by its sum.
  public static func confusion(
    _ counts: [Double], classes: Int, names: [String]? = nil, isNormalized: Bool = false,
    _ options: Options = Chart.matrix
  ) throws(SNNError) -> Chart {
    guard (1...500).contains(classes), counts.count == classes * classes else {
      throw .argument("confusion_matrix: expects n × n counts of 1 to 500 classes, got \(counts.count) of \(classes)")
    }
    guard names?.count ?? classes == classes else {
      throw .argument("confusion_matrix: got \(names?.count ?? 0) names for \(classes) classes")
    }
    if let wrong = counts.first(where: { !($0 >= 0 && $0 <= 1e300) }) {
      throw .argument("confusion_matrix: expects counts from 0, got \(wrong)")
    }
    var values = counts
    if isNormalized {
      for row in 0..<classes {
        let sum = counts[row * classes..<(row + 1) * classes].reduce(0, +)
        for column in 0..<classes {
          values[row * classes + column] = sum > 0 ? counts[row * classes + column] / sum : 0
        }
      }
    }
    let names = names ?? (0..<classes).map { "\($0)" }
    return try Heat(values: values, names: names, isNormalized: isNormalized).chart(options)
  }

  /// Options with room for names at the left.
  public static var matrix: Options {
    var options = Options()
    (options.width, options.height) = (520, 460)
    return options
  }

  private struct Heat {
    let values: [Double]
    let names: [String]
    let isNormalized: Bool

    func chart(_ options: Options) throws(SNNError) -> Chart {
      var canvas = try Canvas(options)
      canvas.addTitle()
      let widest = min(names.map { SVG.width($0) }.max() ?? 0, options.width / 4)
      let most = isNormalized ? 1 : max(values.max() ?? 0, 1e-300)
      let bar = Ticks(
        0, most, count: 5, isLogarithmic: false, isWhole: values.allSatisfy { $0 == $0.rounded() } && !isNormalized)
      let barTexts = bar.marks.map { SVG.width($0.text, size: 11) }.max() ?? 0
      canvas.leave(left: widest + 8 + 22, right: 14 + 12 + 6 + barTexts)
      var cell = min(canvas.frame.width, canvas.frame.height - 44) / Double(names.count)
      // Names that are wider than their column lean.
      let areTurned = widest > cell - 4
      canvas.leave(top: 4, bottom: 24 + (areTurned ? widest * 0.72 + 8 : 16))
      cell = min(canvas.frame.width, canvas.frame.height) / Double(names.count)
      let side = cell * Double(names.count)
      let frame = Frame(x: canvas.frame.x, y: canvas.frame.y, width: side, height: side)
      addCells(frame, cell, most, &canvas.svg)
      addNames(frame, cell, areTurned, &canvas.svg)
      canvas.svg.label(
        options.xLabel ?? "predicted", frame.x + side / 2, frame.bottom + (areTurned ? widest * 0.72 + 28 : 36),
        size: 13)
      canvas.addYLabel(options.yLabel ?? "true", y: frame.y + side / 2)
      addBar(frame, bar, most, &canvas.svg)
      return canvas.finished()
    }

    private func addCells(_ frame: Frame, _ cell: Double, _ most: Double, _ svg: inout SVG) {
      let texts = values.map(text)
      let widest = texts.map { SVG.width($0, size: 1) }.max() ?? 1
      let size = min(14, cell * 0.42, (cell - 4) / widest)
      for (i, value) in values.enumerated() {
        let x = frame.x + Double(i % names.count) * cell
        let y = frame.y + Double(i / names.count) * cell
        svg.rectangle(x, y, cell, cell, fill: Colour.shade(value / most), stroke: cell > 8 ? "#ffffff" : nil)
        // Smaller ones cannot be read.
        guard size >= 5 else { continue }
        svg.label(
          texts[i], x + cell / 2, y + cell / 2 + size * 0.36, size: size,
          fill: value / most > 0.55 ? "#ffffff" : Colour.text)
      }
    }

    private func text(_ value: Double) -> String {
      if isNormalized { return Ticks.text(value, digits: 2) }
      return value == value.rounded() && value < 1e15 ? Ticks.text(value, digits: 0) : TextTable.scientific(value)
    }

    private func addNames(_ frame: Frame, _ cell: Double, _ areTurned: Bool, _ svg: inout SVG) {
      // Not closer than they can be read.
      let stride = max(1, Int(((areTurned ? 17 : 12) / cell).rounded(.up)))
      for i in Swift.stride(from: 0, to: names.count, by: stride) {
        let middle = (Double(i) + 0.5) * cell
        svg.label(names[i], frame.x - 6, frame.y + middle + 4, .end)
        if areTurned {
          svg.label(names[i], frame.x + middle + 4, frame.bottom + 12, .end, turned: -45)
        } else {
          svg.label(names[i], frame.x + middle, frame.bottom + 16)
        }
      }
    }

    private func addBar(_ frame: Frame, _ ticks: Ticks, _ most: Double, _ svg: inout SVG) {
      let (x, parts) = (frame.right + 14, 64)
      for part in 0..<parts {
        let height = frame.height / Double(parts)
        // A little taller than its part, so that no seam shows.
        let y = frame.bottom - Double(part + 1) * height
        svg.rectangle(
          x, y, 12, height + (part == 0 ? 0 : 0.5), fill: Colour.shade((Double(part) + 0.5) / Double(parts)))
      }
      for mark in ticks.marks where mark.value <= most {
        let y = frame.bottom - frame.height * mark.value / most
        svg.line(x + 12, y, x + 15, y, Colour.axis)
        svg.label(mark.text, x + 18, y + 4, .start, size: 11)
      }
      if let power = ticks.commonPower { svg.label("×10", x, frame.y - 6, .start, size: 11, power: power) }
    }
  }
}
