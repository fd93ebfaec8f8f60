/// Operations on axes count one more in front.
extension Dimensions {
  /// These sizes behind an axis of `size` examples, or these distances behind that of their own.
  func behindExamples(_ size: Int) throws(SNNError) -> Dimensions {
    guard count < Dimensions.maximumRank else { throw Examples.tooManyAxes(count) }
    var result = self
    result.insert(size, at: 0)
    return result
  }
}

extension Geometry {
  /// The same for each of `size` examples that lie `step` apart.
  func behindExamples(_ size: Int, _ step: Int) throws(SNNError) -> Geometry {
    Geometry(try shape.behindExamples(size), try strides.behindExamples(step), offset: offset)
  }
}

extension Permute {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? {
    [try Permute(order: [0] + order.map { $0 + 1 })(examples.plain(0))]
  }
}

extension Expand {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? {
    [try Expand(shape: shape.behindExamples(examples.size))(examples.aligned(0, rank: shape.count))]
  }
}

extension Reshape {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? {
    let all = examples.plain(0)
    let target = try shape.behindExamples(examples.size)
    return [try Reshape(name: name, shape: target, strides: strides.behindExamples(all.strides[0]))(all)]
  }
}

extension Slice {
  func behindExamples() -> (any ViewPrimitive)? { Slice(axis: axis + 1, start: start, step: step, length: length) }

  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? {
    [try Slice(axis: axis + 1, start: start, step: step, length: length)(examples.plain(0))]
  }
}

extension SlidingView {
  func behindExamples() -> (any ViewPrimitive)? { SlidingView(axis: axis + 1, size: size, step: step, length: length) }

  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? {
    guard examples.inputs[0].rank + 2 <= Dimensions.maximumRank else {
      throw Examples.tooManyAxes(examples.inputs[0].rank + 1)
    }
    return [try SlidingView(axis: axis + 1, size: size, step: step, length: length)(examples.plain(0))]
  }
}

extension Diagonal {
  func behindExamples() -> (any ViewPrimitive)? { moved }

  private var moved: Diagonal {
    var other = self
    other.first += 1
    other.second += 1
    return other
  }

  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? { [try moved(examples.plain(0))] }
}

extension Crop {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? {
    [try Crop(before: before.behindExamples(0), after: after.behindExamples(0))(examples.plain(0))]
  }
}

extension Pad {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? {
    [try Pad(before: before.behindExamples(0), after: after.behindExamples(0), value: value)(examples.plain(0))]
  }
}

extension Flip {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? {
    [try Flip(axes: axes.map { $0 + 1 })(examples.plain(0))]
  }
}

extension Concatenate {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? {
    var parts = Few<Tensor>()
    for i in 0..<examples.count { parts.append(try examples.all(i)) }
    return [try Concatenate(axis: axis + 1, lengths: lengths)(parts)]
  }
}

extension Placed {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? {
    guard let view = view.behindExamples() else { return nil }
    let shape = try shape.behindExamples(examples.size)
    return [try Placed(view: view, shape: shape, overlaps: overlaps)(examples.plain(0))]
  }
}

extension Overwritten {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? {
    guard let view = view.behindExamples() else { return nil }
    return [try Overwritten(view: view, name: name)(examples.all(0), examples.all(1))]
  }
}

extension AsStrided {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? {
    let all = examples.plain(0)
    let step = all.strides[0]
    let view = try view.behindExamples(examples.size, step)
    return [try AsStrided(view: view, base: base.behindExamples(examples.size, step))(all)]
  }
}

/// The memory that a view and its base span is only imagined here, so that of the examples may lie side by side.
private func spans(_ view: Geometry, _ base: Geometry, _ size: Int) throws(SNNError) -> (view: Geometry, base: Geometry)
{
  let step = Swift.max(view.end, base.end) - Swift.min(view.start, base.start)
  return (try view.behindExamples(size, step), try base.behindExamples(size, step))
}

extension StridedScatter {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? {
    let (view, base) = try spans(view, base, examples.size)
    return [try StridedScatter(view: view, base: base)(examples.plain(0))]
  }
}

extension StridedGather {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? {
    let (view, base) = try spans(view, base, examples.size)
    return [try StridedGather(view: view, base: base)(examples.plain(0))]
  }
}

extension ViewUpdate {
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? {
    let (view, base) = try spans(view, base, examples.size)
    return [try ViewUpdate(view: view, base: base)(examples.all(0), examples.all(1))]
  }
}
