/// Slopes by differences of neighbours, as of a function known at some points.
extension Operation {
  static let numericalGradients: [Operation] = [gradient, gradientOfSteps, gradientOfPoints]

  private static let options: [Field] = [
    Field("dim", .ints, "The axes; all without them.").optional.keyword,
    .int("edge_order", default: 1, in: 1...2, "How exact the differences at the ends are.").keyword,
  ]
  private static let doc = "The slopes along each axis, by central differences."

  static let gradient = Operation(
    "gradient", doc,
    [.tensor("input"), Field("spacing", .float, default: .float(1), "The distance of neighbours.").optional.keyword]
      + options,
    places: .function,
    body: .list {
      let axes = try $0.tensor(0).gradientAxes($0.optionalInts(2))
      return try $0.tensor(0).slopes(
        axes, Array(repeating: .step($0.optionalFloat(1) ?? 1), count: axes.count), $0.int(3))
    })

  static let gradientOfSteps = Operation(
    "gradient.steps", doc,
    [.tensor("input"), Field("spacing", .floats, "The distance of neighbours along each axis.").keyword] + options,
    places: .function,
    body: .list {
      try $0.tensor(0).slopes($0.tensor(0).gradientAxes($0.optionalInts(2)), $0.floats(1).map { .step($0) }, $0.int(3))
    })

  static let gradientOfPoints = Operation(
    "gradient.points", doc,
    [.tensor("input"), Field("spacing", .tensors, "Where the elements stand along each axis.").keyword] + options,
    places: .function,
    body: .list {
      try $0.tensor(0).slopes(
        $0.tensor(0).gradientAxes($0.optionalInts(2)), $0.tensors(1).map { .points($0) }, $0.int(3))
    })
}

/// Where the elements along an axis stand.
private enum Spacing {
  case step(Double)
  case points(Tensor)
}

extension Tensor {
  fileprivate func gradientAxes(_ dims: [Int]?) throws(SNNError) -> [Int] {
    guard rank > 0 else { throw .shape("gradient: expected input to have at least one dimension") }
    guard let dims else { return Array(0..<rank) }
    var axes: [Int] = []
    for dim in dims {
      let axis = try shape.axis(dim, operation: "gradient")
      guard !axes.contains(axis) else {
        throw .argument("gradient: dim \(axis) appears multiple times in the list of dims")
      }
      axes.append(axis)
    }
    return axes
  }

  fileprivate func slopes(_ axes: [Int], _ spacing: [Spacing], _ order: Int) throws(SNNError) -> [Tensor] {
    guard spacing.count == axes.count else {
      throw .argument(
        "gradient: expected spacing to have \(axes.count) elements, one for each axis, got \(spacing.count)")
    }
    var results: [Tensor] = []
    for (axis, spacing) in zip(axes, spacing) {
      guard shape[axis] > order else {
        throw .shape("gradient: expected each dimension size to be at least edge_order+1 = \(order + 1), got \(shape)")
      }
      switch spacing {
      case .step(let step): results.append(try slope(axis, step: step, order))
      case .points(let points): results.append(try slope(axis, at: points, order))
      }
    }
    return results
  }

  private func slope(_ axis: Int, step: Double, _ order: Int) throws(SNNError) -> Tensor {
    let n = shape[axis]
    func at(_ position: Int) throws(SNNError) -> Tensor { try narrow(axis, position, 1) }
    func end(_ a: Int, _ b: Int, _ c: Int) throws(SNNError) -> Tensor {
      guard order == 2 else { return try (at(b) - at(a)) / .float(step) }
      return try (at(a) * -1.5 + at(b) * 2.0 - at(c) * 0.5) / .float(step)
    }
    let first = try end(0, 1, 2)
    let last = try order == 2 ? -end(n - 1, n - 2, n - 3) : (at(n - 1) - at(n - 2)) / .float(step)
    let inner =
      try (narrow(axis, Swift.min(2, n), Swift.max(n - 2, 0)) - narrow(axis, 0, Swift.max(n - 2, 0)))
      / .float(2 * step)
    return try Tensor.cat([first, inner, last], axis)
  }

  private func slope(_ axis: Int, at points: Tensor, _ order: Int) throws(SNNError) -> Tensor {
    let n = shape[axis]
    guard points.rank == 1, points.count == n else {
      throw .shape("gradient: expected \(n) coordinates for axis \(axis), got shape \(points.shape)")
    }
    var along = Dimensions(repeating: 1, count: rank)
    along[axis] = n - 1
    let widths = try points.diff().reshaped(to: along)
    func at(_ position: Int) throws(SNNError) -> Tensor { try narrow(axis, position, 1) }
    func width(_ position: Int) throws(SNNError) -> Tensor { try widths.narrow(axis, position, 1) }
    /// The slope at the outer of three points, and the distances between them from there.
    func end(_ a: Int, _ b: Int, _ c: Int, _ near: Tensor, _ far: Tensor) throws(SNNError) -> Tensor {
      let both = try near + far
      return try -at(a) * ((near + both) / (near * both)) + at(b) * (both / (near * far)) - at(c)
        * (near / (far * both))
    }
    let m = n - 2
    let (left, right) = (try widths.narrow(axis, 0, m), try widths.narrow(axis, Swift.min(1, n - 1), m))
    let inner =
      try narrow(axis, 0, m) * (-right / (left * (left + right)))
      + narrow(axis, Swift.min(1, n), m) * ((right - left) / (left * right))
      + narrow(axis, Swift.min(2, n), m) * (left / (right * (left + right)))
    let first: Tensor
    let last: Tensor
    if order == 2 {
      first = try end(0, 1, 2, width(0), width(1))
      last = try -end(n - 1, n - 2, n - 3, width(n - 2), width(n - 3))
    } else {
      first = try (at(1) - at(0)) / width(0)
      last = try (at(n - 1) - at(n - 2)) / width(n - 2)
    }
    return try Tensor.cat([first, inner, last], axis)
  }
}
