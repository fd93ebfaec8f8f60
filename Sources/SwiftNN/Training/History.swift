/// What training has measured, epoch by epoch.
public struct History: Sendable {
  public struct Row: Sendable {
    public let epoch: Int
    /// Steps of the optimizer so far.
    public let step: Int
    /// Seconds since training began. Nothing depends on them.
    public let seconds: Double
    /// In the order in which they were measured: "loss", "accuracy", "val_loss", "lr", …
    public let values: [(name: String, value: Double)]

    public init(epoch: Int, step: Int, seconds: Double, values: [(name: String, value: Double)]) {
      self.epoch = epoch
      self.step = step
      self.seconds = seconds
      self.values = values
    }

    public subscript(name: String) -> Double? { values.first { $0.name == name }?.value }
  }

  public var rows: [Row] = []

  public init() {}

  /// All names, in the order in which they came first.
  public var names: [String] {
    var (found, seen): ([String], Set<String>) = ([], [])
    for row in rows { for (name, _) in row.values where seen.insert(name).inserted { found.append(name) } }
    return found
  }

  /// A value for each row; NaN where there is none.
  public subscript(name: String) -> [Double] { rows.map { $0[name] ?? .nan } }
}
