extension Operation {
  /// A loss: what each sample costs, made one number as the argument `reduction` says.
  static func loss(
    _ name: String, _ doc: String, _ fields: [Field], _ losses: @escaping @Sendable (Arguments) throws -> Tensor
  ) -> Operation {
    guard let reduction = fields.firstIndex(where: { $0.name == "reduction" }) else {
      preconditionFailure("\(name) has no reduction")
    }
    return Operation(name, doc, fields, places: .functional) { try losses($0).reduced($0.string(reduction)) }
  }

  static let predicted = Field.tensor("input")
  static let wanted = Field.tensor("target")
  static let weights = Field("weight", .tensor, "A weight for each element.").optional
  static let margin = Field.float("margin", default: 0)
}

extension Tensor {
  /// All losses, their mean or their sum.
  func reduced(_ reduction: String) throws(SNNError) -> Tensor {
    switch reduction {
    case "none": self
    case "sum": try sum()
    default: try mean()
    }
  }
}
