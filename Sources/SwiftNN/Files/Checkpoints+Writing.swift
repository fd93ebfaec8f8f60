import CKernels

/// Checkpoints as PyTorch writes and reads them.
public enum Checkpoint {
  /// A tensor among the values of a checkpoint.
  public typealias Member = (tensor: Tensor, isParameter: Bool)

  /// Writes values; the first contains the others, each of which stands in one place, behind what contains it.
  public static func save(_ values: [Archive.Value], _ tensors: [Member], to path: String) throws(SNNError) {
    let pickler = try Pickler(values, tensors)
    let writer = try FileWriter(path: path)
    try write(pickler, to: writer)
    try writer.finish()
  }

  /// Writes tensors by name, as the state of a model.
  public static func save(_ tensors: [(name: String, tensor: Tensor)], to path: String) throws(SNNError) {
    var values: [Archive.Value] = [.dict(Array(1..<1 + 2 * tensors.count))]
    for (i, member) in tensors.enumerated() { values += [.string(member.name), .tensor(i)] }
    try save(values, tensors.map { ($0.tensor, false) }, to: path)
  }

  /// The same as bytes in memory.
  public static func bytes(of values: [Archive.Value], _ tensors: [Member]) throws(SNNError) -> [UInt8] {
    let writer = FileWriter()
    try write(Pickler(values, tensors), to: writer)
    return writer.memory
  }

  private static func write(_ pickler: Pickler, to writer: FileWriter) throws(SNNError) {
    var zip = ZipWriter(writer)
    try zip.add("archive/data.pkl", pickler.text)
    try zip.add("archive/byteorder", Array("little".utf8))
    for (key, storage) in pickler.storages.enumerated() {
      let bytes = UnsafeRawBufferPointer(start: storage.memory.pointer, count: storage.byteCount)
      try zip.add("archive/data/\(key)", size: bytes.count, checksum: ck_crc32(0, bytes.baseAddress, bytes.count)) {
        (writer) throws(SNNError) in try writer.add(bytes)
      }
    }
    try zip.add("archive/version", Array("3\n".utf8))
    try zip.finish()
  }
}

/// Writes values as Python's pickle, in the few opcodes that the other side reads without running anything.
private struct Pickler {
  struct StorageToWrite {
    let memory: Storage
    let dtype: DType
    var byteCount: Int { memory.byteCount / dtype.size * dtype.size }
  }

  private(set) var text: [UInt8] = [0x80, 2]
  private(set) var storages: [StorageToWrite] = []
  private var keys: [ObjectIdentifier: Int] = [:]
  private let values: [Archive.Value]
  private let tensors: [Checkpoint.Member]
  private var isWritten: [Bool]

  private static let greatestDepth = 200

  init(_ values: [Archive.Value], _ tensors: [Checkpoint.Member]) throws(SNNError) {
    self.values = values
    self.tensors = tensors
    isWritten = Array(repeating: false, count: values.count)
    guard !values.isEmpty else { throw .argument("save: there is no value to save") }
    try write(0, behind: -1, depth: 0)
    text.append(UInt8(ascii: "."))
  }

  private mutating func write(_ position: Int, behind parent: Int, depth: Int) throws(SNNError) {
    guard depth < Self.greatestDepth else {
      throw .argument("save: values can be nested \(Self.greatestDepth) deep")
    }
    guard position > parent, position < values.count, !isWritten[position] else {
      throw .argument("save: value \(parent) cannot contain value \(position) of \(values.count)")
    }
    isWritten[position] = true
    switch values[position] {
    case .none: text.append(UInt8(ascii: "N"))
    case .bool(let truth): append(truth)
    case .int(let number): append(number)
    case .float(let number):
      text.append(UInt8(ascii: "G"))
      text.append(Int(bitPattern: UInt(number.bitPattern.byteSwapped)), bytes: 8)
    case .string(let word): append(word)
    case .dtype(let dtype): appendGlobal("torch", dtype.name)
    case .tensor(let index):
      guard tensors.indices.contains(index) else {
        throw .argument("save: there is no tensor \(index) of \(tensors.count)")
      }
      try append(tensors[index])
    case .list(let members): try append("]", members, "e", position, depth)
    case .tuple(let members): try append("", members, "t", position, depth)
    case .dict(let members):
      guard members.count % 2 == 0 else { throw .argument("save: a dict has \(members.count) keys and values") }
      try append("}", members, "u", position, depth)
    }
  }

  private mutating func append(_ empty: String, _ members: [Int], _ end: String, _ position: Int, _ depth: Int)
    throws(SNNError)
  {
    text += Array((empty + "(").utf8)
    for member in members { try write(member, behind: position, depth: depth + 1) }
    text += Array(end.utf8)
  }

  private mutating func append(_ truth: Bool) { text.append(truth ? 0x88 : 0x89) }

  private mutating func append(_ number: Int) {
    if let small = UInt8(exactly: number) {
      text += [UInt8(ascii: "K"), small]
    } else if Int32(exactly: number) != nil {
      text.append(UInt8(ascii: "J"))
      text.append(number, bytes: 4)
    } else {
      text += [0x8A, 8]
      text.append(number, bytes: 8)
    }
  }

  private mutating func append(_ word: String) {
    let bytes = Array(word.utf8)
    text.append(UInt8(ascii: "X"))
    text.append(bytes.count, bytes: 4)
    text += bytes
  }

  private mutating func append(_ numbers: Dimensions) {
    text.append(UInt8(ascii: "("))
    for number in numbers { append(number) }
    text.append(UInt8(ascii: "t"))
  }

  private mutating func appendGlobal(_ module: String, _ name: String) { text += Array("c\(module)\n\(name)\n".utf8) }

  private mutating func appendFunction(_ function: Unpickler.Function) {
    let words = function.rawValue.utf8.split(separator: UInt8(ascii: " "))
    appendGlobal(String(words[0]) ?? "", String(words[1]) ?? "")
  }

  private mutating func appendNoHooks() {
    appendFunction(.orderedDict)
    text += [UInt8(ascii: ")"), UInt8(ascii: "R")]
  }

  private mutating func append(_ member: Checkpoint.Member) throws(SNNError) {
    try member.tensor.requireElements("save")
    // PyTorch has no strides below zero.
    let isPlain = member.tensor.strides.allSatisfy { $0 >= 0 }
    let tensor = isPlain ? member.tensor : try member.tensor.detach().copied(to: member.tensor.dtype)
    if member.isParameter { appendFunction(.parameter) }
    appendFunction(.tensor)
    text += Array("((".utf8)
    append("storage")
    let key = try key(tensor)
    appendGlobal("torch", Unpickler.storageName(tensor.dtype))
    append("\(key)")
    append("cpu")
    append(storages[key].memory.byteCount / tensor.dtype.size)
    text += Array("tQ".utf8)
    append(tensor.offset)
    append(tensor.shape)
    append(tensor.strides)
    append(member.tensor.requiresGradient && !member.isParameter)
    appendNoHooks()
    text += Array("tR".utf8)
    guard member.isParameter else { return }
    append(member.tensor.requiresGradient)
    appendNoHooks()
    text += [0x87, UInt8(ascii: "R")]
  }

  /// Tensors that share memory share it in the file.
  private mutating func key(_ tensor: Tensor) throws(SNNError) -> Int {
    let identity = ObjectIdentifier(tensor.storage)
    if let known = keys[identity] {
      guard storages[known].dtype == tensor.dtype else {
        throw .dtype(
          "save: Cannot save multiple tensors or storages that view the same data as different types: "
            + "\(storages[known].dtype.name) and \(tensor.dtype.name)")
      }
      return known
    }
    keys[identity] = storages.count
    storages.append(StorageToWrite(memory: tensor.storage, dtype: tensor.dtype))
    return storages.count - 1
  }
}
