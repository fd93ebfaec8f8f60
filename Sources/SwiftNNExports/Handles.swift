import CSwiftNN
import SwiftNN

/// The object behind a handle; nil for NULL.
@inline(__always)
func object<Object: AnyObject>(_ handle: OpaquePointer?, _ type: Object.Type = Object.self) -> Object? {
  handle.map { Unmanaged<Object>.fromOpaque(UnsafeRawPointer($0)).takeUnretainedValue() }
}

/// A handle that owns one reference.
@inline(__always)
func handle(_ object: AnyObject) -> OpaquePointer {
  OpaquePointer(Unmanaged.passRetained(object).toOpaque())
}

@inline(__always)
func retain<Object: AnyObject>(_ handle: OpaquePointer?, _ type: Object.Type) -> OpaquePointer? {
  if let handle { _ = Unmanaged<Object>.fromOpaque(UnsafeRawPointer(handle)).retain() }
  return handle
}

@inline(__always)
func release<Object: AnyObject>(_ handle: OpaquePointer?, _ type: Object.Type) {
  if let handle { Unmanaged<Object>.fromOpaque(UnsafeRawPointer(handle)).release() }
}

/// The object behind a handle; NULL is the caller's mistake.
@inline(__always)
func required<Object: AnyObject>(_ handle: OpaquePointer?, _ function: StaticString, _ name: StaticString)
  throws(SNNError)
  -> Object
{
  guard let found = object(handle, Object.self) else { throw nullArgument(function, name) }
  return found
}

@inline(__always)
func required<Pointer>(_ pointer: Pointer?, _ function: StaticString, _ name: StaticString) throws(SNNError) -> Pointer
{
  guard let pointer else { throw nullArgument(function, name) }
  return pointer
}

@inline(never)
func nullArgument(_ function: StaticString, _ name: StaticString) -> SNNError {
  SNNError(.argument, "\(function): '\(name)' must not be NULL")
}

public typealias ErrorPointer = UnsafeMutablePointer<snn_error>?

/// Runs a body and reports what it throws as a status and a message.
@inline(__always)
func guarded(_ error: ErrorPointer, _ body: () throws(SNNError) -> Void) -> snn_status {
  do throws(SNNError) {
    try body()
    return SNN_STATUS_OK
  } catch let mistake {
    return report(mistake, error)
  }
}

private let SNN_STATUS_OK: snn_status = 0

@inline(never)
func report(_ mistake: SNNError, _ error: ErrorPointer) -> snn_status {
  let status = mistake.code.rawValue
  guard let error else { return status }
  error.pointee.status = status
  withUnsafeMutableBytes(of: &error.pointee.message) { buffer in
    var text = mistake.message
    text.withUTF8 { utf8 in
      var length = min(utf8.count, buffer.count - 1)
      // Do not cut a character of several bytes in two.
      if length < utf8.count { while length > 0, utf8[length] & 0xC0 == 0x80 { length -= 1 } }
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(utf8)[..<length]))
      buffer[length] = 0
    }
  }
  return status
}

/// An array of handles from C.
func tensors(
  _ handles: UnsafePointer<OpaquePointer?>?, _ count: Int, _ function: StaticString, _ name: StaticString
) throws(SNNError) -> [Tensor] {
  var all: [Tensor] = []
  for tensor in try optionalTensors(handles, count, function, name) {
    guard let tensor else { throw SNNError(.argument, "\(function): '\(name)' must not contain NULL") }
    all.append(tensor)
  }
  return all
}

/// An array of handles from C in which NULL means none.
func optionalTensors(
  _ handles: UnsafePointer<OpaquePointer?>?, _ count: Int, _ function: StaticString, _ name: StaticString
) throws(SNNError) -> [Tensor?] {
  guard count >= 0, count <= 1 << 24 else {
    throw SNNError(.argument, "\(function): got \(count) tensors as '\(name)'")
  }
  if count == 0 { return [] }
  let handles = try required(handles, function, name)
  return (0..<count).map { object(handles[$0], Tensor.self) }
}

/// A text that is never freed.
func immortal(_ text: String) -> UnsafePointer<CChar> { UnsafePointer(ownedText(text)) }

/// A copy of numbers for C.
func ownedList(_ numbers: [Int]) -> UnsafeMutablePointer<Int64> {
  let memory = UnsafeMutablePointer<Int64>.allocate(capacity: max(numbers.count, 1))
  for (i, number) in numbers.enumerated() { memory[i] = Int64(number) }
  return memory
}

/// A text for the caller, who gives it back to `snn_free`.
func ownedText(_ text: String) -> UnsafeMutablePointer<CChar> {
  text.utf8CString.withUnsafeBufferPointer { source in
    let copy = UnsafeMutablePointer<CChar>.allocate(capacity: source.count)
    copy.initialize(from: source.baseAddress.unsafelyUnwrapped, count: source.count)
    return copy
  }
}

/// Texts from C; none may be NULL.
func words(
  _ pointers: UnsafePointer<UnsafePointer<CChar>?>?, _ count: Int, _ function: StaticString, _ name: StaticString
) throws(SNNError) -> [String] {
  guard count >= 0, count <= 1 << 24 else { throw SNNError(.argument, "\(function): got \(count) texts as '\(name)'") }
  if count == 0 { return [] }
  let pointers = try required(pointers, function, name)
  var all: [String] = []
  for i in 0..<count { all.append(String(cString: try required(pointers[i], function, name))) }
  return all
}

/// A copy of numbers from C.
func doubles(
  _ numbers: UnsafePointer<Double>?, _ count: Int, _ function: StaticString, _ name: StaticString
) throws(SNNError) -> [Double] {
  guard count >= 0, count <= 1 << 28 else {
    throw SNNError(.argument, "\(function): got \(count) numbers as '\(name)'")
  }
  return count == 0 ? [] : Array(UnsafeBufferPointer(start: try required(numbers, function, name), count: count))
}
