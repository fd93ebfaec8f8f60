import CKernels

/// What each place of a pooled axis sees.
struct PoolAxis: Sendable {
  let size: Int
  /// Positions from `begin` up to `end`, `step` apart, for every place.
  var begin: [Int64] = []
  var end: [Int64] = []
  var step = 1
  /// The lengths of the windows with the border that counts as zeros.
  var widths: [Int] = []

  var places: Int { begin.count }

  /// From the first to the last position of a window that lies inside.
  var span: Int { (0..<places).map { (Int(end[$0] - begin[$0]) - 1) / step * step }.max() ?? 0 }
  /// The distance of two windows; the first may begin later, where the border is cut off.
  var stride: Int { (1..<Swift.max(places, 1)).map { Int(begin[$0] - begin[$0 - 1]) }.max() ?? 1 }
}

/// The arguments that pools share.
struct PoolArguments {
  var kernel: [Int]
  /// The kernel's without any.
  var stride: [Int]?
  var padding: [Int] = [0]
  var dilation: [Int] = [1]
  /// Windows that pass the end count as well, if they begin before it.
  var ceil = false
}

extension Spatial {
  /// The windows of a pool that slides.
  func windows(_ shape: Dimensions, _ given: PoolArguments) throws(SNNError) -> [PoolAxis] {
    try checkRank(shape)
    let kernel = try numbers(given.kernel, "kernel_size", atLeast: 1)
    let stride = try given.stride.map { s throws(SNNError) in s.isEmpty ? kernel : try numbers(s, "stride", atLeast: 1)
    }
    let padding = try numbers(given.padding, "padding", atLeast: 0)
    let dilation = try numbers(given.dilation, "dilation", atLeast: 1)
    let sizes = shape.last(axes)
    return try (0..<axes).map { i throws(SNNError) in
      let span = try span(kernel[i], dilation[i])
      guard padding[i] <= span / 2 else {
        throw .argument(
          "\(operation): pad should be at most half of effective kernel size, but got pad=\(padding[i]), "
            + "kernel_size=\(kernel[i]) and dilation=\(dilation[i])")
      }
      return try axis(
        sizes[i], kernel[i], (stride ?? kernel)[i], padding[i], dilation[i], span, ceil: given.ceil, shape)
    }
  }

  private func axis(
    _ size: Int, _ kernel: Int, _ stride: Int, _ padding: Int, _ dilation: Int, _ span: Int, ceil: Bool,
    _ shape: Dimensions
  ) throws(SNNError) -> PoolAxis {
    let room = size + 2 * padding - span
    var places = room < 0 ? (ceil && room + stride - 1 >= 0 ? 1 : 0) : (room + (ceil ? stride - 1 : 0)) / stride + 1
    if ceil, places > 0, (places - 1) * stride >= size + padding { places -= 1 }
    guard places > 0 else {
      throw .shape(
        "\(operation): input of shape \(shape) is too small for a window of \(span) every \(stride): the output would have "
          + "no elements")
    }
    try checkPlaces(places, of: size)
    var axis = PoolAxis(size: size, step: dilation)
    for place in 0..<places {
      var begin = place * stride - padding
      let end = Swift.min(begin + span, size + padding)
      axis.widths.append(end - begin)
      if begin < 0 { begin += (-begin + dilation - 1) / dilation * dilation }
      axis.begin.append(Int64(begin))
      axis.end.append(Int64(Swift.max(Swift.min(end, size), begin)))
    }
    return axis
  }

  /// The windows that share an axis among a number of places.
  func adaptiveWindows(_ shape: Dimensions, _ given: [Int]) throws(SNNError) -> [PoolAxis] {
    try checkRank(shape)
    guard given.count == 1 || given.count == axes else {
      throw .argument("\(operation): output_size must be one int or \(axes), got \(given)")
    }
    let sizes = shape.last(axes)
    return try (0..<axes).map { i throws(SNNError) in
      let asked = given.count == axes ? given[i] : given[0]
      let places = asked == .unsaid ? sizes[i] : asked
      guard places >= 0 else {
        throw .argument("\(operation): elements of output_size must be greater than or equal to 0, got \(given)")
      }
      guard sizes[i] > 0 || places == 0 else {
        throw .shape("\(operation): Expected input to have non-zero size for non-batch dimensions, got shape \(shape)")
      }
      _ = try Dimensions.shape(shape.dropLast(axes) + [places], operation: operation)
      var axis = PoolAxis(size: sizes[i])
      try checkPlaces(places, of: sizes[i])
      for place in 0..<places {
        let begin = place * sizes[i] / places
        let end = ((place + 1) * sizes[i] + places - 1) / places
        axis.begin.append(Int64(begin))
        axis.end.append(Int64(end))
        axis.widths.append(end - begin)
      }
      return axis
    }
  }
}

extension Int {
  /// An element of a list of sizes that is to stay what it is.
  static let unsaid = Int.min
}

extension Tensor {
  /// The axes of images before those that a pool slides over, as planes.
  func planeCount(_ axes: Int) -> Int { shape.dropLast(axes).reduce(1, *) }
}
