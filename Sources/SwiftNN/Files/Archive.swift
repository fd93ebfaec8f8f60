import Synchronization

/// What a file holds: tensors by name, as in safetensors, NPY and NPZ, and for a checkpoint of PyTorch the values around them.
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
    /// In the file; of packed bytes, that of the first packed one.
    let offset: Int
    /// Of the elements.
    let count: Int
    /// How the elements lie there, where that is not as in tensors.
    var type: ElementType?
    /// The zip entry that is to be unpacked, and how many bytes of it stand before the elements.
    var packed: ZipDirectory.Entry?
    var start = 0
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

  private init(_ bytes: FileBytes, limit: Int) throws(SNNError) {
    let content = try Archive.read(bytes)
    // What cannot be added up is too much, too.
    let unpacked = content.parts.reduce(0.0) { $0 + Double($1.packed?.size ?? 0) }
    guard unpacked <= Double(limit) else {
      throw bytes.broken("its arrays unpack to \(Int(min(unpacked, 0x1p62))) bytes, more than the limit of \(limit)")
    }
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

  /// Opens a safetensors file, a checkpoint of PyTorch, NPY or NPZ. `mapped`: the file is not read but mapped, see `FileBytes`.
  public convenience init(path: String, mapped: Bool = true) throws(SNNError) {
    try self.init(DataSource(path: path, mapped: mapped))
  }

  /// The same of a file that is in memory already.
  public convenience init(_ data: UnsafeRawBufferPointer) throws(SNNError) {
    try self.init(FileBytes(copying: data, name: "the bytes"), limit: DataSource.usualLimit)
  }

  /// The same with a limit for what is packed.
  public convenience init(_ source: DataSource) throws(SNNError) {
    try self.init(source.bytes(), limit: source.limit)
  }

  private static func read(_ bytes: FileBytes) throws(SNNError) -> Content {
    switch bytes.integer(at: 0, bytes: 2) {
    case 0x4B50: try readZip(bytes)
    case 0x4E93: try NPY.read(bytes)
    case let start? where start & 0xFF == 0x80 && [2, 3, 4, 5].contains(start >> 8): try OldCheckpoint.read(bytes)
    default: try Safetensors.read(bytes)
    }
  }

  private static func readZip(_ bytes: FileBytes) throws(SNNError) -> Content {
    let zip = try ZipDirectory(bytes)
    return zip.names.contains { $0.hasSuffix(".npy") } ? try NPZ.read(zip, bytes) : try ZipCheckpoint.read(zip, bytes)
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
    let type = part.type ?? ElementType(dtype, isSwapped: isSwapped)
    guard let packed = part.packed else {
      return try type.storage(over: start + part.offset, byteCount: part.count, owner: bytes, bytes.name)
    }
    let whole = try packed.unpacked(from: bytes, at: part.offset)
    return try type.storage(over: whole.pointer + part.start, byteCount: part.count, owner: whole, bytes.name)
  }
}

extension Archive.Content {
  /// A NPY file whose first byte, or first packed one, stands at `offset`.
  mutating func add(_ header: NPY.Header, named name: String, at offset: Int, packed: ZipDirectory.Entry?) {
    var entry = Archive.Entry(
      name: name, dtype: header.type.dtype, dtypeName: header.typeName, shape: header.shape, storage: parts.count)
    if header.isFortran {
      var step = 1
      entry.strides = header.shape.map { size in
        defer { step *= max(size, 1) }
        return step
      }
    }
    entries.append(entry)
    let count = header.shape.reduce(1, *) * header.type.size
    parts.append(
      Archive.Part(
        offset: packed == nil ? offset + header.dataStart : offset, count: count, type: header.type, packed: packed,
        start: header.dataStart))
  }

  /// The file as a value: a dict of its tensors.
  mutating func nameTensors() {
    values = [.dict([])]
    var members: [Int] = []
    for (i, entry) in entries.enumerated() {
      members += [values.count, values.count + 1]
      values += [.string(entry.name), .tensor(i)]
    }
    values[0] = .dict(members)
  }
}
