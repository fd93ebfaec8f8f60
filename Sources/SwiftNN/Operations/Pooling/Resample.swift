import CKernels

/// A sparse matrix along one axis: what each place of the result takes of which positions.
struct Weights: Sendable {
  let size: Int
  private(set) var first: [Int64] = [0]
  private(set) var positions: [Int64] = []
  private(set) var values: [Double] = []

  init(size: Int) { self.size = size }

  var places: Int { first.count - 1 }

  /// Adds to the place at hand.
  mutating func add(_ position: Int, _ value: Double) {
    positions.append(Int64(position))
    values.append(value)
  }

  /// Goes on to the next place.
  mutating func endPlace() { first.append(Int64(positions.count)) }

  /// The most positions from the first to the last that a place takes.
  var span: Int {
    (0..<places).map { place in
      let taken = positions[Int(first[place])..<Int(first[place + 1])]
      return Int((taken.max() ?? 0) - (taken.min() ?? 0)) + 1
    }.max() ?? 1
  }

  /// The distance in positions of two places.
  var stride: Int {
    let starts = (0..<places).map { Int(positions[Int(first[$0])..<Int(first[$0 + 1])].min() ?? 0) }
    return Swift.max(1, zip(starts, starts.dropFirst()).map { $1 - $0 }.max() ?? 1)
  }

  var transposed: Weights {
    var counts = Array(repeating: Int64(0), count: size + 1)
    for position in positions { counts[Int(position) + 1] += 1 }
    for i in 0..<size { counts[i + 1] += counts[i] }
    var result = Weights(size: places)
    result.first = counts
    result.positions = Array(repeating: 0, count: positions.count)
    result.values = Array(repeating: 0, count: positions.count)
    var next = counts
    for place in 0..<places {
      for i in Int(first[place])..<Int(first[place + 1]) {
        let at = Int(next[Int(positions[i])])
        next[Int(positions[i])] += 1
        result.positions[at] = Int64(place)
        result.values[at] = values[i]
      }
    }
    return result
  }
}

/// Weighted sums along one axis. It is linear, and its transpose is of the same kind: there are all derivatives.
struct Resample: Primitive {
  let axis: Int
  let weights: Weights
  let name: String
  let saves: Saves = []

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results {
    var shape = inputs[0].shape
    shape[axis] = weights.places
    return Results(try Dimensions.shape(shape, operation: name), inputs[0].dtype)
  }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    let out = outputs[0]
    guard out.count > 0 else { return }
    let dtype: DType = out.dtype == .float64 ? .float64 : .float32
    let x = try inputs[0].plain(dtype)
    let y = out.dtype == dtype ? out : try Tensor(uninitialized: out.shape, dtype, operation: name)
    weights.first.withUnsafeBufferPointer { first in
      weights.positions.withUnsafeBufferPointer { positions in
        weights.values.withUnsafeBufferPointer { values in
          var sampling = ck_resampling(
            outer: Int64(out.shape.prefix(axis).reduce(1, *)), in: Int64(weights.size), out: Int64(weights.places),
            inner: Int64(out.shape.dropFirst(axis + 1).reduce(1, *)), first: first.baseAddress,
            index: positions.baseAddress, weight: values.baseAddress)
          ck_resample(dtype.kernel, &sampling, x.data, y.data)
        }
      }
    }
    if y !== out { out.fill(copying: y) }
  }

  func work(_ inputs: Few<Tensor>, _ outputs: Few<Tensor>) -> Work {
    guard weights.places > 0 else { return Work() }
    let other = Double(outputs[0].count / weights.places)
    let window = Work.Window(axis: outputs[0].rank - 1 - axis, span: weights.span, step: weights.stride)
    return Work(flops: 2 * other * Double(weights.positions.count), windows: [window])
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    Few(try Resample(axis: axis, weights: weights.transposed, name: name)(p.g))
  }
}

extension Tensor {
  /// Weighted sums along each of the last axes. Halves are rounded once.
  func resampled(_ weights: [Weights], _ name: String) throws(SNNError) -> Tensor {
    var x = try cast(to: dtype.working)
    for i in weights.indices {
      x = try Resample(axis: rank - weights.count + i, weights: weights[i], name: name)(x)
    }
    return try x.cast(to: dtype)
  }
}
