/// Sequences of different lengths one step after another: first the first element of each, then the second of those that
/// have one, and so on; the longest sequence comes first. The batch sizes say how many elements each step has.
extension Operation {
  static let packedSequences: [Operation] = [packPaddedSequence, padPackedSequence, padSequence]

  private static let batchFirst = Field.bool("batch_first", default: false, "[N, T, …] instead of [T, N, …].")

  static let packPaddedSequence = Operation(
    "_pack_padded_sequence", "Packs sequences that fill tensors of one length; the longest comes first.",
    [.tensor("input", "[T, N, …]."), .tensor("lengths", "How long each is."), .bool("batch_first")],
    places: .function,
    body: .several(names: ["data", "batch_sizes"]) {
      let (data, sizes) = try $0.tensor(0).packed($0.tensor(1), batchFirst: $0.bool(2))
      return [data, sizes]
    })

  static let padPackedSequence = Operation(
    "_pad_packed_sequence", "Gives packed sequences one length again.",
    [
      .tensor("data"), .tensor("batch_sizes"), .bool("batch_first"), .scalar("padding_value"),
      .int("total_length", "At least the greatest length; -1: that."),
    ], places: .function,
    body: .several(names: ["padded", "lengths"]) {
      let (padded, lengths) = try $0.tensor(0).unpacked(
        $0.tensor(1), batchFirst: $0.bool(2), padding: $0.scalar(3), length: $0.int(4))
      return [padded, lengths]
    })

  static let padSequence = Operation(
    "pad_sequence", "Stacks sequences of different lengths, filled up to the greatest.",
    [
      .tensors("sequences"), batchFirst, .scalar("padding_value", default: 0),
      .choice("padding_side", of: ["right", "left"], default: "right"),
    ], places: .function
  ) {
    try Tensor.padSequence(
      $0.tensors(0), batchFirst: $0.bool(1), padding: $0.scalar(2), onTheLeft: $0.string(3) == "left")
  }
}

extension Tensor {
  /// The batch sizes as numbers, checked: they fall, and count the rows of the data.
  func packedSizes(of data: Tensor, _ name: String) throws(SNNError) -> [Int] {
    guard rank == 1, count > 0, dtype.isInteger else {
      throw .shape(
        "\(name): expects batch_sizes of 1 dimension, integers and not empty, got shape \(shape) of \(dtype.name)")
    }
    try requireElements(name)
    let sizes = try array(of: Int.self)
    var (rows, before) = (0, Int.max)
    for size in sizes {
      guard size > 0, size <= before, size <= data.shape[0] else {
        throw .shape(
          "\(name): batch_sizes must be positive, never grow and count the \(data.shape[0]) rows of the data, got \(size)"
        )
      }
      before = size
      rows += size
    }
    guard rows == data.shape[0] else {
      throw .shape("\(name): batch_sizes count \(rows) rows, the data has \(data.shape[0])")
    }
    return sizes
  }

  /// Packs sequences [steps, sequences, …] of falling lengths.
  public func packed(_ lengths: Tensor, batchFirst: Bool = false) throws(SNNError) -> (data: Tensor, batchSizes: Tensor)
  {
    let name = "_pack_padded_sequence"
    guard rank >= 2 else { throw .shape("\(name): expects an input of at least 2 dimensions, got shape \(shape)") }
    guard lengths.dtype.isInteger, lengths.rank == 1 else {
      throw .shape("\(name): expects lengths of 1 dimension, integers, got shape \(lengths.shape)")
    }
    try lengths.requireElements(name)
    let x = batchFirst ? try transpose(0, 1) : self
    let (steps, sequences) = (x.shape[0], x.shape[1])
    let counts = try lengths.array(of: Int.self)
    guard counts.count == sequences else {
      throw .shape(
        "\(name): Expected `len(lengths)` to be equal to batch_size, but got \(counts.count) (batch_size=\(sequences))")
    }
    for (i, count) in counts.enumerated() {
      guard count > 0 else {
        throw .shape(
          "\(name): Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0")
      }
      guard i == 0 || count <= counts[i - 1] else {
        throw .shape(
          "\(name): `lengths` array must be sorted in decreasing order when `enforce_sorted` is True. You can pass "
            + "`enforce_sorted=False` to pack_padded_sequence and/or pack_sequence to sidestep this requirement if you do "
            + "not need ONNX exportability.")
      }
      guard count <= steps else {
        throw .shape("\(name): expects lengths of at most \(steps), got \(count)")
      }
    }
    guard let longest = counts.first else {
      throw .shape("\(name): Cannot pack empty tensors.")
    }
    let sizes = (0..<longest).map { step in counts.count { $0 > step } }
    let rows = try x.reshaped(to: Dimensions([steps * sequences] + x.shape.dropFirst(2)))
    return (try rows.indexSelect(0, Tensor(places(sizes, sequences))), try Tensor(sizes))
  }

  /// Sequences of one length, [steps, sequences, …], from packed ones, and how long each was.
  public func unpacked(
    _ batchSizes: Tensor, batchFirst: Bool = false, padding: Scalar = 0, length: Int = -1
  ) throws(SNNError) -> (padded: Tensor, lengths: Tensor) {
    let name = "_pad_packed_sequence"
    guard rank >= 1 else { throw .shape("\(name): expects data of at least 1 dimension") }
    let sizes = try batchSizes.packedSizes(of: self, name)
    guard length < 0 || length >= sizes.count else {
      throw .argument(
        "\(name): Expected total_length to be at least the length of the longest sequence in input, but got "
          + "total_length=\(length) and max sequence length being \(sizes.count)")
    }
    let (steps, sequences) = (Swift.max(length, sizes.count), sizes[0])
    let shape = try Dimensions.shape([steps, sequences] + self.shape.dropFirst(), operation: name)
    let rows = try Dimensions.shape([steps * sequences] + self.shape.dropFirst(), operation: name)
    var padded = try Tensor.full(rows, padding, dtype).indexCopy(0, Tensor(places(sizes, sequences)), self)
    padded = try padded.reshaped(to: shape)
    let lengths = (0..<sequences).map { sequence in sizes.count { $0 > sequence } }
    return (batchFirst ? try padded.transpose(0, 1) : padded, try Tensor(lengths))
  }

  /// Where the rows of packed sequences stand among those of [steps, sequences].
  private func places(_ sizes: [Int], _ sequences: Int) -> [Int] {
    sizes.enumerated().flatMap { step, size in (0..<size).map { step * sequences + $0 } }
  }

  /// Sequences [length, …] side by side, filled up to the greatest length.
  public static func padSequence(
    _ sequences: [Tensor], batchFirst: Bool = false, padding: Scalar = 0, onTheLeft: Bool = false
  ) throws(SNNError) -> Tensor {
    guard let first = sequences.first else { throw .shape("pad_sequence: received an empty list of sequences") }
    for sequence in sequences {
      guard sequence.rank > 0, sequence.shape.dropFirst().elementsEqual(first.shape.dropFirst()) else {
        throw .shape(
          "pad_sequence: expects sequences of the same shape but for the first dimension, got \(first.shape) and "
            + "\(sequence.shape)")
      }
    }
    let longest = sequences.map { $0.shape[0] }.max() ?? 0
    let filled = try sequences.map { sequence throws(SNNError) in
      let missing = longest - sequence.shape[0]
      guard missing > 0 else { return sequence }
      var widths = Array(repeating: 0, count: 2 * (sequence.rank - 1))
      widths += onTheLeft ? [missing, 0] : [0, missing]
      return try sequence.padded(widths, with: padding)
    }
    return try .stack(filled, batchFirst ? 0 : 1)
  }
}
