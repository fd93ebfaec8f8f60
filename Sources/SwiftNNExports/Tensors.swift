import CSwiftNN
import SwiftNN

private func known(_ dtype: snn_dtype) -> DType? { UInt8(exactly: dtype.rawValue).flatMap(DType.init(rawValue:)) }

func dtype(_ dtype: snn_dtype, _ function: StaticString) throws(SNNError) -> DType {
  guard let found = known(dtype) else {
    throw SNNError(.dtype, "\(function): there is no dtype \(dtype.rawValue)")
  }
  return found
}

func numbers(
  _ pointer: UnsafePointer<Int64>?, _ count: Int32, _ function: StaticString, _ name: StaticString
) throws(SNNError) -> [Int] {
  guard count >= 0, count <= SNN_MAX_RANK else {
    throw SNNError(.shape, "\(function): expects between 0 and \(SNN_MAX_RANK) \(name), got \(count)")
  }
  if count == 0 { return [] }
  let pointer = try required(pointer, function, name)
  return (0..<Int(count)).map { Int(pointer[$0]) }
}

@_cdecl("snn_dtype_size")
@implementation
public func snn_dtype_size(_ dtype: snn_dtype) -> Int { known(dtype)?.size ?? 0 }

private nonisolated(unsafe) let dtypeNames = DType.allCases.map { immortal($0.name) }

@_cdecl("snn_dtype_name")
@implementation
public func snn_dtype_name(_ dtype: snn_dtype) -> UnsafePointer<CChar>! {
  DType.allCases.firstIndex { UInt32($0.rawValue) == dtype.rawValue }.map { dtypeNames[$0] }
}

@_cdecl("snn_default_dtype")
@implementation
public func snn_default_dtype() -> snn_dtype { snn_dtype(rawValue: UInt32(DType.default.rawValue)) }

@_cdecl("snn_set_default_dtype")
@implementation
public func snn_set_default_dtype(_ type: snn_dtype, _ error: ErrorPointer) -> snn_status {
  guarded(error) { () throws(SNNError) in try DType.setDefault(dtype(type, "snn_set_default_dtype")) }
}

@_cdecl("snn_tensor_new")
@implementation
public func snn_tensor_new(
  _ type: snn_dtype, _ rank: Int32, _ sizes: UnsafePointer<Int64>?, _ data: UnsafeRawPointer?,
  _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let out = try required(out, "snn_tensor_new", "out")
    let dtype = try dtype(type, "snn_tensor_new")
    let tensor = try Tensor.zeros(numbers(sizes, rank, "snn_tensor_new", "sizes"), dtype)
    if let data { tensor.unsafeData.copyMemory(from: data, byteCount: tensor.count * dtype.size) }
    out.pointee = handle(tensor)
  }
}

@_cdecl("snn_tensor_borrow")
@implementation
public func snn_tensor_borrow(
  _ type: snn_dtype, _ rank: Int32, _ sizes: UnsafePointer<Int64>?, _ strides: UnsafePointer<Int64>?,
  _ data: UnsafeMutableRawPointer?, _ destructor: snn_destructor?, _ user: UnsafeMutableRawPointer?,
  _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let out = try required(out, "snn_tensor_borrow", "out")
    let dtype = try dtype(type, "snn_tensor_borrow")
    let sizes = try numbers(sizes, rank, "snn_tensor_borrow", "sizes")
    let steps = strides == nil ? nil : try numbers(strides, rank, "snn_tensor_borrow", "strides")
    out.pointee = handle(
      try Tensor.borrowing(data, sizes, strides: steps, dtype) { destructor?(user) })
  }
}

@_cdecl("snn_tensor_retain")
@implementation
public func snn_tensor_retain(_ tensor: OpaquePointer?) -> OpaquePointer? { retain(tensor, Tensor.self) }

@_cdecl("snn_tensor_release")
@implementation
public func snn_tensor_release(_ tensor: OpaquePointer?) { release(tensor, Tensor.self) }

@_cdecl("snn_tensor_dtype")
@implementation
public func snn_tensor_dtype(_ tensor: OpaquePointer?) -> snn_dtype {
  snn_dtype(rawValue: UInt32(object(tensor, Tensor.self)?.dtype.rawValue ?? 0))
}

@_cdecl("snn_tensor_rank")
@implementation
public func snn_tensor_rank(_ tensor: OpaquePointer?) -> Int32 { Int32(object(tensor, Tensor.self)?.rank ?? -1) }

@_cdecl("snn_tensor_sizes")
@implementation
public func snn_tensor_sizes(_ tensor: OpaquePointer?) -> UnsafePointer<Int64>? {
  object(tensor, Tensor.self)?.withStableDimensions().sizes
}

@_cdecl("snn_tensor_strides")
@implementation
public func snn_tensor_strides(_ tensor: OpaquePointer?) -> UnsafePointer<Int64>? {
  object(tensor, Tensor.self)?.withStableDimensions().strides
}

@_cdecl("snn_tensor_count")
@implementation
public func snn_tensor_count(_ tensor: OpaquePointer?) -> Int64 { Int64(object(tensor, Tensor.self)?.count ?? -1) }

@_cdecl("snn_tensor_data")
@implementation
public func snn_tensor_data(_ tensor: OpaquePointer?) -> UnsafeMutableRawPointer? {
  guard let tensor = object(tensor, Tensor.self), !tensor.isBatched else { return nil }
  return tensor.unsafeData
}

@_cdecl("snn_tensor_touch")
@implementation
public func snn_tensor_touch(_ tensor: OpaquePointer?) { object(tensor, Tensor.self)?.touch() }

@_cdecl("snn_tensor_version")
@implementation
public func snn_tensor_version(_ tensor: OpaquePointer?) -> UInt64 {
  UInt64(object(tensor, Tensor.self)?.version ?? 0)
}

@_cdecl("snn_tensor_shares_memory")
@implementation
public func snn_tensor_shares_memory(_ a: OpaquePointer?, _ b: OpaquePointer?) -> Bool {
  guard let a = object(a, Tensor.self), let b = object(b, Tensor.self) else { return false }
  return a.sharesMemory(with: b)
}

@_cdecl("snn_tensor_read")
@implementation
public func snn_tensor_read(
  _ tensor: OpaquePointer?, _ type: snn_dtype, _ data: UnsafeMutableRawPointer?, _ bytes: Int, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let tensor: Tensor = try required(tensor, "snn_tensor_read", "tensor")
    let dtype = try dtype(type, "snn_tensor_read")
    let needed = tensor.count * dtype.size
    guard bytes == needed else {
      throw SNNError(
        .capacity, "snn_tensor_read: \(tensor.count) elements of \(dtype.name) need \(needed) bytes, got \(bytes)")
    }
    if needed == 0 { return }
    try tensor.read(into: required(data, "snn_tensor_read", "data"), as: dtype)
  }
}

@_cdecl("snn_tensor_item")
@implementation
public func snn_tensor_item(_ tensor: OpaquePointer?, _ out: UnsafeMutablePointer<Double>?, _ error: ErrorPointer)
  -> snn_status
{
  guarded(error) { () throws(SNNError) in
    let tensor: Tensor = try required(tensor, "snn_tensor_item", "tensor")
    try required(out, "snn_tensor_item", "out").pointee = tensor.item().double
  }
}

@_cdecl("snn_tensor_item_int")
@implementation
public func snn_tensor_item_int(_ tensor: OpaquePointer?, _ out: UnsafeMutablePointer<Int64>?, _ error: ErrorPointer)
  -> snn_status
{
  guarded(error) { () throws(SNNError) in
    let tensor: Tensor = try required(tensor, "snn_tensor_item_int", "tensor")
    try required(out, "snn_tensor_item_int", "out").pointee = Int64(tensor.item().integer)
  }
}

@_cdecl("snn_tensor_text")
@implementation
public func snn_tensor_text(
  _ tensor: OpaquePointer?, _ out: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let tensor: Tensor = try required(tensor, "snn_tensor_text", "tensor")
    try required(out, "snn_tensor_text", "out").pointee = ownedText(tensor.description)
  }
}
