/// What one run of a model told about its layers.
public struct ModelReport: Sendable, CustomStringConvertible {
  public struct Row: Sendable {
    /// As in the names of parameters; empty for the model itself.
    public let name: String
    public internal(set) var layer: String
    /// Numbers that are learned; shared ones count where they come first.
    public internal(set) var parameters = 0
    /// A multiplication and the addition of its product count as two.
    public internal(set) var flops = 0.0
    /// Of the parameters and buffers.
    public internal(set) var stateBytes = 0
    public internal(set) var outputBytes = 0
    /// Of the first result.
    public internal(set) var shape: [Int] = []
    /// How many positions of the input an element sees along its last axes; empty where no window slid.
    public var receptiveField: [Int] { shape.count > 2 ? field.sizes : [] }
    public internal(set) var signal: Signal?
    public internal(set) var verdict: Signal.Verdict?
    var field = ReceptiveField()

    init(name: String, layer: String) {
      self.name = name
      self.layer = layer
    }
  }

  public let model: String
  public let rows: [Row]
  private let hasSignals: Bool

  init(model: String, rows: [Row], hasSignals: Bool) {
    self.model = model
    self.hasSignals = hasSignals
    let measured = rows.compactMap(\.signal)
    self.rows = rows.map { row in
      guard let signal = row.signal, let first = measured.first, let last = measured.last else { return row }
      var judged = row
      judged.verdict = signal.verdict(first: first, last: last)
      return judged
    }
  }

  public var parameters: Int { rows.reduce(0) { $0 + $1.parameters } }
  public var flops: Double { rows.reduce(0) { $0 + $1.flops } }
  public var stateBytes: Int { rows.reduce(0) { $0 + $1.stateBytes } }
  public var outputBytes: Int { rows.reduce(0) { $0 + $1.outputBytes } }

  /// A table.
  public var description: String { hasSignals ? signalTable : costTable }

  private var costTable: String {
    let header = ["layer", "output", "parameters", "FLOPs", "weight bytes", "output bytes", "sees"]
    let body = rows.map { row in
      [
        title(row), "\(row.shape)", grouped(Double(row.parameters)), grouped(row.flops),
        grouped(Double(row.stateBytes)),
        grouped(Double(row.outputBytes)),
        row.receptiveField.isEmpty ? "-" : row.receptiveField.map { "\($0)" }.joined(separator: "×"),
      ]
    }
    let total = [
      "total", "", grouped(Double(parameters)), grouped(flops), grouped(Double(stateBytes)),
      grouped(Double(outputBytes)),
      "",
    ]
    return TextTable.text([header] + body, total: total, leading: 2)
      + "A multiplication and the addition of its product count as two FLOPs.\n"
  }

  private var signalTable: String {
    let header = ["layer", "output", "variance", "gradient variance", "dead units", "verdict"]
    let body = rows.compactMap { row in
      row.signal.map { signal in
        [
          title(row), "\(row.shape)", TextTable.scientific(signal.variance),
          signal.gradientVariance.map(TextTable.scientific) ?? "-",
          "\(signal.deadUnits) of \(signal.units)", row.verdict?.text ?? "-",
        ]
      }
    }
    return TextTable.text([header] + body, total: nil, leading: 2)
  }

  private func title(_ row: Row) -> String {
    row.name.isEmpty ? row.layer : row.layer.isEmpty ? row.name : "\(row.name) (\(row.layer))"
  }

  /// A whole number with commas.
  private func grouped(_ number: Double) -> String {
    let digits = Array("\(Int(saturating: number))".utf8)
    var text: [UInt8] = []
    for (i, digit) in digits.enumerated() {
      if i > 0, (digits.count - i) % 3 == 0 { text.append(UInt8(ascii: ",")) }
      text.append(digit)
    }
    return String(decoding: text, as: UTF8.self)
  }
}
