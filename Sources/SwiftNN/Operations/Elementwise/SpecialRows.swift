import CKernels

/// Rare functions of real numbers, which share one row of the table of kernels.
extension UnaryRule {
  convenience init(_ name: String, _ function: ck_special_function, derivative: Derivative?) {
    self.init(
      name, ck_unary_special, saves: .inputs, leading: Double(function.rawValue), derivative: derivative)
  }
}

extension BinaryRule {
  convenience init(
    _ name: String, _ function: ck_special_pair, left: Derivative? = nil, right: Derivative? = nil
  ) {
    self.init(
      name, ck_binary_special, .floating, saves: .inputs, left: left, right: right,
      leading: Double(function.rawValue))
  }
}

extension Operation {
  static func special(
    _ name: String, _ doc: String, _ function: ck_special_function, aliases: [Alias] = [],
    derivative: UnaryRule.Derivative? = nil
  ) -> Operation {
    let rule = UnaryRule(name, function, derivative: derivative)
    return Operation(
      name, doc, [.tensor("input")], places: .special, differentiable: derivative != nil, aliases: aliases,
      shortcut: .unary(rule)
    ) { try rule($0.tensor(0)) }
  }

  static func special(
    _ name: String, _ doc: String, _ function: ck_special_pair, _ fields: [Field], places: Places = .special,
    aliases: [Alias] = [], left: BinaryRule.Derivative? = nil, right: BinaryRule.Derivative? = nil
  ) -> Operation {
    let rule = BinaryRule(name, function, left: left, right: right)
    return Operation(
      name, doc, fields, places: places, differentiable: left != nil || right != nil,
      hasInPlaceForm: places.contains(.method), aliases: aliases, shortcut: .binary(rule)
    ) { try rule($0.pair(0), $0.pair(1)) }
  }
}
