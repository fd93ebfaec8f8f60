import CKernels

extension ScheduleDeclaration {
  static let cycles: [ScheduleDeclaration] = [cyclicLR, oneCycleLR, swaLR]

  // MARK: Cyclic

  static let cyclicLR = ScheduleDeclaration(
    "CyclicLR", "Goes between base_lr and max_lr, and the momentum the other way.",
    [
      .floats("base_lr", "The lower rate, or one for each group."), .floats("max_lr", "The upper rate."),
      .int("step_size_up", default: 2000, in: positive, "Steps upwards."),
      Field.int("step_size_down", in: 0...0x1p53, "Steps downwards; as many as upwards without it.").optional,
      .choice(
        "mode", of: ["triangular", "triangular2", "exp_range", "cosine"], default: "triangular",
        "triangular2 halves each cycle, exp_range multiplies by gamma^t, cosine goes along a wave."),
      .float("gamma", default: 1),
      .choice(
        "scale_mode", of: ["cycle", "iterations"], default: "cycle",
        "What a height that the caller gives is a function of: the number of the cycle or of the step."),
      .bool("cycle_momentum", default: true), .floats("base_momentum", default: [0.8]),
      .floats("max_momentum", default: [0.9]),
    ],
    memory: [
      .perGroup("max_lrs"), .float("total_size"), .float("step_ratio"),
      .choice("mode", of: ["triangular", "triangular2", "exp_range", "cosine"]), .float("gamma"),
      .choice("scale_mode", of: ["cycle", "iterations"]), .bool("cycle_momentum"), .bool("use_beta1"),
      .perGroup("base_momentums"), .perGroup("max_momentums"),
    ],
    begin: { start in
      let (a, name) = (start.arguments, start.name)
      let lower = try a.floats(0).forGroups(of: start.optimizer, name, "base_lr")
      if !start.isResumed {
        for (group, rate) in lower.enumerated() { try start.optimizer.setRate(rate, group: group) }
      }
      let down = a.optionalInt(3).map(Double.init) ?? a.float(2)
      let upper = try a.floats(1).forGroups(of: start.optimizer, name, "max_lr")
      let momenta = try a.bool(7) ? start.momenta(8, 9) : ([], [], false)
      let scaleMode = a.string(4) == "exp_range" ? "iterations" : a.string(6)
      return [
        .floats(upper), .float(a.float(2) + down), .float(a.float(2) / (a.float(2) + down)), .string(a.string(4)),
        .float(a.float(5)), .string(scaleMode), .bool(a.bool(7)), .bool(momenta.2), .floats(momenta.0),
        .floats(momenta.1),
      ]
    },
    momentum: { m in
      guard m.memory.bool(6) else { return .nan }
      let (low, high) = (m.memory.floats(8), m.memory.floats(9))
      guard m.group < low.count, m.group < high.count else {
        throw SNNError.argument("CyclicLR: was made without momenta, which cycle_momentum needs")
      }
      let (least, most) = (low[m.group], high[m.group])
      return try most - (most - least) * shape(m) * height(m)
    },
    next: { m in try m.base + (m.memory.floats(0)[m.group] - m.base) * shape(m) * height(m) })

  private static func cycle(_ m: Moment) -> Double { (1 + m.t / m.memory.float(1)).rounded(.down) }

  /// How far up a cycle has come, from 0 to 1.
  private static func shape(_ m: Moment) -> Double {
    let ratio = m.memory.float(2)
    let x = 1 + m.t / m.memory.float(1) - cycle(m)
    let line = x <= ratio ? x / ratio : (x - 1) / (ratio - 1)
    return m.memory.string(3) == "cosine" ? (1 - ck_cos(.pi * line)) / 2 : line
  }

  private static func height(_ m: Moment) throws -> Double {
    if let scale = m.scale { return try scale(m.memory.string(5) == "cycle" ? cycle(m) : m.t) }
    switch m.memory.string(3) {
    case "triangular2": return 1 / ck_pow(2, cycle(m) - 1)
    case "exp_range": return ck_pow(m.memory.float(4), m.t)
    default: return 1
    }
  }

  // MARK: One cycle

  static let oneCycleLR = ScheduleDeclaration(
    "OneCycleLR", "Up to max_lr and far down again, once, and the momentum the other way.",
    [
      .floats("max_lr", "The highest rate, or one for each group."),
      Field.int("total_steps", in: positive, "Steps in all.").optional,
      Field.int("epochs", in: positive, "With steps_per_epoch, in place of total_steps.").optional,
      Field.int("steps_per_epoch", in: positive).optional,
      .float("pct_start", default: 0.3, in: 0...1, "The share of the steps that go upwards."),
      .choice("anneal_strategy", of: ["cos", "linear"], default: "cos"), .bool("cycle_momentum", default: true),
      .floats("base_momentum", default: [0.85]), .floats("max_momentum", default: [0.95]),
      .float("div_factor", default: 25, "The first rate is max_lr / div_factor."),
      .float("final_div_factor", default: 1e4, "The last rate is the first / final_div_factor."),
      .bool("three_phase", default: false, "Down to the first rate as steeply as up, then to the last."),
    ],
    memory: [
      .int("total_steps", in: positive), .float("_pct_start"),
      .choice("_anneal_func_type", of: ["cos", "linear"]), .bool("cycle_momentum"), .bool("use_beta1"),
      .bool("_three_phase"),
    ],
    begin: { start in
      let (a, optimizer) = (start.arguments, start.optimizer)
      let steps = try totalSteps(a)
      let highest = try a.floats(0).forGroups(of: optimizer, start.name, "max_lr")
      if !start.isResumed {
        for (group, rate) in highest.enumerated() {
          optimizer.groups[group].notes["initial_lr"] = rate / a.float(9)
          optimizer.groups[group].notes["max_lr"] = rate
          optimizer.groups[group].notes["min_lr"] = rate / a.float(9) / a.float(10)
        }
      }
      let usesBeta = try a.bool(6) ? start.momenta(7, 8).2 : false
      return [
        .int(steps), .float(a.float(4)), .string(a.string(5)), .bool(a.bool(6)), .bool(usesBeta), .bool(a.bool(11)),
      ]
    },
    momentum: { m in
      guard m.memory.bool(3) else { return .nan }
      let phase = try phase(m)
      return annealed(m, m.note(phase.momenta.0), m.note(phase.momenta.1), phase.share)
    },
    next: { m in
      let phase = try phase(m)
      return annealed(m, m.note(phase.rates.0), m.note(phase.rates.1), phase.share)
    })

  private static func totalSteps(_ a: Arguments) throws(SNNError) -> Int {
    if let steps = a.optionalInt(1) { return steps }
    guard let epochs = a.optionalInt(2), let each = a.optionalInt(3) else {
      throw .argument("OneCycleLR: You must define either total_steps OR (epochs AND steps_per_epoch)")
    }
    let (steps, overflows) = epochs.multipliedReportingOverflow(by: each)
    guard !overflows, steps <= 1 << 53 else {
      throw .argument("OneCycleLR: \(epochs) epochs of \(each) steps are too many steps")
    }
    return steps
  }

  private typealias Phase = (rates: (String, String), momenta: (String, String), share: Double)

  /// Rates and momenta that a step goes between, and how far it has come.
  private static func phase(_ m: Moment) throws(SNNError) -> Phase {
    let total = m.memory.int(0)
    guard m.step <= total else {
      throw .argument("OneCycleLR: Tried to step \(m.step) times. The specified number of total steps is \(total)")
    }
    let top = m.memory.float(1) * Double(total) - 1
    let up = (("initial_lr", "max_lr"), ("max_momentum", "base_momentum"), top)
    var phases: [Phase] = [up, (("max_lr", "min_lr"), ("base_momentum", "max_momentum"), Double(total - 1))]
    if m.memory.bool(5) {
      phases = [
        up, (("max_lr", "initial_lr"), ("base_momentum", "max_momentum"), 2 * m.memory.float(1) * Double(total) - 2),
        (("initial_lr", "min_lr"), ("max_momentum", "max_momentum"), Double(total - 1)),
      ]
    }
    let index = phases.firstIndex { m.t <= $0.2 } ?? phases.count - 1
    let start = index == 0 ? 0 : phases[index - 1].2
    let (rates, momenta, end) = phases[index]
    guard end != start else {
      throw .argument("OneCycleLR: the phase from \(rates.0) to \(rates.1) has no steps, of \(total) in all")
    }
    return (rates, momenta, (m.t - start) / (end - start))
  }

  private static func annealed(_ m: Moment, _ start: Double, _ end: Double, _ share: Double) -> Double {
    m.memory.string(2) == "cos"
      ? end + (start - end) / 2 * (ck_cos(.pi * share) + 1) : (end - start) * share + start
  }

  // MARK: Stochastic weight averaging

  static let swaLR = ScheduleDeclaration(
    "SWALR", "From the rate as it stands to swa_lr in anneal_epochs steps, and stays there.",
    [
      .floats("swa_lr", "The rate at the end, or one for each group."),
      .int("anneal_epochs", default: 10, in: 0...0x1p53),
      .choice("anneal_strategy", of: ["cos", "linear"], default: "cos"),
    ],
    memory: [.int("anneal_epochs", in: 0...0x1p53), .choice("_anneal_strategy", of: ["cos", "linear"])],
    begin: { start in
      let rates = try start.arguments.floats(0).forGroups(of: start.optimizer, start.name, "swa_lr")
      for (group, rate) in rates.enumerated() { start.optimizer.groups[group].notes["swa_lr"] = rate }
      return [.int(start.arguments.int(1)), .string(start.arguments.string(2))]
    },
    value: { m in
      let alpha = swaShare(m, m.memory.int(0) == 0 ? max(1, m.t) : m.t)
      return m.note("swa_lr") * alpha + m.base * (1 - alpha)
    },
    next: { m in
      let step = m.memory.int(0) == 0 ? max(1, m.calls - 1) : m.calls - 1
      let (before, now) = (swaShare(m, Double(step) - 1), swaShare(m, Double(step)))
      let goal = m.note("swa_lr")
      let start = before == 1 ? goal : (m.rate - before * goal) / (1 - before)
      return goal * now + start * (1 - now)
    })

  private static func swaShare(_ m: Moment, _ step: Double) -> Double {
    let t = max(0, min(1, step / max(1, m.memory.float(0))))
    return m.memory.string(1) == "cos" ? (1 - ck_cos(.pi * t)) / 2 : t
  }
}

extension ScheduleDeclaration.Beginning {
  /// The lowest and highest momentum of the groups, which are given to the optimizer, and whether its betas take them.
  fileprivate func momenta(_ lowest: Int, _ highest: Int) throws(SNNError) -> ([Double], [Double], Bool) {
    guard let option = optimizer.momentumOption else {
      throw .argument("\(name): optimizer must support momentum or beta1 with `cycle_momentum` option enabled")
    }
    let low = try arguments.floats(lowest).forGroups(of: optimizer, name, "base_momentum")
    let high = try arguments.floats(highest).forGroups(of: optimizer, name, "max_momentum")
    if !isResumed {
      for group in optimizer.groups.indices {
        try optimizer.setMomentum(high[group], group: group)
        optimizer.groups[group].notes["max_momentum"] = high[group]
        optimizer.groups[group].notes["base_momentum"] = low[group]
      }
    }
    return (low, high, option == "betas")
  }
}
