extension Operation {
  static let einsums: [Operation] = [einsum]

  static let einsum = Operation(
    "einsum", "Sums of products by Einstein's convention: a letter per axis, letters that the output lacks are summed.",
    [.string("equation"), .tensors("operands")], places: .function
  ) { try Tensor.einsum($0.string(0), $0.tensors(1)) }
}

extension Tensor {
  /// Sums of products by Einstein's convention, as in `einsum("ij,jk->ik", [a, b])`.
  public static func einsum(_ equation: String, _ operands: [Tensor]) throws(SNNError) -> Tensor {
    let parsed = try Equation(equation, operands.map(\.rank))
    var labelled: [Labelled] = []
    for (operand, labels) in zip(operands, parsed.inputs) {
      labelled.append(try Labelled(operand, labels).withoutRepeats())
    }
    try Labelled.checkSizes(labelled)
    var result = labelled[0]
    for i in labelled.indices {
      let later = Set(parsed.output).union(labelled[(i + 1)...].flatMap(\.labels))
      result = try i == 0 ? result : result.times(labelled[i], keeping: later)
      result = try result.summed(keeping: later)
    }
    return try result.tensor(in: parsed.output)
  }
}

/// The letters of an equation as numbers: those below 0 are the axes of `...`, counted from the last.
private struct Equation {
  var inputs: [[Int]] = []
  var output: [Int] = []

  init(_ text: String, _ ranks: [Int]) throws(SNNError) {
    let plain = text.utf8.filter { $0 != UInt8(ascii: " ") }
    let arrow = plain.indices.first {
      plain[$0] == UInt8(ascii: "-") && $0 + 1 < plain.count && plain[$0 + 1] == UInt8(ascii: ">")
    }
    let terms = plain[..<(arrow ?? plain.count)].split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    guard terms.count == ranks.count else {
      throw .argument(
        "einsum: the equation '\(text)' has \(terms.count) operands, but \(ranks.count) were provided")
    }
    var widest = 0
    for (i, term) in terms.enumerated() {
      let labels = try Self.labels(term, text) { _ throws(SNNError) in
        let letters = term.count - 3
        guard ranks[i] >= letters else {
          throw .shape(
            "einsum: operand \(i) has \(ranks[i]) dimensions, fewer than the \(letters) letters of '\(text)'")
        }
        return ranks[i] - letters
      }
      guard labels.count == ranks[i] else {
        throw .shape(
          "einsum: the number of subscripts in '\(text)' (\(labels.count)) does not match the number of dimensions "
            + "(\(ranks[i])) of operand \(i)")
      }
      widest = Swift.max(widest, labels.count { $0 < 0 })
      inputs.append(labels)
    }
    let used = inputs.flatMap(\.self)
    if let arrow {
      output = try Self.labels(plain[(arrow + 2)...], text) { _ in widest }
      guard Set(output).count == output.count else {
        throw .argument("einsum: an output subscript appears more than once in '\(text)'")
      }
      for label in output where label >= 0 && !used.contains(label) {
        throw .argument("einsum: an output subscript of '\(text)' does not appear in any operand")
      }
    } else {
      let once = Set(used).filter { label in label >= 0 && used.count { $0 == label } == 1 }
      output = (-widest..<0) + once.sorted()
    }
  }

  private static func labels(
    _ term: ArraySlice<UInt8>, _ text: String, _ ellipsis: (Int) throws(SNNError) -> Int
  ) throws(SNNError) -> [Int] {
    var labels: [Int] = []
    var position = term.startIndex
    var hasEllipsis = false
    while position < term.endIndex {
      let byte = term[position]
      if byte == UInt8(ascii: "."), !hasEllipsis, term[position...].prefix(3).elementsEqual("...".utf8) {
        labels += -(try ellipsis(position))..<0
        hasEllipsis = true
        position += 3
        continue
      }
      guard byte | 0x20 >= UInt8(ascii: "a"), byte | 0x20 <= UInt8(ascii: "z") else {
        throw .argument("einsum: '\(text)' has an unexpected character; subscripts are letters")
      }
      labels.append(Int(byte))
      position += 1
    }
    return labels
  }
}

/// A tensor with a label for every axis.
private struct Labelled {
  let tensor: Tensor
  let labels: [Int]

  init(_ tensor: Tensor, _ labels: [Int]) {
    self.tensor = tensor
    self.labels = labels
  }

  private func size(_ label: Int) -> Int { labels.firstIndex(of: label).map { tensor.shape[$0] } ?? 1 }

  /// One label, one size, but for sizes of 1.
  static func checkSizes(_ operands: [Labelled]) throws(SNNError) {
    var sizes: [Int: Int] = [:]
    for (i, operand) in operands.enumerated() {
      for label in operand.labels where operand.size(label) != 1 {
        let size = operand.size(label)
        guard sizes[label, default: size] == size else {
          throw .shape(
            "einsum: operands do not broadcast: a subscript has size \(size) in operand \(i) (of shape "
              + "\(operand.tensor.shape)) and \(sizes[label, default: size]) before")
        }
        sizes[label] = size
      }
    }
  }

  /// The diagonal wherever a label stands twice.
  func withoutRepeats() throws(SNNError) -> Labelled {
    var (tensor, labels) = (tensor, labels)
    while let second = labels.indices.first(where: { labels[..<$0].contains(labels[$0]) }) {
      let first = labels[..<second].firstIndex(of: labels[second]).unsafelyUnwrapped
      guard tensor.shape[first] == tensor.shape[second] else {
        throw .shape(
          "einsum: a subscript is repeated but the sizes do not match: \(tensor.shape[first]) and "
            + "\(tensor.shape[second]) in shape \(tensor.shape)")
      }
      tensor = try tensor.diagonal(0, first, second)
      let label = labels.remove(at: second)
      labels.remove(at: first)
      labels.append(label)
    }
    return Labelled(tensor, labels)
  }

  func summed(keeping kept: Set<Int>) throws(SNNError) -> Labelled {
    let gone = labels.indices.filter { !kept.contains(labels[$0]) }
    guard !gone.isEmpty else { return self }
    return Labelled(try tensor.sum(gone), labels.filter(kept.contains))
  }

  /// Without the axes of size 1 that the other repeats.
  private func narrowed(beside other: Labelled) throws(SNNError) -> Labelled {
    let gone = labels.indices.filter {
      other.labels.contains(labels[$0]) && tensor.shape[$0] == 1 && other.size(labels[$0]) != 1
    }
    guard !gone.isEmpty else { return self }
    return Labelled(try tensor.squeeze(gone), labels.indices.filter { !gone.contains($0) }.map { labels[$0] })
  }

  /// The product; labels of both that need not be kept are summed in it.
  func times(_ other: Labelled, keeping kept: Set<Int>) throws(SNNError) -> Labelled {
    var a = try narrowed(beside: other).summed(keeping: kept.union(other.labels))
    var b = try other.narrowed(beside: self).summed(keeping: kept.union(labels))
    if tensor.dtype == other.tensor.dtype, a.tensor.dtype != b.tensor.dtype {
      // A sum of integers is int64.
      a = Labelled(try a.tensor.cast(to: .int64), a.labels)
      b = Labelled(try b.tensor.cast(to: .int64), b.labels)
    }
    let shared = a.labels.filter(b.labels.contains)
    let batch = shared.filter(kept.contains)
    let inside = shared.filter { !kept.contains($0) }
    let rows = a.labels.filter { !shared.contains($0) }
    let columns = b.labels.filter { !shared.contains($0) }
    let labels = batch + rows + columns
    guard labels.count <= Dimensions.maximumRank else {
      throw .shape(
        "einsum: an intermediate product needs \(labels.count) dimensions, more than \(Dimensions.maximumRank)")
    }
    func arranged(_ x: Labelled, _ groups: [[Int]]) throws(SNNError) -> Tensor {
      let order = groups.flatMap(\.self).map { x.labels.firstIndex(of: $0).unsafelyUnwrapped }
      return try x.tensor.permute(order).reshaped(to: Dimensions(groups.map { $0.reduce(1) { $0 * x.size($1) } }))
    }
    let sizes = batch.map(a.size) + rows.map(a.size) + columns.map(b.size)
    let target = try Dimensions.shape(sizes, operation: "einsum")
    let product: Tensor
    if inside.isEmpty {
      product = try arranged(a, [batch, rows, []]) * arranged(b, [batch, [], columns])
    } else {
      product = try arranged(a, [batch, rows, inside]).matmul(arranged(b, [batch, inside, columns]))
    }
    return Labelled(try product.reshaped(to: target), labels)
  }

  /// The tensor with its axes in the given order.
  func tensor(in order: [Int]) throws(SNNError) -> Tensor {
    let present = order.filter(labels.contains)
    let arranged = try tensor.permute(present.map { labels.firstIndex(of: $0).unsafelyUnwrapped })
    return try arranged.reshaped(to: Dimensions(order.map { size($0) }))
  }
}
