import CKernels

/// A rule that is a formula of each element: one pass over all parameters of the group.
struct FusedRule: UpdateRule {
  /// Numbers that the formula needs of one parameter in one step.
  struct Terms {
    var decay = 0.0
    var shrink = 1.0
    var values: (Double, Double, Double, Double, Double, Double, Double, Double)

    init(
      _ a: Double, _ b: Double = 0, _ c: Double = 0, _ d: Double = 0, _ e: Double = 0, _ f: Double = 0,
      _ g: Double = 0, _ h: Double = 0, decay: Double = 0, shrink: Double = 1
    ) {
      self.decay = decay
      self.shrink = shrink
      values = (a, b, c, d, e, f, g, h)
    }
  }

  let rule: ck_rule
  /// Which of the kept tensors are the formula's a, b and c; nil: it is not asked for.
  let kept: [Int?]
  let sign: Double
  /// What the first of them begin with; zero where it says nothing.
  var starts: [Double] = []
  var beginsAtOnce = false
  let terms: @Sendable (Moving) throws(SNNError) -> Terms

  init(
    _ rule: ck_rule, keeps kept: [Int?], maximize: Bool, starts: [Double] = [], beginsAtOnce: Bool = false,
    terms: @escaping @Sendable (Moving) throws(SNNError) -> Terms
  ) {
    self.rule = rule
    self.kept = kept
    self.sign = maximize ? -1 : 1
    self.starts = starts
    self.beginsAtOnce = beginsAtOnce
    self.terms = terms
  }

  func begin(_ state: ParameterState, of parameter: Tensor) throws(SNNError) {
    if beginsAtOnce { _ = try arrays(of: parameter, state) }
  }

  func update(_ moving: [Moving]) throws(SNNError) {
    var updates = try pass(moving)
    FusedRule.run(&updates)
  }

  /// The kernel's view of the parameters.
  func pass(_ moving: [Moving]) throws(SNNError) -> [ck_update] {
    var updates: [ck_update] = []
    updates.reserveCapacity(moving.count)
    for one in moving {
      let arrays = try arrays(of: one.parameter, one.state)
      let terms = try terms(one)
      updates.append(
        ck_update(
          rule: rule, dtype: one.parameter.dtype.kernel, n: Int64(one.parameter.count), p: one.parameter.data,
          g: one.gradient.data, kept: arrays, sign: sign, decay: terms.decay, shrink: terms.shrink,
          terms: terms.values, lengths: (0, 0), first_block: 0))
    }
    return updates
  }

  static func run(_ updates: inout [ck_update]) {
    let count = Int64(updates.count)
    updates.withUnsafeMutableBufferPointer { all in
      guard let base = all.baseAddress else { return }
      withUnsafeTemporaryAllocation(of: Double.self, capacity: Int(ck_update_scratch(count, base))) {
        ck_update_all(count, base, $0.baseAddress)
      }
    }
  }

  private typealias Array3 = (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?)

  private func arrays(of parameter: Tensor, _ state: ParameterState) throws(SNNError) -> Array3 {
    func array(_ position: Int) throws(SNNError) -> UnsafeMutableRawPointer? {
      guard position < kept.count, let index = kept[position] else { return nil }
      let start = position < starts.count ? starts[position] : 0
      return try state.tensor(index, like: parameter, startingAt: start).data
    }
    return (try array(0), try array(1), try array(2))
  }
}
