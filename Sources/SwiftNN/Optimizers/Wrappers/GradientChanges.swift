import CKernels

extension WrapperDeclaration {
  static let gradientCentralization = WrapperDeclaration(
    "GradientCentralization", "Takes from the gradient of each output its mean (Yong et al. 2020).",
    [.bool("conv_only", default: false, "Leaves matrices alone.")]
  ) { o in Centralization(least: o.bool("conv_only") ? 4 : 2) }

  static let gradientNoise = WrapperDeclaration(
    "GradientNoise", "Adds normal noise of variance eta / (1 + t)^gamma in step t (Neelakantan et al. 2015).",
    [
      .float("eta", default: 0.01, in: 0...Double.infinity, "The variance in the first step."),
      .float("gamma", default: 0.55, in: 0...Double.infinity, "How fast it fades."),
    ], keeps: [KeptState("noise_step", .number)]
  ) { o in Noise(eta: o.float("eta"), gamma: o.float("gamma")) }

  private struct Centralization: StepWrapper {
    /// Gradients with fewer axes stay as they are.
    let least: Int

    func before(_ moving: inout [Moving], first: Int) throws(SNNError) {
      for i in moving.indices where moving[i].gradient.rank >= least && moving[i].gradient.count > 0 {
        let g = moving[i].gradient
        moving[i].gradient = try (g - g.mean(Array(1..<g.rank), keepDim: true)).contiguous()
      }
    }
  }

  private struct Noise: StepWrapper {
    let eta, gamma: Double

    func before(_ moving: inout [Moving], first: Int) throws(SNNError) {
      for i in moving.indices {
        let (g, state) = (moving[i].gradient, moving[i].state)
        let t = try state.number(first, startingAt: 0)
        let deviation = (eta / ck_power(1 + t, gamma)).squareRoot()
        moving[i].gradient = try (g + Tensor.normal(Array(g.shape), std: deviation, g.dtype)).contiguous()
        try state.setNumber(first, to: t + 1)
      }
    }
  }
}
