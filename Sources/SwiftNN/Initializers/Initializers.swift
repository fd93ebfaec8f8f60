extension Operation {
  static let initializers: [Operation] = [
    calculateGain, uniformInitial, normalInitial, truncatedNormal, constantInitial, onesInitial, zerosInitial,
    eyeInitial,
    diracInitial, identityInitial, xavierUniform, xavierNormal, kaimingUniform, kaimingNormal, lecunNormal, orthogonal,
    sparse, perturb,
  ]

  /// An operation that writes new values over a tensor, outside of any graph.
  private static func initializer(
    _ name: String, _ doc: String, _ fields: [Field] = [], isDrawn: Bool = false,
    _ values: @escaping @Sendable (Tensor, Arguments) throws -> Tensor
  ) -> Operation {
    let generator = Field.generator.changed { $0.isKeywordOnly = false }
    return Operation(
      name, doc, [.tensor("tensor")] + fields + (isDrawn ? [generator] : []), places: .initializer,
      differentiable: false, inPlace: true
    ) { arguments in
      try Gradients.with(enabled: false) {
        try arguments.tensor(0).update(operation: String(name.prefix { $0 != "." })) {
          try values($0, arguments).cast(to: $0.dtype)
        }
      }
    }
  }

  // MARK: Fixed numbers

  static let constantInitial = initializer("constant_", "Fills with one number.", [.float("val")]) {
    try Tensor.full($0.shape, .float($1.float(1)), $0.dtype)
  }

  static let onesInitial = initializer("ones_", "Fills with ones.") { tensor, _ in
    try Tensor.full(tensor.shape, 1, tensor.dtype)
  }

  static let zerosInitial = initializer("zeros_", "Fills with zeros.") { tensor, _ in try tensor.zerosLike() }

  static let eyeInitial = initializer("eye_", "The identity: ones on the diagonal of a matrix.") { tensor, _ in
    guard tensor.rank == 2 else { throw SNNError.argument("eye_: Only tensors with 2 dimensions are supported") }
    return try Tensor.eye(tensor.shape[0], tensor.shape[1], tensor.dtype)
  }

  static let diracInitial = initializer(
    "dirac_", "The identity of convolutions: a one in the middle of the kernel of each channel to itself.",
    [.int("groups", default: 1)]
  ) { try $0.dirac(groups: $1.int(1), operation: "dirac_") }

  static let identityInitial = initializer(
    "identity_", "gain on the diagonal of a matrix, or in the middle of the kernels of a convolution.",
    [.float("gain", default: 1)]
  ) {
    let identity =
      $0.rank == 2
      ? try Tensor.eye($0.shape[0], $0.shape[1], $0.dtype) : try $0.dirac(groups: 1, operation: "identity_")
    return try identity * .float($1.float(1))
  }

  // MARK: Random numbers

  static let uniformInitial = initializer(
    "uniform_.init", "Uniform numbers from [a, b).", [.float("a", default: 0), .float("b", default: 1)], isDrawn: true
  ) { try Tensor.uniform(Array($0.shape), $1.float(1), $1.float(2), $0.dtype, $1.generator(3)) }

  static let normalInitial = initializer(
    "normal_.init", "Normal numbers.", [.float("mean", default: 0), deviation(1)], isDrawn: true
  ) { try Tensor.normal(Array($0.shape), mean: $1.float(1), std: $1.float(2), $0.dtype, $1.generator(3)) }

  static let truncatedNormal = initializer(
    "trunc_normal_", "Normal numbers, of which only those between a and b are taken.",
    [.float("mean", default: 0), deviation(1), .float("a", default: -2), .float("b", default: 2)], isDrawn: true
  ) {
    try Tensor.truncatedNormal(
      $0.shape, mean: $1.float(1), std: $1.float(2), $1.float(3), $1.float(4), $0.dtype, $1.generator(5))
  }

  private static func deviation(_ value: Double) -> Field { .float("std", default: value, in: 0...Double.infinity) }

  // MARK: By the number of connections

  static let calculateGain = Operation(
    "calculate_gain", "By how much a layer in front of this nonlinearity should scale its weights.",
    [.string("nonlinearity"), Field("param", .scalar, "The slope of leaky_relu.").optional], places: .initializer,
    differentiable: false, givesScalar: true
  ) { try Tensor(.float(Initial.gain($0.string(0), $0.isNone(1) ? nil : $0.scalar(1))), .float64) }

  static let xavierUniform = initializer(
    "xavier_uniform_", "Uniform numbers of variance gain² · 2 / (fan_in + fan_out).", [.float("gain", default: 1)],
    isDrawn: true
  ) {
    let bound = try 3.0.squareRoot() * Initial.xavier($0, gain: $1.float(1), "xavier_uniform_")
    return try Tensor.uniform(Array($0.shape), -bound, bound, $0.dtype, $1.generator(2))
  }

  static let xavierNormal = initializer(
    "xavier_normal_", "Normal numbers of variance gain² · 2 / (fan_in + fan_out).", [.float("gain", default: 1)],
    isDrawn: true
  ) {
    let std = try Initial.xavier($0, gain: $1.float(1), "xavier_normal_")
    return try Tensor.normal(Array($0.shape), std: std, $0.dtype, $1.generator(2))
  }

  private static let kaimingFields: [Field] = [
    .float("a", default: 0, "The slope of leaky_relu."), .string("mode", default: "fan_in", "fan_in or fan_out."),
    .string("nonlinearity", default: "leaky_relu"),
  ]

  static let kaimingUniform = initializer(
    "kaiming_uniform_", "Uniform numbers of variance gain² / fan.", kaimingFields, isDrawn: true
  ) {
    guard let std = try Initial.kaiming($0, $1, "kaiming_uniform_") else { return $0 }
    let bound = 3.0.squareRoot() * std
    return try Tensor.uniform(Array($0.shape), -bound, bound, $0.dtype, $1.generator(4))
  }

  static let kaimingNormal = initializer(
    "kaiming_normal_", "Normal numbers of variance gain² / fan.", kaimingFields, isDrawn: true
  ) {
    guard let std = try Initial.kaiming($0, $1, "kaiming_normal_") else { return $0 }
    return try Tensor.normal(Array($0.shape), std: std, $0.dtype, $1.generator(4))
  }

  static let lecunNormal = initializer("lecun_normal_", "Normal numbers of variance 1 / fan_in.", isDrawn: true) {
    let fan = try Initial.fans($0, "lecun_normal_").in
    return try Tensor.normal(
      Array($0.shape), std: 1 / Double(Swift.max(fan, 1)).squareRoot(), $0.dtype, $1.generator(1))
  }

  // MARK: Structure

  static let orthogonal = initializer(
    "orthogonal_", "Rows, or columns where there are fewer, of length gain at right angles to each other.",
    [.float("gain", default: 1)], isDrawn: true
  ) { try $0.orthogonal(gain: $1.float(1), $1.generator(2)) }

  static let sparse = initializer(
    "sparse_", "Normal numbers, of which a share in each column is 0.",
    [.float("sparsity", in: 0...1), deviation(0.01)],
    isDrawn: true
  ) {
    guard $0.rank == 2 else { throw SNNError.argument("sparse_: Only tensors with 2 dimensions are supported") }
    let zeros = Int(($1.float(1) * Double($0.shape[0])).rounded(.up))
    let values = try Tensor.normal(Array($0.shape), std: $1.float(2), $0.dtype, $1.generator(3))
    let order = try Tensor.uniform(Array($0.shape), 0, 1, .float64, $1.generator(3)).argsort(0)
    return try values.masked(where: order.argsort(0) < .int(zeros), 0)
  }

  static let perturb = initializer(
    "perturb_", "Changes each number by normal noise in proportion to its size.", [deviation(0.01)], isDrawn: true
  ) {
    let noise = try Tensor.normal(Array($0.shape), std: $1.float(1), $0.dtype.working, $1.generator(2))
    return try $0.detach() * (noise + 1)
  }
}
