import CKernels

/// Threads, memory and the processor.
public enum Runtime {
  /// The number of threads that kernels use. Setting 0 returns to the automatic choice.
  public static var threads: Int {
    get { Int(ck_threads()) }
    set { ck_set_threads(Int32(clamping: newValue)) }
  }

  /// "avx512", "avx2", "neon" or "portable".
  public static var instructionSet: String { String(cString: ck_isa_name(ck_isa_in_use())) }

  public struct Memory: Sendable {
    /// Bytes of tensor storage handed out now, and the most so far.
    public let inUse: UInt64
    public let peak: UInt64
    /// Bytes held from the system, cached blocks included.
    public let reserved: UInt64
    /// How often the system was asked for a block.
    public let systemAllocations: UInt64
  }

  public static var memory: Memory {
    let counts = ck_memory()
    return Memory(
      inUse: counts.in_use, peak: counts.peak, reserved: counts.reserved, systemAllocations: counts.system_allocations)
  }

  public static func resetPeakMemory() { ck_memory_reset_peak() }

  /// A cap on bytes in use, past which operations throw; 0: none.
  public static var memoryLimit: UInt64 {
    get { ck_memory_limit() }
    set { ck_memory_set_limit(newValue) }
  }

  /// Gives cached blocks back to the system.
  public static func trimMemory() { ck_memory_trim() }
}
