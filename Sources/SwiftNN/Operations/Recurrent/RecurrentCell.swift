import CKernels

/// What a recurrent layer does at each step. The raw values are PyTorch's names of such layers as functions.
enum RecurrentCell: String, Sendable {
  case tanh = "rnn_tanh"
  case relu = "rnn_relu"
  case lstm
  case gru

  /// How many numbers the products have for each of the state.
  var gates: Int {
    switch self {
    case .tanh, .relu: 1
    case .lstm: 4
    case .gru: 3
    }
  }

  /// Beside h there is a second state, c.
  var hasCellState: Bool { self == .lstm }

  var kernel: ck_cell {
    switch self {
    case .tanh: CK_TANH_CELL
    case .relu: CK_RELU_CELL
    case .lstm: CK_LSTM_CELL
    case .gru: CK_GRU_CELL
    }
  }

  /// The states after a step, in operations, from the products of the inputs and the states before.
  func step(
    _ products: Tensor, _ h: Tensor, _ c: Tensor?, _ weights: RecurrentWeights
  ) throws(SNNError) -> (h: Tensor, c: Tensor?) {
    let ofState = try h.linear(weights.state, weights.stateBias)
    switch self {
    case .tanh: return (try (products + ofState).tanh(), nil)
    case .relu: return (try (products + ofState).relu(), nil)
    case .lstm:
      let gates = try (products + ofState).chunk(4, 1)
      let kept = try c.unsafelyUnwrapped * gates[1].sigmoid()
      let new = try kept + gates[0].sigmoid() * gates[2].tanh()
      let shown = try gates[3].sigmoid() * new.tanh()
      guard let projection = weights.projection else { return (shown, new) }
      return (try shown.linear(projection), new)
    case .gru:
      let (a, b) = (try products.chunk(3, 1), try ofState.chunk(3, 1))
      let candidate = try (a[2] + (a[0] + b[0]).sigmoid() * b[2]).tanh()
      return (try (h - candidate) * (a[1] + b[1]).sigmoid() + candidate, nil)
    }
  }
}

/// The weights of one layer in one direction, in PyTorch's order.
struct RecurrentWeights {
  /// [gates · hidden, features]
  let input: Tensor
  /// [gates · hidden, state]
  let state: Tensor
  /// [gates · hidden]
  let inputBias: Tensor?
  let stateBias: Tensor?
  /// [state, hidden] where the state is smaller than what the cell gives.
  let projection: Tensor?

  init(_ list: ArraySlice<Tensor>, hasBias: Bool, hasProjection: Bool) {
    let first = list.startIndex
    input = list[first]
    state = list[first + 1]
    inputBias = hasBias ? list[first + 2] : nil
    stateBias = hasBias ? list[first + 3] : nil
    projection = hasProjection ? list[list.endIndex - 1] : nil
  }

  /// How many tensors there are.
  static func count(hasBias: Bool, hasProjection: Bool) -> Int { 2 + (hasBias ? 2 : 0) + (hasProjection ? 1 : 0) }
}
