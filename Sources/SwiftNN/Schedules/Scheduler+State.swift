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

extension Value {
  fileprivate var stateText: String {
    switch self {
    case .float(let number): JSON.anyNumber(number)
    case .floats(let numbers): JSON.array(numbers.map { JSON.anyNumber($0) })
    default: json
    }
  }
}

extension JSONReader {
  /// A number, a word, a truth value, null or a list of numbers.
  fileprivate mutating func value() throws(Mistake) -> Value {
    if next(is: "\"") { return .string(try string()) }
    guard next(is: "[") else { return try plain() }
    var numbers: [Value] = []
    try array { (reader) throws(Mistake) in numbers.append(try reader.plain()) }
    let ints = numbers.compactMap { if case .int(let number) = $0 { number } else { nil } }
    if ints.count == numbers.count { return .ints(ints) }
    var floats: [Double] = []
    for number in numbers {
      switch number {
      case .int(let whole): floats.append(Double(whole))
      case .float(let real): floats.append(real)
      default: throw Mistake(text: "expected numbers in the list that ends at byte \(position) of the JSON text")
      }
    }
    return .floats(floats)
  }

  private mutating func plain() throws(Mistake) -> Value {
    let word = try word()
    switch word {
    case "null": return .none
    case "true": return .bool(true)
    case "false": return .bool(false)
    default:
      if let whole = Int(word) { return .int(whole) }
      if let real = JSON.anyNumber(word) { return .float(real) }
      throw Mistake(text: "expected a value before byte \(position) of the JSON text")
    }
  }
}
