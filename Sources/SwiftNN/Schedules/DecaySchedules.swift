import CKernels

extension ScheduleDeclaration {
  static let decays: [ScheduleDeclaration] = [
    stepLR, multiStepLR, constantLR, linearLR, exponentialLR, polynomialLR, naturalExpLR, inverseTimeLR,
  ]

  static let positive = 1...0x1p53

  static let stepLR = ScheduleDeclaration(
    "StepLR", "Multiplies the rate by gamma every step_size steps.",
    [.int("step_size", in: positive), .float("gamma", default: 0.1)],
    closed: { m in m.base * ck_pow(m.memory.float(1), (m.t / m.memory.float(0)).rounded(.down)) },
    next: { m in m.step == 0 || m.step % m.memory.int(0) != 0 ? m.rate : m.rate * m.memory.float(1) })

  static let multiStepLR = ScheduleDeclaration(
    "MultiStepLR", "Multiplies the rate by gamma at each milestone; one that stands twice counts twice.",
    [.ints("milestones"), .float("gamma", default: 0.1)],
    closed: { m in
      m.base * ck_pow(m.memory.float(1), Double(m.memory.ints(0).count { $0 <= m.step }))
    },
    next: { m in
      let times = m.memory.ints(0).count { $0 == m.step }
      return times == 0 ? m.rate : m.rate * ck_pow(m.memory.float(1), Double(times))
    })

  static let constantLR = ScheduleDeclaration(
    "ConstantLR", "A factor on the rate for the first total_iters steps.",
    [.float("factor", default: 1.0 / 3, in: 0...1), .int("total_iters", default: 5)],
    closed: { m in m.step >= m.memory.int(1) ? m.base * 1 : m.base * m.memory.float(0) },
    next: { m in
      if m.step == 0 { return m.rate * m.memory.float(0) }
      if m.step != m.memory.int(1) { return m.rate }
      guard m.memory.float(0) != 0 else {
        throw SNNError.argument("ConstantLR: a factor of 0 cannot be taken back at step \(m.step)")
      }
      return m.rate * (1 / m.memory.float(0))
    })

  static let linearLR = ScheduleDeclaration(
    "LinearLR", "A factor on the rate that goes evenly from start_factor to end_factor.",
    [
      .float("start_factor", default: 1.0 / 3, in: Double.leastNonzeroMagnitude...1),
      .float("end_factor", default: 1, in: 0...1), .int("total_iters", default: 5),
    ],
    closed: { m in
      let (start, end) = (m.memory.float(0), m.memory.float(1))
      let total = try m.total(2, "LinearLR")
      return m.base * (start + (end - start) * min(total, m.t) / total)
    },
    next: { m in
      let (start, change, total) = (m.memory.float(0), m.memory.float(1) - m.memory.float(0), m.memory.int(2))
      if m.step == 0 { return m.rate * start }
      if m.isFirst || m.step > total { return m.rate }
      return m.rate * (1 + change / (Double(total) * start + (m.t - 1) * change))
    })

  static let exponentialLR = ScheduleDeclaration(
    "ExponentialLR", "Multiplies the rate by gamma at each step.", [.float("gamma")],
    closed: { m in m.base * ck_pow(m.memory.float(0), m.t) },
    next: { m in m.isFirst ? m.rate : m.rate * m.memory.float(0) })

  static let polynomialLR = ScheduleDeclaration(
    "PolynomialLR", "base · (1 - t / total_iters)^power, and 0 from there on.",
    [.int("total_iters", default: 5), .float("power", default: 1)],
    closed: { m in
      let total = try m.total(0, "PolynomialLR")
      return try m.base * power(1 - min(total, m.t) / total, m.memory.float(1), "PolynomialLR")
    },
    next: { m in
      if m.isFirst || m.step > m.memory.int(0) { return m.rate }
      let total = Double(m.memory.int(0))
      return try m.rate
        * power((1 - m.t / total) / (1 - (m.t - 1) / total), m.memory.float(1), "PolynomialLR")
    })

  static let naturalExpLR = ScheduleDeclaration(
    "NaturalExpLR", "base · e^(-k·t).", [.float("k", default: 0.1, in: 0...Double.infinity)]
  ) { arguments, t in ck_exp(-arguments.float(0) * t) }

  static let inverseTimeLR = ScheduleDeclaration(
    "InverseTimeLR", "base / (1 + k·t).", [.float("k", default: 0.1, in: 0...Double.infinity)]
  ) { arguments, t in 1 / (1 + arguments.float(0) * t) }

  private static func power(_ base: Double, _ exponent: Double, _ name: String) throws(SNNError) -> Double {
    guard base != 0 || exponent >= 0 else {
      throw .argument("\(name): 0 cannot be raised to the power \(exponent)")
    }
    return ck_pow(base, exponent)
  }
}

extension Moment {
  /// A number of steps to divide by.
  func total(_ index: Int, _ name: String) throws(SNNError) -> Double {
    guard memory.int(index) != 0 else {
      throw .argument("\(name): total_iters is 0, and there is no rate for step \(step) then")
    }
    return Double(memory.int(index))
  }
}
