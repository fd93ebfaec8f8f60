import CKernels

/// Changes of batches of images, as torchvision's of one image: each image of a batch is changed in its own way. They change the first
/// part of a batch, (N, …, H, W), and leave the others alone.
extension Augmentations {
  static let images: [Maker<any Augmentation>] = [
    ImageAugmentation.maker(
      "RandomHorizontalFlip", "Images mirrored left to right, each with probability p.", [probability]
    ) { options in
      let p = options.float("p")
      return { images, generator throws(SNNError) in try images.flipped(-1, p, generator) }
    },
    ImageAugmentation.maker(
      "RandomVerticalFlip", "Images mirrored top to bottom, each with probability p.", [probability]
    ) { options in
      let p = options.float("p")
      return { images, generator throws(SNNError) in try images.flipped(-2, p, generator) }
    },
    ImageAugmentation.maker(
      "RandomCrop", "A part of each image from a random place.",
      [
        .ints("size", "Height and width, or one number for both."),
        Field(
          "padding", .ints,
          "Room around the images before: for all sides, for left and right and top and bottom, or for each."
        )
        .optional,
        .bool("pad_if_needed", default: false, "Room at both sides where an image is too small."),
        .scalar("fill", default: 0, "What constant room is filled with."),
        .choice("padding_mode", of: ["constant", "edge", "reflect"], default: "constant"),
      ], make: RandomCrop.make),
    ImageAugmentation.maker(
      "GaussianNoise", "Normal noise added to images of numbers between 0 and 1.",
      [
        .float("mean", default: 0), .float("sigma", default: 0.1, in: 0...Double.infinity),
        .bool("clip", default: true, "Whether what lies outside of 0 and 1 is moved to them."),
      ]
    ) { options in
      let (mean, sigma, clips) = (options.float("mean"), options.float("sigma"), options.bool("clip"))
      return { images, generator throws(SNNError) in
        let noise = try Tensor.normal(Array(images.shape), mean: mean, std: sigma, images.dtype, generator)
        return try clips ? (images + noise).clamp(min: 0, max: 1) : images + noise
      }
    },
    ImageAugmentation.maker(
      "Normalize", "(input - mean) / std of each channel.",
      [.floats("mean", "One number for each channel."), .floats("std", "One number for each channel.")]
    ) { options throws(SNNError) in
      let (mean, std) = (options.list("mean") ?? [], options.list("std") ?? [])
      guard !std.contains(0) else { throw .argument("Normalize: std evaluated to zero, leading to division by zero.") }
      guard mean.count == std.count || mean.count == 1 || std.count == 1 else {
        throw .argument("Normalize: expects as many numbers in mean as in std, got \(mean.count) and \(std.count)")
      }
      return { images, _ throws(SNNError) in try images.normalized(mean, std) }
    },
  ]

  private static let probability = Field.float("p", default: 0.5, in: 0...1)
}

/// Changes the first part of a batch by a function.
private final class ImageAugmentation: Augmentation {
  typealias Change = (Tensor, Generator) throws(SNNError) -> Tensor
  private let name: String
  private let change: Change

  private init(_ name: String, _ change: @escaping Change) { (self.name, self.change) = (name, change) }

  static func maker(
    _ name: String, _ doc: String, _ fields: [Field],
    make: @escaping @Sendable (Options) throws(SNNError) -> Change
  ) -> Maker<any Augmentation> {
    Maker(name, doc, fields) { options throws(SNNError) in ImageAugmentation(name, try make(options)) }
  }

  func apply(_ batch: [Tensor], _ generator: Generator) throws(SNNError) -> [Tensor] {
    guard let images = batch.first, images.rank >= 3 else {
      throw .shape("\(name): expects images (N, …, H, W), got shape \(batch.first?.shape ?? [])")
    }
    try images.requireElements(name)
    var changed = batch
    do throws(SNNError) { changed[0] = try change(images, generator) } catch { throw error.naming(name) }
    return changed
  }
}

private enum RandomCrop {
  static func make(_ options: Options) throws(SNNError) -> (Tensor, Generator) throws(SNNError) -> Tensor {
    let size = options.ints("size") ?? []
    let padding = options.ints("padding") ?? []
    guard (1...2).contains(size.count), size.allSatisfy({ $0 > 0 }) else {
      throw .argument("RandomCrop: expects one or two sizes above 0, got \(size)")
    }
    guard [0, 1, 2, 4].contains(padding.count), padding.allSatisfy({ $0 >= 0 }) else {
      throw .argument("RandomCrop: expects a padding of 1, 2 or 4 numbers of at least 0, got \(padding)")
    }
    let (height, width) = (size[0], size[size.count - 1])
    // For all sides, or left and right, top and bottom, or left, top, right, bottom; `pad` counts left, right, top, bottom.
    let order = [0: [], 1: [0, 0, 0, 0], 2: [0, 0, 1, 1], 4: [0, 2, 1, 3]][padding.count] ?? []
    let room = order.map { padding[$0] }
    let isNeeded = options.bool("pad_if_needed")
    let fill = options.scalar("fill")
    let mode = options.word("padding_mode") == "edge" ? "replicate" : options.word("padding_mode") ?? "constant"
    return { images, generator throws(SNNError) in
      func padded(_ images: Tensor, _ room: [Int]) throws(SNNError) -> Tensor {
        try images.pad(room, mode: mode, value: mode == "constant" ? fill : nil)
      }
      var images = room.isEmpty ? images : try padded(images, room)
      if isNeeded {
        let (low, wide) = (height - images.shape[images.rank - 2], width - images.shape[images.rank - 1])
        if wide > 0 { images = try padded(images, [wide, wide]) }
        if low > 0 { images = try padded(images, [0, 0, low, low]) }
      }
      return try images.cropped(height, width, generator)
    }
  }
}

extension Tensor {
  /// Each example with its axis reversed, with probability p.
  fileprivate func flipped(_ axis: Int, _ p: Double, _ generator: Generator) throws(SNNError) -> Tensor {
    var shape = Dimensions(repeating: 1, count: rank)
    shape[0] = self.shape[0]
    let isFlipped = try Tensor.mask(shape, probability: p, .bool, generator)
    return try Tensor.where(isFlipped, flip([axis]), self)
  }

  /// Each example cut to rows and columns from a place of its own.
  fileprivate func cropped(_ rows: Int, _ columns: Int, _ generator: Generator) throws(SNNError) -> Tensor {
    let (height, width) = (shape[rank - 2], shape[rank - 1])
    guard rows <= height, columns <= width else {
      throw .argument("Required crop size (\(rows), \(columns)) is larger than input image size (\(height), \(width))")
    }
    let images = try detach().contiguous()
    let count = shape[0]
    let top = try Tensor.integers([count], 0, height - rows + 1, .int64, generator, operation: "RandomCrop")
    let left = try Tensor.integers([count], 0, width - columns + 1, .int64, generator, operation: "RandomCrop")
    var size = shape
    (size[rank - 2], size[rank - 1]) = (rows, columns)
    let result = try Tensor(uninitialized: size, dtype, operation: "RandomCrop")
    var crop = ck_crop(
      images: Int64(count), channels: Int64(shape[1..<(rank - 2)].reduce(1, *)), height: Int64(height),
      width: Int64(width), rows: Int64(rows), columns: Int64(columns), top: top.indexPointer, left: left.indexPointer)
    withExtendedLifetime((top, left)) { ck_crop_images(dtype.kernel, &crop, result.data, images.data) }
    return result
  }

  fileprivate func normalized(_ mean: [Double], _ std: [Double]) throws(SNNError) -> Tensor {
    let channels = shape[rank - 3]
    guard dtype.isFloatingPoint else { throw .dtype("expects images of a floating dtype, got \(dtype.name)") }
    guard rank >= 4, [mean.count, std.count].allSatisfy({ $0 == 1 || $0 == channels }) else {
      throw .shape("expects images (N, C, H, W) of \(Swift.max(mean.count, std.count)) channels, got shape \(shape)")
    }
    let (means, stds) = (try Tensor(mean, [mean.count, 1, 1]), try Tensor(std, [std.count, 1, 1]))
    return try (self - means.cast(to: dtype)) / stds.cast(to: dtype)
  }
}
