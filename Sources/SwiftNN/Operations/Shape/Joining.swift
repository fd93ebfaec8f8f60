extension Operation {
  static let joining: [Operation] = [cat, stack]

  static let cat = Operation(
    "cat", "Tensors one after another along an axis.", [.tensors("tensors"), .int("dim", default: 0)],
    places: .function, aliases: ["concat", "concatenate"]
  ) { try Tensor.cat($0.tensors(0), $0.int(1)) }

  static let stack = Operation(
    "stack", "Tensors of one shape side by side along a new axis.", [.tensors("tensors"), .int("dim", default: 0)],
    places: .function
  ) { try Tensor.stack($0.tensors(0), $0.int(1)) }
}

struct Concatenate: Primitive {
  let axis: Int
  let lengths: [Int]
  let name = "cat"
  let saves: Saves = []

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results {
    var shape = inputs[0].shape
    shape[axis] = lengths.reduce(0) { Swift.min($0 + $1, 1 << 46) }
    return Results(shape, inputs[0].dtype)
  }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    for (i, part) in parts().enumerated() {
      Tensor(storage: outputs[0].storage, try part.geometry(of: outputs[0]), outputs[0].dtype).fill(copying: inputs[i])
    }
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    var gradients = Few<Tensor?>()
    for (i, part) in parts().enumerated() { gradients.append(p.needs(i) ? try part(p.g) : nil) }
    return gradients
  }

  private func parts() -> [Slice] {
    var start = 0
    return lengths.map { length in
      defer { start += length }
      return Slice(axis: axis, start: start, step: 1, length: length)
    }
  }
}

extension Tensor {
  /// Tensors one after another along an axis. Empty tensors of one axis are passed over, as in PyTorch.
  public static func cat(_ tensors: [Tensor], _ dim: Int = 0) throws(SNNError) -> Tensor {
    guard let first = tensors.first else { throw .argument("cat: expected a non-empty list of Tensors") }
    if let scalar = tensors.firstIndex(where: { $0.rank == 0 }) {
      throw .shape("cat: zero-dimensional tensor (at position \(scalar)) cannot be concatenated")
    }
    let dtype = DType.result(of: tensors)
    let solid = tensors.filter { $0.shape != [0] }
    guard let model = solid.first else { return try first.clone().cast(to: dtype) }
    let axis = try model.shape.axis(dim, operation: "cat")
    var converted: [Tensor] = []
    for (i, tensor) in solid.enumerated() {
      var expected = model.shape
      if tensor.rank == expected.count { expected[axis] = tensor.shape[axis] }
      guard tensor.shape == expected else {
        throw .shape(
          "cat: Sizes of tensors must match except in dimension \(axis). Expected \(model.shape) but got "
            + "\(tensor.shape) for tensor number \(i) in the list.")
      }
      converted.append(try tensor.cast(to: dtype))
    }
    return try Concatenate(axis: axis, lengths: converted.map { $0.shape[axis] })(Few(converted))
  }

  public static func stack(_ tensors: [Tensor], _ dim: Int = 0) throws(SNNError) -> Tensor {
    guard let first = tensors.first else { throw .argument("stack: expects a non-empty list of Tensors") }
    var raised: [Tensor] = []
    for (i, tensor) in tensors.enumerated() {
      guard tensor.shape == first.shape else {
        throw .shape(
          "stack: expects each tensor to be equal size, but got \(first.shape) at entry 0 and \(tensor.shape) at entry "
            + "\(i)")
      }
      raised.append(try tensor.unsqueeze(dim))
    }
    return try cat(raised, dim < 0 ? dim + first.rank + 1 : dim)
  }
}
