import CKernels

/// The binary files of CIFAR-10 and CIFAR-100: records of one or two labels and a picture of 3×32×32 bytes.
public enum CIFAR {
  private static let pixels = 3 * 32 * 32

  /// Pictures, uint8 of [n, 3, 32, 32] over the bytes of the file, and labels, int64.
  public static func read10(_ source: DataSource) throws(SNNError) -> (images: Tensor, labels: Tensor) {
    let (bytes, count) = try records(source, labels: 1)
    return (try images(bytes, count, labels: 1), try labels(bytes, count, 0, of: 1, below: 10))
  }

  /// The same with labels of 100 classes, and of the 20 classes that contain them.
  public static func read100(
    _ source: DataSource
  ) throws(SNNError) -> (images: Tensor, labels: Tensor, coarseLabels: Tensor) {
    let (bytes, count) = try records(source, labels: 2)
    return (
      try images(bytes, count, labels: 2), try labels(bytes, count, 1, of: 2, below: 100),
      try labels(bytes, count, 0, of: 2, below: 20)
    )
  }

  private static func records(_ source: DataSource, labels: Int) throws(SNNError) -> (FileBytes, Int) {
    let bytes = try source.unpacked()
    let size = labels + pixels
    guard bytes.count % size == 0 else {
      throw bytes.broken("\(bytes.count) bytes are not records of \(size): \(bytes.count % size) are left at the end")
    }
    return (bytes, bytes.count / size)
  }

  private static func view(
    _ bytes: FileBytes, _ offset: Int, _ shape: [Int], _ strides: [Int]
  ) throws(SNNError) -> Tensor {
    try Tensor.borrowing(shape[0] == 0 ? nil : bytes.start.map { $0 + offset }, shape, strides: strides, .uint8) {
      withExtendedLifetime(bytes) {}
    }
  }

  private static func images(_ bytes: FileBytes, _ count: Int, labels: Int) throws(SNNError) -> Tensor {
    try view(bytes, labels, [count, 3, 32, 32], [labels + pixels, 1024, 32, 1])
  }

  private static func labels(
    _ bytes: FileBytes, _ count: Int, _ position: Int, of labels: Int, below limit: Int
  ) throws(SNNError) -> Tensor {
    let found = try view(bytes, position, [count], [labels + pixels]).copied(to: .int64)
    let numbers = UnsafeBufferPointer(start: found.data.assumingMemoryBound(to: Int64.self), count: count)
    if let wrong = numbers.firstIndex(where: { $0 >= limit }) {
      throw bytes.broken(
        "record \(wrong) at byte \(wrong * (labels + pixels)) has label \(numbers[wrong]) of \(limit) classes")
    }
    return found
  }
}
