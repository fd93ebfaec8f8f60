/// A layer that the host program computes itself, over parameters and buffers by name.
public final class HostLayer: SeveralInputLayer, TrainingSensitive, HookedLayer {
  public let name: String
  public let members: [(name: String, value: Any)]
  public var hooks = ForwardHooks()
  private let compute: ([Tensor]) throws(SNNError) -> [Tensor]
  private let tell: (Bool) -> Void

  /// - Parameter tell: is told whether the layer is trained, whenever that is said.
  public init(
    _ name: String, _ state: [(name: String, tensor: Tensor, isParameter: Bool)], tell: @escaping (Bool) -> Void,
    compute: @escaping ([Tensor]) throws(SNNError) -> [Tensor]
  ) {
    self.name = name
    self.compute = compute
    self.tell = tell
    members = state.map { name, tensor, isParameter in
      (name, isParameter ? HostParameter(tensor) : Buffer(wrappedValue: tensor))
    }
  }

  public var isTraining = true {
    didSet { tell(isTraining) }
  }

  public func callAsFunction(_ input: Tensor) throws(SNNError) -> Tensor {
    let results = try forward([input])
    guard results.count == 1 else { throw .argument("\(name): expects 1 result, got \(results.count)") }
    return results[0]
  }

  public func forward(_ inputs: [Tensor]) throws(SNNError) -> [Tensor] {
    do throws(SNNError) {
      return try hooks.isEmpty ? compute(inputs) : hooked(inputs, results: nil, compute)
    } catch { throw error.located(in: self) }
  }
}

/// A parameter that the host made: frozen where it is, and always the same tensor.
private final class HostParameter: StateCell {
  private let own: Tensor

  init(_ tensor: Tensor) { own = tensor }

  var tensor: Tensor? {
    get { own }
    set {}
  }
  var isParameter: Bool { true }
  var isOptional: Bool { false }
}
