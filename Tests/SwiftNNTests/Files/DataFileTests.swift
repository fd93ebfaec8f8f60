import Foundation
import Testing

@testable import SwiftNN

/// Files of data from Swift, against what pandas, scikit-learn and tokenizers made of them.
@Suite struct DataFileTests {
  private static var golden: [String: Any] {
    let data = try? Data(contentsOf: Golden.folder.appendingPathComponent("data.json"))
    return data.flatMap { try? JSONSerialization.jsonObject(with: $0) as? [String: Any] } ?? [:]
  }

  private func csv(_ text: String, _ options: CSVOptions = CSVOptions()) throws -> CSVFile {
    try Array(text.utf8).withUnsafeBytes { try CSVFile(DataSource($0), options) }
  }

  private func number(_ value: Any) -> Double { (value as? NSNumber)?.doubleValue ?? .nan }

  private func tensor(_ value: Any?) throws -> Tensor {
    let rows = try #require(value as? [[Any]])
    return try Tensor(rows.flatMap { $0.map(number) }, [rows.count, rows[0].count])
  }

  private func expectClose(_ found: Tensor, _ value: Any?) throws {
    let expected = try tensor(value)
    #expect(found.shape == expected.shape)
    for (a, b) in zip(try found.array(of: Double.self), try expected.array(of: Double.self)) {
      #expect(a.isNaN == b.isNaN && (a.isNaN || abs(a - b) <= 1e-12 * max(1, abs(b))))
    }
  }

  @Test func tablesOfPlainText() throws {
    let tables = try #require(Self.golden["tables"] as? [[String: Any]])
    for table in tables where (table["options"] as? [String: Any])?.isEmpty == true {
      let file = try csv(table["text"] as? String ?? "")
      let columns = try #require(table["columns"] as? [[Any]])
      let found = try file.read()
      #expect(found.names == columns.map { $0[0] as? String })
      for (i, column) in columns.enumerated() {
        let content = try #require(column[1] as? [String: Any])
        let values = try #require(content["values"] as? [Any])
        #expect(found.columns[i].count == values.count)
        if content["kind"] as? String == "text" {
          let words = try found.columns[i].array(of: Int.self).map { $0 < 0 ? nil : found.words[i]?[$0] }
          #expect(words == values.map { $0 as? String })
        } else if content["kind"] as? String == "float" {
          let numbers = try found.columns[i].array(of: Double.self)
          for (a, b) in zip(numbers, values.map { Double($0 as? String ?? "") ?? .nan }) {
            #expect(a == b || (a.isNaN && b.isNaN))
          }
        }
      }
    }
    #expect(tables.count > 30)
  }

  @Test func rowsAndErrors() throws {
    var options = CSVOptions()
    options.columns = [.name("b"), .number(0)]
    options.missing = .fill(5)
    let file = try csv("a,b\n1,x\n,y\n3,x\n", options)
    #expect(try file.matrix(rows: [2, 1]).array() == [0, 3, 1, 5])
    let examples = try CSVDataset(file, target: "b").examples([1, 0])
    #expect(try examples[0].array() == [5, 1])
    #expect(try examples[1].array(of: Int.self) == [1, 0])
    options.types = [(.name("b"), .float)]
    #expect(
      message { _ = try csv("a,b\n1,2\n1,n/b\n", options) }
        == "the bytes:3: column 2 'b': expects a number, got 'n/b'")
    #expect(message { _ = try csv("a\n1,2\n") } == "the bytes:2: expects 1 fields, got 2")
    #expect(message { _ = try csv("a\n\"1\n") } == "the bytes:2: a quote that is opened in this row is never closed")
    #expect(message { _ = try file.matrix(rows: [3]) } == "the bytes: there is no row 3 of 3")
  }

  @Test func tablesAreWritten() throws {
    let table = SwiftNN.Table(
      names: ["x", "t"], columns: [try Tensor([0.1, .nan]), try Tensor([1, -1])], words: [nil, ["a", "b \"c\""]])
    let text = try table.csvBytes(delimiter: ";")
    #expect(String(decoding: text, as: UTF8.self) == "x;t\n0.1;\"b \"\"c\"\"\"\n;\n")
    #expect(try table.matrix(.float64).array(of: Double.self)[1] == 1)
  }

  @Test func arraysGoThroughMemory() throws {
    let tensor = try Tensor([1, 2, 3, 4, 5, 6], [2, 3])
    for value in [tensor, try tensor.transpose(0, 1)] {
      let archive = try NPY.bytes(of: value).withUnsafeBytes { try Archive($0) }
      let found = try archive.tensor(at: 0).array(of: Int.self)
      #expect(try found == value.array(of: Int.self))
      let many = try NPZ.bytes(of: [("a", value), ("b", tensor)]).withUnsafeBytes { try Archive($0) }
      #expect(try many.tensor("a").shape == value.shape)
      #expect(many.entries.map(\.name) == ["a", "b"])
    }
    let broken = message { _ = try NPY.bytes(of: tensor).dropLast().withUnsafeBytes { try Archive($0) } }
    #expect(broken == "the bytes: shape [2, 3] of '<i8' needs 48 bytes behind the header, the file has 47")
    let idx: [UInt8] = [0, 0, 8, 1, 0, 0, 0, 2, 7, 9]
    #expect(try idx.withUnsafeBytes { try IDX.read(DataSource($0)) }.array(of: Int.self) == [7, 9])
    let cut = message { _ = try idx.dropLast().withUnsafeBytes { try IDX.read(DataSource($0)) } }
    #expect(cut == "the bytes: IDX elements of shape [2] end at byte 10, the file at 9")
    let records = [UInt8](repeating: 3, count: 3073)
    let found = try records.withUnsafeBytes { try CIFAR.read10(DataSource($0)) }
    #expect(Array(found.images.shape) == [1, 3, 32, 32])
    #expect(try found.labels.array(of: Int.self) == [3])
  }

  @Test func bytePairs() throws {
    let golden = try #require(Self.golden["bpe"] as? [String: Any])
    let text = Array((golden["text"] as? String ?? "").utf8)
    let trained = try text.withUnsafeBytes {
      try ByteLevelBPE(training: [$0], size: 330, least: 2, specialTokens: ["<end>"])
    }
    let files = trained.files()
    #expect(files.merges.map { String(decoding: $0, as: UTF8.self) } == golden["merges"] as? String)
    for sample in try #require(golden["samples"] as? [[Any]]) {
      let text = sample[0] as? String ?? ""
      let numbers = (sample[1] as? [Int]) ?? []
      #expect(try trained.encode(text) == numbers)
      #expect(try trained.decodeText(numbers) == text)
    }
    let again = try files.vocabulary.withUnsafeBytes { vocabulary in
      try (files.merges ?? []).withUnsafeBytes {
        try ByteLevelBPE(vocabulary: DataSource(vocabulary), merges: DataSource($0), specialTokens: ["<end>"])
      }
    }
    let expected = try trained.encode("the cat<end>")
    #expect(try again.encode("the cat<end>") == expected)
    let windows = try TokenWindows(try Tensor(Array(0..<8)), length: 3, step: 2)
    #expect(windows.count == 3)
    let parts = try windows.examples([2, 0])
    #expect(
      try parts[0].array(of: Int.self) == [4, 5, 6, 0, 1, 2] && parts[1].array(of: Int.self) == [5, 6, 7, 1, 2, 3])
    #expect(message { _ = try windows.examples([3]) } == "TokenWindows: there is no example 3 of 3")
  }

  @Test func characters() throws {
    let tokenizer = try CharacterTokenizer(text: "böa")
    #expect(try tokenizer.encode("öab") == [2, 0, 1])
    #expect(try tokenizer.decodeText([2]) == "ö")
    #expect(
      message { _ = try tokenizer.encode("az") } == "encode: the character 'z' at byte 1 is not in the vocabulary")
    let again = try tokenizer.files().vocabulary.withUnsafeBytes { try CharacterTokenizer(vocabulary: DataSource($0)) }
    #expect(try again.encode("öab") == [2, 0, 1])
  }

  @Test func scalers() throws {
    for scaler in try #require(Self.golden["scalers"] as? [[String: Any]]) {
      let options = scaler["options"] as? [String: Any] ?? [:]
      let made: any Transform
      if scaler["name"] as? String == "StandardScaler" {
        made = try Transforms.standardScaler(
          withMean: options["with_mean"] as? Bool ?? true, withStd: options["with_std"] as? Bool ?? true)
      } else {
        let range = options["feature_range"] as? [Double] ?? [0, 1]
        made = try Transforms.minMaxScaler(featureRange: (range[0], range[1]), clip: options["clip"] as? Bool ?? false)
      }
      let (fit, data) = (try tensor(scaler["fit"]), try tensor(scaler["data"]))
      #expect(message { _ = try made.transform(data) }?.contains("must be fitted") == true)
      try made.fit(fit)
      try expectClose(made.transform(data), scaler["result"])
      try expectClose(made.inverseTransform(data), scaler["inverse"])
    }
  }

  @Test func encoders() throws {
    for encoder in try #require(Self.golden["encoders"] as? [[String: Any]]) {
      let options = encoder["options"] as? [String: String] ?? [:]
      let made = try Transforms.oneHotEncoder(
        drop: options["drop"], handleUnknown: options["handle_unknown"] ?? "error")
      try made.fit(tensor(encoder["fit"]).copied(to: .int64))
      try expectClose(made.transform(tensor(encoder["data"]).copied(to: .int64)), encoder["result"])
    }
    let labels = LabelEncoder()
    try labels.fit(Tensor([7, 3, 7]))
    #expect(try labels.transform(Tensor([3, 7])).array(of: Int.self) == [0, 1])
    #expect(message { _ = try labels.inverseTransform(Tensor([2])) } == "LabelEncoder: there is no class 2 of 2")
  }
}
