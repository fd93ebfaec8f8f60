import CKernels

extension ScheduleDeclaration {
  static let warmups: [ScheduleDeclaration] = [warmupLinearLR, warmupCosineLR, transformerLR]

  private static let spans: [Field] = [
    .int("warmup_iters", in: 0...0x1p53, "Steps from 0 to the base rate."),
    .int("total_iters", in: 0...0x1p53, "Steps in all, those of the warm-up included."),
  ]

  static let warmupLinearLR = ScheduleDeclaration(
    "WarmupLinearLR", "Evenly from 0 to the base rate, then evenly back to 0.", spans
  ) { arguments, t in
    let place = place(arguments, t)
    return place.isWarming ? place.share : max(0, 1 - place.share)
  }

  static let warmupCosineLR = ScheduleDeclaration(
    "WarmupCosineLR", "Evenly from 0 to the base rate, then along a cosine to 0.",
    spans + [.float("num_cycles", default: 0.5, "Waves of the cosine behind the warm-up; half a wave ends at 0.")]
  ) { arguments, t in
    let place = place(arguments, t)
    if place.isWarming { return place.share }
    return max(0, 0.5 * (1 + ck_cos(.pi * arguments.float(2) * 2 * min(1, place.share))))
  }

  static let transformerLR = ScheduleDeclaration(
    "TransformerLR", "base · d_model^-0.5 · min(t^-0.5, t · warmup_steps^-1.5), where t counts from 1.",
    [.int("d_model", in: positive), .int("warmup_steps", default: 4000, in: positive)]
  ) { arguments, t in
    ck_pow(arguments.float(0), -0.5) * min(ck_pow(t + 1, -0.5), (t + 1) * ck_pow(arguments.float(1), -1.5))
  }

  /// How much of the warm-up, or of what comes behind it, lies before a step.
  private static func place(_ arguments: Arguments, _ t: Double) -> (isWarming: Bool, share: Double) {
    let (warmup, total) = (arguments.float(0), arguments.float(1))
    return t < warmup ? (true, t / max(1, warmup)) : (false, (t - warmup) / max(1, total - warmup))
  }
}
