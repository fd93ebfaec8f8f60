/// How the parameters of a group are moved by their gradients. A value without state: the optimizer keeps that.
protocol UpdateRule: Sendable {
  func update(_ moving: [Moving]) throws(SNNError)
  /// Fills what is kept of a parameter before its first step, where that is seen.
  func begin(_ state: ParameterState, of parameter: Tensor) throws(SNNError)
  /// How far a parameter moves before its gradient is taken; nil: the gradient is taken where it is.
  func lookAhead(_ parameter: Tensor, _ state: ParameterState) throws(SNNError) -> Tensor?
  /// Whether gradients are taken elsewhere than at the parameters.
  var looksAhead: Bool { get }
}

extension UpdateRule {
  func begin(_ state: ParameterState, of parameter: Tensor) throws(SNNError) {}
  func lookAhead(_ parameter: Tensor, _ state: ParameterState) throws(SNNError) -> Tensor? { nil }
  var looksAhead: Bool { false }
}

/// A rule that sees all parameters of the optimizer at once, and takes losses and gradients where and as often as it wants.
///
/// Each evaluation leaves fresh gradients in the parameters. After an error the parameters stand where they did before.
protocol ClosureRule: UpdateRule {
  /// Moves the parameters, and gives the loss where they were.
  func step(_ parameters: [OptimizedParameter], _ evaluate: () throws(SNNError) -> Outcome) throws(SNNError) -> Tensor
}

/// What a closure gave: the loss, and of which tensors it said that this is a function.
struct Outcome {
  let loss: Tensor
  let outputs: [Tensor]
}

extension ClosureRule {
  func update(_ moving: [Moving]) throws(SNNError) {
    throw .argument("step: this optimizer takes its gradients itself: it needs a closure")
  }
}

/// A parameter, whether it has a gradient or not, and what is kept of it.
struct OptimizedParameter {
  let parameter: Tensor
  let state: ParameterState
}

/// What an optimizer remembers of one parameter.
final class ParameterState {
  /// How often the parameter was updated.
  var step = 0
  /// By position in the declaration's list, then those of the wrappers.
  var tensors: [Tensor?]

  init(count: Int) { tensors = Array(repeating: nil, count: count) }

  var isEmpty: Bool { step == 0 && tensors.allSatisfy { $0 == nil } }

  /// A tensor like the parameter, filled when there is none. Halves keep their state in float32.
  func tensor(_ index: Int, like parameter: Tensor, startingAt value: Double = 0) throws(SNNError) -> Tensor {
    try tensor(index, parameter.shape, parameter.dtype.working, startingAt: value)
  }

  func tensor(_ index: Int, _ shape: Dimensions, _ dtype: DType, startingAt value: Double = 0) throws(SNNError)
    -> Tensor
  {
    if let tensor = tensors[index] { return tensor }
    let new = try Tensor.full(shape, .float(value), dtype)
    tensors[index] = new
    return new
  }

  /// A number in float32, as PyTorch keeps it.
  func number(_ index: Int, startingAt value: Double) throws(SNNError) -> Double {
    try tensors[index]?.item().double ?? Double(Float(value))
  }

  func setNumber(_ index: Int, to value: Double, _ dtype: DType = .float32) throws(SNNError) {
    tensors[index] = try Tensor(.float(value), dtype)
  }
}

/// A parameter with a gradient, on its way through a step.
struct Moving {
  /// The parameter itself, in whatever strides.
  let home: Tensor
  let group: Int
  /// The parameter's elements and its gradient, contiguous and of one shape and dtype.
  let parameter: Tensor
  var gradient: Tensor
  let state: ParameterState
  /// Nothing was kept of the parameter before this step.
  let isNew: Bool
}

/// One thing that is kept of each parameter.
struct KeptState: ExpressibleByStringLiteral, Sendable {
  enum Form: Sendable {
    case parameter, number
    /// A number in float64.
    case longNumber
    /// Of all but the last axis, of all but the one before it; of parameters with several axes.
    case rows, columns
    /// Like the parameter, of those with one axis or none.
    case vector
    /// Of all parameters together and kept with the first: a vector, any number of such.
    case flat, flats
    /// A square matrix over all but the first axis, with or without one more row; over the first axis. Of parameters with
    /// several axes.
    case inward, outward
  }

  let name: String
  let form: Form

  init(_ name: String, _ form: Form) {
    self.name = name
    self.form = form
  }

  init(stringLiteral name: String) { self.init(name, .parameter) }

  /// The shape it has for a parameter, when a tensor of a given shape is to be it; nil where there is none.
  func shape(for parameter: Dimensions, like given: Dimensions) -> Dimensions? {
    let rank = parameter.count
    var shape = parameter
    switch form {
    case .parameter: return shape
    case .number, .longNumber: return Dimensions([])
    case .vector: return rank > 1 ? nil : shape
    case .flat: return given.count == 1 ? given : nil
    case .flats: return given.count == 2 ? given : nil
    case .inward:
      guard rank > 1, parameter.count > 0, given.count == 2, given[0] == given[1] else { return nil }
      let width = parameter.dropFirst().reduce(1, *)
      return given[0] == width || given[0] == width + 1 ? given : nil
    case .outward: return rank > 1 ? Dimensions([parameter[0], parameter[0]]) : nil
    case .rows:
      guard rank > 1 else { return nil }
      shape[rank - 1] = 1
    case .columns:
      guard rank > 1 else { return nil }
      shape[rank - 2] = 1
    }
    return shape
  }

  func dtype(for parameter: Tensor) -> DType {
    switch form {
    case .number: .float32
    case .longNumber: .float64
    default: parameter.dtype.working
    }
  }
}
