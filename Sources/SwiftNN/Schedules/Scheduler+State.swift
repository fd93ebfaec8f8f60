extension Scheduler {
  /// All that is remembered, by PyTorch's names, as JSON; infinities and NaN are spelled as Python's `json` spells them.
  public var state: String {
    var members = zip(stateFields, stateValues).map { ($0.name, $1.stateText) }
    if !parts.isEmpty { members.append((Self.partsName, JSON.array(parts.map(\.state)))) }
    return JSON.object(members)
  }

  /// Goes on from a saved state. Names that are missing keep their values; after an error nothing has changed.
  public func load(state: String) throws(SNNError) {
    var text = state
    let result: Result<[Change], JSONReader.Mistake> = text.withUTF8 { bytes in
      var reader = JSONReader(bytes)
      do throws(JSONReader.Mistake) {
        let changes = try self.changes(&reader, depth: 0)
        try reader.end()
        return .success(changes)
      } catch { return .failure(error) }
    }
    switch result {
    case .failure(let mistake): throw .argument("\(name): \(mistake.text)")
    case .success(let changes):
      var complete: [(Scheduler, [Value])] = []
      for change in changes { complete.append((change.scheduler, try change.resolved())) }
      for (scheduler, values) in complete { scheduler.stateValues = values }
    }
  }

  private static let partsName = "_schedulers"
  private static let greatestDepth = 32

  /// The values that a text holds for one scheduler.
  private struct Change {
    let scheduler: Scheduler
    var values: [(name: String, value: Value)] = []
    var partCount: Int?

    func resolved() throws(SNNError) -> [Value] {
      let (fields, owner) = (scheduler.stateFields, scheduler.name)
      if let partCount, partCount != scheduler.parts.count {
        throw .argument("\(owner): the state is one of \(partCount) schedulers, not \(scheduler.parts.count)")
      }
      var all = scheduler.stateValues
      for (name, value) in values {
        guard let position = fields.firstIndex(where: { $0.name == name }) else {
          throw SNNError(.name, "\(owner): remembers no '\(name)'")
        }
        all[position] = try fields[position].resolve(value, of: owner)
      }
      try scheduler.checkState(all)
      return all
    }
  }

  private func changes(_ reader: inout JSONReader, depth: Int) throws(JSONReader.Mistake) -> [Change] {
    guard depth < Self.greatestDepth else { throw JSONReader.Mistake(text: "too many schedulers within each other") }
    var own = Change(scheduler: self)
    var others: [Change] = []
    try reader.object { (reader, name) throws(JSONReader.Mistake) in
      guard name == Self.partsName else { return own.values.append((name, try reader.value())) }
      var index = 0
      try reader.array { (reader) throws(JSONReader.Mistake) in
        if index < self.parts.count {
          others += try self.parts[index].changes(&reader, depth: depth + 1)
        } else {
          try reader.skip()
        }
        index += 1
      }
      own.partCount = index
    }
    return [own] + others
  }
}
