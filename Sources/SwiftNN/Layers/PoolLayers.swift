extension LayerDeclaration {
  static let fractionalPools: [LayerDeclaration] = (2...3).map {
    LayerDeclaration("FractionalMaxPool\($0)d", of: "fractional_max_pool\($0)d")
  }

  static let pools: [LayerDeclaration] = (1...3).flatMap { axes in
    [
      LayerDeclaration(
        "MaxPool\(axes)d", of: "max_pool\(axes)d",
        order: ["kernel_size", "stride", "padding", "dilation", "return_indices", "ceil_mode"],
        text: "kernel_size= stride|kernel_size= padding= dilation= ceil_mode="),
      LayerDeclaration(
        "MaxUnpool\(axes)d", of: "max_unpool\(axes)d", calls: ["output_size"], length: axes,
        text: "kernel_size= stride|kernel_size= padding="),
      LayerDeclaration(
        "AvgPool\(axes)d", of: "avg_pool\(axes)d", length: axes == 1 ? 1 : nil,
        text: "kernel_size= stride|kernel_size= padding="),
      LayerDeclaration(
        "LPPool\(axes)d", of: "lp_pool\(axes)d", changed: [.scalar("norm_type", "The p of the norm.")],
        text: "norm_type= kernel_size= stride= ceil_mode="),
      LayerDeclaration("AdaptiveMaxPool\(axes)d", of: "adaptive_max_pool\(axes)d", text: "output_size="),
      LayerDeclaration("AdaptiveAvgPool\(axes)d", of: "adaptive_avg_pool\(axes)d", text: "output_size="),
    ]
  }
}
