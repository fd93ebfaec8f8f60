import Synchronization

/// What a file holds: tensors by name, and for a checkpoint of PyTorch the values around them.
///
/// The tensors show the memory of the file where it is aligned for their elements.
public final class Archive: Sendable {
  /// A tensor as the file describes it.
  public struct Entry: Sendable {
    public let name: String
    /// nil for a type that there are no tensors of.
    public let dtype: DType?
    /// The dtype in the words of the file.
    public let dtypeName: String
    public let shape: [Int]
    public var isParameter = false
    var requiresGradient = false
    let storage: Int
    /// In elements from the start of the storage.
    var offset = 0
    /// Row-major without them.
    var strides: [Int]?
  }

  /// Bytes that the tensors over them share.
  struct Part: Sendable {
    let offset: Int
    let count: Int
  }

  /// A value; lists, tuples and dicts name their members by position in `values`.
  public enum Value: Sendable, Equatable {
    case none
    case bool(Bool)
    case int(Int)
    case float(Double)
    case string(String)
    case dtype(DType)
    /// A position among the tensors.
    case tensor(Int)
    case list([Int])
    case tuple([Int])
    /// Keys and values take turns.
    case dict([Int])
  }

  /// Every tensor with its name; those inside of others have dotted names, as "model.0.weight".
  public let entries: [Entry]
  /// Words that a safetensors file holds beside its tensors, in the order of the file.
  public let metadata: [(key: String, value: String)]
  public let values: [Value]
  /// The position of the value that contains all others.
  public let root: Int

  private let bytes: FileBytes
  private let parts: [Part]
  private let isSwapped: Bool
  private let storages: Mutex<[Storage?]>
  private let positions: [String: Int]

  /// What a reader of a format found.
  struct Content {
    var entries: [Entry] = []
    var parts: [Part] = []
    var metadata: [(key: String, value: String)] = []
    var values: [Value] = []
    var root = 0
    /// The most significant byte comes first.
    var isSwapped = false
  }

  init(_ bytes: FileBytes) throws(SNNError) {
    let content = try Archive.read(bytes)
    self.bytes = bytes
    entries = content.entries
    parts = content.parts
    metadata = content.metadata
    values = content.values
    root = content.root
    isSwapped = content.isSwapped
    storages = Mutex(Array(repeating: nil, count: content.parts.count))
    positions = Dictionary(content.entries.enumerated().map { ($1.name, $0) }) { first, _ in first }
  }

  /// Opens a safetensors file or a checkpoint of PyTorch. `mapped`: the file is not read but mapped, see `FileBytes`.
  public convenience init(path: String, mapped: Bool = true) throws(SNNError) {
    try self.init(FileBytes(path: path, mapped: mapped))
  }

  /// The same of a file that is in memory already.
  public convenience init(_ data: UnsafeRawBufferPointer) throws(SNNError) {
    try self.init(FileBytes(copying: data, name: "the bytes"))
  }

  private static func read(_ bytes: FileBytes) throws(SNNError) -> Content {
    switch bytes.integer(at: 0, bytes: 2) {
    case 0x4B50: try ZipCheckpoint.read(bytes)
    case let start? where start & 0xFF == 0x80 && [2, 3, 4, 5].contains(start >> 8): try OldCheckpoint.read(bytes)
    default: try Safetensors.read(bytes)
    }
  }

  public func position(of name: String) -> Int? { positions[name] }

  /// The tensor of that name.
  public func tensor(_ name: String) throws(SNNError) -> Tensor {
    guard let position = positions[name] else { throw SNNError(.name, "\(bytes.name): there is no tensor '\(name)'") }
    return try tensor(at: position)
  }

  public func tensor(at position: Int) throws(SNNError) -> Tensor {
    guard entries.indices.contains(position) else {
      throw .index("\(bytes.name): there is no tensor \(position) of \(entries.count)")
    }
    let entry = entries[position]
    guard let dtype = entry.dtype else {
      throw SNNError(.unsupported, "\(bytes.name): '\(entry.name)' has elements of type \(entry.dtypeName)")
    }
    let shape = try Dimensions.shape(entry.shape, operation: "\(bytes.name): '\(entry.name)'")
    let storage = try storage(entry.storage, dtype)
    let tensor = Tensor(
      storage: storage, offset: entry.offset, shape: shape,
      strides: entry.strides.map { Dimensions($0) } ?? shape.contiguousStrides, dtype: dtype)
    tensor.leafRequiresGradient = entry.requiresGradient && dtype.isFloatingPoint
    return tensor
  }

  private func storage(_ position: Int, _ dtype: DType) throws(SNNError) -> Storage {
    try storages.withLock { known throws(SNNError) in
      if let storage = known[position] { return storage }
      let storage = try makeStorage(parts[position], dtype)
      known[position] = storage
      return storage
    }
  }

  private func makeStorage(_ part: Part, _ dtype: DType) throws(SNNError) -> Storage {
    guard part.count > 0, let start = bytes.start else {
      return try Storage(byteCount: 0, operation: bytes.name)
    }
    let source = start + part.offset
    if !isSwapped, Int(bitPattern: source) % dtype.size == 0 {
      let owner = bytes
      return Storage(borrowing: source, byteCount: part.count) { withExtendedLifetime(owner) {} }
    }
    let copy = try Storage(byteCount: part.count, operation: bytes.name)
    copy.pointer.copyMemory(from: source, byteCount: part.count)
    if isSwapped, dtype.size > 1 {
      let elements = UnsafeMutableRawBufferPointer(start: copy.pointer, count: part.count)
      for first in stride(from: 0, to: part.count, by: dtype.size) {
        for i in 0..<dtype.size / 2 { elements.swapAt(first + i, first + dtype.size - 1 - i) }
      }
    }
    return copy
  }
}
