import CKernels

/// Where a gradient goes next.
enum Edge {
  case none
  case node(Node, Int32)
  /// A leaf and its generation at the time of recording.
  case leaf(Tensor, Int32)

  var isNeeded: Bool { if case .none = self { false } else { true } }

  /// Shape and dtype of the value that the gradient belongs to.
  var spec: TensorSpec? {
    switch self {
    case .none: nil
    case .node(let node, let index): node.results[Int(index)]
    case .leaf(let tensor, _): TensorSpec(tensor.shape, tensor.dtype)
    }
  }
}

/// A value that a derivative will read, and the state its memory had when it was saved.
struct SavedTensor {
  let tensor: Tensor
  let version: Int

  @_optimize(speed)
  init(_ tensor: Tensor) {
    self.tensor = tensor
    version = tensor.valueVersion
  }

  /// A value that was changed since.
  @_optimize(speed)
  init(stale tensor: Tensor, version: Int) {
    self.tensor = tensor
    self.version = version
  }

}

extension Tensor {
  /// Changes with the elements in place, and with the shape or dtype by `setData`.
  @inline(__always)
  fileprivate var valueVersion: Int { storage.version &+ Int(generation) << 40 }

  /// The tensor whose memory this one shows, unless that was given other memory since.
  @inline(__always)
  var currentBase: Tensor? {
    guard let viewBase, viewBase.storage === storage else { return nil }
    return viewBase
  }
}

/// One recorded operation.
///
/// Nodes point only towards the inputs. Releasing a long chain must not recurse, so a node that goes hands the nodes of
/// which it held the last reference to a list of its thread, which one loop empties.
final class Node: @unchecked Sendable {
  let primitive: any Primitive
  /// Grows with every node: an order in which every node comes after those it depends on.
  let sequence: UInt64
  let results: Results
  @exclusivity(unchecked) var edges: Few<Edge>
  @exclusivity(unchecked) var savedInputs: [SavedTensor?] = []
  @exclusivity(unchecked) var savedOutputs: [SavedTensor?] = []
  @exclusivity(unchecked) var hooks: [OutputHook] = []
  @exclusivity(unchecked) var isSpent = false
  /// Scratch of a backward pass, guarded by its lock.
  @exclusivity(unchecked) var pass: UInt64 = 0
  @exclusivity(unchecked) var passSlot: Int32 = 0
  @exclusivity(unchecked) private var nextReleased: Unmanaged<Node>?

  @inline(__always)
  @_optimize(speed)
  init(_ primitive: any Primitive, _ edges: Few<Edge>, _ results: Results, _ sequence: UInt64 = ck_next_sequence()) {
    self.primitive = primitive
    self.edges = edges
    self.results = results
    self.sequence = sequence
  }

  /// Forgets the saved values; another pass through this node is an error from now on.
  @_optimize(speed)
  func spend() {
    isSpent = true
    savedInputs = []
    savedOutputs = []
  }

  deinit {
    let thread = ck_thread().unsafelyUnwrapped
    let isOutermost = thread.pointee.releasing == 0
    thread.pointee.releasing = 1
    for i in 0..<edges.count {
      guard case .node(let target, _) = edges[i] else { continue }
      edges[i] = .none
      var last: Node? = consume target
      Node.push(&last, thread)
    }
    savedInputs = []
    savedOutputs = []
    hooks = []
    guard isOutermost else { return }
    while let first = thread.pointee.release_list {
      let node = Unmanaged<Node>.fromOpaque(first).takeRetainedValue()
      thread.pointee.release_list = node.nextReleased?.toOpaque()
      node.nextReleased = nil
    }
    thread.pointee.releasing = 0
  }

  /// Clears a reference to a node without releasing a chain behind it by recursion.
  @inline(__always)
  @_optimize(speed)
  static func releaseLater(_ reference: inout Node?) {
    let thread = ck_thread().unsafelyUnwrapped
    if thread.pointee.releasing != 0 { push(&reference, thread) }
    reference = nil
  }

  @_optimize(speed)
  private static func push(_ reference: inout Node?, _ thread: UnsafeMutablePointer<ck_thread_state>) {
    guard isKnownUniquelyReferenced(&reference), let node = reference else { return }
    node.nextReleased = thread.pointee.release_list.map { Unmanaged.fromOpaque($0) }
    thread.pointee.release_list = Unmanaged.passRetained(node).toOpaque()
  }
}

/// One step of a backward pass, as a derivative sees it.
struct Pass {
  let node: Node
  /// Gradients of the results; nil for a result that nothing depends on.
  let gradients: Few<Tensor?>

  /// The gradient of the result of a primitive that has one.
  var g: Tensor { gradients[0].unsafelyUnwrapped }
  /// The saved first, second and third input, and the saved result, by the letters of the formulas.
  var a: Tensor { get throws(SNNError) { try input(0) } }
  var b: Tensor { get throws(SNNError) { try input(1) } }
  var c: Tensor { get throws(SNNError) { try input(2) } }
  var y: Tensor { get throws(SNNError) { try output(0) } }

  /// Whether input `index` wants a gradient.
  @_optimize(speed)
  func needs(_ index: Int) -> Bool { node.edges[index].isNeeded }

  /// Shape and dtype of an input that needs a gradient.
  @_optimize(speed)
  func inputSpec(_ index: Int) -> TensorSpec { node.edges[index].spec.unsafelyUnwrapped }

  @_optimize(speed)
  func input(_ index: Int) throws(SNNError) -> Tensor {
    try node.unchanged(node.savedInputs[index].unsafelyUnwrapped)
  }

  @_optimize(speed)
  func output(_ index: Int = 0) throws(SNNError) -> Tensor {
    let saved = try node.unchanged(node.savedOutputs[index].unsafelyUnwrapped)
    guard Gradients.areRecorded else { return saved }
    let output = saved.alias()
    output.node = node
    output.outputIndex = Int32(index)
    return output
  }
}

extension Node {
  @_optimize(speed)
  fileprivate func unchanged(_ saved: SavedTensor) throws(SNNError) -> Tensor {
    guard saved.version == saved.tensor.valueVersion else {
      throw .gradient(
        "\(primitive.name): one of the variables needed for gradient computation has been modified by an inplace "
          + "operation: a \(saved.tensor.dtype.name) tensor of shape \(saved.tensor.shape) is at version "
          + "\(saved.tensor.valueVersion); expected version \(saved.version) instead")
    }
    return saved.tensor
  }
}
