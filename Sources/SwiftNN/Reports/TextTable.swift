import CKernels

/// Tables as text.
enum TextTable {
  /// Lines with their columns beneath each other, the first `leading` of them at the left; `total` stands below a rule.
  static func text(_ lines: [[String]], total: [String]?, leading: Int) -> String {
    let all = lines + (total.map { [$0] } ?? [])
    let widths = lines[0].indices.map { column in all.map { $0[column].unicodeScalars.count }.max() ?? 0 }
    func line(_ cells: [String]) -> String {
      let padded = cells.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.unicodeScalars.count)
        return column < leading ? cell + space : space + cell
      }
      var text = padded.joined(separator: "  ")
      while text.utf8.last == UInt8(ascii: " ") { text.removeLast() }
      return text + "\n"
    }
    let rule = String(repeating: "-", count: widths.reduce(0, +) + 2 * (widths.count - 1)) + "\n"
    let body = lines.dropFirst().map(line).joined()
    return line(lines[0]) + rule + body + (total.map { rule + line($0) } ?? "")
  }

  static func scientific(_ number: Double) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 40) { text in
      let start = text.baseAddress.unsafelyUnwrapped
      ck_format(start, text.count, number, 3, true)
      return String(cString: start)
    }
  }
}
