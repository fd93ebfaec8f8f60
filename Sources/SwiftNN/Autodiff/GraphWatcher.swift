import CKernels

/// Sees every operation that this thread records, while it watches.
public class GraphWatcher {
  /// Who watched before, and goes on watching.
  private var outer: GraphWatcher?

  @inline(__always)
  static var isOn: Bool { ck_thread().unsafelyUnwrapped.pointee.observation != nil }

  static var current: GraphWatcher? {
    ck_thread().unsafelyUnwrapped.pointee.observation.map {
      Unmanaged<GraphWatcher>.fromOpaque($0).takeUnretainedValue()
    }
  }

  /// The watcher of a kind that began last.
  static func current<Kind: GraphWatcher>(_ kind: Kind.Type) -> Kind? {
    var watcher = current
    while let one = watcher {
      if let found = one as? Kind { return found }
      watcher = one.outer
    }
    return nil
  }

  func note(_ primitive: any Primitive, _ inputs: Few<Tensor>, _ outputs: Few<Tensor>) {
    outer?.note(primitive, inputs, outputs)
  }

  /// Watches while `body` runs.
  final func watch<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    let thread = ck_thread().unsafelyUnwrapped
    outer = GraphWatcher.current
    thread.pointee.observation = Unmanaged.passUnretained(self).toOpaque()
    defer {
      thread.pointee.observation = outer.map { Unmanaged.passUnretained($0).toOpaque() }
      outer = nil
    }
    return try body()
  }
}
