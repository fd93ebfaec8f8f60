/// The activations that configurations at Hugging Face name.
public enum ModelActivation: String, Sendable, CaseIterable {
  case gelu
  case geluTanh = "gelu_new"
  case relu

  func callAsFunction(_ x: Tensor) throws(SNNError) -> Tensor {
    switch self {
    case .gelu: try x.gelu()
    case .geluTanh: try x.gelu(approximateByTanh: true)
    case .relu: try x.relu()
    }
  }

  static func field(_ name: String, default value: ModelActivation) -> Field {
    .choice(name, of: allCases.map(\.rawValue), default: value.rawValue)
  }
}

/// x · weight + bias, with the weight as [inFeatures, outFeatures]: GPT-2's linear layer.
final class Conv1D: HookedLayer {
  var hooks = ForwardHooks()
  @Parameter var weight: Tensor
  @Parameter var bias: Tensor

  init(
    _ outFeatures: Int, _ inFeatures: Int, std: Double, _ dtype: DType, _ generator: Generator?
  ) throws(SNNError) {
    weight = try .normal([inFeatures, outFeatures], mean: 0, std: std, dtype, generator)
    bias = try .zeros([outFeatures], dtype)
  }

  func callAsFunction(_ input: Tensor) throws(SNNError) -> Tensor {
    try called(input) { x throws(SNNError) in try x.linear(weight.transpose(0, 1), bias) }
  }
}

/// Layers under names that are no names in Swift. The model does their work inside of `called`.
final class Named: HookedLayer, SeveralInputLayer {
  let type: String
  let members: [(name: String, value: Any)]
  var hooks = ForwardHooks()

  init(_ type: String, _ members: [(name: String, value: Any)]) { (self.type, self.members) = (type, members) }
}

extension Embedding {
  static func drawn(
    _ rows: Int, _ width: Int, std: Double, padding: Int? = nil, _ dtype: DType, _ generator: Generator?
  ) throws(SNNError) -> Embedding {
    let numbers = try Tensor.normal([rows, width], mean: 0, std: std, dtype, generator)
    if let padding, padding >= 0, padding < rows { try numbers.narrow(0, padding, 1).fill(with: 0) }
    return try Embedding(rows, width, paddingIdx: padding, weight: numbers)
  }
}

extension Linear {
  static func drawn(
    _ inFeatures: Int, _ outFeatures: Int, std: Double, _ dtype: DType, _ generator: Generator?
  ) throws(SNNError) -> Linear {
    let layer = try Linear(inFeatures, outFeatures, dtype: dtype, generator: generator)
    layer.weight = try .normal([outFeatures, inFeatures], mean: 0, std: std, dtype, generator)
    layer.bias = try .zeros([outFeatures], dtype)
    return layer
  }
}

extension Tensor {
  /// [N, L, E] as [N, heads, L, E / heads].
  func splitHeads(_ heads: Int) throws(SNNError) -> Tensor {
    try unflatten(-1, [heads, shape[rank - 1] / heads]).transpose(1, 2)
  }

  /// The way back.
  func joinedHeads() throws(SNNError) -> Tensor { try transpose(1, 2).flatten(2) }

  /// A mask [N, S] that is 0 for padding, as attention takes it.
  func paddingMask(keys: Int, _ name: String) throws(SNNError) -> Tensor {
    guard rank == 2, shape[1] == keys else {
      throw .shape("\(name): expects an attention_mask of shape [N, \(keys)], got \(shape)")
    }
    return try (self != 0).unsqueeze(1).unsqueeze(1)
  }
}
