/// A layer whose parameters and buffers can be made anew.
public protocol Resettable: AnyObject {
  func resetParameters(_ generator: Generator?) throws(SNNError)
}

extension Layer {
  /// Draws parameters and buffers as when the layers were made: of all, or of those at or below these names.
  public func resetParameters(under names: [String] = [], generator: Generator? = nil) throws(SNNError) {
    try visit { path, layer throws(SNNError) in
      if Self.isChosen(path, names) { try (layer as? any Resettable)?.resetParameters(generator) }
    }
  }

  /// Changes each parameter by normal noise in proportion to its size: of all layers, or of those at or below these names.
  public func perturbParameters(
    _ std: Double = 0.01, under names: [String] = [], generator: Generator? = nil
  ) throws(SNNError) {
    for item in state where item.cell.isParameter && Self.isChosen(item.name, names) {
      guard let tensor = item.cell.tensor else { continue }
      _ = try Operation.perturb.apply([
        .tensor(tensor), .float(std), generator.map { .generator($0) } ?? .none,
      ])
    }
  }

  private static func isChosen(_ path: String, _ names: [String]) -> Bool {
    names.isEmpty || names.contains { $0 == path || $0.isEmpty || path.utf8.starts(with: "\($0).".utf8) }
  }

  /// Calls `body` with this layer and all below it, with their names.
  private func visit(_ path: String = "", _ body: (String, any Layer) throws(SNNError) -> Void) throws(SNNError) {
    try body(path, self)
    for (name, value) in members {
      let inner = path.isEmpty ? name : "\(path).\(name)"
      if let layer = value as? any Layer { try layer.visit(inner, body) }
      for (i, layer) in (value as? [any Layer] ?? []).enumerated() { try layer.visit("\(inner).\(i)", body) }
    }
  }
}

extension Tensor {
  /// Takes the values of a fresh tensor of the same shape, outside of any graph.
  func overwriteInitially(_ fresh: Tensor) throws(SNNError) {
    try requireElements("reset_parameters")
    guard shape == fresh.shape else {
      throw .shape("reset_parameters: expects a tensor of shape \(fresh.shape), got \(shape)")
    }
    fill(copying: fresh)
    touch()
  }
}
