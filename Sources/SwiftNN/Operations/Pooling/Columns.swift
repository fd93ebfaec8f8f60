extension Operation {
  static let columns: [Operation] = [unfoldImages, foldImages]

  private static let windowFields: [Field] = [
    .ints("kernel_size"), .ints("dilation", default: [1]), .ints("padding", default: [0]),
    .ints("stride", default: [1]),
  ]

  static let unfoldImages = Operation(
    "unfold.images", "The elements of each window of images as one column.", [images] + windowFields,
    places: .functional
  ) {
    try $0.tensor(0).columns(
      ColumnArguments(kernel: $0.ints(1), dilation: $0.ints(2), padding: $0.ints(3), stride: $0.ints(4)))
  }

  static let foldImages = Operation(
    "fold", "Images in which the columns of windows are added up: the transpose of unfold.",
    [.tensor("input", "Columns [N, channels · window, windows], or without N."), .ints("output_size")] + windowFields,
    places: .functional
  ) {
    try $0.tensor(0).folded(
      $0.ints(1), ColumnArguments(kernel: $0.ints(2), dilation: $0.ints(3), padding: $0.ints(4), stride: $0.ints(5)))
  }
}

struct ColumnArguments {
  let kernel: [Int]
  let dilation: [Int]
  let padding: [Int]
  let stride: [Int]
}

/// Windows of the last two axes of images, as a view [N, C, kernel…, places…].
struct ImageWindows: ViewPrimitive {
  let kernel: [Int]
  let dilation: [Int]
  let stride: [Int]
  let places: [Int]
  let name: String

  func geometry(of x: Tensor) throws(SNNError) -> Geometry {
    var shown = Geometry(x)
    for i in 0..<2 {
      let step = x.strides[2 + i]
      shown.shape[2 + i] = kernel[i]
      shown.strides[2 + i] = step * dilation[i]
      shown.shape.append(places[i])
      shown.strides.append(places[i] > 1 ? step * stride[i] : step)
    }
    return shown
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    Few(try Placed(view: self, shape: p.inputSpec(0).shape, overlaps: true)(p.g))
  }
}

extension Tensor {
  /// The elements of each window of images [N, C, H, W], as columns [N, C · window, windows].
  func columns(_ given: ColumnArguments) throws(SNNError) -> Tensor {
    let spatial = Spatial(operation: "unfold", axes: 2)
    let (images, isSingle) = try spatial.batch(self)
    let (view, padding) = try spatial.imageWindows(images.shape, images.shape.last(2), given)
    let padded = try images.padded([padding[1], padding[1], padding[0], padding[0]], with: 0)
    let windows = try view(padded)
    let columns = try windows.reshaped(
      to: Dimensions.shape(
        [images.shape[0], images.shape[1] * view.kernel.reduce(1, *), view.places.reduce(1, *)], operation: "unfold"))
    return isSingle ? try columns.squeeze([0]) : columns
  }

  /// Images in which the columns of windows are added up.
  func folded(_ outputSize: [Int], _ given: ColumnArguments) throws(SNNError) -> Tensor {
    guard rank == 2 || rank == 3 else {
      throw .shape("fold: Expected 2D or 3D (batch mode) tensor, got shape \(shape)")
    }
    guard dtype != .bool else { throw .dtype("fold: not implemented for bool") }
    let spatial = Spatial(operation: "fold", axes: 2)
    let columns = rank == 2 ? try unsqueeze(0) : self
    let sizes = try spatial.numbers(outputSize, "output_size", atLeast: 1)
    let window = try spatial.numbers(given.kernel, "kernel_size", atLeast: 1).reduce(1.0) { $0 * Double($1) }
    guard window <= Double(Int32.max), columns.shape[1] % Int(window) == 0 else {
      throw .shape(
        "fold: Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got \(shape) and "
          + "kernel_size=\(given.kernel)")
    }
    let channels = columns.shape[1] / Int(window)
    let batch = columns.shape[0]
    let (view, padding) = try spatial.imageWindows([batch, channels] + sizes, sizes, given)
    guard columns.shape[2] == view.places[0] * view.places[1] else {
      throw .shape(
        "fold: Given output_size=\(sizes), kernel_size=\(view.kernel), dilation=\(view.dilation), padding=\(padding), "
          + "stride=\(view.stride), expected size of input's dimension 2 to match the calculated number of sliding blocks "
          + "\(view.places[0]) * \(view.places[1]), but got \(columns.shape[2])")
    }
    let windows = try columns.reshaped(to: Dimensions([batch, channels] + view.kernel + view.places))
    let room = try Dimensions.shape(
      [batch, channels, sizes[0] + 2 * padding[0], sizes[1] + 2 * padding[1]], operation: "fold")
    let placed = try Placed(view: view, shape: room, overlaps: true)(windows)
    let images = try placed.narrow(2, padding[0], sizes[0]).narrow(3, padding[1], sizes[1])
    return rank == 2 ? try images.squeeze([0]).contiguous() : try images.contiguous()
  }
}

extension Spatial {
  fileprivate func imageWindows(
    _ shape: some Collection<Int>, _ sizes: [Int], _ given: ColumnArguments
  ) throws(SNNError) -> (ImageWindows, padding: [Int]) {
    let kernel = try numbers(given.kernel, "kernel_size", atLeast: 1)
    let dilation = try numbers(given.dilation, "dilation", atLeast: 1)
    let padding = try numbers(given.padding, "padding", atLeast: 0)
    let stride = try numbers(given.stride, "stride", atLeast: 1)
    var places: [Int] = []
    for i in 0..<2 {
      let room = try sizes[i] + 2 * padding[i] - span(kernel[i], dilation[i])
      guard room >= 0 else {
        throw .shape(
          "\(operation): Given input with spatial size \(sizes), kernel_size=\(kernel), dilation=\(dilation), "
            + "padding=\(padding), calculated shape of the array of sliding blocks is not positive (shape \(Array(shape)))"
        )
      }
      places.append(room / stride[i] + 1)
    }
    return (
      ImageWindows(kernel: kernel, dilation: dilation, stride: stride, places: places, name: operation), padding
    )
  }
}
