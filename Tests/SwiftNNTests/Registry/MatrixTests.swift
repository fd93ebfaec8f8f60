import Foundation
import Testing

@testable import SwiftNN

/// What the cases prove of every operation, as the page of operations shows it: Tests/Golden/matrix.json.
@Suite struct MatrixTests {
  struct Row: Codable, Equatable {
    /// Dtypes that some case runs in.
    var dtypes: [String]
    /// Numbers of cases that compare the value, the gradient, the gradient of the gradient and the forward derivative.
    var value = 0
    var gradient = 0
    var second = 0
    var forward = 0
  }

  /// Differences of values are compared with all derivatives; golden numbers with the first two.
  private static func row(of operation: SwiftNN.Operation) throws -> Row {
    var row = Row(dtypes: [])
    for test in Table.byOperation[operation.name] ?? [] {
      let call = try Call(test)
      row.value += 1
      guard operation.isDifferentiable, call.leaves.contains(where: { $0.count > 0 }) else { continue }
      let hasDifferences = try call.hasDifferences(test)
      if test.gradients != nil || hasDifferences { row.gradient += 1 }
      if test.second != nil || hasDifferences { row.second += 1 }
      if hasDifferences { row.forward += 1 }
    }
    row.dtypes = DType.allCases.filter { runs(operation, in: $0) }.map(\.name)
    return row
  }

  /// Whether some case runs when its floating tensors, or those of the first tensor's dtype, have this dtype; without
  /// tensors, whether it gives this dtype when asked.
  private static func runs(_ operation: SwiftNN.Operation, in dtype: DType) -> Bool {
    (Table.byOperation[operation.name] ?? []).contains { test in
      do {
        var call = try Call(test)
        if let main = mainDType(of: call) {
          call = try Call(test) { $0.dtype == main ? try $0.cast(to: dtype) : $0 }
        } else if let field = operation.fields.firstIndex(where: { $0.kind == .dtype }) {
          call.values[field] = .dtype(dtype)
        } else {
          return try call.run().first?.dtype == dtype
        }
        _ = try call.run()
        return true
      } catch { return false }
    }
  }

  private static func mainDType(of call: Call) -> DType? {
    let tensors = call.values.flatMap { value -> [Tensor] in
      switch value {
      case .tensor(let tensor): [tensor]
      case .tensors(let list): list.compactMap { $0 }
      default: []
      }
    }
    return (tensors.first { $0.dtype.isFloatingPoint } ?? tensors.first)?.dtype
  }

  private static let rows = Result {
    try Dictionary(uniqueKeysWithValues: Table.declared.map { ($0.name, try row(of: $0)) })
  }

  /// With SNN_WRITE_MATRIX in the environment the file is written anew.
  @Test func thePageShowsWhatTheCasesProve() throws {
    let found = try Self.rows.get()
    let file = Golden.folder.appendingPathComponent("matrix.json")
    if ProcessInfo.processInfo.environment["SNN_WRITE_MATRIX"] != nil {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys]
      let lines = try found.sorted { $0.key < $1.key }.map { name, row in
        "\"\(name)\": " + String(decoding: try encoder.encode(row), as: UTF8.self)
      }
      try ("{\n" + lines.joined(separator: ",\n") + "\n}\n").write(to: file, atomically: true, encoding: .utf8)
    }
    let stored = try JSONDecoder().decode([String: Row].self, from: Data(contentsOf: file))
    let stale = found.keys.filter { found[$0] != stored[$0] } + stored.keys.filter { found[$0] == nil }
    #expect(stale.sorted() == [], "run `make matrix generate`")
  }

  @Test func everyDerivativeIsProven() throws {
    for operation in Table.declared where operation.isDifferentiable {
      let row = try #require(Self.rows.get()[operation.name])
      let isProven = row.value > 0 && row.gradient > 0 && row.second > 0 && row.forward > 0
      // Random numbers written over a tensor have a derivative of zero, which PyTorch does not give.
      let overwrites = operation.isInPlace && Table.byOperation[operation.name]!.contains(where: \.hasAnyValues)
      #expect(isProven || overwrites, "\(operation.name): \(row)")
    }
  }
}
