/// How the name of a tensor in a file becomes that in a model: the whole name, or its beginning.
public struct Renaming: Sendable {
  public let from: String
  public let to: String
  public let isPrefix: Bool

  public static func name(_ from: String, to: String) -> Renaming { Renaming(from: from, to: to, isPrefix: false) }
  public static func prefix(_ from: String, to: String) -> Renaming { Renaming(from: from, to: to, isPrefix: true) }

  public init(from: String, to: String, isPrefix: Bool) {
    self.from = from
    self.to = to
    self.isPrefix = isPrefix
  }

  /// The new name: whole names go before beginnings, and the first that fits is the only one that is applied.
  static func renamed(_ name: String, by renamings: [Renaming]) -> String {
    if let exact = renamings.first(where: { !$0.isPrefix && $0.from == name }) { return exact.to }
    guard let prefix = renamings.first(where: { $0.isPrefix && name.utf8.starts(with: $0.from.utf8) }) else {
      return name
    }
    return prefix.to + (String(name.utf8.dropFirst(prefix.from.utf8.count)) ?? "")
  }
}

/// What did not fit when a model was loaded.
public struct LoadReport: Sendable {
  public struct Misfit: Sendable {
    /// The raw values are those of the C interface.
    public enum Kind: Int32, Sendable {
      /// The model has it and the file has not.
      case missing = 0
      /// The file has it and the model has not.
      case unexpected = 1
      case otherShape = 2
    }

    public let kind: Kind
    /// The name in the model.
    public let name: String
    public let text: String
  }

  public internal(set) var misfits: [Misfit] = []

  public var missing: [String] { names(.missing) }
  public var unexpected: [String] { names(.unexpected) }
  public var otherShape: [String] { names(.otherShape) }

  private func names(_ kind: Misfit.Kind) -> [String] { misfits.filter { $0.kind == kind }.map(\.name) }

  mutating func add(_ kind: Misfit.Kind, _ name: String, _ text: String) {
    misfits.append(Misfit(kind: kind, name: name, text: "\"\(name)\" \(text)"))
  }
}

extension Layer {
  /// Writes the parameters and persistent buffers as a safetensors file.
  public func save(to path: String, metadata: [(key: String, value: String)]? = nil) throws(SNNError) {
    var tensors: [(name: String, tensor: Tensor)] = []
    for item in state where item.cell.isPersistent {
      if let tensor = item.cell.tensor { tensors.append((item.name, tensor)) }
    }
    try Safetensors.save(tensors, metadata: metadata, to: path)
  }

  /// Copies parameters and persistent buffers from a safetensors file or a checkpoint of PyTorch.
  @discardableResult
  public func load(from path: String, renaming: [Renaming] = [], strict: Bool = true) throws(SNNError) -> LoadReport {
    try load(from: Archive(path: path), renaming: renaming, strict: strict)
  }

  /// The same from an open file. Unless `strict`, what does not fit is left alone and reported. After an error nothing has
  /// changed. `whenUnfit` is told of what does not fit in both cases.
  @discardableResult
  public func load(
    from archive: Archive, renaming: [Renaming] = [], strict: Bool = true,
    whenUnfit: (LoadReport.Misfit) -> Void = { _ in }
  ) throws(SNNError) -> LoadReport {
    var positions: [String: Int] = [:]
    var unused: [String] = []
    for (i, entry) in archive.entries.enumerated() {
      let name = Renaming.renamed(entry.name, by: renaming)
      guard positions.updateValue(i, forKey: name) == nil else {
        throw .argument("load: two tensors of the file have the name '\(name)' in the model")
      }
      unused.append(name)
    }
    var report = LoadReport()
    var copies: [(target: Tensor, source: Tensor)] = []
    var expected: Set<String> = []
    for item in state where item.cell.isPersistent {
      guard let target = item.cell.tensor else { continue }
      expected.insert(item.name)
      guard let position = positions[item.name] else {
        report.add(.missing, item.name, "is missing in the file")
        continue
      }
      let shape = archive.entries[position].shape
      guard shape == Array(target.shape) else {
        report.add(.otherShape, item.name, "has shape \(shape) in the file and \(target.shape) in the model")
        continue
      }
      try target.requireElements("load")
      copies.append((target, try archive.tensor(at: position)))
    }
    for name in unused where !expected.contains(name) { report.add(.unexpected, name, "is not in the model") }
    for misfit in report.misfits { whenUnfit(misfit) }
    guard !strict || report.misfits.isEmpty else {
      throw SNNError(.name, "load: " + report.misfits.map(\.text).joined(separator: "; "))
    }
    for (target, source) in copies {
      target.fill(copying: source)
      target.touch()
    }
    return report
  }
}
