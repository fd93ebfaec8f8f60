import CKernels

/// How each matrix of a batch fared: 0, or where its factorisation stopped, counted from 1.
extension Field {
  static let checkErrors = Field.bool("check_errors", default: false, "Raises where a matrix fails.").keyword
}

extension Results {
  /// A result like `model`, and a number for every matrix of `batch`.
  static func withInfo(_ model: Tensor, of batch: Tensor) -> Results {
    Results([TensorSpec(model.shape, model.dtype), TensorSpec(batch.batchShape, .int32)])
  }
}

extension Tensor {
  /// Fills in what `factorise` says of every matrix, by its position: it returns CK_DONE or sets where it stopped.
  func eachInfo(_ operation: String, _ factorise: (Int, inout Int64) -> Int64) throws(SNNError) {
    let info = data.assumingMemoryBound(to: Int32.self)
    for b in 0..<count {
      var stop: Int64 = 0
      let status = factorise(b, &stop)
      guard status != Int64(CK_NO_MEMORY) else {
        throw SNNError(.memory, "\(operation): cannot allocate scratch memory")
      }
      info[b] = status == Int64(CK_DONE) ? 0 : Int32(clamping: stop)
    }
  }

  /// Throws what `problem` says of the first matrix that failed.
  func requireSuccess(_ operation: String, _ matrices: Tensor, _ problem: (Int32) -> String) throws(SNNError) {
    guard try (detach() != 0).holdsAnywhere() else { return }
    try requireElements(operation)
    let info = data.assumingMemoryBound(to: Int32.self)
    for b in 0..<count where info[b] != 0 { throw .matrix(operation, Int64(b), of: matrices, problem(info[b])) }
  }
}
