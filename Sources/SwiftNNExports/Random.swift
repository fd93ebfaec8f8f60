import CSwiftNN
import SwiftNN

private func generator(_ handle: OpaquePointer?) -> Generator { object(handle) ?? .default }

@_cdecl("snn_generator_new")
@implementation
public func snn_generator_new(_ seed: UInt64, _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer)
  -> snn_status
{
  guarded(error) { () throws(SNNError) in
    try required(out, "snn_generator_new", "out").pointee = handle(Generator(seed: seed))
  }
}

@_cdecl("snn_generator_retain")
@implementation
public func snn_generator_retain(_ generator: OpaquePointer?) -> OpaquePointer? { retain(generator, Generator.self) }

@_cdecl("snn_generator_release")
@implementation
public func snn_generator_release(_ generator: OpaquePointer?) { release(generator, Generator.self) }

@_cdecl("snn_generator_seed")
@implementation
public func snn_generator_seed(_ handle: OpaquePointer?, _ seed: UInt64) { generator(handle).seed(seed) }

@_cdecl("snn_generator_state")
@implementation
public func snn_generator_state(
  _ handle: OpaquePointer?, _ seed: UnsafeMutablePointer<UInt64>?, _ position: UnsafeMutablePointer<UInt64>?
) {
  let state = generator(handle).state
  seed?.pointee = state.seed
  position?.pointee = state.position
}

@_cdecl("snn_generator_set_state")
@implementation
public func snn_generator_set_state(_ handle: OpaquePointer?, _ seed: UInt64, _ position: UInt64) {
  generator(handle).state = Generator.State(seed: seed, position: position)
}
