extension Operation {
  static let padding: [Operation] = [pad, constantPad]

  static let pad = Operation(
    "pad", "Room before and after the last axes, filled with a number or by repeating the tensor; negative crops.",
    [
      .tensor("input"), .ints("pad", "Before and after the last axis, then before and after the one before, …"),
      .choice("mode", of: ["constant", "reflect", "replicate", "circular"], default: "constant"),
      Field("value", .scalar, "What to fill with; 0 without it.").optional,
    ], places: .functional
  ) { try $0.tensor(0).pad($0.ints(1), mode: $0.string(2), value: $0.optionalScalar(3)) }

  static let constantPad = Operation(
    "constant_pad_nd", "Room before and after the last axes, filled with a number; negative crops.",
    [.tensor("input"), .ints("pad"), .scalar("value", default: 0)], places: .function
  ) { try $0.tensor(0).pad($0.ints(1), value: $0.scalar(2)) }
}

/// Room around a tensor, filled with one number.
struct Pad: Primitive {
  let before: Dimensions
  let after: Dimensions
  let value: Scalar
  let name = "pad"
  let saves: Saves = []

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results {
    var shape = inputs[0].shape
    for i in shape.indices { shape[i] += before[i] + after[i] }
    return Results(try Dimensions.shape(shape, operation: name), inputs[0].dtype)
  }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    outputs[0].fill(with: value)
    let inside = Tensor(storage: outputs[0].storage, try crop.geometry(of: outputs[0]), outputs[0].dtype)
    inside.fill(copying: inputs[0])
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> { Few(try crop(p.g)) }

  private var crop: Crop { Crop(before: before, after: after) }
}

/// What lies inside of a border.
struct Crop: ViewPrimitive {
  let before: Dimensions
  let after: Dimensions
  let name = "pad"

  func geometry(of x: Tensor) throws(SNNError) -> Geometry {
    var shown = Geometry(x)
    for i in shown.shape.indices {
      shown.shape[i] -= before[i] + after[i]
      shown.offset += before[i] * x.strides[i]
    }
    return shown
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> { Few(try Pad(before: before, after: after, value: 0)(p.g)) }
}

extension Tensor {
  /// Room before and after the last axes, as `nn.functional.pad` counts them.
  public func pad(_ pad: [Int], mode: String = "constant", value: Scalar? = nil) throws(SNNError) -> Tensor {
    guard pad.count % 2 == 0, pad.count <= 2 * rank else {
      throw .argument(
        "pad: padding length must be divisible by 2 and at most twice the number of dimensions (\(rank)), "
          + "got \(pad)")
    }
    for width in pad where width.magnitude > 1 << 45 {
      throw .shape("pad: padding of \(width) is more than memory can hold")
    }
    guard mode != "constant" else { return try padded(pad, with: value ?? 0) }
    guard value == nil else { throw .argument("pad: padding mode \"\(mode)\" doesn't take in value argument") }
    var x = self
    for i in 0..<(pad.count / 2) { x = try x.extended(rank - 1 - i, pad[2 * i], pad[2 * i + 1], mode) }
    return x
  }

  /// Room filled with one number; negative widths crop.
  func padded(_ pad: [Int], with value: Scalar) throws(SNNError) -> Tensor {
    var before = Dimensions(repeating: 0, count: rank)
    var after = before
    var x = self
    for i in 0..<(pad.count / 2) {
      let axis = rank - 1 - i
      let (low, high) = (pad[2 * i], pad[2 * i + 1])
      guard shape[axis] + low + high >= 0 else {
        throw .shape(
          "pad: the input size \(shape[axis]), plus negative padding \(low) and \(high), resulted in a negative output "
            + "size in dimension \(axis)")
      }
      let first = Swift.min(Swift.max(-low, 0), shape[axis])
      let last = Swift.max(shape[axis] + Swift.min(high, 0), first)
      if low < 0 || high < 0 { x = try x.narrow(axis, first, last - first) }
      // What one side crops beyond the tensor is taken from the room of the other.
      before[axis] = Swift.max(low + Swift.min(shape[axis] + high, 0), 0)
      after[axis] = Swift.max(high + Swift.min(shape[axis] + low, 0), 0)
    }
    return try Pad(before: before, after: after, value: value)(x)
  }

  /// One axis continued beyond its ends by itself.
  private func extended(_ axis: Int, _ low: Int, _ high: Int, _ mode: String) throws(SNNError) -> Tensor {
    if mode == "circular", low < 0 || high < 0 {
      // What is left goes round.
      var crop = Array(repeating: 0, count: 2 * (rank - 1 - axis))
      crop += [Swift.min(low, 0), Swift.min(high, 0)]
      return try padded(crop, with: 0).extended(axis, Swift.max(low, 0), Swift.max(high, 0), mode)
    }
    let size = shape[axis]
    let widest = mode == "reflect" ? size - 1 : mode == "circular" ? size : Int.max
    guard low <= widest, high <= widest, size + low + high >= 0, size > 0 || (low <= 0 && high <= 0) else {
      throw .shape(
        "pad: padding of \(low) and \(high) does not fit dimension \(axis) of size \(size) in mode \(mode)")
    }
    let target = try Dimensions.shape([size + low + high], operation: "pad")
    let positions = try Tensor(uninitialized: target, .int64, operation: "pad")
    let out = positions.data.assumingMemoryBound(to: Int.self)
    for i in 0..<target[0] {
      let at = i - low
      switch mode {
      case "reflect": out[i] = at < 0 ? -at : at >= size ? 2 * (size - 1) - at : at
      case "replicate": out[i] = Swift.min(Swift.max(at, 0), size - 1)
      default: out[i] = at < 0 ? at + size : at >= size ? at - size : at
      }
    }
    return try indexSelect(axis, positions)
  }
}
