extension Operation {
  static let alike: [Operation] = [
    viewAs, reshapeAs, expandAs, sumToSize, broadcastTo, broadcastTensors, unflatten, ravel, movedim, swapaxes, adjoint,
    contiguous, resolveNeg,
  ]

  static let viewAs = Operation(
    "view_as", "The same memory in the shape of another tensor.", [.tensor("input"), .tensor("other")], places: .method
  ) { try $0.tensor(0).view(Array($0.tensor(1).shape)) }

  static let reshapeAs = Operation(
    "reshape_as", "The same elements in the shape of another tensor.", [.tensor("input"), .tensor("other")],
    places: .method
  ) { try $0.tensor(0).reshape(Array($0.tensor(1).shape)) }

  static let expandAs = Operation(
    "expand_as", "Axes of size 1 repeated to the shape of another tensor, without copies.",
    [.tensor("input"), .tensor("other")], places: .method
  ) { try $0.tensor(0).expand(Array($0.tensor(1).shape)) }

  static let sumToSize = Operation(
    "sum_to_size", "Sums over the axes that broadcasting from size would have made.",
    [.tensor("input"), .ints("size")], places: .method
  ) {
    let (x, target) = ($0.tensor(0), try Dimensions.shape($0.ints(1), operation: "sum_to_size"))
    guard (try? Dimensions.broadcast(target, x.shape, operation: "sum_to_size")) == x.shape else {
      throw SNNError.shape("sum_to_size: size \(target) is not expandable to size \(x.shape)")
    }
    return try x.shape == target && x.rank > 0 ? x : x.cast(to: x.dtype.sumType).sum(to: target)
  }

  static let broadcastTo = Operation(
    "broadcast_to", "Axes of size 1 repeated to size, without copies; -1 keeps an axis.",
    [.tensor("input"), .ints("size")]
  ) { try $0.tensor(0).expand($0.ints(1)) }

  static let broadcastTensors = Operation(
    "broadcast_tensors", "All tensors repeated to their common shape, without copies.", [.tensors("tensors")],
    places: .function, body: .list { try Tensor.broadcast($0.tensors(0)) })

  static let unflatten = Operation(
    "unflatten", "One axis split into several; one size may be -1.", [.tensor("input"), .int("dim"), .ints("sizes")]
  ) { try $0.tensor(0).unflatten($0.int(1), $0.ints(2)) }

  static let ravel = Operation("ravel", "All elements along one axis.", [.tensor("input")]) {
    try $0.tensor(0).reshape([-1])
  }

  static let movedim = Operation(
    "movedim", "Axes moved to other positions; the rest keep their order.",
    [.tensor("input"), .ints("source"), .ints("destination")], aliases: ["moveaxis"]
  ) { try $0.tensor(0).movedim($0.ints(1), $0.ints(2)) }

  static let swapaxes = Operation(
    "swapaxes", "Two axes swapped.", [.tensor("input"), .int("axis0"), .int("axis1")]
  ) { try $0.tensor(0).transpose($0.int(1), $0.int(2)) }

  static let adjoint = Operation("adjoint", "The last two axes swapped.", [.tensor("input")]) {
    let x = $0.tensor(0)
    guard x.rank >= 2 else { throw SNNError.shape("adjoint: expects at least 2 dimensions, got shape \(x.shape)") }
    return try x.transpose(-2, -1)
  }

  static let contiguous = Operation(
    "contiguous", "The tensor itself when its elements lie in row-major order, else a copy that does.",
    [.tensor("input")], places: .method
  ) { try $0.tensor(0).contiguous() }

  static let resolveNeg = Operation(
    "resolve_neg", "The tensor itself: what it shows is never negated or conjugated.", [.tensor("input")],
    aliases: ["resolve_conj", "conj"]
  ) { $0.tensor(0) }
}

extension Tensor {
  /// All tensors repeated to their common shape.
  public static func broadcast(_ tensors: [Tensor]) throws(SNNError) -> [Tensor] {
    var common = Dimensions()
    for tensor in tensors { common = try .broadcast(common, tensor.shape, operation: "broadcast_tensors") }
    return try tensors.map { tensor throws(SNNError) in try tensor.expanded(to: common) }
  }

  public func unflatten(_ dim: Int, _ sizes: [Int]) throws(SNNError) -> Tensor {
    let axis = try shape.axis(dim, operation: "unflatten")
    guard rank > 0, !sizes.isEmpty else { throw .shape("unflatten: cannot split shape \(shape) into \(sizes)") }
    let length = shape[axis]
    var parts = sizes
    if let unknown = sizes.firstIndex(of: -1) {
      parts[unknown] = 1
      let rest = try Dimensions.shape(parts, operation: "unflatten").product
      guard rest > 0, length % rest == 0 else {
        throw .shape("unflatten: provided sizes \(sizes) don't multiply up to the size of dim \(dim) (\(length))")
      }
      parts[unknown] = length / rest
    }
    guard try Dimensions.shape(parts, operation: "unflatten").product == length else {
      throw .shape("unflatten: provided sizes \(sizes) don't multiply up to the size of dim \(dim) (\(length))")
    }
    return try reshaped(
      to: Dimensions.shape(Array(shape[..<axis]) + parts + Array(shape[(axis + 1)...]), operation: "unflatten"))
  }

  public func movedim(_ source: [Int], _ destination: [Int]) throws(SNNError) -> Tensor {
    guard source.count == destination.count else {
      throw .argument(
        "movedim: source and destination should have the same number of dims, got \(source) and \(destination)")
    }
    let from = try source.map { dim throws(SNNError) in try shape.axis(dim, operation: "movedim") }
    let to = try destination.map { dim throws(SNNError) in try shape.axis(dim, operation: "movedim") }
    guard Set(from).count == from.count, Set(to).count == to.count else {
      throw .index("movedim: repeated dim in source \(source) or destination \(destination)")
    }
    if rank == 0 { return self }
    var rest = (0..<rank).filter { !from.contains($0) }[...]
    let order = (0..<rank).map { position in to.firstIndex(of: position).map { from[$0] } ?? rest.removeFirst() }
    return try permute(order)
  }
}
