import CSwiftNN
import SwiftNN

@_cdecl("snn_threads")
@implementation
public func snn_threads() -> Int32 { Int32(clamping: Runtime.threads) }

@_cdecl("snn_set_threads")
@implementation
public func snn_set_threads(_ count: Int32) { Runtime.threads = max(0, Int(count)) }

private nonisolated(unsafe) let instructionSet = immortal(Runtime.instructionSet)

@_cdecl("snn_instruction_set")
@implementation
public func snn_instruction_set() -> UnsafePointer<CChar>! { instructionSet }

@_cdecl("snn_memory")
@implementation
public func snn_memory(_ counts: UnsafeMutablePointer<snn_memory_counts>!) {
  guard let counts = counts as UnsafeMutablePointer<snn_memory_counts>? else { return }
  let memory = Runtime.memory
  counts.pointee = snn_memory_counts(
    in_use: memory.inUse, peak: memory.peak, reserved: memory.reserved, system_allocations: memory.systemAllocations)
}

@_cdecl("snn_memory_reset_peak")
@implementation
public func snn_memory_reset_peak() { Runtime.resetPeakMemory() }

@_cdecl("snn_set_memory_limit")
@implementation
public func snn_set_memory_limit(_ bytes: UInt64) { Runtime.memoryLimit = bytes }

@_cdecl("snn_memory_trim")
@implementation
public func snn_memory_trim() { Runtime.trimMemory() }
