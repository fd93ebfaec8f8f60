extension WrapperDeclaration {
  static let lookahead = WrapperDeclaration(
    "Lookahead", "Every k steps, slow weights follow the fast ones and replace them (Zhang et al. 2019).",
    [
      .int("k", default: 5, in: 1...0x1p24, "How many fast steps there are to a slow one."),
      .float("alpha", default: 0.5, in: 0...1, "How far the slow weights follow."),
    ], keeps: ["slow_param", KeptState("lookahead_step", .number)]
  ) { o in Lookahead(k: o.int("k"), alpha: o.float("alpha")) }

  private struct Lookahead: StepWrapper {
    let k: Int
    let alpha: Double

    func before(_ moving: inout [Moving], first: Int) throws(SNNError) {
      for one in moving where one.state.tensors[first] == nil {
        one.state.tensors[first] = try one.parameter.cast(to: one.parameter.dtype.working).clone()
      }
    }

    func after(_ moving: [Moving], first: Int) throws(SNNError) {
      for one in moving {
        let step = try one.state.number(first + 1, startingAt: 0) + 1
        try one.state.setNumber(first + 1, to: step >= Double(k) ? 0 : step)
        guard step >= Double(k) else { continue }
        let slow = try one.state.tensor(first, like: one.parameter)
        let followed = try slow + (one.parameter.cast(to: slow.dtype) - slow) * .float(alpha)
        one.state.tensors[first] = followed
        one.parameter.fill(copying: followed)
      }
    }
  }
}
