/// All parameters of an optimizer as one vector, for rules that look at them at once.
struct FlatParameters {
  let all: [OptimizedParameter]
  let dtype: DType

  init(_ all: [OptimizedParameter]) {
    self.all = all
    dtype = all.contains { $0.parameter.dtype == .float64 } ? .float64 : .float32
  }

  var tensors: [Tensor] { all.map(\.parameter) }
  var count: Int { all.reduce(0) { $0 + $1.parameter.count } }

  /// Tensors of the parameters' shapes, one after another; zeros for one that is not there.
  func joined(_ parts: [Tensor?]) throws(SNNError) -> Tensor {
    var flat: [Tensor] = []
    for (one, part) in zip(all, parts) {
      let values = if let part { part.detach() } else { try one.parameter.detach().zerosLike() }
      flat.append(try values.reshaped(to: [one.parameter.count]).cast(to: dtype))
    }
    return try Tensor.cat(flat)
  }

  /// A vector in the parameters' shapes.
  func parts(of vector: Tensor) throws(SNNError) -> [Tensor] {
    var parts: [Tensor] = []
    var first = 0
    for one in all {
      let count = one.parameter.count
      parts.append(try vector.narrow(0, first, count).reshaped(to: one.parameter.shape).cast(to: one.parameter.dtype))
      first += count
    }
    return parts
  }

  var gradient: Tensor { get throws(SNNError) { try joined(all.map(\.parameter.gradient)) } }

  /// Where the parameters are, to be put back there.
  var position: [Tensor] {
    get throws(SNNError) { try tensors.map { one throws(SNNError) in try one.detach().clone() } }
  }

  func put(_ position: [Tensor]) {
    for (tensor, values) in zip(tensors, position) { tensor.replaceElements(values) }
  }

  func move(_ step: Double, along direction: Tensor) throws(SNNError) {
    let targets = try zip(tensors, parts(of: direction)).map { one, part throws(SNNError) in
      try one.detach() + part * .float(step)
    }
    put(targets)
  }

  /// Moves by a step when the loss, times `sign`, then falls as far as expected; else the parameters stay. Gives the fall.
  func tries(
    _ step: Tensor, _ length: Double, from value: Double, expecting decrease: Double, _ sign: Double,
    _ evaluate: () throws(SNNError) -> Outcome
  ) throws(SNNError) -> Double? {
    guard try step.size.isFinite else { return nil }
    let origin = try position
    do throws(SNNError) {
      try move(length, along: step)
      let fall = try value - evaluate().loss.number * sign
      if fall.isFinite, fall >= decrease { return fall }
    } catch {
      put(origin)
      throw error
    }
    put(origin)
    return nil
  }

  /// What is kept of every parameter under a number, as one vector; nil before there is any.
  func kept(_ index: Int) throws(SNNError) -> Tensor? {
    guard all.contains(where: { $0.state.tensors[index] != nil }) else { return nil }
    return try joined(all.map { $0.state.tensors[index] })
  }

  func keep(_ vector: Tensor?, _ index: Int) throws(SNNError) {
    guard let vector else {
      for one in all { one.state.tensors[index] = nil }
      return
    }
    var first = 0
    for one in all {
      let part = try vector.narrow(0, first, one.parameter.count).reshaped(to: one.parameter.shape)
      one.state.tensors[index] = try part.cast(to: one.parameter.dtype.working).clone()
      first += one.parameter.count
    }
  }
}

extension Tensor {
  var number: Double { get throws(SNNError) { try item().double } }
  /// The greatest size of an element; 0 of none, NaN when one is.
  var size: Double { get throws(SNNError) { try count == 0 ? 0 : abs().amax().number } }
}
