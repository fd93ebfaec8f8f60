/// The operations whose results share memory with their input, as copies.
extension Operation {
  static let copies: [Operation] = [
    copied(asStrided), copied(diagonal), copied(expand), copied(permute), copied(select), copied(slice),
    copied(split), copied(splitWithSizes), copied(squeeze), copied(transpose),
    copied(transposeMatrix), copied(unbind), copied(unfold), copied(unsqueeze), copied(view), copied(viewDType),
    aliasCopy,
  ]

  static let aliasCopy = Operation(
    "alias_copy", "A copy of the tensor.", [.tensor("input")], places: .function, aliases: ["detach_copy"]
  ) { try $0.tensor(0).clone() }

  private static func copied(_ operation: Operation) -> Operation {
    let name = operation.name.withSuffix("_copy")
    let doc = "As \(operation.name), with memory of its own."
    switch operation.body {
    case .one(let body):
      return Operation(
        name, doc, operation.fields, places: .function, differentiable: operation.isDifferentiable
      ) { try body($0).clone() }
    case .several(_, let body), .list(let body), .parts(_, let body):
      return Operation(
        name, doc, operation.fields, places: .function, body: .list { try body($0).map { try $0.clone() } })
    }
  }
}

extension String {
  /// `view_copy.dtype` for `view.dtype`.
  func withSuffix(_ suffix: String) -> String {
    guard let dot = firstIndex(of: ".") else { return self + suffix }
    return "\(self[..<dot])\(suffix)\(self[dot...])"
  }
}
