import CKernels
import Foundation
import Testing

@testable import SwiftNN

/// Event files, against TensorBoard's own (Tests/Golden/events).
@Suite struct EventTests {
  private static let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Golden/events/golden.tfevents")
  private let time = 1_700_000_000.25

  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.path)
  }

  @Test func eventsAreThoseOfTensorBoard() throws {
    try withFolder { folder in
      let writer = try EventWriter(folder: folder + "/a", suffix: ".x", purgeStep: 5, time: time)
      let values = try Tensor((0..<32).map { Double($0 - 8) / 4 }, [4, 8])
      let image = try Tensor((0..<18).map { UInt8($0 * 13) }, [2, 3, 3])
      try writer.add(scalar: 0.1, "loss", time: time)
      try writer.add(scalar: .nan, "loss", step: 7, time: time + 1)
      try writer.add(scalar: 0, "accuracy/train", step: 300, time: time + 2)
      try writer.add(scalar: 1e-40, "loss", step: -1, as: .single, time: time + 3)
      try writer.add(scalar: 0.1, "loss", step: 2, as: .double, time: time + 4)
      try writer.add(text: "größer *and* \"smaller\"", "note", step: 3, time: time + 5)
      try writer.add(histogram: values, "weights", step: 4, time: time + 6)
      try writer.add(histogram: values, "weights", step: 4, limits: [-2, -0.5, 0.25, 3, 5.75], time: time + 7)
      try writer.add(histogram: values, "weights", step: 5, mostBins: 64, time: time + 8)
      try writer.add(image: image.permute([2, 0, 1]), "picture", step: 6, time: time + 9)
      try writer.flush()
      #expect(try Data(contentsOf: URL(fileURLWithPath: writer.path)) == Data(contentsOf: EventTests.golden))
      writer.close()
      #expect(throws: SNNError.self) { try writer.add(scalar: 1, "a") }
    }
  }

  @Test func checksums() {
    // Those of RFC 3720, B.4, masked as in TensorFlow; of zip and of zlib, for "123456789".
    func masked(_ crc: UInt32) -> UInt32 { (crc >> 15 | crc << 17) &+ 0xA282_EAD8 }
    let digits = Array("123456789".utf8)
    #expect(ck_crc32c_masked([UInt8](repeating: 0, count: 32), 32) == masked(0x8A91_36AA))
    #expect(ck_crc32c_masked([UInt8](repeating: 0xFF, count: 32), 32) == masked(0x62A8_AB43))
    #expect(ck_crc32c_masked((0..<32).map { UInt8($0) }, 32) == masked(0x46DD_794E))
    #expect(ck_crc32(0, digits, 9) == 0xCBF4_3926)
    #expect(ck_adler32(digits, 9) == 0x091E_01DE)
    let long = [UInt8](repeating: 0xFF, count: 100_000)
    var (a, b): (UInt32, UInt32) = (1, 0)
    for byte in long {
      a = (a + UInt32(byte)) % 65521
      b = (b + a) % 65521
    }
    #expect(ck_adler32(long, long.count) == b << 16 | a)
  }
}
