/// Checkpoints of PyTorch: a zip file of a pickle and the storages of its tensors.
enum ZipCheckpoint {
  static func read(_ zip: ZipDirectory, _ bytes: FileBytes) throws(SNNError) -> Archive.Content {
    guard let pickleName = zip.names.first(where: { $0 == "data.pkl" || $0.hasSuffix("/data.pkl") }),
      let pickle = zip.find(pickleName)
    else { throw bytes.broken("a zip file without data.pkl is no checkpoint of PyTorch") }
    let folder = pickleName.dropLast("data.pkl".count)
    var unpickler = Unpickler(bytes, try zip.range(of: pickle))
    var content = try unpickler.runToContent()
    if let order = zip.find("\(folder)byteorder") {
      let word = String(decoding: bytes.part(try zip.range(of: order)), as: UTF8.self)
      guard word == "little" || word == "big" else { throw bytes.broken("the byte order is '\(word)'") }
      content.isSwapped = word == "big"
    }
    for storage in unpickler.storages {
      guard let entry = zip.find("\(folder)data/\(storage.key)") else {
        throw bytes.broken("there is no storage '\(storage.key)'")
      }
      let range = try zip.range(of: entry)
      try storage.check(byteCount: range.count, bytes)
      content.parts.append(Archive.Part(offset: range.lowerBound, count: range.count))
    }
    return content
  }
}

/// Checkpoints from before 2020: several pickles, and the storages behind them.
enum OldCheckpoint {
  /// What every such file begins with: the pickled number 0x1950a86a20f9469cfc6c.
  private static let start: [UInt8] = [
    0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E,
  ]

  static func read(_ bytes: FileBytes) throws(SNNError) -> Archive.Content {
    guard bytes.count > start.count, bytes.part(0..<start.count).elementsEqual(start) else {
      throw bytes.broken("a pickle that torch.save did not write")
    }
    var unpickler = Unpickler(bytes, start.count..<bytes.count)
    let version = try unpickler.run()
    guard case .value(.int(1001)) = unpickler.items[version] else {
      throw bytes.broken("a checkpoint of an unknown version of PyTorch's old format")
    }
    let system = try unpickler.runToContent()
    var content = try unpickler.runToContent()
    content.isSwapped = system.holds("little_endian", .bool(false))
    let keys = try unpickler.runToContent()
    guard case .list(let order) = keys.values[keys.root] else { throw bytes.broken("the storages are not listed") }
    try place(unpickler, order.map { keys.values[$0] }, &content)
    return content
  }

  /// The storages stand in the order of their keys, each behind the number of its elements.
  private static func place(_ unpickler: Unpickler, _ keys: [Archive.Value], _ content: inout Archive.Content)
    throws(SNNError)
  {
    let bytes = unpickler.bytes
    var position = unpickler.position
    var places: [String: Archive.Part] = [:]
    let known = Dictionary(unpickler.storages.map { ($0.key, $0) }) { first, _ in first }
    for key in keys {
      guard case .string(let word) = key, let storage = known[word] else {
        throw bytes.broken("the list of storages names one that no tensor has")
      }
      let elements = bytes.integer(at: position, bytes: 8)
      guard elements == storage.count, let size = storage.byteCount, bytes.contains(position + 8, size) else {
        throw bytes.broken(
          "storage '\(word)' of \(storage.count) elements does not fit at byte \(position) of \(bytes.count)")
      }
      places[word] = Archive.Part(offset: position + 8, count: size)
      position += 8 + size
    }
    for storage in unpickler.storages {
      guard let part = places[storage.key] else { throw bytes.broken("there is no storage '\(storage.key)'") }
      content.parts.append(part)
    }
  }
}

extension Unpickler.StorageReference {
  /// nil when too large; types that there are no tensors of have no storage either.
  fileprivate var byteCount: Int? {
    let (size, overflow) = count.multipliedReportingOverflow(by: elementSize)
    return overflow ? nil : size
  }

  private var elementSize: Int {
    if let dtype { return dtype.size }
    switch dtypeName {
    case "int8": return 1
    case "int16": return 2
    case "complex64": return 8
    default: return 16
    }
  }

  fileprivate func check(byteCount given: Int, _ bytes: FileBytes) throws(SNNError) {
    guard byteCount == given else {
      throw bytes.broken("storage '\(key)' of \(count) elements of \(dtypeName) has \(given) bytes")
    }
  }
}

extension Archive.Content {
  /// Whether the dict that is the root has this value for a key.
  fileprivate func holds(_ key: String, _ value: Archive.Value) -> Bool {
    guard case .dict(let members) = values[root] else { return false }
    return stride(from: 0, to: members.count, by: 2).contains {
      values[members[$0]] == .string(key) && values[members[$0 + 1]] == value
    }
  }
}

// MARK: - Names

extension Unpickler {
  private static let greatestDepth = 200

  mutating func runToContent() throws(SNNError) -> Archive.Content {
    let root = try run()
    return try content(root)
  }

  /// The values below the root, which must not contain themselves or anything else than values, and the names of the tensors.
  private func content(_ root: Int) throws(SNNError) -> Archive.Content {
    var naming = Naming(root: root, room: max(1000, 8 * items.count), textRoom: bytes.count + 1 << 20)
    var named: [Archive.Entry] = []
    try visit(root, name: "", depth: 0, &naming, &named)
    var content = Archive.Content()
    content.root = root
    content.entries = named
    content.values = items.enumerated().map { position, item in
      guard case .value(let value) = item else { return .none }
      if case .tensor = value { return naming.tensors[position].map { .tensor($0) } ?? .none }
      return value
    }
    return content
  }

  private struct Naming {
    let root: Int
    /// How many more values may be visited: those that stand in several places are visited in each.
    var room: Int
    var textRoom: Int
    /// Where the tensor of an item stands among the named ones.
    var tensors: [Int: Int] = [:]
  }

  private func visit(
    _ item: Int, name: String, depth: Int, _ naming: inout Naming, _ named: inout [Archive.Entry]
  ) throws(SNNError) {
    guard depth < Self.greatestDepth else {
      throw bytes.broken("the values contain themselves or are nested more than \(Self.greatestDepth) deep")
    }
    naming.room -= 1
    naming.textRoom -= name.utf8.count
    guard naming.room > 0, naming.textRoom > 0 else {
      throw bytes.broken("the values stand within each other too often")
    }
    guard case .value(let value) = items[item] else {
      throw bytes.broken("'\(name)' is a class or a storage, not a value")
    }
    switch value {
    case .list(let members), .tuple(let members):
      for (i, member) in members.enumerated() {
        try visit(member, name: join(name, "\(i)"), depth: depth + 1, &naming, &named)
      }
    case .dict(let members):
      for i in stride(from: 0, to: members.count, by: 2) {
        try visit(members[i], name: name, depth: depth + 1, &naming, &named)
        try visit(members[i + 1], name: join(name, keyText(members[i])), depth: depth + 1, &naming, &named)
      }
    case .tensor(let position):
      let entry = entries[position].named(name)
      if naming.tensors[item] == nil { naming.tensors[item] = named.count }
      named.append(entry)
    default: break
    }
  }

  private func join(_ prefix: String, _ name: String) -> String { prefix.isEmpty ? name : "\(prefix).\(name)" }

  private func keyText(_ item: Int) -> String {
    switch items[item] {
    case .value(.string(let word)): word
    case .value(let value): value.pythonText
    default: ""
    }
  }
}

extension Archive.Entry {
  fileprivate func named(_ name: String) -> Archive.Entry {
    Archive.Entry(
      name: name, dtype: dtype, dtypeName: dtypeName, shape: shape, isParameter: isParameter,
      requiresGradient: requiresGradient, storage: storage, offset: offset, strides: strides)
  }
}

extension Archive.Value {
  /// A key as Python writes it.
  fileprivate var pythonText: String {
    switch self {
    case .none: "None"
    case .bool(let truth): truth ? "True" : "False"
    case .int(let number): "\(number)"
    case .float(let number): "\(number)"
    case .string(let word): word
    case .dtype(let dtype): dtype.name
    case .tensor, .list, .tuple, .dict: "?"
    }
  }
}
