import CKernels

extension Tensor {
  /// Throws unless this is a batch of matrices of real numbers.
  func requireMatrices(_ operation: String) throws(SNNError) {
    guard rank >= 2 else {
      throw .shape("\(operation): the input tensor must have at least 2 dimensions, got shape \(shape)")
    }
    guard dtype.isFloatingPoint else {
      throw .dtype("\(operation): expects a floating-point tensor, got \(dtype.name)")
    }
  }

  /// Throws unless this is a batch of square matrices of real numbers.
  func requireSquare(_ operation: String) throws(SNNError) {
    guard rank >= 2, shape[rank - 1] == shape[rank - 2] else {
      throw .shape("\(operation): expects batches of square matrices, got shape \(shape)")
    }
  }

  /// Sizes of the last two axes.
  var rows: Int { shape[rank - 2] }
  var columns: Int { shape[rank - 1] }

  /// The sizes of all axes but the last two.
  var batchShape: Dimensions { Dimensions(shape.dropLast(2)) }

  /// The number of matrices.
  var batchCount: Int64 { Int64(batchShape.product) }

  /// A shape with the same batch and other last axes.
  func batch(_ sizes: Int...) -> Dimensions { Dimensions(batchShape + sizes) }

  var doubles: UnsafeMutablePointer<Double> { data.assumingMemoryBound(to: Double.self) }

  /// Throws where an element is NaN or infinite.
  func requireFinite(_ operation: String) throws(SNNError) {
    for i in 0..<count where !doubles[i].isFinite {
      throw .argument("\(operation): the input matrix of shape \(shape) contained non-finite values")
    }
  }

  /// The gradient of a number for every matrix, as a factor of that matrix.
  func asMatrixFactor() throws(SNNError) -> Tensor { try unsqueeze(-1).unsqueeze(-1) }

  /// A matrix with this vector on its diagonal.
  func asDiagonal() throws(SNNError) -> Tensor { try diagonalEmbedded() }
}

extension SNNError {
  /// What a factorisation says about a matrix of a batch that it cannot do.
  static func matrix(_ operation: String, _ number: Int64, of tensor: Tensor, _ problem: String) -> SNNError {
    if number == Int64(CK_NO_MEMORY) { return SNNError(.memory, "\(operation): cannot allocate scratch memory") }
    let which = tensor.rank > 2 ? "(Batch element \(number)): " : ""
    return .argument("\(operation): \(which)\(problem) (input of shape \(tensor.shape))")
  }
}

extension DType {
  /// The distance from 1 to the next greater number.
  var epsilon: Double {
    switch self {
    case .float64: 0x1p-52
    case .float32: 0x1p-23
    case .float16: 0x1p-10
    default: 0x1p-7
    }
  }
}

extension Operation.Alias {
  /// A name of functions and methods alone.
  static func both(_ name: String) -> Operation.Alias {
    var alias = Operation.Alias(stringLiteral: name)
    alias.places = .both
    return alias
  }
}
