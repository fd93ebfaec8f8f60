/// What is done around the steps of any optimizer. Its numbers in `ParameterState.tensors` begin at `first`.
protocol StepWrapper: Sendable {
  /// May replace gradients, before the parameters move.
  func before(_ moving: inout [Moving], first: Int) throws(SNNError)
  func after(_ moving: [Moving], first: Int) throws(SNNError)
  /// How far parameters move, by their gradients, before other gradients are taken there; nil: they do not.
  func excursion(_ moving: [Moving]) throws(SNNError) -> [Tensor]?
  var makesExcursions: Bool { get }
}

extension StepWrapper {
  func before(_ moving: inout [Moving], first: Int) throws(SNNError) {}
  func after(_ moving: [Moving], first: Int) throws(SNNError) {}
  func excursion(_ moving: [Moving]) throws(SNNError) -> [Tensor]? { nil }
  var makesExcursions: Bool { false }
}
