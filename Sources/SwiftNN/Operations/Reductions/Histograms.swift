/// How elements, or points, spread over bins between edges.
extension Operation {
  static let histograms: [Operation] = [histogram, histogramOfEdges, histogramOfPoints, histogramOfPointsBetween]

  private static let options: [Field] = [
    Field("range", .floats, "The outer edges; those of the elements without it.").optional.keyword,
    Field("weight", .tensor, "What each element counts.").optional.keyword,
    .bool("density", default: false, "Divides by the total and the widths of the bins.").keyword,
  ]

  static let histogram = Operation(
    "histogram", "How many elements fall into each of equal bins, and the edges of these.",
    [.tensor("input"), .int("bins", in: 1...Double(1 << 40))] + options, differentiable: false,
    body: .several(names: ["hist", "bin_edges"]) {
      let points = try $0.tensor(0).reshape([-1, 1])
      let edges = try points.edges([$0.int(1)], $0.isNone(2) ? nil : $0.floats(2), operation: "histogram")
      return [
        try points.spread(
          over: edges, $0.optionalTensor(3), of: $0.tensor(0).shape, density: $0.bool(4), operation: "histogram"),
        edges[0],
      ]
    })

  static let histogramOfEdges = Operation(
    "histogram.edges", "How many elements fall between neighbours of the edges, and these.",
    [.tensor("input"), .tensor("bins")] + options.dropFirst(), differentiable: false,
    body: .several(names: ["hist", "bin_edges"]) {
      let edges = [$0.tensor(1)]
      return [
        try $0.tensor(0).reshape([-1, 1]).spread(
          over: edges, $0.optionalTensor(2), of: $0.tensor(0).shape, density: $0.bool(3), operation: "histogram"),
        try edges[0].clone(),
      ]
    })

  static let histogramOfPoints = Operation(
    "_histogramdd", "How many rows fall into each box of a grid, and the edges along each axis of it.",
    [.tensor("input"), .ints("bins")] + options, places: .function, differentiable: false,
    body: .list {
      let points = $0.tensor(0)
      let bins = $0.ints(1)
      let shared = bins.count == 1 && points.rank > 0
      let edges = try points.edges(
        shared ? Array(repeating: bins[0], count: points.shape[points.rank - 1]) : bins,
        $0.isNone(2) ? nil : $0.floats(2), operation: "histogramdd")
      return try [points.spreadRows(over: edges, $0.optionalTensor(3), density: $0.bool(4))] + edges
    })

  static let histogramOfPointsBetween = Operation(
    "_histogramdd.edges", "How many rows fall into each box between the edges, and these.",
    [.tensor("input"), .tensors("bins")] + options.dropFirst(), places: .function, differentiable: false,
    body: .list {
      let edges = try $0.tensors(1)
      return try [$0.tensor(0).spreadRows(over: edges, $0.optionalTensor(2), density: $0.bool(3))] + edges
    })
}

extension Tensor {
  /// Edges of equal bins along each column of points.
  fileprivate func edges(_ bins: [Int], _ range: [Double]?, operation: String) throws(SNNError) -> [Tensor] {
    guard dtype == .float32 || dtype == .float64 else {
      throw .dtype("\(operation): not implemented for \(dtype.name)")
    }
    guard rank >= 2, !bins.isEmpty, shape[rank - 1] == bins.count else {
      throw .shape("\(operation): the last axis must have the length of bins, \(bins.count), got \(shape)")
    }
    guard range.map({ $0.count == 2 * bins.count }) ?? true else {
      throw .argument("\(operation): range must have \(2 * bins.count) elements, got \(range?.count ?? 0)")
    }
    let columns = try detach().reshape([-1, bins.count])
    var edges: [Tensor] = []
    for (i, count) in bins.enumerated() {
      guard count > 0 else { throw .argument("\(operation): bins must be > 0, got \(count)") }
      var (low, high) = (0.0, 1.0)
      if let range {
        (low, high) = (range[2 * i], range[2 * i + 1])
      } else if columns.shape[0] > 0 {
        let column = try columns.select(1, i)
        (low, high) = (try column.amin().item().double, try column.amax().item().double)
      }
      guard low.isFinite, high.isFinite else {
        throw .argument("\(operation): dimension \(i)'s range [\(low), \(high)] is not finite")
      }
      guard low <= high else {
        throw .argument("\(operation): min should not exceed max, but got min \(low) max \(high) for dimension \(i)")
      }
      if low == high { (low, high) = (low - 0.5, high + 0.5) }
      guard count < 1 << 40 else { throw .shape("\(operation): \(count) bins are more than memory can hold") }
      edges.append(try Tensor.linspace(.float(low), .float(high), count + 1, dtype))
    }
    return edges
  }

  fileprivate func spreadRows(over edges: [Tensor], _ weight: Tensor?, density: Bool) throws(SNNError) -> Tensor {
    guard rank >= 2, !edges.isEmpty, shape[rank - 1] == edges.count else {
      throw .shape("histogramdd: the last axis must have the length of bins, \(edges.count), got \(shape)")
    }
    var rows = shape
    rows.remove(at: rank - 1)
    return try reshape([-1, edges.count]).spread(
      over: edges, weight, of: rows, density: density, operation: "histogramdd")
  }

  /// How many rows of a matrix fall into each box between the edges; the last edge of each axis belongs to its last bin.
  fileprivate func spread(
    over edges: [Tensor], _ weight: Tensor?, of shape: Dimensions, density: Bool, operation: String
  ) throws(SNNError) -> Tensor {
    guard dtype == .float32 || dtype == .float64 else {
      throw .dtype("\(operation): not implemented for \(dtype.name)")
    }
    for edge in edges where edge.rank != 1 || edge.count < 2 || edge.dtype != dtype {
      throw .argument(
        "\(operation): bins must be 1-dimensional, of \(dtype.name) and not empty, got \(edge.dtype.name)\(edge.shape)")
    }
    if let weight, weight.shape != shape || weight.dtype != dtype {
      throw .shape(
        "\(operation): weight must be of shape \(shape) and \(dtype.name), got \(weight.dtype.name)\(weight.shape)")
    }
    var steps: [[Double]] = []
    for edge in edges { steps.append(try edge.array(of: Double.self)) }
    let result = try Tensor.full(edges.map { $0.count - 1 }, .float(0), .float64, operation: operation)
    let room = result.data.assumingMemoryBound(to: Double.self)
    let values = try array(of: Double.self)
    let weights = try weight?.array(of: Double.self)
    for row in 0..<(values.count / edges.count) {
      var place: Int? = 0
      for (axis, edge) in steps.enumerated() {
        guard let bin = edge.bin(of: values[row * edges.count + axis]) else {
          place = nil
          break
        }
        place = place.map { $0 * (edge.count - 1) + bin }
      }
      if let place { room[place] += weights?[row] ?? 1 }
    }
    guard density else { return try result.cast(to: dtype) }
    var scaled = try result / result.sum()
    for (axis, edge) in edges.enumerated() {
      var along = Dimensions(repeating: 1, count: edges.count)
      along[axis] = edge.count - 1
      scaled = try scaled / edge.detach().cast(to: .float64).diff().reshaped(to: along)
    }
    return try scaled.cast(to: dtype)
  }
}

extension [Double] {
  /// The bin between sorted edges into which a value falls.
  fileprivate func bin(of value: Double) -> Int? {
    guard value >= self[0], value <= self[count - 1] else { return nil }
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle] <= value { low = middle + 1 } else { high = middle }
    }
    return Swift.min(low - 1, count - 2)
  }
}
