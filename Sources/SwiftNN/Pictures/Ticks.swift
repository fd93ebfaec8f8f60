import CKernels

/// Where an axis has its marks, and what stands at them.
struct Ticks {
  struct Mark {
    let value: Double
    let text: String
    /// 10 to this power stands behind the text.
    var power: Int?
  }

  var marks: [Mark] = []
  /// Values of fainter lines without a text.
  var minor: [Double] = []
  /// All numbers of the axis stand for so many powers of 10.
  var commonPower: Int?

  /// - Parameters:
  ///   - count: About how many marks there are.
  ///   - isWhole: The values are whole numbers, and so are the marks.
  init(_ low: Double, _ high: Double, count: Int, isLogarithmic: Bool, isWhole: Bool) {
    if isLogarithmic { addDecades(low, high, count) } else { addSteps(low, high, count, isWhole) }
  }

  /// 1, 2, 2.5 or 5 times a power of 10, so that there are at most about `count` in the range.
  static func step(_ range: Double, _ count: Int) -> Double {
    let rough = range / Double(max(count, 1))
    var power = 1.0
    while power > rough { power /= 10 }
    while power * 10 <= rough { power *= 10 }
    for factor in [1, 2, 2.5, 5] where factor * power >= rough { return factor * power }
    return 10 * power
  }

  private mutating func addSteps(_ low: Double, _ high: Double, _ count: Int, _ isWhole: Bool) {
    var step = Ticks.step(high - low, count)
    if isWhole { step = max(step == 2.5 ? 5 : step.rounded(.up), 1) }
    let size = max(abs(low), abs(high))
    var exponent = 0
    if size >= 1e5 || size < 2e-3 { exponent = Ticks.exponent(of: size) }
    let unit = Ticks.power(exponent)
    // As many digits as the steps need.
    var digits = 0
    func isRound(_ value: Double) -> Bool { abs(value.rounded() - value) <= 1e-6 * value }
    while digits < 12, !isRound(step / unit * Ticks.power(digits)) { digits += 1 }
    if exponent != 0 { commonPower = exponent }
    var number = (low / step - 1e-9).rounded(.up)
    while number * step <= high + step * 1e-9, marks.count < 1000 {
      let value = number == 0 ? 0 : number * step
      marks.append(Mark(value: value, text: Ticks.text(value / unit, digits: digits)))
      number += 1
    }
  }

  private mutating func addDecades(_ low: Double, _ high: Double, _ count: Int) {
    let (first, last) = (Ticks.exponent(of: low), Ticks.exponent(of: high))
    let decades = (first...last).filter { Ticks.power($0) >= low * 0.999 && Ticks.power($0) <= high * 1.001 }
    guard decades.count >= 2 else { return addSteps(low, high, count, false) }
    let stride = (decades.count + count) / (count + 1)
    let arePlain = decades[0] >= -3 && decades[decades.count - 1] <= 4
    for (i, exponent) in decades.enumerated() where i % max(stride, 1) == 0 {
      let value = Ticks.power(exponent)
      marks.append(
        arePlain
          ? Mark(value: value, text: Ticks.text(value, digits: max(0, -exponent)))
          : Mark(value: value, text: "10", power: exponent))
    }
    guard stride <= 1 else { return }
    for exponent in first...last {
      for factor in 2...9 {
        let value = Double(factor) * Ticks.power(exponent)
        if value > low, value < high { minor.append(value) }
      }
    }
  }

  /// Exact where doubles are.
  static func power(_ exponent: Int) -> Double {
    var result = 1.0
    for _ in 0..<abs(exponent) { result *= 10 }
    return exponent < 0 ? 1 / result : result
  }

  /// Of the first digit.
  private static func exponent(of size: Double) -> Int {
    guard size > 0 else { return 0 }
    var exponent = 0
    while exponent < 300, power(exponent + 1) <= size { exponent += 1 }
    while exponent > -300, power(exponent) > size * (1 + 1e-12) { exponent -= 1 }
    return exponent
  }

  static func text(_ value: Double, digits: Int) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 400) { text in
      let start = text.baseAddress.unsafelyUnwrapped
      ck_format(start, text.count, value, Int32(digits), false)
      return minus(String(cString: start))
    }
  }

  /// Three digits, or so.
  static func short(_ value: Double) -> String {
    let size = exponent(of: abs(value))
    return (-4...5).contains(size) ? text(value, digits: max(0, 2 - size)) : minus(TextTable.scientific(value))
  }

  /// A number with the sign that printers use.
  static func minus(_ text: String) -> String { text.hasPrefix("-") ? "\u{2212}" + text.dropFirst() : text }
}
