extension Operation {
  static let gridSamplings: [Operation] = [affineGrid, gridSample]

  private static let aligned = Field(
    "align_corners", .bool, "-1 and 1 are the centers of the first and last elements, not their outer edges."
  ).optional

  static let affineGrid = Operation(
    "affine_grid", "The places of which grid_sample makes images that are turned, moved or scaled by matrices.",
    [
      .tensor("theta", "Matrices [N, 2, 3], or [N, 3, 4] for volumes."),
      .ints("size", "The sizes of the result of grid_sample, [N, C, H, W] or [N, C, D, H, W]."), aligned,
    ], places: .functional
  ) { try $0.tensor(0).affineGrid($0.ints(1), alignsCorners: $0.optionalBool(2) ?? false) }

  static let gridSample = Operation(
    "grid_sample", "The elements of images at places between -1 and 1, of which x is the first number.",
    [
      .tensor("input", "Images [N, C, H, W], or volumes [N, C, D, H, W]."),
      .tensor("grid", "[N, H, W, 2], or [N, D, H, W, 3] for volumes."),
      .choice("mode", of: ["bilinear", "nearest", "bicubic"], default: "bilinear"),
      .choice(
        "padding_mode", of: ["zeros", "border", "reflection"], default: "zeros", "What lies outside of the image."),
      aligned,
    ], places: .functional
  ) {
    try GridSampling(mode: $0.string(2), padding: $0.string(3), alignsCorners: $0.optionalBool(4) ?? false)
      .sample($0.tensor(0), $0.tensor(1))
  }
}

extension Tensor {
  fileprivate func affineGrid(_ size: [Int], alignsCorners: Bool) throws(SNNError) -> Tensor {
    let name = "affine_grid"
    guard dtype.isFloatingPoint else {
      throw .dtype("\(name): Expected theta to have floating point type, but got \(dtype.name)")
    }
    guard size.count == 4 || size.count == 5 else {
      throw .shape(
        "\(name): only supports 4D and 5D sizes, for 2D and 3D affine transforms, respectively. Got size \(size)")
    }
    let axes = size.count - 2
    guard Array(shape) == [size[0], axes, axes + 1] else {
      throw .shape(
        "\(name): Expected a batch of \(axes)D affine matrices of shape Nx\(axes)x\(axes + 1) for size \(size). Got \(shape)"
      )
    }
    guard size.allSatisfy({ $0 > 0 }) else {
      throw .argument("\(name): Expected non-zero, positive output size. Got \(size)")
    }
    let places = try Dimensions.shape(Array(size.dropFirst(2)), operation: name)
    var coordinates: [Tensor] = []
    for axis in (0..<axes).reversed() {
      let n = places[axis]
      let end = n == 1 ? 0 : alignsCorners ? 1 : Double(n - 1) / Double(n)
      var along = Dimensions(repeating: 1, count: axes)
      along[axis] = n
      coordinates.append(
        try Tensor.linspace(.float(-end), .float(end), n, dtype).reshaped(to: along).expanded(to: places))
    }
    coordinates.append(try Tensor.full(places, 1, dtype))
    let base = try Tensor.stack(coordinates, axes).reshape([places.product, axes + 1])
    return try base.matmul(transpose(1, 2)).reshape([size[0]] + Array(places) + [axes])
  }
}

/// Reading images between their elements. All is written in operations over the places of the grid, so it has every
/// derivative of both inputs.
private struct GridSampling {
  let mode: String
  let padding: String
  let alignsCorners: Bool
  private let name = "grid_sample"

  init(mode: String, padding: String, alignsCorners: Bool) {
    (self.mode, self.padding, self.alignsCorners) = (mode, padding, alignsCorners)
  }

  func sample(_ input: Tensor, _ grid: Tensor) throws(SNNError) -> Tensor {
    let axes = input.rank - 2
    guard axes == 2 || axes == 3, grid.rank == input.rank else {
      throw .shape(
        "\(name): expected 4D or 5D input and grid with same number of dimensions, but got input with sizes \(input.shape) "
          + "and grid with sizes \(grid.shape)")
    }
    guard input.dtype == grid.dtype, input.dtype.isFloatingPoint else {
      throw .dtype(
        "\(name): expected input and grid to have the same floating-point dtype, but got \(input.dtype.name) and "
          + "\(grid.dtype.name)")
    }
    guard input.shape[0] == grid.shape[0], grid.shape[axes + 1] == axes else {
      throw .shape(
        "\(name): expected a grid [\(input.shape[0]), …, \(axes)] for input with sizes \(input.shape), but got sizes "
          + "\(grid.shape)")
    }
    let sizes = Array(input.shape.dropFirst(2))
    guard sizes.allSatisfy({ $0 > 0 }) else {
      throw .shape("\(name): expected input to have non-empty spatial dimensions, but got sizes \(input.shape)")
    }
    guard mode != "bicubic" || axes == 2 else {
      throw .shape("\(name): bicubic interpolation only supports 4D input")
    }
    let (batch, channels) = (input.shape[0], input.shape[1])
    let places = Array(grid.shape.dropFirst().dropLast())
    let count = places.reduce(1, *)
    let working = input.dtype.working
    let flat = try input.cast(to: working).reshape([batch, channels, sizes.reduce(1, *)])
    let points = try grid.cast(to: working).reshape([batch, count, axes])
    // The last axis of the image comes first in the grid.
    let taps = try (0..<axes).map { axis throws(SNNError) in
      try self.taps(points.select(2, axes - 1 - axis), size: sizes[axis])
    }
    var total: Tensor?
    for choice in 0..<taps.reduce(1, { $0 * $1.count }) {
      var (rest, index, weight, isOutside) = (choice, nil as Tensor?, nil as Tensor?, nil as Tensor?)
      for axis in 0..<axes {
        let tap = taps[axis][rest % taps[axis].count]
        rest /= taps[axis].count
        index = try index.map { above throws(SNNError) in try above * .int(sizes[axis]) + tap.position } ?? tap.position
        isOutside = try isOutside.map { other throws(SNNError) in try other.logicalOr(tap.isOutside) } ?? tap.isOutside
        guard let share = tap.weight else { continue }
        weight = try weight.map { other throws(SNNError) in try other * share } ?? share
      }
      guard let index, let isOutside else { continue }
      let whole = [batch, channels, count]
      var values = try flat.gather(2, index.unsqueeze(1).expand(whole))
      if let weight { values = try values * weight.unsqueeze(1) }
      values = try values.masked(where: isOutside.unsqueeze(1), 0)
      total = try total.map { sum throws(SNNError) in try sum + values } ?? values
    }
    return try total.unsafelyUnwrapped.reshape([batch, channels] + places).cast(to: input.dtype)
  }

  /// A position along one axis for every place, and what it contributes; all of it without a weight.
  private struct Tap {
    let position: Tensor
    let isOutside: Tensor
    let weight: Tensor?

    /// At whole numbers that may lie outside, or be none.
    init(_ numbers: Tensor, size: Int, weight: Tensor?) throws(SNNError) {
      let plain = numbers.detach()
      isOutside = try (plain >= 0).logicalAnd(plain <= .int(size - 1)).logicalNot()
      position = try plain.masked(where: isOutside, 0).cast(to: .int64)
      self.weight = weight
    }
  }

  private func taps(_ coordinate: Tensor, size: Int) throws(SNNError) -> [Tap] {
    let n = Double(size)
    let scaled =
      try alignsCorners
      ? (coordinate + 1) * .float((n - 1) / 2) : ((coordinate + 1) * .float(n) - 1) * 0.5
    guard mode != "bicubic" else { return try cubicTaps(scaled, size: size) }
    let at = try inside(scaled, size: size)
    guard mode != "nearest" else { return [try Tap(at.detach().round(), size: size, weight: nil)] }
    let first = try at.detach().floor()
    let share = try at - first
    return [try Tap(first, size: size, weight: 1 - share), try Tap(first + 1, size: size, weight: share)]
  }

  /// The cubic convolution of Keys with a = -0.75, as `Interpolation` weighs positions.
  private func cubicTaps(_ at: Tensor, size: Int) throws(SNNError) -> [Tap] {
    let a = -0.75
    let first = try at.detach().floor()
    let t = try at - first
    func near(_ x: Tensor) throws(SNNError) -> Tensor { try (x * .float(a + 2) - .float(a + 3)) * x * x + 1 }
    func far(_ x: Tensor) throws(SNNError) -> Tensor {
      try ((x * .float(a) - .float(5 * a)) * x + .float(8 * a)) * x - .float(4 * a)
    }
    let weights = [try far(t + 1), try near(t), try near(1 - t), try far(2 - t)]
    return try weights.enumerated().map { i, weight throws(SNNError) in
      try Tap(inside(first + .int(i - 1), size: size), size: size, weight: weight)
    }
  }

  /// Where a position is read that may lie outside. As in PyTorch, the edges themselves count as outside: their slope is 0.
  private func inside(_ at: Tensor, size: Int) throws(SNNError) -> Tensor {
    switch padding {
    case "zeros": at
    case "border": try bounded(at, size: size)
    default:
      try bounded(
        alignsCorners ? reflected(at, 0, Double(size - 1)) : reflected(at, -0.5, Double(size) - 0.5), size: size)
    }
  }

  private func bounded(_ at: Tensor, size: Int) throws(SNNError) -> Tensor {
    let plain = at.detach()
    let last = Double(size - 1)
    return try at.masked(where: (plain > 0).logicalNot(), 0).masked(where: plain >= .float(last), .float(last))
  }

  private func reflected(_ at: Tensor, _ low: Double, _ high: Double) throws(SNNError) -> Tensor {
    guard high > low else { return try at.zerosLike() }
    let span = high - low
    let shifted = try at - .float(low)
    let distance = try Tensor.where(shifted.detach() < 0, -shifted, shifted)
    let flips = try (distance.detach() / .float(span)).floor()
    let rest = try distance - flips * .float(span)
    let isOdd = try flips.remainder(2) == 1
    return try Tensor.where(isOdd, .float(high) - rest, rest + .float(low))
  }
}
