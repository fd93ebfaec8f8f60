import CKernels

/// How the loss goes while the learning rate rises from step to step.
public struct RateRange: Sendable {
  public internal(set) var rates: [Double] = []
  public internal(set) var losses: [Double] = []
  /// A mean of the losses that forgets, free of the pull of its beginning.
  public internal(set) var smoothed: [Double] = []

  /// The rate at which the smoothed loss falls fastest over the logarithm of the rate; nil where it does not fall.
  public var steepest: Double? {
    var best: (slope: Double, rate: Double)?
    for i in smoothed.indices.dropFirst().dropLast() {
      let slope = (smoothed[i + 1] - smoothed[i - 1]) / (ck_log(rates[i + 1]) - ck_log(rates[i - 1]))
      if slope < 0, slope < best?.slope ?? 0 { best = (slope, rates[i]) }
    }
    return best?.rate
  }

  /// A tenth of the rate with the least smoothed loss.
  public var tenthOfLowest: Double? {
    zip(rates, smoothed).min { $0.1 < $1.1 }.map { $0.0 / 10 }
  }

  /// How a test is made.
  public struct Options: Sendable {
    public var from = 1e-7
    public var to = 10.0
    public var steps = 100
    /// By equal factors, not by equal differences.
    public var isExponential = true
    /// How much of the mean of the losses stays at each step.
    public var smoothing = 0.98
    /// The test ends when the smoothed loss is this many times the least so far.
    public var divergence = 4.0

    public init() {}

    func rate(_ step: Int) -> Double {
      let share = steps == 1 ? 0 : Double(step) / Double(steps - 1)
      return isExponential ? from * ck_pow(to / from, share) : from + (to - from) * share
    }

    func check() throws(SNNError) {
      guard from > 0, to > from, to.isFinite else {
        throw .argument("lr_range_test: expects rates that rise from above 0, got \(from) and \(to)")
      }
      guard steps >= 1, steps <= 1_000_000 else {
        throw .argument("lr_range_test: expects between 1 and 1000000 steps, got \(steps)")
      }
      guard smoothing >= 0, smoothing < 1 else {
        throw .argument("lr_range_test: expects a smoothing of at least 0 and below 1, got \(smoothing)")
      }
      guard divergence > 1 else {
        throw .argument("lr_range_test: expects a divergence above 1, got \(divergence)")
      }
    }
  }
}

extension Optimizer {
  /// Trains with a rate that rises until the loss does. `step` computes the loss of a batch and the gradients; the step itself is
  /// made here. Afterwards, parameters, their gradients, the state of the optimizer and `kept` tensors, as running statistics,
  /// are what they were. Every group has the same rate.
  public func rateRangeTest(
    _ options: RateRange.Options = RateRange.Options(), keeping kept: [Tensor] = [], step: () throws -> Double
  ) throws(SNNError) -> RateRange {
    try options.check()
    let parameters = groups.flatMap(\.parameters)
    let gradients = parameters.map(\.gradient)
    var copies: [(Tensor, Tensor)] = []
    for tensor in parameters + kept {
      guard tensor.batch == nil else { throw .shape("lr_range_test: cannot change tensors inside of vmap") }
      copies.append((tensor, try tensor.detach().clone()))
    }
    let before = groups
    let states = groups.flatMap(\.states)
    let remembered = states.map { ($0.step, $0.tensors) }
    defer {
      groups = before
      for (state, old) in zip(states, remembered) { (state.step, state.tensors) = old }
      Gradients.with(enabled: false) {
        for (tensor, copy) in copies where tensor.shape == copy.shape {
          tensor.fill(copying: copy)
          tensor.storage.version += 1
        }
      }
      for (parameter, gradient) in zip(parameters, gradients) { try? parameter.setGradient(gradient) }
    }
    // The states that are there are left alone: the test changes copies.
    for state in states {
      for (i, tensor) in state.tensors.enumerated() { state.tensors[i] = try tensor?.detach().clone() }
    }
    do { return try risen(options, step) } catch { throw SNNError.from(error) }
  }

  private func risen(_ options: RateRange.Options, _ step: () throws -> Double) throws -> RateRange {
    var found = RateRange()
    var (mean, weight, least) = (0.0, 1.0, Double.infinity)
    for number in 0..<options.steps {
      let rate = options.rate(number)
      for group in groups.indices { try setRate(rate, group: group) }
      zeroGradients()
      let loss = try step()
      mean = options.smoothing * mean + (1 - options.smoothing) * loss
      weight *= options.smoothing
      let smoothed = mean / (1 - weight)
      guard smoothed.isFinite, number == 0 || smoothed <= options.divergence * abs(least) else { break }
      least = min(least, smoothed)
      found.rates.append(rate)
      found.losses.append(loss)
      found.smoothed.append(smoothed)
      try self.step()
    }
    return found
  }
}
