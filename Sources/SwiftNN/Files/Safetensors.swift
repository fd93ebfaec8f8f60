/// Files of named tensors: the length of a JSON text, that text, and the elements without gaps.
public enum Safetensors {
  /// As long as the reference implementation allows.
  static let longestHeader = 100_000_000

  /// The types of elements in the order of the format, with their bits; tensors with more of it come first in a file.
  private static let types: [(name: String, bits: Int, dtype: DType?)] = [
    ("BOOL", 8, .bool), ("F4", 4, nil), ("F6_E2M3", 6, nil), ("F6_E3M2", 6, nil), ("U8", 8, .uint8), ("I8", 8, nil),
    ("F8_E5M2", 8, nil), ("F8_E4M3", 8, nil), ("F8_E8M0", 8, nil), ("F8_E4M3FNUZ", 8, nil), ("F8_E5M2FNUZ", 8, nil),
    ("I16", 16, nil), ("U16", 16, nil), ("F16", 16, .float16), ("BF16", 16, .bfloat16), ("I32", 32, .int32),
    ("U32", 32, nil), ("F32", 32, .float32), ("C64", 64, nil), ("F64", 64, .float64), ("I64", 64, .int64),
    ("U64", 64, nil),
  ]

  private static func rank(_ dtype: DType) -> Int {
    types.firstIndex { $0.dtype == dtype }.unsafelyUnwrapped
  }
}

extension Safetensors {
  private struct Item {
    var type: String?
    var shape: [Int]?
    var offsets: [Int]?
  }

  static func read(_ bytes: FileBytes) throws(SNNError) -> Archive.Content {
    guard let length = bytes.integer(at: 0, bytes: 8), length <= longestHeader, bytes.contains(8, length) else {
      let said = bytes.integer(at: 0, bytes: 8).map { "a header of \($0) bytes" } ?? "no length of a header"
      throw bytes.broken("neither safetensors nor a checkpoint of PyTorch: \(said) in a file of \(bytes.count) bytes")
    }
    var content = Archive.Content()
    var places: [Range<Int>] = []
    do {
      try readHeader(bytes.part(8..<8 + length), bytes) { name, item throws(SNNError) in
        try add(name, item, dataStart: 8 + length, bytes, &content, &places)
      } word: { key, value in
        content.metadata.append((key, value))
      }
    } catch { throw SNNError.from(error) }
    try checkPlaces(places, end: bytes.count - 8 - length, content, bytes)
    content.nameTensors()
    return content
  }

  private static func readHeader(
    _ text: UnsafeBufferPointer<UInt8>, _ bytes: FileBytes, tensor: (String, Item) throws(SNNError) -> Void,
    word: (String, String) -> Void
  ) throws {
    // The reference implementation asks for the brace, so that no space may stand before it.
    guard text.first == UInt8(ascii: "{") else { throw bytes.broken("the header does not begin with '{'") }
    var reader = JSONReader(text)
    var names: Set<String> = []
    var problem: SNNError?
    do throws(JSONReader.Mistake) {
      try reader.object { (reader, name) throws(JSONReader.Mistake) in
        if !names.insert(name).inserted { problem = problem ?? bytes.broken("the header has '\(name)' twice") }
        if name == "__metadata__" {
          var keys: Set<String> = []
          try reader.object { (reader, key) throws(JSONReader.Mistake) in
            if !keys.insert(key).inserted { problem = problem ?? bytes.broken("the metadata has '\(key)' twice") }
            word(key, try reader.string())
          }
          return
        }
        let item = try readItem(&reader)
        guard problem == nil else { return }
        do throws(SNNError) { try tensor(name, item) } catch { problem = error }
      }
      try reader.end()
    } catch { throw bytes.broken("the header is not JSON of tensors: \(error.text)") }
    if let problem { throw problem }
  }

  private static func readItem(_ reader: inout JSONReader) throws(JSONReader.Mistake) -> Item {
    var item = Item()
    try reader.object { (reader, field) throws(JSONReader.Mistake) in
      switch field {
      case "dtype" where item.type == nil: item.type = try reader.string()
      case "shape" where item.shape == nil: item.shape = try readNumbers(&reader)
      case "data_offsets" where item.offsets == nil: item.offsets = try readNumbers(&reader)
      case "dtype", "shape", "data_offsets": throw JSONReader.Mistake(text: "a tensor has '\(field)' twice")
      default: try reader.skip()
      }
    }
    return item
  }

  private static func readNumbers(_ reader: inout JSONReader) throws(JSONReader.Mistake) -> [Int] {
    var numbers: [Int] = []
    try reader.array { (reader) throws(JSONReader.Mistake) in numbers.append(try reader.integer()) }
    return numbers
  }

  private static func add(
    _ name: String, _ item: Item, dataStart: Int, _ bytes: FileBytes, _ content: inout Archive.Content,
    _ places: inout [Range<Int>]
  ) throws(SNNError) {
    guard let type = item.type, let shape = item.shape, let offsets = item.offsets else {
      let missing = item.type == nil ? "dtype" : item.shape == nil ? "shape" : "data_offsets"
      throw bytes.broken("'\(name)' has no \(missing)")
    }
    guard !name.utf8.contains(0) else { throw bytes.broken("a name has a zero byte") }
    guard let known = types.first(where: { $0.name == type }) else {
      throw bytes.broken("'\(name)' has the unknown dtype '\(type)'")
    }
    guard offsets.count == 2, offsets[0] <= offsets[1] else {
      throw bytes.broken("'\(name)' has the data_offsets \(offsets), which are not a begin and an end")
    }
    let available = bytes.count - dataStart
    guard offsets[1] <= available else {
      throw bytes.broken("'\(name)' ends at byte \(offsets[1]) of the data, which has \(available)")
    }
    var bits = known.bits
    for size in shape {
      let (product, overflow) = bits.multipliedReportingOverflow(by: size)
      guard !overflow else { throw bytes.broken("'\(name)' of shape \(shape) has more elements than can be counted") }
      bits = product
    }
    guard bits % 8 == 0, bits / 8 == offsets[1] - offsets[0] else {
      throw bytes.broken(
        "'\(name)' of dtype \(type) and shape \(shape) needs \(bits / 8) bytes, its data_offsets hold "
          + "\(offsets[1] - offsets[0])")
    }
    content.entries.append(
      Archive.Entry(
        name: name, dtype: known.dtype, dtypeName: type, shape: shape, storage: content.parts.count))
    content.parts.append(Archive.Part(offset: dataStart + offsets[0], count: offsets[1] - offsets[0]))
    places.append(offsets[0]..<offsets[1])
  }

  /// The data has to be covered by the tensors, without gaps and overlaps.
  private static func checkPlaces(_ places: [Range<Int>], end: Int, _ content: Archive.Content, _ bytes: FileBytes)
    throws(SNNError)
  {
    var covered = 0
    let order = places.indices.sorted {
      (places[$0].lowerBound, places[$0].upperBound) < (places[$1].lowerBound, places[$1].upperBound)
    }
    for i in order {
      guard places[i].lowerBound == covered else {
        let what = places[i].lowerBound < covered ? "overlaps another: it" : "leaves a hole: it"
        throw bytes.broken(
          "'\(content.entries[i].name)' \(what) begins at byte \(places[i].lowerBound), the data before it ends at \(covered)"
        )
      }
      covered = places[i].upperBound
    }
    guard covered == end else { throw bytes.broken("the tensors hold \(covered) bytes, the file has \(end) for them") }
  }
}

extension Safetensors {
  /// Writes tensors by name and words beside them. The file is the same for any order of the tensors.
  public static func save(
    _ tensors: [(name: String, tensor: Tensor)], metadata: [(key: String, value: String)]? = nil, to path: String
  ) throws(SNNError) {
    let order = try sorted(tensors, metadata, path)
    let writer = try FileWriter(path: path)
    try write(order, metadata, to: writer)
    try writer.finish()
  }

  /// The same as bytes in memory.
  public static func bytes(
    of tensors: [(name: String, tensor: Tensor)], metadata: [(key: String, value: String)]? = nil
  ) throws(SNNError) -> [UInt8] {
    let writer = FileWriter()
    try write(sorted(tensors, metadata, "safetensors"), metadata, to: writer)
    return writer.memory
  }

  private static func sorted(
    _ tensors: [(name: String, tensor: Tensor)], _ metadata: [(key: String, value: String)]?, _ path: String
  ) throws(SNNError) -> [(name: String, tensor: Tensor)] {
    var names: Set<String> = ["__metadata__"]
    for (name, tensor) in tensors {
      guard names.insert(name).inserted else { throw .argument("\(path): cannot save two tensors as '\(name)'") }
      try tensor.requireElements("save")
    }
    var keys: Set<String> = []
    for (key, _) in metadata ?? [] where !keys.insert(key).inserted {
      throw .argument("\(path): cannot save two words as '\(key)'")
    }
    return tensors.sorted { a, b in
      let (first, second) = (rank(a.tensor.dtype), rank(b.tensor.dtype))
      return first == second ? a.name.utf8.lexicographicallyPrecedes(b.name.utf8) : first > second
    }
  }

  private static func write(
    _ tensors: [(name: String, tensor: Tensor)], _ metadata: [(key: String, value: String)]?, to writer: FileWriter
  ) throws(SNNError) {
    var members: [String] = []
    if let metadata {
      let words = metadata.map { "\(JSON.string($0.key)):\(JSON.string($0.value))" }.joined(separator: ",")
      members.append("\"__metadata__\":{\(words)}")
    }
    var offset = 0
    for (name, tensor) in tensors {
      let end = offset + tensor.count * tensor.dtype.size
      let sizes = tensor.shape.map { "\($0)" }.joined(separator: ",")
      members.append(
        "\(JSON.string(name)):{\"dtype\":\"\(types[rank(tensor.dtype)].name)\",\"shape\":[\(sizes)],"
          + "\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    var header = Array(("{" + members.joined(separator: ",") + "}").utf8)
    while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
    var start: [UInt8] = []
    start.append(header.count, bytes: 8)
    try writer.add(start + header)
    for (_, tensor) in tensors { try tensor.addBytes(to: writer) }
  }
}
