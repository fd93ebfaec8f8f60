import CKernels

/// From values to places along one side of a picture.
struct Axis {
  let low: Double
  let high: Double
  let isLogarithmic: Bool
  let isWhole: Bool
  let label: String
  /// Pixels.
  var length = 1.0

  /// Numbers beyond this are left out like those that are not finite: differences of others are finite.
  private static let greatest = 1e300

  static func shows(_ value: Double, logarithmic: Bool) -> Bool {
    abs(value) <= greatest && (!logarithmic || value >= 1e-300)
  }

  /// An axis on which all values find place, or with a range of its own.
  /// - Parameter margin: What stays free at both ends, as a share of the whole.
  init(
    _ label: String, _ values: [[Double]], range: (low: Double, high: Double)?, isLogarithmic: Bool, margin: Double
  ) throws(SNNError) {
    self.label = label
    self.isLogarithmic = isLogarithmic
    if let range {
      (low, high, isWhole) = (range.low, range.high, false)
      let areShown = Axis.shows(low, logarithmic: isLogarithmic) && Axis.shows(high, logarithmic: isLogarithmic)
      guard areShown, high - low > max(1e-9 * max(abs(low), abs(high)), 1e-280) else {
        throw .argument("chart: the axis '\(label)' cannot go from \(low) to \(high)")
      }
      return
    }
    var (least, greatest, areWhole) = (Double.infinity, -Double.infinity, !isLogarithmic)
    for value in values.joined() where Axis.shows(value, logarithmic: isLogarithmic) {
      least = min(least, value)
      greatest = max(greatest, value)
      areWhole = areWhole && value == value.rounded()
    }
    isWhole = areWhole
    guard least <= greatest else { throw .argument("chart: there is no number to draw along the axis '\(label)'") }
    if isLogarithmic {
      let span = ck_log(greatest) - ck_log(least)
      let factor = span < 1e-3 ? 2 : ck_exp(margin * span)
      (low, high) = (max(least / factor, 1e-300), min(greatest * factor, 1e300))
    } else {
      let span = greatest - least
      let isNarrow = span <= 1e-9 * max(abs(least), abs(greatest)) || span < 1e-280
      let free = isNarrow ? (least == 0 || abs(least) < 1e-270 ? 1 : abs(least) * 0.1) : span * margin
      (low, high) = (least - free, greatest + free)
    }
  }

  /// The place of a number; NaN when it is not drawn.
  func shownPlace(_ value: Double) -> Double {
    Axis.shows(value, logarithmic: isLogarithmic) ? place(value) : .nan
  }

  /// Pixels from the low end.
  func place(_ value: Double) -> Double {
    isLogarithmic
      ? length * (ck_log(value) - ck_log(low)) / (ck_log(high) - ck_log(low))
      : length * ((value - low) / (high - low))
  }

  func ticks(every pixels: Double) -> Ticks {
    Ticks(low, high, count: max(2, Int(length / pixels)), isLogarithmic: isLogarithmic, isWhole: isWhole)
  }
}
