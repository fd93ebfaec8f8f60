import CKernels

/// NumPy's files of several arrays by name: a zip file of NPY files, stored or deflated.
public enum NPZ {
  static func read(_ zip: ZipDirectory, _ bytes: FileBytes) throws(SNNError) -> Archive.Content {
    var content = Archive.Content()
    for name in zip.names {
      guard name.utf8.count > 4, name.hasSuffix(".npy"), let entry = zip.find(name) else {
        throw bytes.broken("the zip file is neither a checkpoint of PyTorch nor NPZ: it has '\(name)'")
      }
      let word = String(name.dropLast(4))
      guard !word.utf8.contains(0) else { throw bytes.broken("a name has a zero byte") }
      let beginning = try zip.beginning(of: entry, named: "\(bytes.name): '\(word)'", atLeast: 256)
      let size = try NPY.headerSize(beginning) ?? 0
      let whole =
        size <= beginning.count
        ? beginning : try zip.beginning(of: entry, named: beginning.name, atLeast: size)
      let header = try NPY.header(whole, count: entry.size)
      let range = try zip.packedRange(of: entry)
      content.add(header, named: word, at: range.lowerBound, packed: entry.isDeflated ? entry : nil)
    }
    content.nameTensors()
    return content
  }

  public static func save(_ named: [(name: String, tensor: Tensor)], to path: String) throws(SNNError) {
    let writer = try FileWriter(path: path)
    try add(named, to: writer)
    try writer.finish()
  }

  public static func bytes(of named: [(name: String, tensor: Tensor)]) throws(SNNError) -> [UInt8] {
    let writer = FileWriter()
    try add(named, to: writer)
    return writer.memory
  }

  private static func add(_ named: [(name: String, tensor: Tensor)], to writer: FileWriter) throws(SNNError) {
    var zip = ZipWriter(writer)
    var names: Set<String> = []
    for (name, tensor) in named {
      guard names.insert(name).inserted else { throw .argument("save_npz: two tensors have the name '\(name)'") }
      guard !name.isEmpty, name.utf8.count < 0xFF00, !name.utf8.contains(0) else {
        throw .argument("save_npz: a tensor cannot have the name '\(name.utf8.count < 100 ? name : "…")'")
      }
      let header = try NPY.headerBytes(of: tensor)
      let source = tensor.isContiguous ? tensor : try tensor.detach().copied(to: tensor.dtype)
      let size = source.count * source.dtype.size
      var checksum = ck_crc32(0, header, header.count)
      checksum = ck_crc32(checksum, source.data, size)
      try zip.add("\(name).npy", size: header.count + size, checksum: checksum) { (writer) throws(SNNError) in
        try writer.add(header)
        try source.addBytes(to: writer)
      }
    }
    try zip.finish()
  }
}
