import Foundation
import Testing

@testable import SwiftNN

/// Files of weights from Swift.
@Suite struct FileTests {
  private func withFile(_ name: String = "a", _ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.appendingPathComponent(name).path)
  }

  private struct Model: Layer {
    let first: Linear
    let imageScale: Linear
    @Buffer var seen: Tensor? = try? Tensor([3.0])
    @Buffer(persistent: false) var scratch: Tensor? = try? Tensor([4.0])

    init() throws {
      first = try Linear(3, 2)
      imageScale = try Linear(2, 1, bias: false)
    }

    func callAsFunction(_ input: Tensor) throws(SNNError) -> Tensor { try imageScale(first(input)) }
  }

  @Test func modelsAreSavedAndLoaded() throws {
    try withFile { path in
      let (a, b) = (try Model(), try Model())
      try a.save(to: path, metadata: [("made by", "a test")])
      let archive = try Archive(path: path)
      #expect(archive.entries.map(\.name).sorted() == ["first.bias", "first.weight", "image_scale.weight", "seen"])
      #expect(archive.metadata.map(\.value) == ["a test"])
      #expect(try b.load(from: path).misfits.isEmpty)
      #expect(try a.first.weight.array() == b.first.weight.array())
      #expect(b.first.weight.requiresGradient)
    }
  }

  @Test func namesAreMapped() throws {
    try withFile { path in
      let (a, b) = (try Linear(3, 2), try Model())
      try a.save(to: path)
      let report = try b.load(
        from: path, renaming: [.name("bias", to: "first.bias"), .prefix("wei", to: "first.wei")], strict: false)
      #expect(report.missing == ["image_scale.weight", "seen"] && report.unexpected.isEmpty)
      #expect(try a.weight.array() == b.first.weight.array() && a.bias!.array() == b.first.bias!.array())
      let twice = message { try b.load(from: path, renaming: [.name("bias", to: "weight")], strict: false) }
      #expect(twice == "load: two tensors of the file have the name 'weight' in the model")
    }
  }

  @Test func nothingChangesOnError() throws {
    try withFile { path in
      try Linear(3, 2).save(to: path)
      let other = try Linear(3, 4)
      let before = try other.weight.array()
      let text = message { try other.load(from: path) }
      #expect(text?.contains("\"weight\" has shape [2, 3] in the file and [4, 3] in the model") == true)
      #expect(try other.weight.array() == before)
      #expect(try other.load(from: path, strict: false).otherShape == ["weight", "bias"])
    }
  }

  @Test func checkpointsHaveDottedNames() throws {
    try withFile { path in
      let tensor = try Tensor([1.0, 2, 3, 4], [2, 2])
      let values: [Archive.Value] = [
        .dict([1, 2, 3, 4]), .string("model"), .list([5, 6]), .string("epoch"), .int(7), .tensor(0), .tensor(1),
      ]
      try Checkpoint.save(values, [(tensor, false), (tensor.select(0, 1), false)], to: path)
      let archive = try Archive(path: path)
      #expect(archive.entries.map(\.name) == ["model.0", "model.1"])
      let (whole, row) = (try archive.tensor("model.0"), try archive.tensor("model.1"))
      #expect(try row.array(of: Double.self) == [3, 4])
      whole.fill(with: 0)
      #expect(try row.array(of: Double.self) == [0, 0])
      try Checkpoint.save([("w", tensor)], to: path)
      #expect(try Archive(path: path).tensor("w").array(of: Double.self) == [1, 2, 3, 4])
    }
  }

  /// Counts, sizes and offsets of a directory that do not fit into four bytes stand elsewhere.
  @Test func wideDirectoriesAreRead() throws {
    let writer = FileWriter()
    var zip = ZipWriter(writer)
    try zip.add("x/data.pkl", [0x80, 2, UInt8(ascii: "N"), UInt8(ascii: ".")])
    for i in 0..<70_000 { try zip.add("x/\(i)", []) }
    try zip.finish()
    let archive = try writer.memory.withUnsafeBytes { try Archive($0) }
    #expect(archive.values[archive.root] == .none)
  }

  @Test func summariesOfOwnModels() throws {
    let report = try Model().summary([Tensor.ones([5, 3])])
    #expect(report.rows.map(\.name) == ["first", "image_scale"])
    #expect(report.parameters == 10 && report.flops == 2 * 5 * (6 + 2))
    #expect(report.rows.map(\.shape) == [[5, 2], [5, 1]])
  }
}
