/// A short list of integers without heap storage: a shape, or the strides of one.
public struct Dimensions: Sendable {
  /// The most axes that a tensor can have.
  public static let maximumRank = 12

  private var values = InlineArray<12, Int>(repeating: 0)
  public private(set) var count: Int

  /// `count` equal values. The caller has checked that `count` is at most `maximumRank`.
  @_optimize(speed)
  init(repeating value: Int, count: Int) {
    self.count = count
    for i in 0..<count { values[i] = value }
  }

  /// The caller has checked that the rank is at most `maximumRank`.
  @inline(never)
  @_optimize(speed)
  init(_ elements: some Collection<Int>) {
    count = elements.count
    var i = 0
    for element in elements {
      values[i] = element
      i += 1
    }
  }

  @_optimize(speed)
  mutating func append(_ value: Int) {
    values[count] = value
    count += 1
  }

  @inline(never)
  @_optimize(speed)
  mutating func insert(_ value: Int, at position: Int) {
    var i = count
    while i > position {
      values[i] = values[i - 1]
      i -= 1
    }
    values[position] = value
    count += 1
  }

  @discardableResult
  @inline(never)
  @_optimize(speed)
  mutating func remove(at position: Int) -> Int {
    let removed = values[position]
    for i in position..<(count - 1) { values[i] = values[i + 1] }
    count -= 1
    return removed
  }

  /// The product of all values: the number of elements of a shape.
  @inline(__always)
  public var product: Int {
    var result = 1
    for i in 0..<count { result &*= values[i] }
    return result
  }

  /// The strides of a row-major tensor of this shape.
  var contiguousStrides: Dimensions {
    var strides = Dimensions(repeating: 0, count: count)
    var step = 1
    var i = count - 1
    while i >= 0 {
      strides[i] = step
      step &*= Swift.max(values[i], 1)
      i -= 1
    }
    return strides
  }

  /// The values as C reads them.
  @inline(__always)
  @_optimize(speed)
  func withPointer<Result>(_ body: (UnsafePointer<Int64>) -> Result) -> Result {
    values.span.withUnsafeBufferPointer { buffer in
      body(UnsafeRawPointer(buffer.baseAddress.unsafelyUnwrapped).assumingMemoryBound(to: Int64.self))
    }
  }
}

extension Dimensions: RandomAccessCollection, MutableCollection {
  public var startIndex: Int { 0 }
  public var endIndex: Int { count }

  @inline(__always)
  public subscript(position: Int) -> Int {
    @inline(__always) get { values[position] }
    @inline(__always) set { values[position] = newValue }
  }
}

extension Dimensions: Hashable, CustomStringConvertible {
  @_optimize(speed)
  public static func == (a: Dimensions, b: Dimensions) -> Bool {
    guard a.count == b.count else { return false }
    for i in 0..<a.count where a.values[i] != b.values[i] { return false }
    return true
  }

  @_optimize(speed)
  public func hash(into hasher: inout Hasher) {
    for value in self { hasher.combine(value) }
  }

  public var description: String { "[" + map { "\($0)" }.joined(separator: ", ") + "]" }
}

extension Dimensions {
  /// A shape from outside: not negative, not too many axes, and small enough that byte counts cannot overflow. Sizes next to
  /// a 0 count as well, so that the product of any of them is safe.
  @_optimize(speed)
  static func shape(_ sizes: some Collection<Int>, operation: String) throws(SNNError) -> Dimensions {
    guard sizes.count <= maximumRank else {
      throw .shape("\(operation): at most \(maximumRank) dimensions are supported, got \(sizes.count)")
    }
    var elements = 1
    var overflows = false
    for size in sizes {
      guard size >= 0 else {
        throw .shape("\(operation): sizes cannot be negative, got \(Array(sizes))")
      }
      let (product, overflow) = elements.multipliedReportingOverflow(by: Swift.max(size, 1))
      overflows = overflows || overflow || product > 1 << 45
      elements = overflow ? 1 : product
    }
    guard !overflows else { throw tooLarge(Array(sizes), operation) }
    return Dimensions(sizes)
  }

  @_optimize(speed)
  private static func tooLarge(_ sizes: [Int], _ operation: String) -> SNNError {
    .shape("\(operation): a tensor of shape \(sizes) has more elements than memory can hold")
  }

  /// The bytes of a tensor of this shape, which may be the product of a broadcast and so larger than its operands.
  @inline(__always)
  @_optimize(speed)
  func byteCount(_ elementSize: Int, operation: @autoclosure () -> String) throws(SNNError) -> Int {
    var elements = 1
    var isEmpty = false
    for i in 0..<count {
      let (product, overflow) = elements.multipliedReportingOverflow(by: Swift.max(values[i], 1))
      guard !overflow, product <= 1 << 45 else { throw Dimensions.tooLarge(Array(self), operation()) }
      elements = product
      if values[i] == 0 { isEmpty = true }
    }
    return isEmpty ? 0 : elements &* elementSize
  }

  /// The shape that two operands are repeated to.
  @_optimize(speed)
  static func broadcast(_ a: Dimensions, _ b: Dimensions, operation: String) throws(SNNError) -> Dimensions {
    if a == b { return a }
    var result = a.count >= b.count ? a : b
    let shift = Swift.max(a.count, b.count)
    for i in 0..<Swift.min(a.count, b.count) {
      let x = a[a.count - 1 - i]
      let y = b[b.count - 1 - i]
      guard x == y || x == 1 || y == 1 else {
        throw .shape(
          "\(operation): The size of tensor a (\(x)) must match the size of tensor b (\(y)) at non-singleton dimension "
            + "\(shift - 1 - i): shapes \(a) and \(b)")
      }
      result[shift - 1 - i] = x == 1 ? y : x
    }
    return result
  }

  /// An axis from outside: negative ones count from the end. A scalar has one pretended axis, as in PyTorch.
  @_optimize(speed)
  func axis(_ dim: Int, operation: String, extra: Int = 0) throws(SNNError) -> Int {
    let rank = Swift.max(count + extra, 1)
    guard dim >= -rank && dim < rank else {
      throw .index(
        "\(operation): Dimension out of range (expected to be in range of [\(-rank), \(rank - 1)], but got \(dim))")
    }
    return dim < 0 ? dim + rank : dim
  }
}
