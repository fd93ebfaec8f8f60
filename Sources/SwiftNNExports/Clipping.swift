import CSwiftNN
import SwiftNN

@_cdecl("snn_total_norm")
@implementation
public func snn_total_norm(
  _ handles: UnsafePointer<OpaquePointer?>?, _ count: Int, _ p: Double, _ error_if_nonfinite: Bool,
  _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let out = try required(out, "snn_total_norm", "out")
    let all = try tensors(handles, count, "snn_total_norm", "tensors")
    out.pointee = handle(try Gradients.totalNorm(all, p, errorIfNonfinite: error_if_nonfinite))
  }
}

@_cdecl("snn_clip_norm")
@implementation
public func snn_clip_norm(
  _ parameters: UnsafePointer<OpaquePointer?>?, _ count: Int, _ max_norm: Double, _ p: Double,
  _ error_if_nonfinite: Bool, _ total: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let norm = try Gradients.clipNorm(
      of: tensors(parameters, count, "snn_clip_norm", "parameters"), maxNorm: max_norm, p,
      errorIfNonfinite: error_if_nonfinite)
    total?.pointee = handle(norm)
  }
}

@_cdecl("snn_clip_with_norm")
@implementation
public func snn_clip_with_norm(
  _ parameters: UnsafePointer<OpaquePointer?>?, _ count: Int, _ max_norm: Double, _ total: OpaquePointer?,
  _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let total: Tensor = try required(total, "snn_clip_with_norm", "total")
    try Gradients.clip(
      tensors(parameters, count, "snn_clip_with_norm", "parameters"), withNorm: total, maxNorm: max_norm)
  }
}

@_cdecl("snn_clip_value")
@implementation
public func snn_clip_value(
  _ parameters: UnsafePointer<OpaquePointer?>?, _ count: Int, _ value: Double, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    try Gradients.clipValue(of: tensors(parameters, count, "snn_clip_value", "parameters"), value)
  }
}

@_cdecl("snn_clip_each")
@implementation
public func snn_clip_each(
  _ parameters: UnsafePointer<OpaquePointer?>?, _ count: Int, _ max_norm: Double, _ p: Double, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    try Gradients.clipEach(of: tensors(parameters, count, "snn_clip_each", "parameters"), maxNorm: max_norm, p)
  }
}

@_cdecl("snn_clip_adaptive")
@implementation
public func snn_clip_adaptive(
  _ parameters: UnsafePointer<OpaquePointer?>?, _ count: Int, _ factor: Double, _ eps: Double, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    try Gradients.clipAdaptively(
      tensors(parameters, count, "snn_clip_adaptive", "parameters"), factor: factor, eps: eps)
  }
}
