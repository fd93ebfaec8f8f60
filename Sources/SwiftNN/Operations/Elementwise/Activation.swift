extension Field {
  static let inplaceSwitch = Field.bool("inplace", default: false, "Writes the result over input.")
}

extension Operation {
  /// An activation: a row of the kernel table, whose numbers are the arguments after the input.
  ///
  /// `writesOver` nil: it has no argument `inplace`; otherwise, whether it has a form `name_` as well.
  static func activation(
    _ rule: UnaryRule, _ doc: String, _ numbers: [Field] = [], places: Places = .functional, writesOver: Bool? = nil,
    aliases: [Alias] = [], check: (@Sendable ([Double]) throws -> Void)? = nil
  ) -> Operation {
    let count = numbers.count
    let hasSwitch = writesOver != nil
    return Operation(
      rule.name, doc, [.tensor("input")] + numbers + (hasSwitch ? [.inplaceSwitch] : []), places: places,
      hasInPlaceForm: writesOver == true, aliases: aliases,
      shortcut: numbers.isEmpty ? .unary(rule) : .none
    ) { arguments in
      let parameters = (0..<count).map { arguments.float($0 + 1) }
      try check?(parameters)
      return try arguments.tensor(0).written(over: hasSwitch && arguments.bool(count + 1), operation: rule.name) {
        try rule($0, parameters)
      }
    }
  }
}

extension Tensor {
  /// What `result` makes of this tensor, written over it where asked for.
  func written(
    over isInPlace: Bool, operation: String, _ result: (Tensor) throws -> Tensor
  ) throws -> Tensor {
    try isInPlace ? update(operation: operation, result) : result(self)
  }
}
