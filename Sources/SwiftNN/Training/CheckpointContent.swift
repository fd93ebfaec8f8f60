/// What a checkpoint holds: tensors and words by name.
struct CheckpointContent {
  var tensors: [(name: String, tensor: Tensor)] = []
  var words: [(key: String, value: String)] = []
  let name: String

  init(name: String) { self.name = name }

  init(path: String) throws(SNNError) {
    let archive = try Archive(path: path)
    name = path
    words = archive.metadata
    guard let version = word("swiftnn.checkpoint") else { throw .file(path, "is no checkpoint of a training") }
    guard version == "1" else { throw .file(path, "is a checkpoint of version \(version), expected 1") }
    for (i, entry) in archive.entries.enumerated() { tensors.append((entry.name, try archive.tensor(at: i))) }
  }

  func word(_ key: String) -> String? { words.first { $0.key == key }?.value }

  func required(_ key: String) throws(SNNError) -> String {
    guard let word = word(key) else { throw .file(name, "holds no '\(key)'") }
    return word
  }

  /// The tensors whose names begin with a word and a dot, under what follows.
  func tensors(of part: String) -> [(name: String, tensor: Tensor)] {
    let prefix = Array("\(part).".utf8)
    return tensors.compactMap { name, tensor in
      guard name.utf8.starts(with: prefix) else { return nil }
      return (String(decoding: name.utf8.dropFirst(prefix.count), as: UTF8.self), tensor)
    }
  }

  mutating func add(_ part: String, _ tensors: [(name: String, tensor: Tensor)]) {
    for (name, tensor) in tensors { self.tensors.append(("\(part).\(name)", tensor)) }
  }

  func save(to path: String) throws(SNNError) {
    try Safetensors.save(tensors, metadata: [("swiftnn.checkpoint", "1")] + words, to: path)
  }
}

extension [String: Value] {
  func int(_ name: String, _ owner: String) throws(SNNError) -> Int {
    guard case .int(let number)? = self[name] else { throw .argument("\(owner): expects a whole number '\(name)'") }
    // Training counts on from here.
    guard number >= 0, number <= 1 << 53 else {
      throw .argument("\(owner): expects a number '\(name)' from 0 to 2^53, got \(number)")
    }
    return number
  }

  func float(_ name: String, _ owner: String) throws(SNNError) -> Double {
    switch self[name] {
    case .float(let number)?: return number
    case .int(let number)?: return Double(number)
    default: throw .argument("\(owner): expects a number '\(name)'")
    }
  }
}

extension [(name: String, tensor: Tensor)] {
  /// Checks that `saved` has a tensor of the same shape for each of these, before any is written over.
  func matched(with saved: [(name: String, tensor: Tensor)], _ owner: String) throws(SNNError) -> [(Tensor, Tensor)] {
    let places = Dictionary(saved.map { ($0.name, $0.tensor) }) { first, _ in first }
    var pairs: [(Tensor, Tensor)] = []
    for (name, target) in self {
      guard let source = places[name] else { throw SNNError(.name, "\(owner): holds no '\(name)'") }
      guard source.shape == target.shape else {
        throw .shape("\(owner): '\(name)' has shape \(source.shape), expected \(target.shape)")
      }
      try target.requireElements("load")
      pairs.append((target, source))
    }
    return pairs
  }
}
