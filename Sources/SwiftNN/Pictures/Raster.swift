import CKernels

/// A picture of bytes, as a PNG file without compression.
struct Raster {
  let height: Int
  let width: Int
  let channels: Int
  /// Row by row, the channels of a point beside each other.
  private let bytes: [UInt8]

  /// Of bytes, or of numbers from 0 to 1; what lies outside is cut.
  init(_ image: Tensor, channelsFirst: Bool) throws(SNNError) {
    var image = image.detach()
    if image.rank == 2 { image = try image.unsqueeze(channelsFirst ? 0 : 2) }
    guard image.rank == 3 else { throw .shape("image: expects 2 or 3 axes, got the shape \(image.shape)") }
    if channelsFirst { image = try image.permute([1, 2, 0]) }
    (height, width, channels) = (image.shape[0], image.shape[1], image.shape[2])
    guard [1, 3, 4].contains(channels), height > 0, width > 0, image.count < 1 << 28 else {
      throw .shape("image: expects 1, 3 or 4 channels and up to 2^28 numbers, got \(height)×\(width) of \(channels)")
    }
    if image.dtype != .uint8 {
      image = try (image.copied(to: .float32) * 255).clamp(min: 0, max: 255).nanToNum(0).copied(to: .uint8)
    }
    bytes = try image.array(of: UInt8.self)
  }

  var png: [UInt8] {
    var header: [UInt8] = []
    header.append(bigEndian: width)
    header.append(bigEndian: height)
    header += [8, channels == 1 ? 0 : channels == 3 ? 2 : 6, 0, 0, 0]
    var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    Raster.add("IHDR", header, to: &file)
    Raster.add("IDAT", stored, to: &file)
    Raster.add("IEND", [], to: &file)
    return file
  }

  /// The rows, each behind the number of its filter, as a zlib stream of blocks that are stored as they are.
  private var stored: [UInt8] {
    var rows: [UInt8] = []
    rows.reserveCapacity(bytes.count + height)
    for row in 0..<height {
      rows.append(0)
      rows += bytes[row * width * channels..<(row + 1) * width * channels]
    }
    var stream: [UInt8] = [0x78, 0x01]
    stream.reserveCapacity(rows.count + rows.count / 8192 + 16)
    let longest = 65535
    for start in stride(from: 0, to: rows.count, by: longest) {
      let end = min(start + longest, rows.count)
      stream.append(end == rows.count ? 1 : 0)
      stream.append(end - start, bytes: 2)
      stream.append(~(end - start), bytes: 2)
      stream += rows[start..<end]
    }
    stream.append(bigEndian: Int(ck_adler32(rows, rows.count)))
    return stream
  }

  private static func add(_ name: String, _ data: [UInt8], to file: inout [UInt8]) {
    let content = Array(name.utf8) + data
    file.append(bigEndian: data.count)
    file += content
    file.append(bigEndian: Int(ck_crc32(0, content, content.count)))
  }
}

extension [UInt8] {
  fileprivate mutating func append(bigEndian value: Int) {
    for shift in [24, 16, 8, 0] { append(UInt8(truncatingIfNeeded: value >> shift)) }
  }
}
