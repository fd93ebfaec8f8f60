import CSwiftNN
import SwiftNN

/// What a handle of a transform stands for.
final class TransformHandle: @unchecked Sendable {
  let transform: any Transform

  init(_ transform: any Transform) { self.transform = transform }
}

func transform(_ handle: OpaquePointer?, _ function: StaticString) throws(SNNError) -> any Transform {
  let found: TransformHandle = try required(handle, function, "transform")
  return found.transform
}

@_cdecl("snn_transform_new")
@implementation
public func snn_transform_new(
  _ transform: Int32, _ arguments: UnsafePointer<snn_value>?, _ argument_count: Int,
  _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let out = try required(out, "snn_transform_new", "out")
    guard Registry.transforms.indices.contains(Int(transform)) else {
      throw SNNError(.name, "snn_transform_new: there is no transform number \(transform)")
    }
    let declaration = Registry.transforms[Int(transform)]
    out.pointee = handle(TransformHandle(try declaration(values(arguments, argument_count, declaration.name))))
  }
}

@_cdecl("snn_transform_retain")
@implementation
public func snn_transform_retain(_ transform: OpaquePointer?) -> OpaquePointer? {
  retain(transform, TransformHandle.self)
}

@_cdecl("snn_transform_release")
@implementation
public func snn_transform_release(_ transform: OpaquePointer?) { release(transform, TransformHandle.self) }

@_cdecl("snn_transform_fit")
@implementation
public func snn_transform_fit(
  _ transform: OpaquePointer?, _ data: OpaquePointer?, _ partial: Bool, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let transform = try SwiftNNExports.transform(transform, "snn_transform_fit")
    let data: Tensor = try required(data, "snn_transform_fit", "data")
    if partial { try transform.partialFit(data) } else { try transform.fit(data) }
  }
}

@_cdecl("snn_transform_apply")
@implementation
public func snn_transform_apply(
  _ transform: OpaquePointer?, _ data: OpaquePointer?, _ inverse: Bool, _ out: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let transform = try SwiftNNExports.transform(transform, "snn_transform_apply")
    let data: Tensor = try required(data, "snn_transform_apply", "data")
    let out = try required(out, "snn_transform_apply", "out")
    out.pointee = handle(inverse ? try transform.inverseTransform(data) : try transform.transform(data))
  }
}

@_cdecl("snn_transform_state_count")
@implementation
public func snn_transform_state_count(_ transform: OpaquePointer?) -> Int32 {
  Int32(object(transform, TransformHandle.self)?.transform.state.count ?? 0)
}

@_cdecl("snn_transform_state")
@implementation
public func snn_transform_state(
  _ transform: OpaquePointer?, _ index: Int32, _ name: UnsafeMutablePointer<UnsafePointer<CChar>?>?,
  _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let state = try SwiftNNExports.transform(transform, "snn_transform_state").state
    let out = try required(out, "snn_transform_state", "out")
    guard state.indices.contains(Int(index)) else {
      throw SNNError(.index, "snn_transform_state: there is no tensor \(index) of \(state.count)")
    }
    name?.pointee = Interned.word(state[Int(index)].name)
    out.pointee = handle(state[Int(index)].tensor)
  }
}

@_cdecl("snn_transform_load")
@implementation
public func snn_transform_load(
  _ transform: OpaquePointer?, _ names: UnsafePointer<UnsafePointer<CChar>?>?,
  _ tensors: UnsafePointer<OpaquePointer?>?,
  _ count: Int, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let transform = try SwiftNNExports.transform(transform, "snn_transform_load")
    let handles = try SwiftNNExports.tensors(tensors, count, "snn_transform_load", "tensors")
    let named = zip(try words(names, count, "snn_transform_load", "names"), handles).map { (name: $0, tensor: $1) }
    try transform.load(state: named)
  }
}
