/// Recurrent layers on top of each other, each in one direction or in both.
struct RecurrentStack: Sendable {
  let cell: RecurrentCell
  var layers = 1
  var hasBias = true
  /// The probability of dropping what one layer gives to the next; 0 outside of training.
  var dropout = 0.0
  var isBidirectional = false
  var generator: Generator?

  private var directions: Int { isBidirectional ? 2 : 1 }
  private var name: String { cell.rawValue }

  /// The states of the last layer after every step, and all states after the last.
  ///
  /// - rows: the features of all steps, one step after another.
  /// - sizes: how many rows each step has, never more than the step before.
  /// - states: h, and c of an LSTM: [layers · directions, sequences, …].
  func callAsFunction(
    rows: Tensor, sizes: [Int], states: [Tensor], weights: [Tensor]
  ) throws(SNNError) -> [Tensor] {
    let hasProjection = try check(rows, sizes, states, weights)
    guard !rows.dtype.isHalf else {
      func single(_ x: Tensor) throws(SNNError) -> Tensor { try x.cast(to: .float32) }
      let results = try self(
        rows: single(rows), sizes: sizes, states: states.map(single), weights: weights.map(single))
      return try results.map { x throws(SNNError) in try x.cast(to: rows.dtype) }
    }
    let count = RecurrentWeights.count(hasBias: hasBias, hasProjection: hasProjection)
    var x = rows
    var last: [[Tensor]] = states.map { _ in [] }
    for layer in 0..<layers {
      var outputs: [Tensor] = []
      for direction in 0..<directions {
        let place = layer * directions + direction
        var inputs = [x]
        for state in states { inputs.append(try state.select(0, place)) }
        inputs += weights[(place * count)..<((place + 1) * count)]
        let sequence = RecurrentSequence(
          cell: cell, sizes: sizes, isReversed: direction == 1, hasBias: hasBias, hasProjection: hasProjection,
          name: name)
        let results = try sequence.all(Few(inputs))
        outputs.append(results[0])
        for i in states.indices { last[i].append(results[1 + i]) }
      }
      x = outputs.count == 1 ? outputs[0] : try .cat(outputs, 1)
      if layer < layers - 1 { x = try x.dropout(dropout, generator) }
    }
    return [x] + (try last.map { states throws(SNNError) in try Tensor.stack(states) })
  }

  /// Whether there are projections. Everything else that is wrong with the arguments is an error.
  private func check(
    _ rows: Tensor, _ sizes: [Int], _ states: [Tensor], _ weights: [Tensor]
  ) throws(SNNError) -> Bool {
    let expectedStates = cell.hasCellState ? 2 : 1
    guard states.count == expectedStates else {
      throw .shape("\(name): expects \(expectedStates) hidden states, got \(states.count)")
    }
    guard rows.dtype.isFloatingPoint else { throw .dtype("\(name): not implemented for \(rows.dtype.name)") }
    for other in states + weights where other.dtype != rows.dtype {
      throw .dtype(
        "\(name): expects input, hidden states and weights of one dtype, got \(rows.dtype.name) and \(other.dtype.name)"
      )
    }
    for state in states where state.rank != 3 || state.shape[2] == 0 {
      throw .shape("\(name): expects hidden states of 3 dimensions, none of them empty, got shape \(state.shape)")
    }
    let (width, hidden) = (states[0].shape[2], states[states.count - 1].shape[2])
    let hasProjection = cell.hasCellState && width != hidden
    let (places, batch) = (layers * directions, sizes.first ?? 0)
    for (i, state) in states.enumerated() where state.shape != [places, batch, state.shape[2]] {
      throw .shape(
        "\(name): Expected hidden\(states.count > 1 ? "[\(i)]" : "") size (\(places), \(batch), \(state.shape[2])), got "
          + "\(state.shape)")
    }
    let count = RecurrentWeights.count(hasBias: hasBias, hasProjection: hasProjection)
    guard weights.count == places * count else {
      throw .shape(
        "\(name): got an incorrect number of RNN parameters: expected \(places * count), got \(weights.count)")
    }
    let gates = cell.gates * hidden
    for (i, weight) in weights.enumerated() {
      let features = i < directions * count ? rows.shape[1] : width * directions
      let expected: Dimensions =
        switch i % count {
        case 0: [gates, features]
        case 1: [gates, width]
        case count - 1 where hasProjection: [width, hidden]
        default: [gates]
        }
      guard weight.shape == expected else {
        throw .shape("\(name): expected a weight of shape \(expected) at position \(i), got \(weight.shape)")
      }
    }
    return hasProjection
  }
}

extension RecurrentStack {
  /// The same for sequences of one length: [steps, sequences, features], or [sequences, steps, features].
  func callAsFunction(
    _ input: Tensor, batchFirst: Bool, states: [Tensor], weights: [Tensor]
  ) throws(SNNError) -> [Tensor] {
    guard input.rank == 3 else { throw .shape("\(name): input must have 3 dimensions, got \(input.rank)") }
    let x = batchFirst ? try input.transpose(0, 1) : input
    let (steps, sequences) = (x.shape[0], x.shape[1])
    guard steps > 0 else { throw .shape("\(name): Expected sequence length to be larger than 0 in RNN") }
    // As a tensor first: of a view without memory there can be more steps than an array holds.
    let sizes = try Tensor.full([steps], .int(sequences), .int64).array(of: Int.self)
    var results = try self(
      rows: x.reshaped(to: [steps * sequences, x.shape[2]]), sizes: sizes, states: states, weights: weights)
    let output = try results[0].reshaped(to: [steps, sequences, results[0].shape[1]])
    results[0] = batchFirst ? try output.transpose(0, 1) : output
    return results
  }

  /// The same for packed sequences: `batchSizes` says how many of them have a step.
  func callAsFunction(
    packed data: Tensor, _ batchSizes: Tensor, states: [Tensor], weights: [Tensor]
  ) throws(SNNError) -> [Tensor] {
    guard data.rank == 2 else { throw .shape("\(name): input must have 2 dimensions, got \(data.rank)") }
    let sizes = try batchSizes.packedSizes(of: data, name)
    return try self(rows: data, sizes: sizes, states: states, weights: weights)
  }
}
