import CSwiftNN
import SwiftNN

/// A function of the caller as the engine calls it, with room for `capacity` results.
func engineFunction(
  _ function: snn_function, _ user: UnsafeMutableRawPointer?, capacity: Int, _ name: String
) -> ([Tensor]) throws(SNNError) -> [Tensor] {
  { inputs throws(SNNError) in
    let given = inputs.map { Optional(handle($0)) }
    defer { for input in given { release(input, Tensor.self) } }
    return try resultsOfCallback(capacity, name) { function(user, given, given.count, $0, capacity, $1) }
  }
}

/// The tensors that a callback writes, each with one reference.
func resultsOfCallback(
  _ capacity: Int, _ name: String,
  _ call: (UnsafeMutablePointer<OpaquePointer?>, UnsafeMutablePointer<Int>) -> snn_status
) throws(SNNError) -> [Tensor] {
  var made = [OpaquePointer?](repeating: nil, count: capacity)
  var count = 0
  let status = made.withUnsafeMutableBufferPointer { call($0.baseAddress.unsafelyUnwrapped, &count) }
  let taken = made.map { $0.map { Unmanaged<Tensor>.fromOpaque(UnsafeRawPointer($0)).takeRetainedValue() } }
  guard status == 0 else { throw SNNError(.callback, "\(name): the callback returned status \(status)") }
  guard count >= 0, count <= capacity else {
    throw SNNError(.callback, "\(name): the callback returned \(count) results where there is room for \(capacity)")
  }
  var results: [Tensor] = []
  for (i, tensor) in taken.prefix(count).enumerated() {
    guard let tensor else { throw SNNError(.callback, "\(name): the callback returned NULL as result \(i)") }
    results.append(tensor)
  }
  return results
}

@_cdecl("snn_vmap")
@implementation
public func snn_vmap(
  _ function: snn_function?, _ user: UnsafeMutableRawPointer?, _ inputs: UnsafePointer<OpaquePointer?>?,
  _ in_dims: UnsafePointer<Int64>?, _ input_count: Int, _ out_dims: UnsafePointer<Int64>?, _ randomness: Int32,
  _ chunk_size: Int64, _ results: UnsafeMutablePointer<OpaquePointer?>?, _ capacity: Int,
  _ result_count: UnsafeMutablePointer<Int>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let function = try required(function, "snn_vmap", "function")
    let results = try required(results, "snn_vmap", "results")
    let inputs = try tensors(inputs, input_count, "snn_vmap", "inputs")
    let dims = try required(in_dims, "snn_vmap", "in_dims")
    guard capacity >= 1, capacity <= 1 << 20 else {
      throw SNNError(.argument, "snn_vmap: got room for \(capacity) results")
    }
    let modes: [Randomness] = [.error, .different, .same]
    guard modes.indices.contains(Int(randomness)) else {
      throw SNNError(.argument, "snn_vmap: randomness is 0, 1 or 2, got \(randomness)")
    }
    let map = VectorizedMap(
      randomness: modes[Int(randomness)], chunkSize: chunk_size > 0 ? Int(chunk_size) : nil)
    let found = try map(
      inputs, dims: inputs.indices.map { dims[$0] == .min ? nil : Int(dims[$0]) },
      engineFunction(function, user, capacity: capacity, "snn_vmap"))
    let placed = try found.enumerated().map { i, result throws(SNNError) in
      guard let out_dims else { return result }
      return try VectorizedMap.moveExamples(of: result, to: Int(out_dims[i]))
    }
    for (i, result) in placed.enumerated() { results[i] = handle(result) }
    result_count?.pointee = placed.count
  }
}

@_cdecl("snn_tensor_is_batched")
@implementation
public func snn_tensor_is_batched(_ tensor: OpaquePointer?) -> Bool {
  object(tensor, Tensor.self)?.isBatched ?? false
}

@_cdecl("snn_variable")
@implementation
public func snn_variable(
  _ tensor: OpaquePointer?, _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let tensor: Tensor = try required(tensor, "snn_variable", "tensor")
    try required(out, "snn_variable", "out").pointee = handle(Gradients.variable(tensor))
  }
}

@_cdecl("snn_settle")
@implementation
public func snn_settle(
  _ tensors: UnsafePointer<OpaquePointer?>?, _ tensor_count: Int, _ variables: UnsafePointer<OpaquePointer?>?,
  _ variable_count: Int, _ results: UnsafeMutablePointer<OpaquePointer?>?,
  _ open: UnsafeMutablePointer<Bool>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let results = try required(results, "snn_settle", "results")
    let made = try SwiftNNExports.tensors(tensors, tensor_count, "snn_settle", "tensors")
    let variables = try SwiftNNExports.tensors(variables, variable_count, "snn_settle", "variables")
    let settled = try made.map { tensor throws(SNNError) in try Gradients.settled(tensor, besides: variables) }
    for (i, tensor) in settled.enumerated() { results[i] = handle(tensor) }
    open?.pointee = zip(made, settled).contains { $0 === $1 }
  }
}

@_cdecl("snn_jvp")
@implementation
public func snn_jvp(
  _ outputs: UnsafePointer<OpaquePointer?>?, _ output_count: Int, _ inputs: UnsafePointer<OpaquePointer?>?,
  _ input_count: Int, _ tangents: UnsafePointer<OpaquePointer?>?, _ create_graph: Bool,
  _ results: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let results = try required(results, "snn_jvp", "results")
    let changes = try Gradients.jvp(
      tensors(outputs, output_count, "snn_jvp", "outputs"),
      withRespectTo: tensors(inputs, input_count, "snn_jvp", "inputs"),
      tangents: tensors(tangents, input_count, "snn_jvp", "tangents"), createGraph: create_graph)
    for (i, change) in changes.enumerated() { results[i] = handle(change) }
  }
}

@_cdecl("snn_hvp")
@implementation
public func snn_hvp(
  _ output: OpaquePointer?, _ inputs: UnsafePointer<OpaquePointer?>?, _ input_count: Int,
  _ vectors: UnsafePointer<OpaquePointer?>?, _ create_graph: Bool, _ results: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let output: Tensor = try required(output, "snn_hvp", "output")
    let results = try required(results, "snn_hvp", "results")
    let products = try Gradients.hvp(
      output, withRespectTo: tensors(inputs, input_count, "snn_hvp", "inputs"),
      vectors: tensors(vectors, input_count, "snn_hvp", "vectors"), createGraph: create_graph)
    for (i, product) in products.enumerated() { results[i] = handle(product) }
  }
}

@_cdecl("snn_gauss_newton_product")
@implementation
public func snn_gauss_newton_product(
  _ loss: OpaquePointer?, _ outputs: UnsafePointer<OpaquePointer?>?, _ output_count: Int,
  _ inputs: UnsafePointer<OpaquePointer?>?, _ input_count: Int, _ vectors: UnsafePointer<OpaquePointer?>?,
  _ create_graph: Bool, _ results: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let loss: Tensor = try required(loss, "snn_gauss_newton_product", "loss")
    let results = try required(results, "snn_gauss_newton_product", "results")
    let products = try Gradients.gaussNewtonProduct(
      loss, through: tensors(outputs, output_count, "snn_gauss_newton_product", "outputs"),
      withRespectTo: tensors(inputs, input_count, "snn_gauss_newton_product", "inputs"),
      vectors: tensors(vectors, input_count, "snn_gauss_newton_product", "vectors"), createGraph: create_graph)
    for (i, product) in products.enumerated() { results[i] = handle(product) }
  }
}

@_cdecl("snn_gradcheck")
@implementation
public func snn_gradcheck(
  _ function: snn_function?, _ user: UnsafeMutableRawPointer?, _ inputs: UnsafePointer<OpaquePointer?>?,
  _ input_count: Int, _ options: UnsafePointer<snn_gradcheck_options>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let function = engineFunction(
      try required(function, "snn_gradcheck", "function"), user, capacity: 4096, "snn_gradcheck")
    let inputs = try tensors(inputs, input_count, "snn_gradcheck", "inputs")
    guard let options = options?.pointee else { return try DerivativeCheck()(inputs, function) }
    guard options.size >= MemoryLayout<snn_gradcheck_options>.size else {
      throw SNNError(.argument, "snn_gradcheck: options.size is \(options.size), not the size of the struct")
    }
    var check = DerivativeCheck()
    check.step = options.step
    check.absoluteTolerance = options.absolute
    check.relativeTolerance = options.relative
    check.nondeterminism = options.nondeterminism
    check.checksBackward = options.backward
    check.checksForward = options.forward
    check.checksBatched = options.batched
    check.isFast = options.fast
    guard options.second else { return try check(inputs, function) }
    let seeds = try tensors(options.seeds, options.seed_count, "snn_gradcheck", "seeds")
    try check.second(inputs, seeds: seeds, function)
  }
}
