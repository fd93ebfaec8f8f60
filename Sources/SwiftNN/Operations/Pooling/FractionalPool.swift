extension Operation {
  static let fractionalPools: [Operation] = [fractionalMaxPool(2), fractionalMaxPool(3)]

  private static func fractionalMaxPool(_ axes: Int) -> Operation {
    let name = "fractional_max_pool\(axes)d"
    return Operation(
      name, "The greatest element of windows whose places are drawn so that they cover the images evenly.",
      [
        images, kernelSize, Field("output_size", .ints, "The sizes of the result.").optional,
        Field("output_ratio", .floats, "The sizes of the result as parts of the images', instead of output_size.")
          .optional,
        .bool("return_indices", default: false),
        Field(
          "_random_samples", .tensor, "Numbers from [0, 1) for each image, channel and axis, instead of random ones."
        )
        .optional, .generator,
      ], places: .functional,
      body: .parts(names: ["output", "indices"]) {
        let spatial = Spatial(operation: name, axes: axes)
        let (images, isSingle) = try spatial.batch($0.tensor(0))
        try spatial.requireFloating(images)
        let sizes = try spatial.fractionalSizes(
          images.shape.last(axes), $0.optionalInts(2), $0.isNone(3) ? nil : $0.floats(3))
        let samples =
          try $0.optionalTensor(5)
          ?? .uniform([images.shape[0], images.shape[1], axes], 0, 1, images.dtype, $0.generator(6))
        let windows = try FractionalWindows(
          images, kernel: spatial.numbers($0.ints(1), "kernel_size", atLeast: 1), sizes, samples, spatial)
        let both = try windows.greatest(of: images)
        let wanted = $0.bool(4) ? both : [both[0]]
        return isSingle ? try wanted.map { try $0.squeeze([0]) } : wanted
      })
  }
}

extension Spatial {
  fileprivate func fractionalSizes(_ images: [Int], _ sizes: [Int]?, _ ratios: [Double]?) throws(SNNError) -> [Int] {
    switch (sizes, ratios) {
    case (let sizes?, nil): return try numbers(sizes, "output_size", atLeast: 1)
    case (nil, let ratios?):
      guard ratios.count == 1 || ratios.count == axes, ratios.allSatisfy({ $0 > 0 && $0 < 1 }) else {
        throw .argument("\(operation): output_ratio must be between 0 and 1 for each axis, got \(ratios)")
      }
      return images.indices.map { Int(Double(images[$0]) * ratios[ratios.count == 1 ? 0 : $0]) }
    case (nil, nil): throw .argument("\(operation): requires specifying either an output_size or an output_ratio")
    default: throw .argument("\(operation): only one of output_size and output_ratio may be specified")
    }
  }
}

/// The positions of the elements of every window, within each channel.
private struct FractionalWindows {
  /// [channels of all images, windows, elements of a window]
  let positions: Tensor
  let shape: [Int]

  init(_ images: Tensor, kernel: [Int], _ sizes: [Int], _ samples: Tensor, _ spatial: Spatial) throws(SNNError) {
    let axes = spatial.axes
    let image = images.shape.last(axes)
    // In three axes PyTorch asks for an element more than the windows need.
    let spare = axes == 3 ? 0 : 1
    for i in 0..<axes where sizes[i] < 1 || image[i] < kernel[i] || sizes[i] > image[i] - kernel[i] + spare {
      throw .shape(
        "\(spatial.operation): \(sizes) windows of \(kernel) are too large relative to images of \(image)")
    }
    guard samples.shape == [images.shape[0], images.shape[1], axes] else {
      throw .shape(
        "\(spatial.operation): expected samples of shape [\(images.shape[0]), \(images.shape[1]), \(axes)], got "
          + "\(samples.shape)")
    }
    let planes = images.shape[0] * images.shape[1]
    let (windows, elements) = (sizes.reduce(1, *), kernel.reduce(1, *))
    shape = Array(images.shape.prefix(2)) + sizes
    positions = try Tensor(
      uninitialized: Dimensions.shape([planes, windows, elements], operation: spatial.operation), .int64,
      operation: spatial.operation)
    let drawn = try samples.array(of: Double.self)
    let out = positions.data.assumingMemoryBound(to: Int.self)
    for plane in 0..<planes {
      // As PyTorch counts them: the first of two samples belongs to the columns.
      let starts = (0..<axes).map { i in
        Self.starts(drawn[plane * axes + (axes == 2 ? 1 - i : i)], image[i], sizes[i], kernel[i])
      }
      for window in 0..<windows {
        for element in 0..<elements {
          var (position, step, w, e) = (0, 1, window, element)
          for i in (0..<axes).reversed() {
            position += (starts[i][w % sizes[i]] + e % kernel[i]) * step
            (step, w, e) = (step * image[i], w / sizes[i], e / kernel[i])
          }
          out[(plane * windows + window) * elements + element] = position
        }
      }
    }
  }

  /// Where the windows along one axis begin; the last ends with the image.
  private static func starts(_ sample: Double, _ size: Int, _ count: Int, _ kernel: Int) -> [Int] {
    let step = count > 1 ? Double(size - kernel) / Double(count - 1) : 0
    let first = Int(saturating: sample * step)
    return (0..<count).map { place in
      guard place < count - 1 else { return size - kernel }
      return min(max(Int(saturating: (Double(place) + sample) * step) - first, 0), size - kernel)
    }
  }

  /// The greatest elements and where they stand.
  func greatest(of images: Tensor) throws(SNNError) -> [Tensor] {
    let planes = positions.shape[0]
    let flat = [planes, positions.shape[1] * positions.shape[2]]
    let values = try images.reshape([planes, images.shape.last(shape.count - 2).reduce(1, *)])
      .gather(1, positions.reshape(flat)).reshape(Array(positions.shape))
    guard values.count > 0 else { return try [values.sum([2]).reshape(shape), positions.sum([2]).reshape(shape)] }
    let best = try values.detach().argmax(2, keepDim: true)
    return try [values.gather(2, best).reshape(shape), positions.gather(2, best).reshape(shape)]
  }
}
