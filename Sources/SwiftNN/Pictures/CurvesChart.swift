extension Chart {
  /// What a history says epoch by epoch. A value and its "val_…" share a colour, that of validation dashed.
  /// - Parameter names: nil: "loss" and "val_loss" where there are any, else all but "lr".
  public static func learningCurves(
    _ history: History, names: [String]? = nil, _ options: Options = Options()
  ) throws(SNNError) -> Chart {
    let known = history.names
    let losses = known.filter { $0 == "loss" || $0 == "val_loss" }
    let names = names ?? (losses.isEmpty ? known.filter { $0 != "lr" } : losses)
    guard !names.isEmpty else { throw .argument("learning_curves: the history has no values") }
    let epochs = history.rows.map { Double($0.epoch) }
    var (series, colours): ([Series], [String]) = ([], [])
    for name in names {
      guard known.contains(name) else { throw .argument("learning_curves: the history has no value '\(name)'") }
      let isValidation = name.hasPrefix("val_")
      let base = isValidation ? String(name.dropFirst(4)) : name
      if !colours.contains(base) { colours.append(base) }
      // A value that is not measured in each epoch is a line through those where it is.
      let rows = history.rows.indices.filter { history.rows[$0][name] != nil }
      series.append(
        Series(
          name, x: rows.map { epochs[$0] }, y: rows.map { history.rows[$0][name] ?? .nan },
          style: isValidation ? .dashed : .line, colour: colours.firstIndex(of: base)))
    }
    var options = options
    options.xLabel = options.xLabel ?? "epoch"
    options.yLabel = options.yLabel ?? (names.count <= 2 && colours.count == 1 ? colours[0] : "")
    return try lines(series, options)
  }

  /// Receiver operating characteristics: the share of positives that are found over that of negatives that are mistaken.
  /// - Parameters:
  ///   - curves: False positive rates along x and true positive rates along y.
  ///   - areas: What stands behind the names; nil: nothing.
  public static func roc(
    _ curves: [Series], areas: [Double]? = nil, _ options: Options = Chart.square
  ) throws(SNNError) -> Chart {
    let chance = Series("chance", x: [0, 1], y: [0, 1])
    return try shares(
      curves, areas, "AUC", chance, options, x: "false positive rate", y: "true positive rate", style: .line)
  }

  /// - Parameters:
  ///   - curves: Recalls along x and precisions along y.
  ///   - areas: The average precisions, which stand behind the names; nil: nothing.
  ///   - positives: The share of positives, which is the precision of guessing.
  public static func precisionRecall(
    _ curves: [Series], areas: [Double]? = nil, positives: Double? = nil, _ options: Options = Chart.square
  ) throws(SNNError) -> Chart {
    let chance = positives.map { Series("chance", x: [0, 1], y: [$0, $0]) }
    return try shares(curves, areas, "AP", chance, options, x: "recall", y: "precision", style: .steps)
  }

  /// Options for axes of equal length.
  public static var square: Options {
    var options = Options()
    (options.width, options.height) = (460, 460)
    return options
  }

  private static func shares(
    _ curves: [Series], _ areas: [Double]?, _ word: String, _ chance: Series?, _ options: Options, x: String,
    y: String, style: Series.Style
  ) throws(SNNError) -> Chart {
    guard areas == nil || areas?.count == curves.count else {
      throw .argument("chart: got \(areas?.count ?? 0) areas for \(curves.count) curves")
    }
    let named = curves.enumerated().map { (i, curve) -> Series in
      var curve = curve
      if curve.style == .automatic, style == .steps || curves.count == 1 { curve.style = style }
      if let areas {
        let area = "\(word) \(Ticks.text(areas[i], digits: 3))"
        curve.name = curve.name.isEmpty ? area : "\(curve.name) (\(area))"
      }
      return curve
    }
    var options = options
    options.xLabel = options.xLabel ?? x
    options.yLabel = options.yLabel ?? y
    options.xRange = options.xRange ?? (-0.01, 1.01)
    options.yRange = options.yRange ?? (-0.01, 1.02)
    return try lines(named, references: chance.map { [$0] } ?? [], options)
  }
}
