/// Rows of all examples are read as those of one table: the index of an example counts from its first row.
extension SelectRows {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? {
    guard examples.isMapped(1) else {
      return [try SelectRows(axis: axis + 1, name: name)(examples.plain(0), examples.inputs[1])]
    }
    let numbers = try examples.all(1).reshaped(to: [examples.size, examples.inputs[1].count])
    let (size, count) = (examples.size, numbers.shape[1])
    guard examples.isMapped(0) else {
      let flat = try numbers.reshaped(to: [size * count]).contiguous()
      let picked = try SelectRows(axis: axis, name: name)(examples.inputs[0], flat)
      var split = picked.shape
      split[axis] = count
      return [try picked.reshaped(to: split.inserting(size, at: axis)).moved(axis, to: 0)]
    }
    let table = try ExampleTable(examples.plain(0), axis)
    let picked = try SelectRows(axis: 0, name: name)(table.rows, table.positions(numbers))
    return [try table.restored(picked, count)]
  }
}

extension PutRows {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? {
    let (old, values) = (try examples.all(0), try examples.all(2))
    guard examples.isMapped(1) else {
      return [try PutRows(axis: axis + 1, how: how, name: name)(Few(old, examples.inputs[1], values))]
    }
    let numbers = try examples.all(1).reshaped(to: [examples.size, examples.inputs[1].count])
    let table = try ExampleTable(old, axis)
    let rows = try ExampleTable(values, axis).rows
    let put = try PutRows(axis: 0, how: how, name: name)(Few(table.rows, table.positions(numbers), rows))
    return [try table.restored(put, old.shape[axis + 1])]
  }
}

/// All examples as rows of one table, cut along an axis.
private struct ExampleTable {
  let rows: Tensor
  private let size: Int
  private let length: Int
  private let axis: Int
  private let rest: [Int]

  /// `axis` is counted as one example sees it.
  init(_ all: Tensor, _ axis: Int) throws(SNNError) {
    self.axis = axis
    let moved = try all.moved(axis + 1, to: 1)
    size = all.shape[0]
    length = moved.shape[1]
    rest = Array(moved.shape.dropFirst(2))
    rows = try moved.reshaped(to: Dimensions([size * length] + rest))
  }

  /// Numbers within each example as those of rows of the table.
  func positions(_ numbers: Tensor) throws(SNNError) -> Tensor {
    let wrapped = try Tensor.where(numbers < 0, numbers + .int(length), numbers)
    let starts = try Tensor.arange(0, .int(size)) * .int(length)
    return try (wrapped + starts.unsqueeze(1)).reshape([numbers.count]).contiguous()
  }

  /// `count` rows of each example, back in their places.
  func restored(_ rows: Tensor, _ count: Int) throws(SNNError) -> Tensor {
    try rows.reshaped(to: Dimensions([size, count] + rest)).moved(1, to: axis + 1)
  }
}

extension Gather {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? {
    [try Gather(axis: axis + 1, name: name)(examples.all(0), examples.all(1).contiguous())]
  }
}

extension Scatter {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? {
    let operands = Few(try examples.all(0), try examples.all(1).contiguous(), try examples.all(2))
    return [try Scatter(axis: axis + 1, how: how, name: name)(operands)]
  }
}

extension Dimensions {
  fileprivate func inserting(_ value: Int, at position: Int) throws(SNNError) -> Dimensions {
    guard count < Dimensions.maximumRank else { throw Examples.tooManyAxes(count) }
    var result = self
    result.insert(value, at: position)
    return result
  }
}

extension Tensor {
  /// One axis at another place, the others in their order.
  func moved(_ axis: Int, to place: Int) throws(SNNError) -> Tensor {
    guard axis != place else { return self }
    var order = Array(0..<rank)
    order.insert(order.remove(at: axis), at: place)
    return try Permute(order: order)(self)
  }
}
