/// What the layers of a single step have in common.
public class RecurrentCellLayer: HookedLayer {
  public let inputSize: Int
  public let hiddenSize: Int
  /// [gates · hiddenSize, inputSize]
  @Parameter public var weightIh: Tensor
  /// [gates · hiddenSize, hiddenSize]
  @Parameter public var weightHh: Tensor
  /// [gates · hiddenSize]
  @OptionalParameter public var biasIh: Tensor?
  @OptionalParameter public var biasHh: Tensor?
  public var hooks = ForwardHooks()
  private let cell: RecurrentCell
  private let name: String

  /// All weights are drawn uniformly from ±1/√hiddenSize, as PyTorch draws them.
  init(
    _ name: String, _ cell: RecurrentCell, _ inputSize: Int, _ hiddenSize: Int, bias: Bool, _ dtype: DType,
    _ generator: Generator?
  ) throws(SNNError) {
    for (field, size) in [("input_size", inputSize), ("hidden_size", hiddenSize)] where size <= 0 {
      throw .argument("\(name): \(field) must be greater than zero, got \(size)")
    }
    self.name = name
    self.cell = cell
    self.inputSize = inputSize
    self.hiddenSize = hiddenSize
    let (gates, bound) = (cell.gates * hiddenSize, 1 / Double(hiddenSize).squareRoot())
    weightIh = try Tensor.uniform([gates, inputSize], -bound, bound, dtype, generator)
    weightHh = try Tensor.uniform([gates, hiddenSize], -bound, bound, dtype, generator)
    biasIh = bias ? try Tensor.uniform([gates], -bound, bound, dtype, generator) : nil
    biasHh = bias ? try Tensor.uniform([gates], -bound, bound, dtype, generator) : nil
  }

  public var members: [(name: String, value: Any)] {
    [("weight_ih", _weightIh), ("weight_hh", _weightHh), ("bias_ih", _biasIh), ("bias_hh", _biasHh)]
  }

  /// The state h after a step from zeros.
  public func callAsFunction(_ input: Tensor) throws(SNNError) -> Tensor { try step(input, nil)[0] }

  /// The input and, where there are more, the states; the results are the next states.
  public func forward(_ inputs: [Tensor]) throws(SNNError) -> [Tensor] {
    guard let input = inputs.first else { throw .argument("\(name): expects at least 1 input, got 0") }
    return try step(input, inputs.count > 1 ? Array(inputs.dropFirst()) : nil)
  }

  final func step(_ input: Tensor, _ states: [Tensor]?) throws(SNNError) -> [Tensor] {
    try called([input] + (states ?? []), results: cell.hasCellState ? 2 : 1) { given throws(SNNError) in
      try unwatched(given[0], states == nil ? nil : Array(given.dropFirst()))
    }
  }

  private func unwatched(_ input: Tensor, _ given: [Tensor]?) throws(SNNError) -> [Tensor] {
    guard input.rank == 1 || input.rank == 2 else {
      throw .argument("\(name): Expected input to be 1D or 2D, got \(input.rank)D instead")
    }
    let isSingle = input.rank == 1
    let x = isSingle ? try input.unsqueeze(0) : input
    guard x.shape[1] == inputSize else {
      throw .shape("\(name): input has inconsistent input_size: got \(x.shape[1]) expected \(inputSize)")
    }
    let count = cell.hasCellState ? 2 : 1
    if let given, given.count != count {
      throw .argument("\(name): expects \(count) hidden states, got \(given.count)")
    }
    var states: [Tensor] = []
    for i in 0..<count {
      guard let state = given?[i] else {
        states.append(try .zeros([x.shape[0], hiddenSize], x.dtype))
        continue
      }
      guard state.rank == input.rank else {
        throw .argument("\(name): Expected hx[\(i)] to be \(input.rank)D as the input, got \(state.rank)D instead")
      }
      let rows = isSingle ? try state.unsqueeze(0) : state
      guard rows.shape[1] == hiddenSize else {
        throw .shape("\(name): hidden\(i) has inconsistent hidden_size: got \(rows.shape[1]), expected \(hiddenSize)")
      }
      states.append(rows)
    }
    let results = try x.recurrentStep(cell, states, [weightIh, weightHh], biases: (biasIh, biasHh), name)
    return isSingle ? try results.map { result throws(SNNError) in try result.squeeze([0]) } : results
  }
}

/// One step of an `RNN`.
public final class RNNCell: RecurrentCellLayer {
  public init(
    _ inputSize: Int, _ hiddenSize: Int, bias: Bool = true, nonlinearity: String = "tanh", dtype: DType = .default,
    generator: Generator? = nil
  ) throws(SNNError) {
    guard nonlinearity == "tanh" || nonlinearity == "relu" else {
      throw .argument("RNNCell: Unknown nonlinearity: \(nonlinearity)")
    }
    try super.init(
      "RNNCell", nonlinearity == "tanh" ? .tanh : .relu, inputSize, hiddenSize, bias: bias, dtype, generator)
  }

  public func callAsFunction(_ input: Tensor, _ h: Tensor?) throws(SNNError) -> Tensor {
    try step(input, h.map { [$0] })[0]
  }
}

/// One step of an `LSTM`.
public final class LSTMCell: RecurrentCellLayer {
  public init(
    _ inputSize: Int, _ hiddenSize: Int, bias: Bool = true, dtype: DType = .default, generator: Generator? = nil
  ) throws(SNNError) {
    try super.init("LSTMCell", .lstm, inputSize, hiddenSize, bias: bias, dtype, generator)
  }

  public func callAsFunction(_ input: Tensor, _ state: (h: Tensor, c: Tensor)?) throws(SNNError) -> (
    h: Tensor, c: Tensor
  ) {
    let results = try step(input, state.map { [$0.h, $0.c] })
    return (results[0], results[1])
  }
}

/// One step of a `GRU`.
public final class GRUCell: RecurrentCellLayer {
  public init(
    _ inputSize: Int, _ hiddenSize: Int, bias: Bool = true, dtype: DType = .default, generator: Generator? = nil
  ) throws(SNNError) {
    try super.init("GRUCell", .gru, inputSize, hiddenSize, bias: bias, dtype, generator)
  }

  public func callAsFunction(_ input: Tensor, _ h: Tensor?) throws(SNNError) -> Tensor {
    try step(input, h.map { [$0] })[0]
  }
}
