extension Operation {
  static let averagePools: [Operation] =
    (1...3).flatMap { [averagePool($0), adaptiveAveragePool($0), powerPool($0)] }

  private static func averagePool(_ axes: Int) -> Operation {
    let divisor = Field("divisor_override", .int, "Divides by this instead of the size of a window.").optional
    return Operation(
      "avg_pool\(axes)d", "The mean of each window.",
      [
        images, kernelSize, poolStride, .ints("padding", default: [0]), ceilMode,
        .bool("count_include_pad", default: true, "The border counts as zeros; else it does not count."),
      ] + (axes > 1 ? [divisor] : []), places: axes == 1 ? [.function, .functional] : .functional
    ) {
      let spatial = Spatial(operation: "avg_pool\(axes)d", axes: axes)
      let x = $0.tensor(0)
      let windows = try spatial.windows(
        x.shape,
        PoolArguments(
          kernel: $0.ints(1), stride: $0.optionalInts(2), padding: $0.ints(3), ceil: $0.bool(4)))
      return try x.averagePool(
        windows, countsBorder: $0.bool(5), divisor: axes > 1 ? $0.optionalInt(6) : nil, spatial)
    }
  }

  private static func adaptiveAveragePool(_ axes: Int) -> Operation {
    Operation(
      "adaptive_avg_pool\(axes)d", "The means of as many windows as asked for.", [images, pooledSize],
      places: axes == 1 ? [.function, .functional] : .functional
    ) {
      let spatial = Spatial(operation: "adaptive_avg_pool\(axes)d", axes: axes)
      let x = $0.tensor(0)
      return try x.averagePool(spatial.adaptiveWindows(x.shape, $0.ints(1)), countsBorder: false, spatial)
    }
  }

  private static func powerPool(_ axes: Int) -> Operation {
    Operation(
      "lp_pool\(axes)d", "The p-norm of each window.",
      [images, .float("norm_type", "The p of the norm."), kernelSize, poolStride, ceilMode], places: .functional
    ) {
      let spatial = Spatial(operation: "lp_pool\(axes)d", axes: axes)
      let x = $0.tensor(0)
      let p = $0.float(1)
      let windows = try spatial.windows(
        x.shape, PoolArguments(kernel: $0.ints(2), stride: $0.optionalInts(3), ceil: $0.bool(4)))
      let means = try x.pow(.float(p)).averagePool(windows, countsBorder: true, spatial)
      let size = try spatial.numbers($0.ints(2), "kernel_size", atLeast: 1).reduce(1.0) { $0 * Double($1) }
      return try (means.sign() * means.abs().relu() * .float(size)).pow(.float(1 / p))
    }
  }
}

extension Tensor {
  /// The mean of each window of the last axes; the window's size with or without the border, or another divisor.
  func averagePool(
    _ windows: [PoolAxis], countsBorder: Bool, divisor: Int? = nil, _ spatial: Spatial
  ) throws(SNNError) -> Tensor {
    try spatial.requireFloating(self)
    if divisor == 0 { throw .argument("\(spatial.operation): divisor must be not zero") }
    return try resampled(
      windows.enumerated().map { i, axis in
        var weights = Weights(size: axis.size)
        for place in 0..<axis.places {
          let seen = Int(axis.begin[place])..<Int(axis.end[place])
          let count = countsBorder ? axis.widths[place] : seen.count
          let share = divisor.map { i == 0 ? 1 / Double($0) : 1 } ?? 1 / Double(count)
          for position in seen { weights.add(position, share) }
          weights.endPlace()
        }
        return weights
      }, spatial.operation)
  }
}
