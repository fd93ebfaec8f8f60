extension Layer {
  /// The layer with everything in it, as PyTorch prints it.
  public var text: String {
    if let layer = self as? Reparametrized { return layer.module.text }
    let configured = self as? any ConfiguredLayer
    return text(named: reportName, configured.map { $0.declaration.text($0.configuration) } ?? "")
  }

  /// The same by a name, with what stands in front of its children.
  func text(named name: String, _ arguments: String) -> String {
    let parts = members.compactMap { member -> String? in
      let text: String
      switch member.value {
      case let layer as any Layer: text = layer.text
      case let list as [any Layer]: text = Self.text(of: list)
      default: return nil
      }
      return "(\(member.name)): \(text.indented)"
    }
    guard !parts.isEmpty else { return "\(name)(\(arguments))" }
    let lines = (arguments.isEmpty ? [] : [arguments]) + parts
    return "\(name)(\n  " + lines.joined(separator: "\n  ") + "\n)"
  }

  /// Neighbours that are printed alike stand in one line.
  private static func text(of list: [any Layer]) -> String {
    var runs: [(first: Int, count: Int, text: String)] = []
    for (i, layer) in list.enumerated() {
      let text = layer.text
      if runs.last?.text == text {
        runs[runs.count - 1].count += 1
      } else {
        runs.append((i, 1, text))
      }
    }
    let lines = runs.map { run in
      run.count == 1
        ? "(\(run.first)): \(run.text.indented)"
        : "(\(run.first)-\(run.first + run.count - 1)): \(run.count) x \(run.text.indented)"
    }
    return lines.isEmpty ? "ModuleList()" : "ModuleList(\n  " + lines.joined(separator: "\n  ") + "\n)"
  }
}

extension String {
  /// All lines but the first two spaces further in.
  fileprivate var indented: String {
    split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n  ")
  }
}
