import CKernels
import Synchronization

/// An array of numbers of any rank, possibly a view of another's memory, possibly with a place in a graph of derivatives.
///
/// One tensor may be read by several threads at the same time; changing it needs that no other thread uses it.
public final class Tensor: @unchecked Sendable {
  @exclusivity(unchecked) public internal(set) var shape: Dimensions
  /// Distances, in elements, between neighbours along each axis.
  @exclusivity(unchecked) public internal(set) var strides: Dimensions
  @exclusivity(unchecked) public internal(set) var dtype: DType
  /// A Python number or a Swift literal in tensor form: it takes part in promotion by its category alone.
  @exclusivity(unchecked) var isWrappedNumber = false
  @exclusivity(unchecked) public internal(set) var isContiguous: Bool
  @exclusivity(unchecked) var leafRequiresGradient = false
  /// Grows when `setData` brings another shape or dtype: graphs recorded before do not fit any more.
  @exclusivity(unchecked) var generation: Int32 = 0
  @exclusivity(unchecked) var outputIndex: Int32 = 0
  /// Scratch of a backward pass, guarded by its lock.
  @exclusivity(unchecked) var passSlot: Int32 = -1
  @exclusivity(unchecked) var pass: UInt64 = 0

  @exclusivity(unchecked) var storage: Storage
  /// The first element's position in the storage, in elements.
  @exclusivity(unchecked) var offset: Int

  /// The operation that made this tensor, when it is part of a graph.
  @exclusivity(unchecked) var node: Node?
  /// The tensor whose memory this one shows, for changes in place.
  @exclusivity(unchecked) var viewBase: Tensor?
  /// The storage version at which a view's node was right.
  @exclusivity(unchecked) var viewVersion = 0
  @exclusivity(unchecked) var extras: Extras?
  /// All examples, where this tensor stands for each of many: see `vmap`. Such a tensor is never said to be contiguous.
  @exclusivity(unchecked) var batch: Batch?

  /// The number of the first node that keeps this tensor, or leads to it as a leaf.
  let heldSince = Atomic<Int>(.max)

  /// What few tensors have.
  final class Extras {
    var gradient: Tensor?
    var retainsGradient = false
    var hooks = HookList()
    /// The number of the node from whose graph this tensor was last released.
    var releasedNode: UInt64 = 0
  }

  @inline(__always)
  @_optimize(speed)
  init(storage: Storage, offset: Int, shape: Dimensions, strides: Dimensions, dtype: DType, isContiguous: Bool) {
    self.storage = storage
    self.offset = offset
    self.shape = shape
    self.strides = strides
    self.dtype = dtype
    self.isContiguous = isContiguous
  }

  /// A tensor over existing memory with any strides.
  @_optimize(speed)
  convenience init(storage: Storage, offset: Int, shape: Dimensions, strides: Dimensions, dtype: DType) {
    self.init(
      storage: storage, offset: offset, shape: shape, strides: strides, dtype: dtype,
      isContiguous: Tensor.isContiguous(shape, strides))
  }

  /// Uninitialised and contiguous. The shape has been checked.
  @_optimize(speed)
  convenience init(uninitialized shape: Dimensions, _ dtype: DType, operation: @autoclosure () -> String)
    throws(SNNError)
  {
    let storage = try Storage(byteCount: shape.byteCount(dtype.size, operation: operation()), operation: operation())
    self.init(
      storage: storage, offset: 0, shape: shape, strides: shape.contiguousStrides, dtype: dtype, isContiguous: true)
  }

  deinit {
    // A chain of tensors and nodes is released by a loop, not by recursion: see Node.
    if node != nil { Node.releaseLater(&node) }
  }

  /// The number of axes.
  public var rank: Int { shape.count }
  /// The number of elements.
  @inline(__always)
  public var count: Int { shape.product }

  /// Where the first element is.
  @inline(__always)
  var data: UnsafeMutableRawPointer { storage.pointer + offset &* dtype.size }

  /// How often the memory was changed in place.
  public var version: Int { storage.version }

  @_optimize(speed)
  static func isContiguous(_ shape: Dimensions, _ strides: Dimensions) -> Bool {
    var step = 1
    var i = shape.count - 1
    while i >= 0 {
      if shape[i] != 1 {
        if shape[i] == 0 { return true }
        if strides[i] != step { return false }
        step &*= shape[i]
      }
      i -= 1
    }
    return true
  }

  /// Another tensor over the same memory, outside any graph.
  @_optimize(speed)
  func alias() -> Tensor {
    let other = Tensor(
      storage: storage, offset: offset, shape: shape, strides: strides, dtype: dtype, isContiguous: isContiguous)
    if let batch { other.batch = batch }
    return other
  }

  @_optimize(speed)
  func ensureExtras() -> Extras {
    if let extras { return extras }
    let new = Extras()
    extras = new
    return new
  }
}

/// The shape and dtype of a result.
struct TensorSpec: Sendable {
  var shape: Dimensions
  var dtype: DType

  @inline(__always)
  @_optimize(speed)
  init(_ shape: Dimensions, _ dtype: DType) {
    self.shape = shape
    self.dtype = dtype
  }
}
