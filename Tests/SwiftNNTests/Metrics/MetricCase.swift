@testable import SwiftNN

/// One line of the table of metrics, with what scikit-learn says of its data.
struct MetricCase: Decodable, Sendable, CustomStringConvertible {
  struct Numbers: Decodable, Sendable {
    let dtype: String
    let shape: [Int]
    let values: [CaseNumber]

    func tensor() throws -> Tensor {
      guard let dtype = DType(name: dtype) else { throw Golden.Missing(name: dtype) }
      if dtype == .int64 { return try Tensor(values.map { Int($0.value) }, shape) }
      return try Tensor(values.map(\.value), shape).cast(to: dtype)
    }
  }

  struct Table: Decodable, Sendable {
    let data: [String: [Numbers?]]
    let cases: [MetricCase]
  }

  let metric: String
  let options: [String: CaseArgument]
  let data: String
  let results: [Numbers]

  var description: String { "\(metric) \(options) \(data)" }

  static let table: Table = {
    do { return try Golden.read("metrics.json") } catch { fatalError("metrics.json: \(error)") }
  }()

  func make() throws -> any Metric {
    guard let number = Registry.number(of: metric, in: .metrics) else { throw Golden.Missing(name: metric) }
    let declaration = Registry.metrics[number]
    let unknown = Set(options.keys).subtracting(declaration.fields.map(\.name))
    guard unknown.isEmpty else { throw Golden.Missing(name: "\(metric): \(unknown)") }
    return try declaration(
      declaration.fields.map { field in
        try options[field.name]?.value { throw Golden.Missing(name: $0.tensor) } ?? .none
      })
  }

  /// Outputs, targets and weights.
  func inputs() throws -> (outputs: Tensor, targets: Tensor, weights: Tensor?) {
    guard let parts = Self.table.data[data], let outputs = parts[0], let targets = parts[1] else {
      throw Golden.Missing(name: data)
    }
    return (try outputs.tensor(), try targets.tensor(), try parts[2]?.tensor())
  }
}
