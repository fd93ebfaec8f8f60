/// An optimizer as every language knows it: its name, its options and the rule they make.
public final class OptimizerDeclaration: Declaration, @unchecked Sendable {
  /// What is kept of a parameter, named and ordered as in PyTorch's `state_dict`, without `step`.
  let kept: [KeptState]
  let countsSteps: Bool
  /// Options that follow from others where they are left out.
  let derive: @Sendable (inout [Value]) -> Void
  let make: @Sendable (Options) throws(SNNError) -> any UpdateRule

  init(
    _ name: String, _ doc: String, _ fields: [Field], keeps kept: [KeptState], countsSteps: Bool = true,
    deriving derive: @escaping @Sendable (inout [Value]) -> Void = { _ in },
    make: @escaping @Sendable (Options) throws(SNNError) -> any UpdateRule
  ) {
    self.kept = kept
    self.countsSteps = countsSteps
    self.derive = derive
    self.make = make
    super.init(name, doc, fields)
  }

  static func named(_ name: String) -> OptimizerDeclaration {
    guard let number = Registry.optimizerNumber(name) else { preconditionFailure("there is no optimizer \(name)") }
    return Registry.optimizers[number]
  }
}

/// What is done around the steps of any optimizer, by name and options.
public final class WrapperDeclaration: Declaration, @unchecked Sendable {
  let kept: [KeptState]
  let make: @Sendable (Options) throws(SNNError) -> any StepWrapper

  init(
    _ name: String, _ doc: String, _ fields: [Field], keeps kept: [KeptState] = [],
    make: @escaping @Sendable (Options) throws(SNNError) -> any StepWrapper
  ) {
    self.kept = kept
    self.make = make
    super.init(name, doc, fields)
  }

  static func named(_ name: String) -> WrapperDeclaration {
    guard let number = Registry.wrapperNumber(name) else { preconditionFailure("there is no wrapper \(name)") }
    return Registry.wrappers[number]
  }
}

/// A declared optimizer with options, as `SGD(lr: 0.1)`.
public protocol OptimizerChoice: Sendable {
  static var declaration: OptimizerDeclaration { get }
  /// In the order of the declaration's fields.
  var options: [Value] { get }
}

/// A declared wrapper with options, as `Lookahead(k: 5)`.
public protocol WrapperChoice: Sendable {
  static var declaration: WrapperDeclaration { get }
  var options: [Value] { get }
}

/// The fields that many optimizers share, with PyTorch's words for what is wrong with a number.
extension Field {
  static func rate(_ value: Double, complaint: String = "Invalid learning rate") -> Field {
    .positive("lr", value, complaint, "The learning rate.")
  }

  static func positive(_ name: String, _ value: Double, _ complaint: String, _ doc: String = "") -> Field {
    .float(name, default: value, in: 0...Double.infinity, doc).complaining(complaint)
  }

  static func decay(_ value: Double = 0, _ doc: String = "", complaint: String = "Invalid weight_decay value") -> Field
  {
    .positive("weight_decay", value, complaint, doc)
  }

  static func epsilon(_ value: Double) -> Field { .positive("eps", value, "Invalid epsilon value") }

  static func betas(_ first: Double = 0.9, _ second: Double = 0.999) -> Field {
    .floats("betas", default: [first, second], "How slowly the means of gradients and of squares forget.")
  }

  static var maximize: Field { .bool("maximize", default: false, "Climbs instead of descending.") }

  static var epsilonInside: Field {
    .bool("eps_inside", default: false, "Adds eps under the root, as some of the literature does.").keyword
  }

  static var decoupled: Field {
    .bool("decoupled_weight_decay", default: false, "Shrinks the parameter instead of adding to the gradient.")
  }
}
