/// The text of a picture in SVG. The same calls give the same bytes.
struct SVG {
  private(set) var text = ""

  init(width: Double, height: Double) {
    text = """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(SVG.number(width))" height="\(SVG.number(height))" \
      viewBox="0 0 \(SVG.number(width)) \(SVG.number(height))" font-family="Helvetica, Arial, 'Liberation Sans', \
      'DejaVu Sans', sans-serif" font-size="12" fill="\(Colour.text)">

      """
    rectangle(0, 0, width, height, fill: "#ffffff")
  }

  /// To a hundredth, without exponents and without zeros at the end.
  static func number(_ value: Double) -> String {
    // Far outside of every picture, but small enough for all readers.
    let hundredths = Int((min(max(value.isNaN ? 0 : value, -30000), 30000) * 100).rounded())
    let (whole, part) = (hundredths.magnitude / 100, hundredths.magnitude % 100)
    let sign = hundredths < 0 ? "-" : ""
    if part == 0 { return "\(sign)\(whole)" }
    return part % 10 == 0 ? "\(sign)\(whole).\(part / 10)" : "\(sign)\(whole).\(part < 10 ? "0" : "")\(part)"
  }

  /// Characters that mean something to XML, and those that it does not allow.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: result += " "
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private mutating func add(_ element: String, _ attributes: [(String, String)], content: String? = nil) {
    text += "<" + element
    for (name, value) in attributes { text += " " + name + "=\"" + value + "\"" }
    text += content.map { ">" + $0 + "</" + element + ">\n" } ?? "/>\n"
  }

  mutating func rectangle(
    _ x: Double, _ y: Double, _ width: Double, _ height: Double, fill: String, stroke: String? = nil
  ) {
    let place = [("x", x), ("y", y), ("width", width), ("height", height)].map { ($0, SVG.number($1)) }
    add("rect", place + [("fill", fill)] + (stroke.map { [("stroke", $0)] } ?? []))
  }

  mutating func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ colour: String, width: Double = 1, dash: String? = nil
  ) {
    path("M\(SVG.number(x1)) \(SVG.number(y1))L\(SVG.number(x2)) \(SVG.number(y2))", colour, width: width, dash: dash)
  }

  mutating func path(
    _ path: String, _ colour: String, width: Double, dash: String? = nil, isRound: Bool = false, opacity: Double = 1
  ) {
    var attributes = [("d", path), ("fill", "none"), ("stroke", colour), ("stroke-width", SVG.number(width))]
    if let dash { attributes.append(("stroke-dasharray", dash)) }
    if isRound { attributes += [("stroke-linecap", "round"), ("stroke-linejoin", "round")] }
    if opacity != 1 { attributes.append(("stroke-opacity", SVG.number(opacity))) }
    add("path", attributes)
  }

  enum Anchor: String {
    case start, middle, end
  }

  /// - Parameter power: What 10 is raised to behind the text.
  mutating func label(
    _ text: String, _ x: Double, _ y: Double, _ anchor: Anchor = .middle, size: Double = 12, fill: String? = nil,
    isBold: Bool = false, turned: Double = 0, power: Int? = nil
  ) {
    var attributes = [("x", SVG.number(x)), ("y", SVG.number(y)), ("text-anchor", anchor.rawValue)]
    if size != 12 { attributes.append(("font-size", SVG.number(size))) }
    if let fill { attributes.append(("fill", fill)) }
    if isBold { attributes.append(("font-weight", "bold")) }
    if turned != 0 {
      attributes.append(("transform", "rotate(\(SVG.number(turned)) \(SVG.number(x)) \(SVG.number(y)))"))
    }
    let exponent = power.map { "<tspan dy=\"-5\" font-size=\"9\">\(Ticks.minus("\($0)"))</tspan>" } ?? ""
    add("text", attributes, content: SVG.escaped(text) + exponent)
  }

  /// What lies outside of the frame is cut off; coordinates within start at its corner.
  mutating func inside(_ frame: Frame, _ body: (inout SVG) -> Void) {
    text += "<svg"
    for (name, value) in [("x", frame.x), ("y", frame.y), ("width", frame.width), ("height", frame.height)] {
      text += " \(name)=\"\(SVG.number(value))\""
    }
    text += " overflow=\"hidden\">\n"
    body(&self)
    text += "</svg>\n"
  }

  mutating func finish() { text += "</svg>\n" }

  /// About how wide a text is; fonts differ by a tenth.
  static func width(_ text: String, size: Double = 12) -> Double {
    var sum = 0.0
    for scalar in text.unicodeScalars {
      switch scalar {
      case "i", "j", "l", "I", "t", "f", "r", ".", ",", ":", ";", "'", "|", "!", " ", "(", ")", "[", "]", "/":
        sum += 0.33
      case "m", "w", "M", "W", "%", "@": sum += 0.88
      case "A"..."Z": sum += 0.7
      default: sum += scalar.value < 0x2E80 ? 0.56 : 1
      }
    }
    return sum * size
  }
}

struct Frame {
  var x: Double
  var y: Double
  var width: Double
  var height: Double

  var right: Double { x + width }
  var bottom: Double { y + height }
}

/// Colours that stay apart in print and for eyes that see fewer of them (Okabe and Ito).
enum Colour {
  static let text = "#222222"
  static let axis = "#444444"
  static let grid = "#e4e4e4"
  static let faintGrid = "#f1f1f1"
  static let reference = "#888888"
  static let series = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#222222"]
  static let dashes: [String?] = [nil, "7 3", "2 3", "8 3 2 3"]

  /// From white to dark blue.
  static func shade(_ share: Double) -> String {
    let stops: [(Double, Double, Double)] = [(247, 251, 255), (158, 202, 225), (49, 130, 189), (8, 48, 107)]
    let place = min(max(share.isNaN ? 0 : share, 0), 1) * Double(stops.count - 1)
    let first = min(Int(place), stops.count - 2)
    let (a, b, t) = (stops[first], stops[first + 1], place - Double(first))
    let mixed = [a.0 + (b.0 - a.0) * t, a.1 + (b.1 - a.1) * t, a.2 + (b.2 - a.2) * t]
    return "#"
      + mixed.map { (value: Double) -> String in
        let byte = Int(value.rounded())
        return (byte < 16 ? "0" : "") + String(byte, radix: 16)
      }.joined()
  }
}
