import CKernels
import Synchronization

/// The search for the operation that makes the first NaN.
public enum Anomaly {
  /// Gives a text about where the program is, for messages about an operation that is being recorded.
  public typealias Tracer = @Sendable () -> String?

  private static let off: Int32 = 0
  private static let tracesOnly: Int32 = 1
  private static let checksNaN: Int32 = 2
  private static let tracer = Mutex<Tracer?>(nil)

  /// Whether this thread remembers where operations were recorded, and whether it also looks for NaN.
  public static var mode: (isOn: Bool, checksNaN: Bool) {
    get {
      let state = ck_thread().unsafelyUnwrapped.pointee.anomaly
      return (state != off, state == checksNaN)
    }
    set {
      ck_thread().unsafelyUnwrapped.pointee.anomaly = !newValue.isOn ? off : newValue.checksNaN ? checksNaN : tracesOnly
    }
  }

  @inline(__always)
  static var isOn: Bool { ck_thread().unsafelyUnwrapped.pointee.anomaly != off }

  public static func setTracer(_ new: Tracer?) { tracer.withLock { $0 = new } }

  /// What a node records while the mode is on: the operation, and where it was called.
  static func traced(_ primitive: any Primitive, _ inputs: Few<Tensor>, _ outputs: Few<Tensor>) -> any Primitive {
    let trace = tracer.withLock { $0 }?()
    if mode.checksNaN { remarkFirst(primitive.name, inputs, outputs, trace) }
    return Traced(primitive: primitive, trace: trace)
  }

  /// A remark on an operation that makes NaN of numbers, which need not end as NaN in the gradient.
  private static func remarkFirst(_ name: String, _ inputs: Few<Tensor>, _ outputs: Few<Tensor>, _ trace: String?) {
    for i in 0..<outputs.count where hasNaN(outputs[i]) {
      for k in 0..<inputs.count where hasNaN(inputs[k]) { return }
      let shapes = (0..<inputs.count).map { "\(inputs[$0].shape)" }.joined(separator: ", ")
      Log.warning(
        "anomaly: the operation \(name) made a NaN in its result \(i) of shape \(outputs[i].shape) from inputs without "
          + "one, of shapes \(shapes)" + place(trace))
      return
    }
  }

  private static func place(_ trace: String?) -> String { trace.map { ". It was called here:\n\($0)" } ?? "" }

  private static func hasNaN(_ tensor: Tensor) -> Bool {
    guard tensor.dtype.isFloatingPoint else { return false }
    return (try? Gradients.with(enabled: false) { try tensor.detach().isNaN().holdsAnywhere() }) ?? false
  }

  /// An error when a node returned NaN for gradients that had none.
  static func check(_ node: Node, _ found: Few<Tensor?>) throws(SNNError) {
    guard mode.checksNaN else { return }
    for i in 0..<found.count {
      guard let gradient = found[i], hasNaN(gradient) else { continue }
      let name = node.primitive.name
      if let trace = (node.primitive as? Traced)?.trace {
        Log.warning(
          "Error detected in \(Tensor.className(ofFunction: name)). Traceback of forward call that caused the error:\n"
            + trace)
      }
      throw .gradient(
        "Function '\(Tensor.className(ofFunction: name))' returned nan values in its \(i)th output. The operation is "
          + "\(name), with a result of shape \(node.results.first.shape) and a gradient of shape \(gradient.shape)")
    }
  }
}

/// A primitive that remembers where it was called.
private struct Traced: Primitive {
  let primitive: any Primitive
  let trace: String?

  var name: String { primitive.name }
  var saves: Saves { primitive.saves }

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results { try primitive.infer(inputs) }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    try primitive.run(inputs, into: outputs)
  }

  func derivative(_ pass: Pass) throws -> Few<Tensor?> { try primitive.derivative(pass) }
}
