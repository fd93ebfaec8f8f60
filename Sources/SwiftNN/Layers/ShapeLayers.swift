extension LayerDeclaration {
  /// Layers that only move, repeat or stretch what they are given.
  static let shapes: [LayerDeclaration] = [
    LayerDeclaration("Identity", "The input as it is.", []) { _, _, inputs in [inputs.tensor(0)] },
    LayerDeclaration(
      "Flatten", of: "flatten", changed: [.int("start_dim", default: 1)], text: "start_dim= end_dim="),
    LayerDeclaration(
      "Unflatten", of: "unflatten", changed: [.ints("unflattened_size").tuple], renamed: ["sizes": "unflattened_size"],
      text: "dim= unflattened_size="),
    LayerDeclaration("Unfold", of: "unfold.images", text: "kernel_size= dilation= padding= stride="),
    LayerDeclaration("Fold", of: "fold", text: "output_size= kernel_size= dilation= padding= stride="),
    LayerDeclaration("PixelShuffle", of: "pixel_shuffle", text: "upscale_factor="),
    LayerDeclaration("PixelUnshuffle", of: "pixel_unshuffle", text: "downscale_factor="),
    LayerDeclaration("ChannelShuffle", of: "channel_shuffle", text: "groups="),
  ]

  static let resamplings: [LayerDeclaration] = [
    LayerDeclaration(
      "Upsample", of: "interpolate",
      order: ["size", "scale_factor", "mode", "align_corners", "recompute_scale_factor"],
      text: "scale_factor/size= mode="),
    upsampling("UpsamplingNearest2d", "upsample_nearest", "nearest"),
    upsampling("UpsamplingBilinear2d", "upsample_bilinear", "bilinear"),
  ]

  private static func upsampling(_ name: String, _ operationName: String, _ mode: String) -> LayerDeclaration {
    let operation = Operation.declared(operationName)
    let fields = Array(operation.fields.dropFirst())
    return LayerDeclaration(
      name, operation.doc, fields,
      describe: { "\(Text.of("scale_factor/size=", fields, $0)), mode='\(mode)'" },
      formula: { _, options, inputs in try operation.apply([.tensor(inputs.tensor(0))] + Array(options.values)) })
  }

  static let paddings: [LayerDeclaration] = (1...3).flatMap { axes in
    [
      padding("ConstantPad\(axes)d", axes, "constant", "Room around images, filled with a number.", takesValue: true),
      padding("ZeroPad\(axes)d", axes, "constant", "Zeros around images."),
      padding("ReflectionPad\(axes)d", axes, "reflect", "Room around images, filled with their reflection."),
      padding("ReplicationPad\(axes)d", axes, "replicate", "Room around images, filled with their border."),
      padding("CircularPad\(axes)d", axes, "circular", "Room around images, filled from their other side."),
    ]
  }

  private static func padding(
    _ name: String, _ axes: Int, _ mode: String, _ doc: String, takesValue: Bool = false
  ) -> LayerDeclaration {
    let widths = Field.ints("padding", "Before and after the last axis, then before and after the one before, …")
      .changed {
        $0.length = 2 * axes
      }
    return LayerDeclaration(
      name, doc, takesValue ? [widths, .scalar("value")] : [widths],
      text: takesValue ? "padding= value=" : "padding"
    ) { _, options, inputs in
      let x = inputs.tensor(0)
      guard mode == "constant" || x.rank == axes + 1 || x.rank == axes + 2 else {
        throw SNNError.shape("\(name): expected \(axes + 1)D or \(axes + 2)D input, got shape \(x.shape)")
      }
      return [try x.pad(options.ints(0), mode: mode, value: takesValue ? options.scalar(1) : nil)]
    }
  }

  static let distances: [LayerDeclaration] = [
    LayerDeclaration("CosineSimilarity", of: "cosine_similarity"),
    LayerDeclaration("PairwiseDistance", of: "pairwise_distance"),
  ]
}
