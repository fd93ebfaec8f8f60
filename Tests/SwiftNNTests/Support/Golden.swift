import Foundation

@testable import SwiftNN

/// The files of Tests/Golden.
enum Golden {
  static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Golden")

  /// A file of golden numbers as a Swift value.
  static func read<Content: Decodable>(_ name: String, as type: Content.Type = Content.self) throws -> Content {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(type, from: Data(contentsOf: folder.appendingPathComponent(name)))
  }

  /// A new tensor with the numbers stored under a key.
  static func tensor(_ key: String) throws -> Tensor {
    guard let stored = try values.get()[key] else { throw Missing(name: key) }
    return try stored.tensor()
  }

  private static let values = Result {
    try StoredTensor.all(in: Data(contentsOf: folder.appendingPathComponent("values.safetensors")))
  }

  struct Missing: Error {
    let name: String
  }
}

/// A tensor as a safetensors file holds it.
struct StoredTensor {
  let shape: [Int]
  let dtype: DType
  let bytes: Data

  func tensor() throws -> Tensor {
    let tensor = try Tensor.empty(shape, dtype, operation: "golden")
    bytes.withUnsafeBytes { source in
      if let base = source.baseAddress { tensor.data.copyMemory(from: base, byteCount: source.count) }
    }
    return tensor
  }

  private struct Description: Decodable {
    let dtype: String
    let shape: [Int]
    let dataOffsets: [Int]

    enum CodingKeys: String, CodingKey {
      case dtype, shape
      case dataOffsets = "data_offsets"
    }
  }

  private static let dtypes: [String: DType] = [
    "F64": .float64, "F32": .float32, "F16": .float16, "BF16": .bfloat16, "I64": .int64, "I32": .int32, "U8": .uint8,
    "BOOL": .bool,
  ]

  static func all(in file: Data) throws -> [String: StoredTensor] {
    let length = file.prefix(8).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
    let start = 8 + length
    let header = try JSONDecoder().decode([String: Description].self, from: file[8..<start])
    return try header.mapValues { description in
      guard let dtype = dtypes[description.dtype] else { throw Golden.Missing(name: description.dtype) }
      let offsets = description.dataOffsets
      let bytes = file[(start + offsets[0])..<(start + offsets[1])]
      return StoredTensor(shape: description.shape, dtype: dtype, bytes: bytes)
    }
  }
}
