extension Operation {
  static let shuffles: [Operation] = [pixelShuffle, pixelUnshuffle, channelShuffle]

  static let pixelShuffle = Operation(
    "pixel_shuffle", "Channels become places: […, C · r², H, W] → […, C, H · r, W · r].",
    [.tensor("input"), .int("upscale_factor")], places: [.function, .functional]
  ) {
    let (x, r) = ($0.tensor(0), $0.int(1))
    let (c, h, w) = try x.image("pixel_shuffle")
    guard r > 0, r < 1 << 20, c % (r * r) == 0 else {
      throw SNNError.argument(
        "pixel_shuffle: expects its input's 'channel' dimension to be divisible by the square of upscale_factor, but "
          + "input.size(-3)=\(c) is not divisible by \(r) squared")
    }
    let parts = try x.reshaped(
      to: Dimensions.shape([x.planeCount(3), c / (r * r), r, r, h, w], operation: "pixel_shuffle"))
    return try parts.permute([0, 1, 4, 2, 5, 3]).reshaped(
      to: Dimensions.shape(x.shape.dropLast(3) + [c / (r * r), h * r, w * r], operation: "pixel_shuffle"))
  }

  static let pixelUnshuffle = Operation(
    "pixel_unshuffle", "Places become channels: […, C, H · r, W · r] → […, C · r², H, W].",
    [.tensor("input"), .int("downscale_factor")], places: [.function, .functional]
  ) {
    let (x, r) = ($0.tensor(0), $0.int(1))
    let (c, h, w) = try x.image("pixel_unshuffle")
    guard r > 0, r < 1 << 20, h % r == 0, w % r == 0 else {
      throw SNNError.argument(
        "pixel_unshuffle: expects height and width to be divisible by downscale_factor, but \(h) and \(w) are not "
          + "divisible by \(r)")
    }
    let parts = try x.reshaped(to: [x.planeCount(3), c, h / r, r, w / r, r])
    return try parts.permute([0, 1, 3, 5, 2, 4]).reshaped(
      to: Dimensions.shape(x.shape.dropLast(3) + [c * r * r, h / r, w / r], operation: "pixel_unshuffle"))
  }

  static let channelShuffle = Operation(
    "channel_shuffle", "The channels of the groups in turn.", [.tensor("input"), .int("groups")],
    places: [.function, .functional]
  ) {
    let (x, groups) = ($0.tensor(0), $0.int(1))
    guard x.rank > 2, groups > 0, x.shape[1] % groups == 0 else {
      throw SNNError.argument(
        "channel_shuffle: expects at least 3 dimensions and channels divisible by groups, got shape \(x.shape) and groups "
          + "\(groups)")
    }
    let parts = try x.reshaped(
      to: [x.shape[0], groups, x.shape[1] / groups, x.shape.dropFirst(2).reduce(1, *)])
    return try parts.transpose(1, 2).reshaped(to: x.shape)
  }
}

extension Tensor {
  fileprivate func image(_ name: String) throws(SNNError) -> (channels: Int, height: Int, width: Int) {
    guard rank >= 3 else {
      throw .shape("\(name): expects input to have at least 3 dimensions, but got input with \(rank) dimension(s)")
    }
    return (shape[rank - 3], shape[rank - 2], shape[rank - 1])
  }
}
