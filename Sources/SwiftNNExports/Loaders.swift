import CSwiftNN
import SwiftNN

/// What a handle of a loader stands for.
private final class LoaderHandle: @unchecked Sendable {
  let source: any BatchSource
  /// A batch for which there was no room.
  var waiting: [Tensor]?

  init(_ source: any BatchSource) { self.source = source }
}

/// The batches behind a handle.
func batchSource(
  _ handle: OpaquePointer?, _ function: StaticString, _ name: StaticString = "loader"
) throws(SNNError) -> any BatchSource {
  let found: LoaderHandle = try required(handle, function, name)
  return found.source
}

/// Takes the numbers of an epoch from a callback.
private final class OrderHandle {
  var numbers: [Int] = []
  var batchSizes: [Int]?

  var batches: [[Int]] {
    var start = 0
    return (batchSizes ?? []).map { size in
      defer { start += size }
      return Array(numbers[start..<(start + size)])
    }
  }
}

@_cdecl("snn_order_set")
@implementation
public func snn_order_set(
  _ order: OpaquePointer?, _ numbers: UnsafePointer<Int64>?, _ count: Int, _ batch_sizes: UnsafePointer<Int64>?,
  _ batch_count: Int, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let order: OrderHandle = try required(order, "snn_order_set", "order")
    let all = try copied(numbers, count, "snn_order_set", "numbers") { Int($0) }
    let sizes = try copied(batch_sizes, batch_count, "snn_order_set", "batch_sizes") { Int($0) }
    var left = all.count
    for size in sizes {
      guard size >= 0, size <= left else {
        throw SNNError(.argument, "snn_order_set: there are \(all.count) numbers for batches of \(sizes)")
      }
      left -= size
    }
    (order.numbers, order.batchSizes) = (all, batch_sizes == nil ? nil : sizes)
  }
}

/// A function that asks a callback for the order of an epoch.
private func orders(
  _ function: @escaping snn_order_function, _ callback: Callback
) -> (Int) throws -> OrderHandle {
  { epoch in
    let order = OrderHandle()
    let status = withExtendedLifetime(order) {
      function(callback.user, Int64(epoch), OpaquePointer(Unmanaged.passUnretained(order).toOpaque()))
    }
    guard status == 0 else { throw SNNError(.callback, "Loader: the callback returned status \(status)") }
    return order
  }
}

extension snn_loader_options {
  fileprivate func sampling(_ order: @autoclosure () throws(SNNError) -> (Int) throws -> OrderHandle) throws(SNNError)
    -> Sampling
  {
    let wanted = count == 0 ? nil : Int(count)
    func given() throws(SNNError) -> [Double] {
      try copied(numbers, number_count, "snn_loader_new", "numbers", \.self)
    }
    switch snn_sampling(rawValue: UInt32(bitPattern: sampling)) {
    case SNN_SEQUENTIAL: return .sequential
    case SNN_RANDOM: return .random
    case SNN_REPLACEMENT: return .replacement(count: wanted)
    case SNN_WEIGHTED: return .weighted(try given(), count: wanted, replacement: !once)
    case SNN_BALANCED:
      let classes = try copied(labels, label_count, "snn_loader_new", "labels") { Int($0) }
      return .balanced(classes: classes, count: wanted)
    case SNN_CURRICULUM:
      guard let curve = Pacing.Curve(rawValue: pacing) else {
        throw SNNError(.argument, "snn_loader_new: there is no pacing \(pacing)")
      }
      let epochs = pacing_epochs == 0 ? 10 : max(0, Int(pacing_epochs))
      let pacing = Pacing(curve, start: pacing_start == 0 ? 0.2 : pacing_start, epochs: epochs)
      return .curriculum(scores: try given(), pacing)
    case SNN_ORDER_OF_FUNCTION:
      let ask = try order()
      return .function { try ask($0).numbers }
    case SNN_BATCHES_OF_FUNCTION:
      let ask = try order()
      return .batches { try ask($0).batches }
    default: throw SNNError(.argument, "snn_loader_new: there is no sampling \(sampling)")
    }
  }

  fileprivate func engineOptions(_ callback: Callback) throws(SNNError) -> Loader.Options {
    guard size >= MemoryLayout<snn_loader_options>.size else {
      throw SNNError(.argument, "snn_loader_new: options.size is \(size), not the size of the struct")
    }
    var chosen = Loader.Options()
    func ask() throws(SNNError) -> (Int) throws -> OrderHandle {
      orders(try required(order, "snn_loader_new", "order"), callback)
    }
    guard let ending = Loader.Ending(rawValue: ending) else {
      throw SNNError(.argument, "snn_loader_new: there is no ending \(ending)")
    }
    chosen.sampling = try sampling(try ask())
    (chosen.ending, chosen.seed) = (ending, seed)
    if batch_size != 0 { chosen.batchSize = Int(batch_size) }
    chosen.workers = Int(workers)
    if prefetch != 0 { chosen.prefetch = Int(prefetch) }
    for handle in try copied(augmentations, augmentation_count, "snn_loader_new", "augmentations", \.self) {
      chosen.augmentations.append(try augmentation(handle, "snn_loader_new"))
    }
    chosen.imageSizes = try copied(image_sizes, image_size_count, "snn_loader_new", "image_sizes") { Int($0) }
    return chosen
  }
}

@_cdecl("snn_loader_new")
@implementation
public func snn_loader_new(
  _ dataset: OpaquePointer?, _ options: UnsafePointer<snn_loader_options>?,
  _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let out = try required(out, "snn_loader_new", "out")
    let dataset = try SwiftNNExports.dataset(dataset, "snn_loader_new")
    guard let options = options?.pointee else {
      out.pointee = handle(LoaderHandle(try Loader(dataset)))
      return
    }
    let loader = try withCallback(options.order_user, options.order_destructor) { callback throws(SNNError) in
      // Kept to the end, so that the destructor of an order that is not asked for runs.
      try withExtendedLifetime(callback) { () throws(SNNError) in
        try Loader(dataset, options.engineOptions(callback))
      }
    }
    out.pointee = handle(LoaderHandle(loader))
  }
}

extension snn_batch_functions {
  fileprivate func engineFunctions(_ callback: Callback) throws(SNNError) -> FunctionSource.Functions {
    guard size >= MemoryLayout<snn_batch_functions>.size else {
      throw SNNError(.argument, "snn_loader_from_functions: size is \(size), not the size of the struct")
    }
    let next = try required(self.next, "snn_loader_from_functions", "next")
    let begin = try required(self.begin, "snn_loader_from_functions", "begin")
    let state = try required(self.state, "snn_loader_from_functions", "state")
    let load = try required(self.load_state, "snn_loader_from_functions", "load_state")
    let count = self.batch_count
    func check(_ status: snn_status) throws(SNNError) {
      guard status == 0 else { throw SNNError(.callback, "batches: the callback returned status \(status)") }
    }
    return FunctionSource.Functions(
      batchCount: {
        guard let count = count?(callback.user), count >= 0 else { return nil }
        return Int(count)
      },
      next: {
        let parts = try resultsOfCallback(mostParts, "batches") { next(callback.user, $0, mostParts, $1) }
        return parts.isEmpty ? nil : parts
      },
      begin: { try check(begin(callback.user, Int64($0))) },
      state: {
        var text = [CChar](repeating: 0, count: 1 << 10)
        var length = 0
        try check(state(callback.user, &text, text.count, &length))
        if length >= text.count {
          guard length < 1 << 28 else { throw SNNError(.callback, "batches: the state has \(length) bytes") }
          text = [CChar](repeating: 0, count: length + 1)
          try check(state(callback.user, &text, text.count, &length))
        }
        text[text.count - 1] = 0
        return text.withUnsafeBufferPointer { String(cString: $0.baseAddress.unsafelyUnwrapped) }
      },
      load: { try check(load(callback.user, $0)) })
  }
}

@_cdecl("snn_loader_from_functions")
@implementation
public func snn_loader_from_functions(
  _ functions: UnsafePointer<snn_batch_functions>?, _ user: UnsafeMutableRawPointer?,
  _ destructor: snn_destructor?, _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let out = try required(out, "snn_loader_from_functions", "out")
    let functions = try required(functions, "snn_loader_from_functions", "functions").pointee
    let source = try withCallback(user, destructor) { callback throws(SNNError) in
      FunctionSource(try functions.engineFunctions(callback))
    }
    out.pointee = handle(LoaderHandle(source))
  }
}

@_cdecl("snn_loader_retain")
@implementation
public func snn_loader_retain(_ loader: OpaquePointer?) -> OpaquePointer? { retain(loader, LoaderHandle.self) }

@_cdecl("snn_loader_release")
@implementation
public func snn_loader_release(_ loader: OpaquePointer?) { release(loader, LoaderHandle.self) }

@_cdecl("snn_loader_batch_count")
@implementation
public func snn_loader_batch_count(_ loader: OpaquePointer?) -> Int64 {
  Int64(object(loader, LoaderHandle.self)?.source.batchCount ?? -1)
}

@_cdecl("snn_loader_next")
@implementation
public func snn_loader_next(
  _ loader: OpaquePointer?, _ parts: UnsafeMutablePointer<OpaquePointer?>?, _ capacity: Int,
  _ part_count: UnsafeMutablePointer<Int>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let loader: LoaderHandle = try required(loader, "snn_loader_next", "loader")
    let count = try required(part_count, "snn_loader_next", "part_count")
    if loader.waiting == nil { loader.waiting = try loader.source.next() }
    try write(loader.waiting ?? [], parts, capacity, count, "snn_loader_next")
    loader.waiting = nil
  }
}

@_cdecl("snn_loader_begin")
@implementation
public func snn_loader_begin(_ loader: OpaquePointer?, _ epoch: Int64, _ error: ErrorPointer) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let loader: LoaderHandle = try required(loader, "snn_loader_begin", "loader")
    try loader.source.begin(epoch: Int(epoch))
    loader.waiting = nil
  }
}

@_cdecl("snn_loader_state")
@implementation
public func snn_loader_state(
  _ loader: OpaquePointer?, _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let json = try required(json, "snn_loader_state", "json")
    json.pointee = ownedText(try batchSource(loader, "snn_loader_state").state)
  }
}

@_cdecl("snn_loader_load_state")
@implementation
public func snn_loader_load_state(
  _ loader: OpaquePointer?, _ json: UnsafePointer<CChar>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let loader: LoaderHandle = try required(loader, "snn_loader_load_state", "loader")
    try loader.source.load(state: String(cString: required(json, "snn_loader_load_state", "json")))
    loader.waiting = nil
  }
}
