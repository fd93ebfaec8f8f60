import CKernels

extension ScheduleDeclaration {
  static let cosines: [ScheduleDeclaration] = [cosineAnnealingLR, cosineAnnealingWarmRestarts]

  static let cosineAnnealingLR = ScheduleDeclaration(
    "CosineAnnealingLR", "Half a wave of a cosine from the base rate to eta_min in T_max steps, and back.",
    [.int("T_max", in: positive), .float("eta_min", default: 0)],
    closed: { m in m.memory.float(1) + (m.base - m.memory.float(1)) * (1 + ck_cos(.pi * m.t / m.memory.float(0))) / 2 },
    next: { m in
      let (most, least) = (m.memory.float(0), m.memory.float(1))
      if m.isFirst { return m.rate }
      if m.calls == 1, m.step > 0 { return least + (m.base - least) * (1 + ck_cos(m.t * .pi / most)) / 2 }
      // The lowest point, from which a factor does not lead away.
      if (m.t - 1 - most).truncatingRemainder(dividingBy: 2 * most) == 0 {
        return m.rate + (m.base - least) * (1 - ck_cos(.pi / most)) / 2
      }
      return (1 + ck_cos(.pi * m.t / most)) / (1 + ck_cos(.pi * (m.t - 1) / most)) * (m.rate - least) + least
    })

  static let cosineAnnealingWarmRestarts = ScheduleDeclaration(
    "CosineAnnealingWarmRestarts",
    "Half waves of a cosine from the base rate to eta_min, the first of T_0 steps, each T_mult times as long as the last.",
    [.int("T_0", in: positive), .int("T_mult", default: 1, in: positive), .float("eta_min", default: 0)],
    memory: [
      .int("T_0", in: positive), .float("T_i", in: positive), .int("T_mult", in: positive), .float("eta_min"),
      .float("T_cur"),
    ],
    begin: { start in
      let a = start.arguments
      return [.int(a.int(0)), .float(a.float(0)), .int(a.int(1)), .float(a.float(2)), .float(a.float(3))]
    },
    value: { m in
      let (i, current) = cycle(of: m.t, m.memory.float(0), m.memory.float(2))
      return wave(m.memory.float(3), m.base, current / i)
    },
    advance: { memory, step, target in
      guard case .float(var i) = memory[1], case .float(var current) = memory[4], case .int(let first) = memory[0],
        case .int(let multiple) = memory[2]
      else { return }
      if let epoch = target ?? (step < 0 ? 0 : nil) {
        guard epoch >= 0, epoch <= 0x1p53 else {
          throw SNNError.argument("CosineAnnealingWarmRestarts: Expected non-negative epoch, but got \(epoch)")
        }
        let place = cycle(of: epoch, Double(first), Double(multiple))
        // PyTorch leaves the length alone where all cycles have the same.
        if multiple > 1 || epoch < Double(first) { i = place.length }
        current = place.position
        step = Int(epoch.rounded(.down))
      } else {
        current += 1
        if current >= i {
          current = current.truncatingRemainder(dividingBy: i)
          i *= Double(multiple)
        }
        step += 1
      }
      (memory[1], memory[4]) = (.float(i), .float(current))
    },
    next: { m in wave(m.memory.float(3), m.base, m.memory.float(4) / m.memory.float(1)) })

  /// The length of the cycle that a step lies in, and how far in it lies.
  private static func cycle(of epoch: Double, _ first: Double, _ multiple: Double) -> (length: Double, position: Double)
  {
    if epoch < first { return (first, epoch) }
    if multiple == 1 { return (first, epoch.truncatingRemainder(dividingBy: first)) }
    let n = (ck_log(epoch / first * (multiple - 1) + 1) / ck_log(multiple)).rounded(.towardZero)
    let factor = ck_pow(multiple, n)
    return (first * factor, epoch - first * (factor - 1) / (multiple - 1))
  }

  private static func wave(_ least: Double, _ base: Double, _ share: Double) -> Double {
    least + (base - least) * (1 + ck_cos(.pi * share)) / 2
  }
}
