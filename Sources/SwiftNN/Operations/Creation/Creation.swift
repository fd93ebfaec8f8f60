import CKernels

extension Operation {
  static let creation: [Operation] = [zeros, ones, full, empty, arange, eye, zerosLike, onesLike, fullLike, emptyLike]

  static let zeros = Operation(
    "zeros", "Zeros.", [.ints("size"), .dtype().keyword], places: .function, differentiable: false
  ) { try Tensor.full($0.ints(0), 0, $0.dtype(1) ?? .default, operation: "zeros") }

  static let ones = Operation(
    "ones", "Ones.", [.ints("size"), .dtype().keyword], places: .function, differentiable: false
  ) { try Tensor.full($0.ints(0), 1, $0.dtype(1) ?? .default, operation: "ones") }

  static let full = Operation(
    "full", "One number everywhere; without a dtype, that of the number.",
    [.ints("size"), .scalar("fill_value"), .dtype().keyword], places: .function, differentiable: false
  ) {
    let value = $0.scalar(1)
    return try Tensor.full($0.ints(0), value, $0.dtype(2) ?? value.defaultDType, operation: "full")
  }

  static let empty = Operation(
    "empty", "Memory as it comes, with any contents.", [.ints("size"), .dtype().keyword], places: .function,
    differentiable: false
  ) { try Tensor.empty($0.ints(0), $0.dtype(1) ?? .default, operation: "empty") }

  static let arange = Operation(
    "arange", "start, start + step, … up to but without end; arange(end) starts at 0.",
    [
      .scalar("start"), Field("end", .scalar).optional, .scalar("step", default: 1), .dtype().keyword,
    ], places: .function, differentiable: false
  ) {
    $0.isNone(1)
      ? try Tensor.arange(0, $0.scalar(0), step: $0.scalar(2), $0.dtype(3))
      : try Tensor.arange($0.scalar(0), $0.scalar(1), step: $0.scalar(2), $0.dtype(3))
  }

  static let eye = Operation(
    "eye", "Ones on the diagonal, zeros elsewhere.",
    [.int("n"), Field("m", .int).optional, .dtype().keyword], places: .function, differentiable: false
  ) { try Tensor.eye($0.int(0), $0.optionalInt(1), $0.dtype(2) ?? .default) }

  private static func like(_ name: String, _ doc: String, _ value: Scalar) -> Operation {
    Operation(name, doc, [.tensor("input"), .dtype().keyword], places: .function, differentiable: false) {
      try Tensor.full($0.tensor(0).shape, value, $0.dtype(1) ?? $0.tensor(0).dtype)
    }
  }

  static let zerosLike = like("zeros_like", "Zeros of input's shape and dtype.", 0)
  static let onesLike = like("ones_like", "Ones of input's shape and dtype.", 1)

  static let fullLike = Operation(
    "full_like", "One number in input's shape and dtype.", [.tensor("input"), .scalar("fill_value"), .dtype().keyword],
    places: .function, differentiable: false
  ) { try Tensor.full($0.tensor(0).shape, $0.scalar(1), $0.dtype(2) ?? $0.tensor(0).dtype) }

  static let emptyLike = Operation(
    "empty_like", "Uninitialised memory of input's shape and dtype.", [.tensor("input"), .dtype().keyword],
    places: .function, differentiable: false
  ) {
    try Tensor(
      uninitialized: $0.tensor(0).shape, $0.dtype(1) ?? $0.tensor(0).dtype, operation: "empty_like")
  }
}

extension Scalar {
  /// The dtype of a tensor made from this number alone.
  var defaultDType: DType { if case .float = self { .default } else { dtype } }
}

extension Tensor {
  static func full(_ sizes: [Int], _ value: Scalar, _ dtype: DType, operation: String) throws(SNNError) -> Tensor {
    try full(Dimensions.shape(sizes, operation: operation), value, dtype)
  }

  static func full(_ shape: Dimensions, _ value: Scalar, _ dtype: DType) throws(SNNError) -> Tensor {
    let tensor = try Tensor(uninitialized: shape, dtype, operation: "full")
    tensor.fill(with: value)
    return tensor
  }

  static func empty(_ sizes: [Int], _ dtype: DType, operation: String) throws(SNNError) -> Tensor {
    try Tensor(uninitialized: Dimensions.shape(sizes, operation: operation), dtype, operation: operation)
  }

  /// Writes one number everywhere, outside any graph.
  func fill(with value: Scalar) {
    withElement(of: value, dtype) { element in
      shape.withPointer { size in
        strides.withPointer { stride in
          ck_fill(dtype.kernel, Int32(shape.count), size, ck_out(data: data, stride: stride), element)
        }
      }
    }
  }

  public static func zeros(_ shape: [Int], _ dtype: DType = .default) throws(SNNError) -> Tensor {
    try full(shape, 0, dtype, operation: "zeros")
  }

  public static func ones(_ shape: [Int], _ dtype: DType = .default) throws(SNNError) -> Tensor {
    try full(shape, 1, dtype, operation: "ones")
  }

  public static func full(_ shape: [Int], _ value: Scalar, _ dtype: DType? = nil) throws(SNNError) -> Tensor {
    try full(shape, value, dtype ?? value.defaultDType, operation: "full")
  }

  func zerosLike() throws(SNNError) -> Tensor { try Tensor.full(shape, 0, dtype) }

  public static func arange(_ start: Scalar, _ end: Scalar, step: Scalar = 1, _ dtype: DType? = nil) throws(SNNError)
    -> Tensor
  {
    var allInteger = true
    for scalar in [start, end, step] { if case .float = scalar { allInteger = false } }
    let dtype = dtype ?? (allInteger ? .int64 : .default)
    guard step.double != 0 else { throw .argument("arange: step must be nonzero") }
    let distance = (end.double - start.double) / step.double
    guard distance.isFinite else { throw .argument("arange: unsupported range: \(start.double) -> \(end.double)") }
    guard distance >= 0 else {
      throw .argument("arange: upper bound and lower bound inconsistent with step sign")
    }
    guard distance < 0x1p45 else { throw .shape("arange: \(distance) elements are more than memory can hold") }
    let tensor = try empty([Int(distance.rounded(.up))], dtype, operation: "arange")
    guard dtype != .bool else { throw .dtype("arange: not defined for bool") }
    if allInteger || !dtype.isFloatingPoint {
      ck_arange_integer(dtype.kernel, Int64(tensor.count), tensor.data, Int64(start.integer), Int64(step.integer))
    } else {
      ck_arange(dtype.kernel, Int64(tensor.count), tensor.data, start.double, step.double)
    }
    return tensor
  }

  public static func eye(_ rows: Int, _ columns: Int? = nil, _ dtype: DType = .default) throws(SNNError) -> Tensor {
    let matrix = try full([rows, columns ?? rows], 0, dtype, operation: "eye")
    let diagonal = Swift.min(matrix.shape[0], matrix.shape[1])
    Tensor(
      storage: matrix.storage, offset: 0, shape: [diagonal], strides: [matrix.shape[1] + 1], dtype: dtype
    ).fill(with: 1)
    return matrix
  }
}

extension Dimensions: ExpressibleByArrayLiteral {
  /// For shapes written in the source.
  public init(arrayLiteral elements: Int...) { self.init(elements) }
}
