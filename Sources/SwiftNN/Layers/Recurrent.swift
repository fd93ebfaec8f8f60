/// h' = tanh(weight_ih · x + bias_ih + weight_hh · h + bias_hh), or relu.
public final class RNN: RecurrentLayer {
  public init(
    _ inputSize: Int, _ hiddenSize: Int, layers: Int = 1, nonlinearity: String = "tanh", bias: Bool = true,
    batchFirst: Bool = false, dropout: Double = 0, bidirectional: Bool = false, dtype: DType = .default,
    generator: Generator? = nil
  ) throws(SNNError) {
    guard nonlinearity == "tanh" || nonlinearity == "relu" else {
      throw .argument("RNN: Unknown nonlinearity '\(nonlinearity)'. Select from 'tanh' or 'relu'.")
    }
    let shape = Shape(
      inputSize: inputSize, hiddenSize: hiddenSize, layers: layers, hasBias: bias, isBatchFirst: batchFirst,
      dropout: dropout, isBidirectional: bidirectional)
    try super.init("RNN", nonlinearity == "tanh" ? .tanh : .relu, shape, dtype, generator)
  }

  /// The states after every step and after the last; `batchSizes` says that the input is packed.
  public func callAsFunction(
    _ input: Tensor, _ h: Tensor?, batchSizes: Tensor? = nil
  ) throws(SNNError) -> (output: Tensor, h: Tensor) {
    let results = try run(input, h.map { [$0] }, batchSizes)
    return (results[0], results[1])
  }
}

/// Long short-term memory, with gates in the order input, forget, candidate, output:
/// c' = σ(f) · c + σ(i) · tanh(g), h' = σ(o) · tanh(c').
public final class LSTM: RecurrentLayer {
  public init(
    _ inputSize: Int, _ hiddenSize: Int, layers: Int = 1, bias: Bool = true, batchFirst: Bool = false,
    dropout: Double = 0, bidirectional: Bool = false, projectionSize: Int = 0, dtype: DType = .default,
    generator: Generator? = nil
  ) throws(SNNError) {
    let shape = Shape(
      inputSize: inputSize, hiddenSize: hiddenSize, layers: layers, hasBias: bias, isBatchFirst: batchFirst,
      dropout: dropout, isBidirectional: bidirectional, projectionSize: projectionSize)
    try super.init("LSTM", .lstm, shape, dtype, generator)
  }

  /// The states h after every step, and h and c after the last; `batchSizes` says that the input is packed.
  public func callAsFunction(
    _ input: Tensor, _ state: (h: Tensor, c: Tensor)?, batchSizes: Tensor? = nil
  ) throws(SNNError) -> (output: Tensor, h: Tensor, c: Tensor) {
    let results = try run(input, state.map { [$0.h, $0.c] }, batchSizes)
    return (results[0], results[1], results[2])
  }
}

/// Gated recurrent units, with gates in the order reset, update, candidate:
/// n = tanh(x_n + σ(r) · h_n), h' = (1 - σ(z)) · n + σ(z) · h.
public final class GRU: RecurrentLayer {
  public init(
    _ inputSize: Int, _ hiddenSize: Int, layers: Int = 1, bias: Bool = true, batchFirst: Bool = false,
    dropout: Double = 0, bidirectional: Bool = false, dtype: DType = .default, generator: Generator? = nil
  ) throws(SNNError) {
    let shape = Shape(
      inputSize: inputSize, hiddenSize: hiddenSize, layers: layers, hasBias: bias, isBatchFirst: batchFirst,
      dropout: dropout, isBidirectional: bidirectional)
    try super.init("GRU", .gru, shape, dtype, generator)
  }

  /// The states after every step and after the last; `batchSizes` says that the input is packed.
  public func callAsFunction(
    _ input: Tensor, _ h: Tensor?, batchSizes: Tensor? = nil
  ) throws(SNNError) -> (output: Tensor, h: Tensor) {
    let results = try run(input, h.map { [$0] }, batchSizes)
    return (results[0], results[1])
  }
}
