extension Operation {
  static let interpolations: [Operation] = [interpolate, upsample, upsampleNearest, upsampleBilinear]

  private static let sizes: [Field] = [
    Field("size", .ints, "The sizes of the result.").optional,
    Field("scale_factor", .floats, "How much larger the result is, instead of its sizes.").optional,
  ]
  private static let aligned = Field("align_corners", .bool, "The first and last elements stay where they are.")
    .optional

  static let interpolate = Operation(
    "interpolate", "Images of other sizes.",
    [images] + sizes + [
      .choice("mode", of: Interpolation.modes, default: "nearest"), aligned,
      Field("recompute_scale_factor", .bool, "Scales by the sizes rather than by the factor.").optional,
      .bool("antialias", default: false, "Takes the mean of what is left out, in modes bilinear and bicubic."),
    ], places: .functional
  ) {
    try $0.tensor(0).interpolated(
      Interpolation(
        size: $0.optionalInts(1), factors: $0.isNone(2) ? nil : $0.floats(2), mode: $0.string(3),
        alignsCorners: $0.isNone(4) ? nil : $0.bool(4), recomputes: !$0.isNone(5) && $0.bool(5), antialias: $0.bool(6)),
      "interpolate")
  }

  static let upsample = Operation(
    "upsample", "Images of other sizes: another name of interpolate.",
    [images] + sizes + [.choice("mode", of: Interpolation.modes, default: "nearest"), aligned], places: .functional
  ) {
    try $0.tensor(0).interpolated(
      Interpolation(
        size: $0.optionalInts(1), factors: $0.isNone(2) ? nil : $0.floats(2), mode: $0.string(3),
        alignsCorners: $0.isNone(4) ? nil : $0.bool(4)), "upsample")
  }

  static let upsampleNearest = Operation(
    "upsample_nearest", "interpolate in mode 'nearest'.", [images] + sizes, places: .functional
  ) {
    try $0.tensor(0).interpolated(
      Interpolation(size: $0.optionalInts(1), factors: $0.isNone(2) ? nil : $0.floats(2), mode: "nearest"),
      "upsample_nearest")
  }

  static let upsampleBilinear = Operation(
    "upsample_bilinear", "interpolate in mode 'bilinear' with aligned corners.", [images] + sizes, places: .functional
  ) {
    try $0.tensor(0).interpolated(
      Interpolation(
        size: $0.optionalInts(1), factors: $0.isNone(2) ? nil : $0.floats(2), mode: "bilinear", alignsCorners: true),
      "upsample_bilinear")
  }
}

/// How images are brought to other sizes.
struct Interpolation {
  static let modes = ["nearest", "nearest-exact", "linear", "bilinear", "bicubic", "trilinear", "area"]

  let size: [Int]?
  let factors: [Double]?
  let mode: String
  var alignsCorners: Bool? = nil
  var recomputes = false
  var antialias = false

  /// Where place `place` of the result lies, for `scale` positions to a place.
  private func position(_ place: Int, _ scale: Double) -> Double {
    alignsCorners == true ? Double(place) * scale : (Double(place) + 0.5) * scale - 0.5
  }

  /// What each place of an axis takes of which positions; `factor` is that of the caller, if it counts.
  func weights(_ size: Int, _ places: Int, _ factor: Double?) -> Weights {
    var weights = Weights(size: size)
    let given = factor.map { $0 > 0 ? 1 / $0 : 1 }
    let plain = given ?? Double(size) / Double(places)
    let aligned = places > 1 ? Double(size - 1) / Double(places - 1) : 0
    let scale = alignsCorners == true ? aligned : plain
    for place in 0..<places {
      switch mode {
      case "nearest", "nearest-exact":
        let offset: Float = mode == "nearest" ? 0 : 0.5
        let single = given.map { Float($0) } ?? Float(size) / Float(places)
        weights.add(Swift.min(Int(((Float(place) + offset) * single).rounded(.down)), size - 1), 1)
      case _ where antialias:
        addSmooth(place, scale, &weights)
      case "bicubic":
        let at = position(place, scale)
        let base = at.rounded(.down)
        for tap in -1...2 {
          let clamped = Swift.min(Swift.max(Int(base) + tap, 0), size - 1)
          weights.add(clamped, Interpolation.cubic(at - base - Double(tap), -0.75))
        }
      default:
        let at = Swift.max(position(place, scale), 0)
        let first = Swift.min(Int(at), size - 1)
        let share = Swift.min(Swift.max(at - Double(first), 0), 1)
        weights.add(first, 1 - share)
        weights.add(Swift.min(first + 1, size - 1), share)
      }
      weights.endPlace()
    }
    return weights
  }

  /// The mean over as wide a window as the result leaves out.
  private func addSmooth(_ place: Int, _ scale: Double, _ weights: inout Weights) {
    let isCubic = mode == "bicubic"
    let width = (isCubic ? 2 : 1) * Swift.max(scale, 1)
    let center = scale * (Double(place) + 0.5)
    let first = Swift.max(Int(center - width + 0.5), 0)
    let last = Swift.min(Int(center + width + 0.5), weights.size)
    let shares = (first..<Swift.max(last, first)).map { position in
      let distance = (Double(position) - center + 0.5) / Swift.max(scale, 1)
      return isCubic ? Interpolation.cubic(distance, -0.5) : Swift.max(1 - abs(distance), 0)
    }
    let total = shares.reduce(0, +)
    for (i, share) in shares.enumerated() { weights.add(first + i, total == 0 ? 0 : share / total) }
  }

  private static func cubic(_ distance: Double, _ a: Double) -> Double {
    let x = abs(distance)
    if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0
  }
}

extension Tensor {
  func interpolated(_ how: Interpolation, _ name: String) throws(SNNError) -> Tensor {
    guard (3...5).contains(rank) else {
      throw .shape("\(name): Only 3D, 4D and 5D input Tensors supported (got \(rank)D)")
    }
    let axes = rank - 2
    let fitting = ["linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3][how.mode]
    guard fitting == nil || fitting == axes else {
      throw .shape("\(name): mode '\(how.mode)' does not go with an input of \(rank) dimensions")
    }
    guard how.alignsCorners == nil || fitting != nil else {
      throw .argument(
        "\(name): align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear"
      )
    }
    guard !how.antialias || (axes == 2 && (how.mode == "bilinear" || how.mode == "bicubic")) else {
      throw .argument(
        "\(name): Anti-alias option is restricted to bilinear and bicubic modes and requires a 4-D tensor as input")
    }
    let sizes = try targetSizes(how, axes, name)
    if how.mode == "area" {
      let spatial = Spatial(operation: name, axes: axes)
      return try averagePool(spatial.adaptiveWindows(shape, sizes), countsBorder: false, spatial)
    }
    let isExact = dtype.isFloatingPoint || (dtype == .uint8 && how.mode.hasPrefix("nearest"))
    guard isExact else { throw .dtype("\(name): not implemented for \(dtype.name)") }
    let x = dtype.isFloatingPoint ? self : try cast(to: .float32)
    let weights = (0..<axes).map { i in
      let factor = how.factors.map { $0.count == axes ? $0[i] : $0[0] }
      return how.weights(shape[2 + i], sizes[i], how.recomputes ? nil : factor)
    }
    return try x.resampled(weights, name).cast(to: dtype)
  }

  private func targetSizes(_ how: Interpolation, _ axes: Int, _ name: String) throws(SNNError) -> [Int] {
    guard (how.size == nil) != (how.factors == nil) else {
      throw .argument("\(name): exactly one of size and scale_factor should be defined")
    }
    guard !how.recomputes || how.factors != nil else {
      throw .argument("\(name): recompute_scale_factor is not meaningful with an explicit size")
    }
    let given = how.size?.count ?? how.factors?.count ?? 0
    guard given == 1 || given == axes else {
      throw .argument(
        "\(name): Input and output must have the same number of spatial dimensions, but got \(given) for \(axes)")
    }
    var sizes: [Int] = []
    for i in 0..<axes {
      if let size = how.size {
        sizes.append(size[given == 1 ? 0 : i])
      } else if let factors = how.factors {
        sizes.append(Int(saturating: (Double(shape[2 + i]) * factors[given == 1 ? 0 : i]).rounded(.down)))
      }
    }
    guard zip(shape.last(axes), sizes).allSatisfy({ $0 > 0 && $1 > 0 }), shape[1] > 0 else {
      throw .shape(
        "\(name): Input and output sizes should be greater than 0, but got input \(shape) and output \(sizes)")
    }
    for (size, places) in zip(shape.last(axes), sizes) {
      try Spatial(operation: name, axes: axes).checkPlaces(places, of: size)
    }
    _ = try Dimensions.shape(shape.prefix(2) + sizes, operation: name)
    return sizes
  }
}
