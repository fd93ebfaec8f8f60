import SwiftNN

func stoppingRule(_ handle: OpaquePointer?, _ function: StaticString) throws(SNNError) -> any StoppingRule {
  throw SNNError(.unsupported, "\(function)")
}

func batchSource(_ handle: OpaquePointer?, _ function: StaticString, _ name: StaticString) throws(SNNError)
  -> any BatchSource
{
  let loader: Loader = try required(handle, function, name)
  return loader
}
