/// Windows for spectra, as torch.signal.windows has them.
extension Operation {
  static let signalWindows: [Operation] = [
    exponentialWindow, cosineWindow, gaussianWindow, kaiserWindow, hammingWindow, hannWindow, blackmanWindow,
    bartlettWindow, generalCosineWindow, generalHammingWindow, nuttallWindow,
  ]

  /// `points` makes the window from the fields between the length and `sym`.
  private static func window(
    _ name: String, _ doc: String, _ fields: [Field] = [],
    _ points: @escaping Window.Points
  ) -> Operation {
    let count = fields.count
    return Operation(
      name, doc,
      [.int("M", in: 0...Double(1 << 45), "The length.")] + fields.map(\.keyword)
        + [.bool("sym", default: true, "False for a period of a longer one.").keyword, .dtype().keyword],
      places: .signal, differentiable: false
    ) {
      let dtype = $0.dtype(count + 2) ?? .default
      guard dtype == .float32 || dtype == .float64 else {
        throw SNNError.dtype("\(name): expects a window of float32 or float64, got \(dtype.name)")
      }
      return try Window(length: $0.int(0), isSymmetric: $0.bool(count + 1)).made(of: points, $0, dtype)
    }
  }

  private static let aboveZero = Double.leastNonzeroMagnitude...Double.infinity

  static let exponentialWindow = window(
    "exponential", "exp(-|n - center| / tau).",
    [Field("center", .float, "The middle without it.").optional, .float("tau", default: 1, in: aboveZero)]
  ) { window, arguments in
    guard arguments.isNone(1) || !window.isSymmetric else {
      throw SNNError.argument("exponential: center must be None for symmetric windows")
    }
    let center = arguments.optionalFloat(1) ?? Double(window.period) / 2
    return try (-((window.line(from: -center, step: 1)).abs() / .float(arguments.float(2)))).exp()
  }

  static let cosineWindow = window("cosine", "A half wave of the sine.") { window, _ in
    let step = Double.pi / Double(window.isSymmetric ? window.length : window.length + 1)
    return try window.line(from: step / 2, step: step).sin()
  }

  static let gaussianWindow = window(
    "gaussian", "The bell curve.", [.float("std", default: 1, in: aboveZero)]
  ) { window, arguments in
    let scale = 1 / (arguments.float(1) * 1.41421356237309504880)
    return try (-window.line(from: -Double(window.period) / 2 * scale, step: scale).square()).exp()
  }

  static let kaiserWindow = window(
    "kaiser", "Kaiser's window.", [.float("beta", default: 12, in: 0...Double.infinity)]
  ) { try $0.kaiser($1.float(1)) }

  static let hammingWindow = window("hamming", "A raised cosine with feet.") { window, _ in
    try window.cosines([0.54, 0.46])
  }
  static let hannWindow = window("hann", "A raised cosine.") { window, _ in try window.cosines([0.5, 0.5]) }
  static let blackmanWindow = window("blackman", "Three cosines.") { window, _ in
    try window.cosines([0.42, 0.5, 0.08])
  }
  static let bartlettWindow = window("bartlett", "A triangle.") { window, _ in try window.triangle() }

  static let generalCosineWindow = window(
    "general_cosine", "A sum of cosines with alternating signs.", [.floats("a", "Their weights.")]
  ) { window, arguments in
    guard !arguments.floats(1).isEmpty else { throw SNNError.argument("general_cosine: a must not be empty") }
    return try window.cosines(arguments.floats(1))
  }

  static let generalHammingWindow = window(
    "general_hamming", "A raised cosine whose feet are as high as alpha says.", [.float("alpha", default: 0.54)]
  ) { try $0.cosines([$1.float(1), 1 - $1.float(1)]) }

  static let nuttallWindow = window("nuttall", "Four cosines.") { window, _ in
    try window.cosines([0.3635819, 0.4891775, 0.1365995, 0.0106411])
  }
}

/// The older names of some, whose windows are periods unless told otherwise.
extension Operation {
  static let periodicWindows: [Operation] = [
    periodic("hann_window", "A raised cosine.") { window, _ in try window.cosines([0.5, 0.5]) },
    periodic(
      "hamming_window", "A raised cosine with feet.",
      [.float("alpha", default: 0.54), .float("beta", default: 0.46)]
    ) { try $0.cosines([$1.float(2), $1.float(3)]) },
    periodic("blackman_window", "Three cosines.") { window, _ in try window.cosines([0.42, 0.5, 0.08]) },
    periodic("bartlett_window", "A triangle.") { window, _ in try window.triangle() },
    periodic("kaiser_window", "Kaiser's window.", [.float("beta", default: 12)]) { try $0.kaiser($1.float(2)) },
  ]

  private static func periodic(
    _ name: String, _ doc: String, _ fields: [Field] = [],
    _ points: @escaping Window.Points
  ) -> Operation {
    let count = fields.count
    return Operation(
      name, doc,
      [
        .int("window_length", in: 0...Double(1 << 45)),
        .bool("periodic", default: true, "A period of a longer window; symmetric without it."),
      ] + fields + [.dtype().keyword], places: .function, differentiable: false
    ) {
      let dtype = $0.dtype(count + 2) ?? .default
      guard dtype.isFloatingPoint else {
        throw SNNError.dtype("\(name): expects floating point dtypes, got \(dtype.name)")
      }
      return try Window(length: $0.int(0), isSymmetric: !$0.bool(1)).made(of: points, $0, dtype)
    }
  }
}

/// How long a window is, and whether it is a period of a longer one.
struct Window {
  /// The numbers of a window, from its length and the arguments of the call.
  typealias Points = @Sendable (Window, Arguments) throws -> Tensor

  let length: Int
  let isSymmetric: Bool

  /// The number of steps from the first point to where the window repeats or ends.
  var period: Int { isSymmetric ? length - 1 : length }

  /// A window of one point is 1, whatever its shape.
  func made(of points: Points, _ arguments: Arguments, _ dtype: DType) throws -> Tensor {
    try (length == 1 ? Tensor.ones([1], dtype) : points(self, arguments)).cast(to: dtype)
  }

  /// start, start + step, … of the window's length.
  func line(from start: Double, step: Double) throws(SNNError) -> Tensor {
    try Tensor.linspace(.float(start), .float(start + step * Double(length - 1)), length, .float64)
  }

  func cosines(_ weights: [Double]) throws(SNNError) -> Tensor {
    let angle = try line(from: 0, step: 2 * .pi / Double(period))
    var sum = try Tensor.full(angle.shape, .float(weights[0]), .float64)
    for (i, weight) in weights.enumerated().dropFirst() {
      sum = try sum + (angle * .float(Double(i))).cos() * .float(i % 2 == 0 ? weight : -weight)
    }
    return sum
  }

  func triangle() throws(SNNError) -> Tensor { try 1.0 - line(from: -1, step: 2 / Double(period)).abs() }

  func kaiser(_ beta: Double) throws(SNNError) -> Tensor {
    // Rounding must not carry the last point beyond the end, where there is no root.
    let along = try line(from: -beta, step: 2 * beta / Double(period)).clamp(max: .float(Swift.abs(beta)))
    let inner = try (.float(beta * beta) - along.square()).clamp(min: 0.0).sqrt()
    // Scaled, as the functions themselves overflow for a large beta.
    let scale = try (inner - .float(Swift.abs(beta))).exp()
    return try inner.i0e() * scale / Tensor(.float(beta), .float64).i0e()
  }
}
