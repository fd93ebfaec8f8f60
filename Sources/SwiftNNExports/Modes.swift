import CSwiftNN
import SwiftNN

@_cdecl("snn_inference_mode")
@implementation
public func snn_inference_mode() -> Bool { Gradients.isInferenceMode }

@_cdecl("snn_set_inference_mode")
@implementation
public func snn_set_inference_mode(_ enabled: Bool) -> Bool {
  defer { Gradients.isInferenceMode = enabled }
  return Gradients.isInferenceMode
}

@_cdecl("snn_tensor_is_inference")
@implementation
public func snn_tensor_is_inference(_ tensor: OpaquePointer?) -> Bool {
  object(tensor, Tensor.self)?.isInference ?? false
}

@_cdecl("snn_anomaly_mode")
@implementation
public func snn_anomaly_mode(_ check_nan: UnsafeMutablePointer<Bool>?) -> Bool {
  check_nan?.pointee = Anomaly.mode.checksNaN
  return Anomaly.mode.isOn
}

@_cdecl("snn_set_anomaly_mode")
@implementation
public func snn_set_anomaly_mode(_ enabled: Bool, _ check_nan: Bool) { Anomaly.mode = (enabled, check_nan) }

@_cdecl("snn_set_anomaly_tracer")
@implementation
public func snn_set_anomaly_tracer(_ tracer: snn_tracer?, _ user: UnsafeMutableRawPointer?) {
  guard let tracer else { return Anomaly.setTracer(nil) }
  nonisolated(unsafe) let user = user
  Anomaly.setTracer {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { text in
      let base = text.baseAddress.unsafelyUnwrapped
      base[0] = 0
      tracer(user, base, text.count)
      base[text.count - 1] = 0
      return base[0] == 0 ? nil : String(cString: base)
    }
  }
}
