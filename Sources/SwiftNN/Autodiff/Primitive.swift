import CKernels

/// The unit that the graph records: an operation with a kernel and a derivative of its own.
///
/// Its three steps are separate, so that a recorded program can be run again into the same memory.
protocol Primitive: Sendable {
  /// The name that messages and `grad_fn` show.
  var name: String { get }

  /// Shapes and dtypes of the results; throws where the inputs do not fit.
  @_optimize(speed)
  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results

  /// Computes into contiguous outputs.
  @_optimize(speed)
  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError)

  /// What the derivative reads.
  var saves: Saves { get }

  /// One gradient per input, nil where none is needed. Written in operations, so that it has derivatives itself.
  /// Broadcasting and conversions are undone by the caller.
  @_optimize(speed)
  func derivative(_ pass: Pass) throws -> Few<Tensor?>

  /// What a run costs and how far it sees; nothing unless declared.
  @_optimize(speed)
  func work(_ inputs: Few<Tensor>, _ outputs: Few<Tensor>) -> Work

  /// The results for all examples at once, along their first axis; nil where there is no other way than one by one.
  @_optimize(speed)
  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]?
}

/// Specifications of the results of a primitive; nearly always one.
struct Results: Sendable {
  var first: TensorSpec
  var others: [TensorSpec] = []

  @inline(__always)
  @_optimize(speed)
  init(_ shape: Dimensions, _ dtype: DType) { first = TensorSpec(shape, dtype) }

  @_optimize(speed)
  init(_ specs: [TensorSpec]) {
    first = specs[0]
    others = Array(specs.dropFirst())
  }

  var count: Int { 1 + others.count }
  subscript(index: Int) -> TensorSpec { index == 0 ? first : others[index - 1] }
}

/// What a derivative reads of the operation's inputs and outputs.
struct Saves: OptionSet, Sendable {
  let rawValue: UInt8
  static let inputs = Saves(rawValue: 1)
  static let outputs = Saves(rawValue: 2)
  /// Each input is needed only for the gradients of the others, as in a product.
  static let inputsForOthers = Saves(rawValue: 4)
}

extension Primitive {
  /// Runs the primitive with one result, and records it where a gradient may be asked for.
  @_optimize(speed)
  func callAsFunction(_ inputs: Few<Tensor>) throws(SNNError) -> Tensor { try Calls.one(self, inputs) }
  @_optimize(speed)
  func callAsFunction(_ a: Tensor) throws(SNNError) -> Tensor { try Calls.one(self, Few(a)) }
  @_optimize(speed)
  func callAsFunction(_ a: Tensor, _ b: Tensor) throws(SNNError) -> Tensor { try Calls.one(self, Few(a, b)) }

  /// Runs a primitive with several results.
  @_optimize(speed)
  func all(_ inputs: Few<Tensor>) throws(SNNError) -> [Tensor] { try Calls.all(self, inputs) }

  /// Gives the outputs their place in the graph. Integer and boolean outputs never have one.
  @inline(__always)
  @_optimize(speed)
  func record(_ inputs: Few<Tensor>, _ outputs: Few<Tensor>, _ results: Results) throws(SNNError) {
    try Node.record(self, inputs, outputs, results)
  }

  /// The same for two inputs and one output, with fewer counts of references on the way.
  @inline(__always)
  @_optimize(speed)
  func record(_ a: Tensor, _ b: Tensor, _ output: Tensor) throws(SNNError) {
    if Anomaly.isOn || GraphWatcher.isOn || a.storage.isInference || b.storage.isInference {
      return try record(Few(a, b), Few(output), Results(output.shape, output.dtype))
    }
    let edges = Few(try a.edge(), try b.edge())
    // After the edges: that of a changed view is a new node, and has to come before this one.
    let sequence = ck_next_sequence()
    a.noteHolder(sequence)
    b.noteHolder(sequence)
    let node = Node(self, edges, Results(output.shape, output.dtype), sequence)
    if saves.isEmpty, output.dtype.isFloatingPoint {
      output.node = node
    } else {
      node.keep(saves, Few(a, b), Few(output))
    }
  }
}

/// Calls of primitives. Not generic: one body serves them all, and keeps the library small.
private enum Calls {
  @inline(never)
  @_optimize(speed)
  static func one(_ primitive: any Primitive, _ inputs: Few<Tensor>) throws(SNNError) -> Tensor {
    if inputs.haveBatches { return try Batching.forEach(primitive, inputs)[0] }
    let results = try primitive.infer(inputs)
    let output = try Tensor(uninitialized: results.first.shape, results.first.dtype, operation: primitive.name)
    try primitive.run(inputs, into: Few(output))
    if Gradients.areRecorded, inputs.needGradients { try Node.record(primitive, inputs, Few(output), results) }
    return output
  }

  @inline(never)
  @_optimize(speed)
  static func all(_ primitive: any Primitive, _ inputs: Few<Tensor>) throws(SNNError) -> [Tensor] {
    if inputs.haveBatches { return try Batching.forEach(primitive, inputs) }
    let results = try primitive.infer(inputs)
    var outputs = Few<Tensor>()
    for i in 0..<results.count {
      outputs.append(try Tensor(uninitialized: results[i].shape, results[i].dtype, operation: primitive.name))
    }
    try primitive.run(inputs, into: outputs)
    if Gradients.areRecorded, inputs.needGradients { try Node.record(primitive, inputs, outputs, results) }
    return Array(outputs)
  }
}

extension Node {
  /// Not generic: one body serves all primitives.
  @inline(never)
  @_optimize(speed)
  static func record(
    _ primitive: any Primitive, _ inputs: Few<Tensor>, _ outputs: Few<Tensor>, _ results: Results
  ) throws(SNNError) {
    let saves = primitive.saves
    var edges = Few<Edge>()
    for i in 0..<inputs.count {
      edges.append(try inputs[i].edge())
      if inputs[i].storage.isInference, !saves.isEmpty { throw .inferenceTensor(primitive.name) }
    }
    // After the edges: that of a changed view is a new node, and has to come before this one.
    let sequence = ck_next_sequence()
    for i in 0..<inputs.count { inputs[i].noteHolder(sequence) }
    let recorded = Anomaly.isOn ? Anomaly.traced(primitive, inputs, outputs) : primitive
    Node(recorded, edges, results, sequence).keep(saves, inputs, outputs)
    if GraphWatcher.isOn { GraphWatcher.current?.note(primitive, inputs, outputs) }
  }

  /// Saves what the derivative reads, and makes this the node of the outputs.
  @_optimize(speed)
  fileprivate func keep(_ saves: Saves, _ inputs: Few<Tensor>, _ outputs: Few<Tensor>) {
    if saves.contains(.inputs) {
      savedInputs = (0..<inputs.count).map { SavedTensor(inputs[$0].withoutBase()) }
    } else if saves.contains(.inputsForOthers) {
      let needed = (0..<inputs.count).count { edges[$0].isNeeded }
      savedInputs = (0..<inputs.count).map {
        needed > (edges[$0].isNeeded ? 1 : 0) ? SavedTensor(inputs[$0].withoutBase()) : nil
      }
    }
    for i in 0..<outputs.count {
      let output = outputs[i]
      guard output.dtype.isFloatingPoint else { continue }
      // A node that held its own output would never be freed: it keeps an alias without a node.
      if saves.contains(.outputs) { savedOutputs.append(SavedTensor(output.alias())) }
      output.node = self
      output.outputIndex = Int32(i)
    }
  }
}

extension Few<Tensor> {
  @inline(__always)
  var needGradients: Bool {
    for i in 0..<count where self[i].requiresGradient { return true }
    return false
  }
}

/// A primitive whose result shows its input's memory in another shape.
protocol ViewPrimitive: Primitive {
  @_optimize(speed)
  func geometry(of input: Tensor) throws(SNNError) -> Geometry

  /// The same view of each of many examples, which lie along a new first axis; nil where it depends on their layout.
  @_optimize(speed)
  func behindExamples() -> (any ViewPrimitive)?
}

/// How a tensor lies in its storage.
struct Geometry: Sendable, Equatable {
  var shape: Dimensions
  var strides: Dimensions
  var offset: Int

  @_optimize(speed)
  init(_ shape: Dimensions, _ strides: Dimensions, offset: Int) {
    self.shape = shape
    self.strides = strides
    self.offset = offset
  }

  @_optimize(speed)
  init(_ tensor: Tensor) { self.init(tensor.shape, tensor.strides, offset: tensor.offset) }
}

extension ViewPrimitive {
  var saves: Saves { [] }

  @_optimize(speed)
  func behindExamples() -> (any ViewPrimitive)? { nil }

  @_optimize(speed)
  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results {
    Results(try geometry(of: inputs[0]).shape, inputs[0].dtype)
  }

  @_optimize(speed)
  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    let shown = try geometry(of: inputs[0])
    outputs[0].fill(copying: Tensor(storage: inputs[0].storage, shown, inputs[0].dtype))
  }

  /// The view itself, recorded where a gradient may be asked for.
  @_optimize(speed)
  func callAsFunction(_ input: Tensor) throws(SNNError) -> Tensor {
    if input.batch != nil { return try Batching.forEach(viewing: self, input) }
    let view = Tensor(storage: input.storage, try geometry(of: input), input.dtype)
    guard Gradients.areRecorded else { return view }
    if input.dtype.isFloatingPoint {
      view.viewBase = input.currentBase ?? input
      view.viewVersion = input.storage.version
    }
    if input.requiresGradient { try record(Few(input), Few(view), Results(view.shape, view.dtype)) }
    return view
  }
}

extension Tensor {
  @_optimize(speed)
  convenience init(storage: Storage, _ geometry: Geometry, _ dtype: DType) {
    self.init(
      storage: storage, offset: geometry.offset, shape: geometry.shape, strides: geometry.strides, dtype: dtype)
  }
}
