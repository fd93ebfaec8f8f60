extension LayerDeclaration {
  /// A layer that calls an operation with arguments given beforehand: fields, defaults and documentation are those of the
  /// operation. Inputs are its tensors without a default, optional tensors become buffers, `training` follows the mode.
  ///
  /// - order: the names of the fields where PyTorch's class has others or another order; those behind "*" are keywords.
  /// - calls: further fields that belong to the call.
  /// - changed: fields in place of those of the operation, at the same name.
  /// - renamed: names of fields, by the names that the operation has for them.
  /// - fixed: arguments that are the same for all layers of this kind.
  /// - length: lists of one number stand for that many.
  /// - text: see `Text`.
  convenience init(
    _ name: String, of operationName: String, doc: String? = nil, order: [String]? = nil, calls: [String] = [],
    changed: [Field] = [], renamed: [String: String] = [:], fixed: [String: Value] = [:], length: Int? = nil,
    text: String = "", describe: (@Sendable (Arguments) -> String)? = nil
  ) {
    let operation = Operation.declared(operationName)
    func position(_ name: String) -> Int {
      let original = renamed.first { $0.value == name }?.key ?? name
      guard let found = operation.fields.firstIndex(where: { $0.name == original }) else {
        preconditionFailure("\(operationName) has no field \(original)")
      }
      return found
    }
    func isInput(_ field: Field) -> Bool {
      let isTensor = field.kind == .tensor || field.kind == .operand
      return isTensor && field.defaultValue == nil || calls.contains(field.name)
    }
    let inputs = operation.fields.indices.filter { isInput(operation.fields[$0]) }
    let automatic: Set = ["training", "generator"]
    let others = operation.fields.filter { !isInput($0) && !automatic.contains($0.name) && fixed[$0.name] == nil }
    let names = order ?? others.map { renamed[$0.name] ?? $0.name }
    let keywords = names.firstIndex(of: "*") ?? names.count
    var fields: [Field] = []
    var places: [Int] = []
    for (i, fieldName) in names.enumerated() where fieldName != "*" {
      let place = position(fieldName)
      let field = changed.first { $0.name == fieldName } ?? operation.fields[place]
      fields.append(
        field.changed(name: fieldName) {
          $0.isKeywordOnly = i > keywords
          $0.length = field.kind == .ints ? length : nil
        })
      places.append(place)
    }
    let buffers = fields.indices.filter { fields[$0].kind == .tensor }
    let training = operation.fields.firstIndex { $0.name == "training" }
    let generator = operation.fields.firstIndex { $0.name == "generator" }
    let constants = fixed.map { (position($0.key), $0.value) }
    let layerPlaces = places
    self.init(
      name, doc ?? operation.doc, fields, inputs: inputs.map { operation.fields[$0] },
      results: operation.resultCount == nil ? [] : ["output"], held: buffers.map { .buffer(fields[$0].name) },
      drawsNumbers: generator != nil, isNoisy: generator != nil && training != nil, text: text, describe: describe,
      initial: { options, _ in buffers.map { options.optionalTensor($0) } },
      formula: { layer, options, given in
        var values = Array(repeating: Value.none, count: operation.fields.count)
        for (i, place) in layerPlaces.enumerated() { values[place] = options.values[i] }
        for (i, field) in buffers.enumerated() {
          values[layerPlaces[field]] = layer.held(i).map { .tensor($0) } ?? .none
        }
        for (i, place) in inputs.enumerated() { values[place] = given.values[i] }
        for (place, value) in constants { values[place] = value }
        if let training { values[training] = .bool(layer.isTraining) }
        if let generator, let own = layer.generator { values[generator] = .generator(own) }
        return try operation.apply(values)
      })
  }
}

extension Operation {
  private static let byName = Dictionary(uniqueKeysWithValues: families.joined().map { ($0.name, $0) })

  /// The declaration of that name.
  static func declared(_ name: String) -> Operation {
    guard let found = byName[name] else { preconditionFailure("there is no operation \(name)") }
    return found
  }
}

/// How PyTorch prints arguments, as words with spaces between: `p` is the value, `p=` is "p=0.5", `inplace?` is
/// "inplace=True" where that is not the default, `stride|kernel_size=` shows kernel_size where there is no stride, `size/scale=`
/// the one that is there.
enum Text {
  static func of(_ format: String, _ fields: [Field], _ arguments: Arguments) -> String {
    var shown: [String] = []
    for word in format.split(separator: " ") {
      let names = word.split { "=?|/".contains($0) }
      let positions = names.map { position(String($0), fields) }
      let found = positions.firstIndex { !arguments.isNone($0) }
      let at = positions[found ?? 0]
      let name = names[word.contains("/") ? found ?? positions.count - 1 : 0]
      let value = value(arguments.values[at], fields[at])
      if word.hasSuffix("?"), value == fields[at].usual.map({ Self.value($0, fields[at]) }) { continue }
      shown.append(word.hasSuffix("=") || word.hasSuffix("?") ? "\(name)=\(value)" : value)
    }
    return shown.joined(separator: ", ")
  }

  private static func position(_ name: String, _ fields: [Field]) -> Int {
    guard let found = fields.firstIndex(where: { $0.name == name }) else {
      preconditionFailure("there is no field \(name) to print")
    }
    return found
  }

  private static func value(_ value: Value, _ field: Field) -> String {
    switch value {
    case .string(let word) where field.kind == .ints: word
    case .floats(let numbers) where numbers.count == 1: Value.float(numbers[0]).pythonText
    default: field.shown(value).pythonText
    }
  }
}
