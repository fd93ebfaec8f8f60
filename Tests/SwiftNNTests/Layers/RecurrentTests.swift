import Testing

@testable import SwiftNN

/// Recurrent layers as Swift programs use them.
@Suite struct RecurrentTests {
  @Test func shapesAndNames() throws {
    let layer = try LSTM(3, 4, layers: 2, bidirectional: true, projectionSize: 2, dtype: .float64)
    let names = layer.state.map(\.name)
    #expect(names.count == 20 && names.prefix(2) == ["weight_ih_l0", "weight_hh_l0"])
    #expect(names[9] == "weight_hr_l0_reverse" && layer.parameters.allSatisfy(\.requiresGradient))
    let (output, h, c) = try layer(.zeros([5, 2, 3], .float64), nil)
    #expect(output.shape == [5, 2, 4] && h.shape == [4, 2, 2] && c.shape == [4, 2, 4])
    let single: Tensor = try layer(.zeros([5, 3], .float64))
    #expect(single.shape == [5, 4])
    #expect(
      try layer.forward([.zeros([5, 2, 3], .float64), h, c]).map { Array($0.shape) } == [
        [5, 2, 4], [4, 2, 2], [4, 2, 4],
      ])
    #expect(throws: SNNError.self) { try layer.forward([.zeros([5, 2, 3], .float64), h]) }
    let cell = try GRUCell(3, 4, bias: false)
    #expect(cell.state.map(\.name) == ["weight_ih", "weight_hh", "bias_ih", "bias_hh"] && cell.parameters.count == 2)
    #expect(try cell(.zeros([2, 3]), .ones([2, 4])).shape == [2, 4])
    #expect(try RNNCell(3, 4, nonlinearity: "relu")(.zeros([3])).shape == [4])
    let step = try LSTMCell(3, 4)(.zeros([2, 3]), (h: .zeros([2, 4]), c: .zeros([2, 4])))
    #expect(step.h.shape == [2, 4] && step.c.shape == [2, 4])
  }

  /// Packed sequences give what each gives by itself.
  @Test func packed() throws {
    let layer = try GRU(3, 4, layers: 2, bidirectional: true, dtype: .float64)
    let lengths = [5, 3, 3, 1]
    let sequences = try lengths.map { try Tensor.normal([$0, 3], .float64) }
    let padded = try Tensor.padSequence(sequences)
    let (data, batchSizes) = try padded.packed(Tensor(lengths))
    let (states, last) = try layer(data, nil, batchSizes: batchSizes)
    let (output, found) = try states.unpacked(batchSizes, length: 7)
    #expect(try found.array(of: Int.self) == lengths && output.shape == [7, 4, 8])
    for (i, sequence) in sequences.enumerated() {
      let (alone, h) = try layer(sequence, nil)
      #expect(try difference(output.select(1, i).narrow(0, 0, lengths[i]), alone) == nil)
      #expect(try output.select(1, i).narrow(0, lengths[i], 7 - lengths[i]).abs().sum().item().double == 0)
      #expect(try difference(last.select(1, i), h) == nil)
    }
  }

  /// A state that is given takes part in the graph.
  @Test func learnedStates() throws {
    let layer = try RNN(2, 3, dtype: .float64)
    let first = try Tensor.zeros([1, 1, 3], .float64)
    try first.setRequiresGradient(true)
    let (output, _) = try layer(.normal([4, 5, 2], .float64), first.expand([1, 5, 3]))
    try output.sum().backward()
    #expect(first.gradient?.shape == [1, 1, 3])
  }

  /// A result that nothing depends on has no gradient; each of the others alone has the one that differences give.
  @Test func gradientsOfEachResult() throws {
    let layer = try LSTM(2, 3, dtype: .float64)
    let x = try Tensor.normal([3, 2, 2], .float64)
    let states = try (0..<2).map { _ in try Tensor.normal([1, 2, 3], .float64) }
    for result in 0..<3 {
      let function: GradientCheck.Function = { leaves in [try layer.forward(leaves)[result]] }
      #expect(try GradientCheck.first(function, at: [x] + states) == nil)
      #expect(try GradientCheck.second(function, at: [x] + states) == nil)
    }
  }

  @Test func mistakes() throws {
    #expect(message { _ = try LSTM(0, 3) } == "LSTM: input_size must be greater than zero, got 0")
    #expect(message { _ = try RNN(3, 3, nonlinearity: "sin") }?.contains("'sin'") == true)
    #expect(message { _ = try GRU(3, 3, dropout: 2) }?.contains("[0, 1], got 2") == true)
    #expect(message { _ = try GRU(3, 3, layers: .max) }?.contains("num_layers") == true)
    let layer = try GRU(3, 4)
    let text = message { _ = try layer(.zeros([5, 2, 4])) as Tensor }
    #expect(text == "GRU: input.size(-1) must be equal to input_size. Expected 3, got 4")
    #expect(
      message { _ = try layer(.zeros([5, 2, 3]), .zeros([1, 3, 4])) }?.contains("[1, 2, 4], got [1, 3, 4]") == true)
    for sizes in [[2, 3], [5, 0], [5, 1], []] {
      #expect(message { _ = try layer(.zeros([5, 3]), nil, batchSizes: Tensor(sizes)) }?.hasPrefix("GRU: ") == true)
    }
    #expect(message { _ = try layer(.zeros([5, 3]), nil, batchSizes: .ones([5])) }?.contains("batch_sizes") == true)
  }
}
