/// What RNN, LSTM and GRU have in common: layers of recurrent cells on top of each other.
///
/// Inputs are [steps, sequences, features], with `batchFirst` [sequences, steps, features], or [steps, features] of one
/// sequence. With batch sizes they are the data of packed sequences.
public class RecurrentLayer: ConfiguredLayer, HookedLayer, TrainingSensitive {
  /// How a layer is built; sizes are positive.
  public struct Shape: Sendable {
    public var inputSize: Int
    public var hiddenSize: Int
    public var layers = 1
    public var hasBias = true
    public var isBatchFirst = false
    /// The probability of dropping what a layer gives to the next.
    public var dropout = 0.0
    public var isBidirectional = false
    /// The size of the state of an LSTM where it is projected; 0 without.
    public var projectionSize = 0

    var directions: Int { isBidirectional ? 2 : 1 }
    var stateSize: Int { projectionSize > 0 ? projectionSize : hiddenSize }
  }

  /// More would be a mistake, and fill the memory with small tensors.
  static let mostLayers = 10000

  public let shape: Shape
  public var isTraining = true
  public var hooks = ForwardHooks()
  let cell: RecurrentCell
  private let name: String
  private let generator: Generator?
  private let parameterCells: [(name: String, value: Parameter)]

  /// All weights are drawn uniformly from ±1/√hiddenSize, as PyTorch draws them.
  init(_ name: String, _ cell: RecurrentCell, _ shape: Shape, _ dtype: DType, _ generator: Generator?) throws(SNNError)
  {
    try Self.check(name, shape)
    self.name = name
    self.cell = cell
    self.shape = shape
    self.generator = generator
    let bound = 1 / Double(shape.hiddenSize).squareRoot()
    let gates = cell.gates * shape.hiddenSize
    var cells: [(name: String, value: Parameter)] = []
    for layer in 0..<shape.layers {
      let features = layer == 0 ? shape.inputSize : shape.stateSize * shape.directions
      for suffix in ["", "_reverse"].prefix(shape.directions) {
        var sizes = [("weight_ih", [gates, features]), ("weight_hh", [gates, shape.stateSize])]
        if shape.hasBias { sizes += [("bias_ih", [gates]), ("bias_hh", [gates])] }
        if shape.projectionSize > 0 { sizes.append(("weight_hr", [shape.projectionSize, shape.hiddenSize])) }
        for (name, size) in sizes {
          let tensor = try Tensor.uniform(size, -bound, bound, dtype, generator)
          cells.append(("\(name)_l\(layer)\(suffix)", Parameter(wrappedValue: tensor)))
        }
      }
    }
    parameterCells = cells
  }

  private static func check(_ name: String, _ shape: Shape) throws(SNNError) {
    for (field, size) in [
      ("input_size", shape.inputSize), ("hidden_size", shape.hiddenSize), ("num_layers", shape.layers),
    ] where size <= 0 {
      throw .argument("\(name): \(field) must be greater than zero, got \(size)")
    }
    guard shape.layers <= mostLayers else {
      throw .argument("\(name): num_layers must be at most \(mostLayers), got \(shape.layers)")
    }
    guard shape.projectionSize >= 0 else {
      throw .argument(
        "\(name): proj_size should be a positive integer or zero to disable projections, got \(shape.projectionSize)")
    }
    guard shape.projectionSize < shape.hiddenSize else {
      throw .argument(
        "\(name): proj_size has to be smaller than hidden_size, got \(shape.projectionSize) and \(shape.hiddenSize)")
    }
    guard shape.dropout >= 0, shape.dropout <= 1 else {
      throw .argument("\(name): dropout should be a number in range [0, 1], got \(shape.dropout)")
    }
  }

  public var declaration: LayerDeclaration { .named(name) }

  public var configuration: [Value] {
    let options: [Value] = [
      .bool(shape.hasBias), .bool(shape.isBatchFirst), .float(shape.dropout), .bool(shape.isBidirectional),
    ]
    let kind: [Value] = name == "RNN" ? [.string(cell == .relu ? "relu" : "tanh")] : []
    let projection: [Value] = cell.hasCellState ? [.int(shape.projectionSize)] : []
    return [.int(shape.inputSize), .int(shape.hiddenSize), .int(shape.layers)] + kind + options + projection
      + [.dtype(parameterCells[0].value.wrappedValue.dtype)]
  }

  public var members: [(name: String, value: Any)] { parameterCells.map { ($0.name, $0.value) } }

  /// The states of the last layer after every step, from zeros.
  public func callAsFunction(_ input: Tensor) throws(SNNError) -> Tensor { try run(input, nil, nil)[0] }

  /// The input and, where there are more, the first states; the results are the output and the last states.
  public func forward(_ inputs: [Tensor]) throws(SNNError) -> [Tensor] {
    let states = cell.hasCellState ? 2 : 1
    guard inputs.count == 1 || inputs.count == 1 + states else {
      throw .argument("\(name): expects 1 or \(1 + states) inputs, got \(inputs.count)")
    }
    return try run(inputs[0], inputs.count > 1 ? Array(inputs.dropFirst()) : nil, nil)
  }

  /// The output and the last states: [layers · directions, sequences, …], without the axis of sequences for one.
  final func run(_ input: Tensor, _ states: [Tensor]?, _ batchSizes: Tensor?) throws(SNNError) -> [Tensor] {
    try called([input] + (states ?? []), results: cell.hasCellState ? 3 : 2) { given throws(SNNError) in
      try unwatched(given[0], states == nil ? nil : Array(given.dropFirst()), batchSizes)
    }
  }

  private func unwatched(_ input: Tensor, _ states: [Tensor]?, _ batchSizes: Tensor?) throws(SNNError) -> [Tensor] {
    let stack = RecurrentStack(
      cell: cell, layers: shape.layers, hasBias: shape.hasBias, dropout: isTraining ? shape.dropout : 0,
      isBidirectional: shape.isBidirectional, generator: generator)
    let weights = parameterCells.map(\.value.wrappedValue)
    try checkFeatures(input, weights[0])
    if let batchSizes {
      guard input.rank == 2 else { throw .shape("\(name): input must have 2 dimensions, got \(input.rank)") }
      let first = try batchSizes.packedSizes(of: input, name)[0]
      let states = try checkedStates(states, input, sequences: first)
      return try stack(packed: input, batchSizes, states: states, weights: weights)
    }
    guard input.rank == 2 || input.rank == 3 else {
      throw .argument("\(name): Expected input to be 2D or 3D, got \(input.rank)D instead")
    }
    let isSingle = input.rank == 2
    for state in states ?? [] where state.rank != input.rank {
      throw .shape(
        "\(name): For \(isSingle ? "unbatched 2-D" : "batched 3-D") input, hx should also be \(input.rank)-D but got "
          + "\(state.rank)-D tensor")
    }
    let axis = shape.isBatchFirst ? 0 : 1
    let x = isSingle ? try input.unsqueeze(axis) : input
    let given = isSingle ? try states?.map { state throws(SNNError) in try state.unsqueeze(1) } : states
    let results = try stack(
      x, batchFirst: shape.isBatchFirst, states: checkedStates(given, x, sequences: x.shape[axis]), weights: weights)
    guard isSingle else { return results }
    return try results.enumerated().map { i, result throws(SNNError) in try result.squeeze([i == 0 ? axis : 1]) }
  }

  private func checkFeatures(_ input: Tensor, _ weight: Tensor) throws(SNNError) {
    guard input.dtype == weight.dtype else {
      throw .argument(
        "\(name): RNN input dtype (\(input.dtype.name)) does not match weight dtype (\(weight.dtype.name)). Convert "
          + "input: input.to(\(weight.dtype.name)), or convert model: model.to(\(input.dtype.name))")
    }
    guard let features = input.shape.last, features != shape.inputSize else { return }
    throw .shape(
      "\(name): input.size(-1) must be equal to input_size. Expected \(shape.inputSize), got \(features)")
  }

  /// The first states, zeros where none are given.
  private func checkedStates(_ given: [Tensor]?, _ input: Tensor, sequences: Int) throws(SNNError) -> [Tensor] {
    let places = shape.layers * shape.directions
    let sizes = cell.hasCellState ? [shape.stateSize, shape.hiddenSize] : [shape.stateSize]
    let expected = sizes.map { [places, sequences, $0] }
    guard let given else {
      return try expected.map { size throws(SNNError) in try Tensor.zeros(size, input.dtype) }
    }
    guard given.count == expected.count else {
      throw .argument("\(name): expects \(expected.count) hidden states, got \(given.count)")
    }
    for (i, state) in given.enumerated() where Array(state.shape) != expected[i] {
      throw .shape(
        "\(name): Expected hidden\(given.count > 1 ? "[\(i)]" : "") size \(Dimensions(expected[i])), got \(state.shape)"
      )
    }
    return given
  }
}
