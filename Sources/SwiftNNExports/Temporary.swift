import SwiftNN

func batchSource(_ handle: OpaquePointer?, _ function: StaticString, _ name: StaticString) throws(SNNError)
  -> any BatchSource
{
  let loader: Loader = try required(handle, function, name)
  return loader
}
