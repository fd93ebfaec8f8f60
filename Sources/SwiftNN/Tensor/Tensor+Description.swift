import CKernels

extension Tensor: CustomStringConvertible {
  /// The tensor as Python prints it: `tensor([1., 2.])`, long axes shortened, with what is unusual about it.
  public var description: String {
    let indent = "tensor(".count
    if let batch { return "BatchedTensor(\(batch.size) examples of shape \(shape), value=\(batch.all))" }
    var text = "tensor("
    if count == 0, rank != 1 || shape[0] != 0 {
      text += "[], size=(" + shape.map { "\($0)" }.joined(separator: ", ") + ")"
    } else if count == 0 {
      text += "[]"
    } else if let printer = try? Printer(self) {
      text += printer.text(indent: indent)
    }
    var notes: [String] = []
    // Without elements nothing shows that they would be integers or truths.
    let isUsual = dtype == .default || count > 0 && (dtype == .int64 || dtype == .bool)
    if !isUsual { notes.append("dtype=\(dtype.name)") }
    if let function = gradientFunctionName {
      notes.append("grad_fn=<\(Tensor.className(ofFunction: function))>")
    } else if requiresGradient {
      notes.append("requires_grad=True")
    }
    return text + notes.map { ", " + $0 }.joined() + ")"
  }

  /// `log_softmax` as `LogSoftmaxBackward`.
  static func className(ofFunction name: String) -> String {
    name.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined() + "Backward"
  }
}

/// Lays out numbers in columns by PyTorch's rules.
private struct Printer {
  private static let edge = 3
  private static let threshold = 1000
  private static let lineWidth = 80

  private let values: [Scalar]
  private let shape: [Int]
  private let isShortened: Bool
  private let format: Format

  init(_ tensor: Tensor) throws(SNNError) {
    isShortened = tensor.count > Self.threshold
    let shown = try isShortened ? Self.corners(of: tensor.detach()) : tensor.detach()
    shape = Array(tensor.shape)
    if tensor.dtype.isFloatingPoint {
      values = try shown.array(of: Double.self).map { .float($0) }
    } else if tensor.dtype == .bool {
      values = try shown.array(of: Bool.self).map { .bool($0) }
    } else {
      values = try shown.array(of: Int.self).map { .int($0) }
    }
    format = Format(values)
  }

  /// The first and last positions of every long axis.
  private static func corners(of tensor: Tensor) throws(SNNError) -> Tensor {
    var result = tensor
    for axis in 0..<tensor.rank where tensor.shape[axis] > 2 * edge {
      result = try Tensor.cat(
        [try result.slice(axis, from: 0, to: edge), try result.slice(axis, from: -edge)], axis)
    }
    return result
  }

  func text(indent: Int) -> String {
    var next = 0
    return text(axis: 0, indent: indent, &next)
  }

  private func text(axis: Int, indent: Int, _ next: inout Int) -> String {
    if axis == shape.count {
      defer { next += 1 }
      return format.text(values[next], padded: !shape.isEmpty)
    }
    let isCut = isShortened && shape[axis] > 2 * Self.edge
    let length = isCut ? 2 * Self.edge : shape[axis]
    var items: [String] = []
    for i in 0..<length {
      // PyTorch puts a space in front of the dots between numbers, but not of those between rows.
      if isCut, i == Self.edge { items.append(axis == shape.count - 1 ? " ..." : "...") }
      items.append(text(axis: axis + 1, indent: indent + 1, &next))
    }
    let isLast = axis == shape.count - 1
    guard isLast else {
      let gap = String(repeating: "\n", count: shape.count - axis - 1) + String(repeating: " ", count: indent + 1)
      return "[" + items.joined(separator: "," + gap) + "]"
    }
    let perLine = Swift.max(1, (Self.lineWidth - indent) / (format.width + 2))
    var lines: [String] = []
    var start = 0
    while start < items.count {
      let end = Swift.min(start + perLine, items.count)
      lines.append(items[start..<end].joined(separator: ", "))
      start = end
    }
    return "[" + lines.joined(separator: ",\n" + String(repeating: " ", count: indent + 1)) + "]"
  }
}

/// How all numbers of one tensor are written.
private struct Format {
  private enum Style { case integer, wholeFloat, fixed, scientific }
  private var style: Style
  private(set) var width = 1

  init(_ values: [Scalar]) {
    style = .integer
    if case .float? = values.first { style = Format.floatStyle(values.map(\.double)) }
    for value in values where Format.countsForWidth(value) { width = Swift.max(width, bare(value).utf8.count) }
  }

  /// Zeros and numbers that are not finite stand where the others leave room.
  private static func countsForWidth(_ value: Scalar) -> Bool {
    if case .float(let number) = value { number.isFinite && number != 0 } else { true }
  }

  private static func floatStyle(_ values: [Double]) -> Style {
    let magnitudes = values.filter { $0.isFinite && $0 != 0 }.map(abs)
    guard let least = magnitudes.min(), let greatest = magnitudes.max() else { return .wholeFloat }
    if values.allSatisfy({ !$0.isFinite || $0 == $0.rounded() }) {
      return greatest / least > 1000 || greatest > 1e8 ? .scientific : .wholeFloat
    }
    return greatest / least > 1000 || greatest > 1e8 || least < 1e-4 ? .scientific : .fixed
  }

  func text(_ value: Scalar, padded: Bool) -> String {
    let text = bare(value)
    return padded ? String(repeating: " ", count: Swift.max(0, width - text.utf8.count)) + text : text
  }

  private func bare(_ value: Scalar) -> String {
    switch value {
    case .int(let number): return "\(number)"
    case .bool(let truth): return truth ? "True" : "False"
    case .float(let number):
      guard number.isFinite else { return number.isNaN ? "nan" : number < 0 ? "-inf" : "inf" }
      switch style {
      case .wholeFloat: return formatted(number, 0, scientific: false) + "."
      case .scientific: return formatted(number, 4, scientific: true)
      default: return formatted(number, 4, scientific: false)
      }
    }
  }

  private func formatted(_ number: Double, _ digits: Int32, scientific: Bool) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 400) { buffer in
      ck_format(buffer.baseAddress, buffer.count, number, digits, scientific)
      return String(cString: buffer.baseAddress.unsafelyUnwrapped)
    }
  }
}
