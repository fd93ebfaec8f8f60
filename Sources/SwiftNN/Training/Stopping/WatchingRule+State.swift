extension WatchingRule {
  private static let fields: [Field] = [
    .floats("best"), .int("best_epoch"), .int("wait", in: 0...0x1p53), .floats("sums"), .floats("lefts"),
    .floats("epochs"), .floats("costs"),
  ]

  public var state: String {
    let values: [Value] = [
      .floats(memory.best), .int(memory.bestEpoch), .int(memory.wait), .floats(memory.sums), .floats(memory.lefts),
      .floats(memory.epochs), .floats(memory.costs),
    ]
    return FlatJSON.text(zip(Self.fields, values).map { ($0.name, $1) })
  }

  public func load(state: String) throws(SNNError) {
    let given = try FlatJSON.values(state, of: owner)
    if let name = given.keys.first(where: { name in !Self.fields.contains { $0.name == name } }) {
      throw .argument("\(owner): remembers no '\(name)'")
    }
    var values: [Value] = []
    for field in Self.fields { values.append(try field.resolve(given[field.name], of: owner)) }
    guard case .floats(let best) = values[0], case .int(let bestEpoch) = values[1], case .int(let wait) = values[2],
      case .floats(let sums) = values[3], case .floats(let lefts) = values[4], case .floats(let epochs) = values[5],
      case .floats(let costs) = values[6]
    else { preconditionFailure("the values are of the fields' kinds") }
    let count = monitored.count
    guard best.isEmpty || best.count == count, sums.count == count, lefts.count == count else {
      throw .argument("\(owner): the state is not one of \(count) measurements")
    }
    guard lefts.allSatisfy({ (0...1).contains($0) }), (sums + costs + epochs).allSatisfy(\.isFinite) else {
      throw .argument("\(owner): the state holds numbers out of range")
    }
    guard epochs.count == costs.count, costs.count <= window, zip(epochs, epochs.dropFirst()).allSatisfy(<) else {
      throw .argument("\(owner): the state holds \(epochs.count) epochs that do not belong to \(costs.count) costs")
    }
    memory = Memory(
      best: best, bestEpoch: bestEpoch, wait: wait, sums: sums, lefts: lefts, epochs: epochs, costs: costs)
  }
}
