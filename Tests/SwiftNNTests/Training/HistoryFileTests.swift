import Foundation
import Testing

@testable import SwiftNN

/// Histories as text and in files.
@Suite struct HistoryFileTests {
  private func withFile(_ name: String, _ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.appendingPathComponent(name).path)
  }

  private let awkward = [
    0.1, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 1.0 / 3, .infinity, -.infinity, 1e22,
  ]

  private var filled: History {
    var history = History()
    for (epoch, value) in awkward.enumerated() {
      var values = [(name: "loss", value: value)]
      if epoch % 2 == 1 { values.append(("val \"loss\", ü", -value)) }
      history.rows.append(History.Row(epoch: epoch, step: 10 * epoch, seconds: value, values: values))
    }
    return history
  }

  private func bits(_ history: History) -> [[String]] {
    history.rows.map { row in
      ["\(row.epoch) \(row.step) \(row.seconds.bitPattern)"] + row.values.map { "\($0.name) \($0.value.bitPattern)" }
    }
  }

  @Test(arguments: [History.Format.csv, .jsonLines]) func doublesComeBack(_ format: History.Format) throws {
    try withFile("a") { path in
      try filled.save(to: path, format: format)
      #expect(try bits(History(path: path, format: format)) == bits(filled))
      let text = Array(try filled.text(format).utf8)
      #expect(try text.withUnsafeBytes { try bits(History($0, format: format)) } == bits(filled))
    }
  }

  @Test func theNameOfAFileSaysItsFormat() throws {
    try withFile("a.csv") { path in
      try filled.save(to: path)
      #expect(try String(contentsOfFile: path, encoding: .utf8).hasPrefix("epoch,step,seconds,loss,\"val \"\"loss\"\""))
      #expect(try bits(History(path: path)) == bits(filled))
    }
  }

  @Test(arguments: ["a.csv", "a.jsonl"]) func rowsAreInTheFileAtOnce(_ name: String) throws {
    try withFile(name) { path in
      let writer = try HistoryWriter(path)
      for (i, row) in filled.rows.enumerated() {
        try writer.add(row)
        #expect(try History(path: path).rows.count == i + 1)
      }
      #expect(try bits(History(path: path)) == bits(filled))
      writer.close()
      #expect(throws: SNNError.self) { try writer.add(filled.rows[0]) }
      let more = try HistoryWriter(path, appends: true)
      try more.add(History.Row(epoch: 9, step: 90, seconds: 1, values: [("accuracy", 1)]))
      #expect(try History(path: path).names == ["loss", "val \"loss\", ü", "accuracy"])
    }
  }

  @Test func whatIsCutOffIsNoRow() throws {
    for (format, text, count) in [
      (History.Format.csv, "epoch,step,seconds,a\n1,2,3,0.5\n2,3,4,0.1", 1),
      (.jsonLines, "{\"epoch\": 1, \"step\": 2, \"seconds\": 3}\n{\"epoch\": 1, \"st", 1),
      (.jsonLines, "{\"epoch\": 1, \"step\": 2, \"seconds\": 3}", 1), (.csv, "epoch,st", 0), (.jsonLines, "\r\n\n", 0),
    ] {
      let bytes = Array(text.utf8)
      #expect(try bytes.withUnsafeBytes { try History($0, format: format) }.rows.count == count)
    }
  }

  @Test func rowsThatNoFileKeeps() {
    for values in [[("a", 1.0), ("a", 2)], [("epoch", 1)], [("", 1)], [("a\nb", 1)]] {
      var history = History()
      history.rows.append(History.Row(epoch: 0, step: 0, seconds: 0, values: values.map { (name: $0, value: $1) }))
      #expect(throws: SNNError.self) { try history.text(.csv) }
      #expect(throws: SNNError.self) { try history.text(.jsonLines) }
    }
  }
}
