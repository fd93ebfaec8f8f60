import Testing

@testable import SwiftNN

/// The pool reuses memory, counts it and keeps to its cap. Counts belong to the process, so each test has its own.
@Suite struct MemoryTests {
  @Test func countsFollowTensors() async {
    await #expect(processExitsWith: .success) {
      let before = Runtime.memory.inUse
      var tensor: Tensor? = try Tensor.zeros([1000, 1000])
      #expect(Runtime.memory.inUse >= before + 4_000_000)
      #expect(Runtime.memory.peak >= Runtime.memory.inUse)
      #expect(Runtime.memory.reserved >= Runtime.memory.inUse)
      #expect(try tensor?.sum().item().double == 0)
      tensor = nil
      #expect(Runtime.memory.inUse == before)
      #expect(Runtime.memory.peak >= before + 4_000_000)
      Runtime.resetPeakMemory()
      #expect(Runtime.memory.peak == Runtime.memory.inUse)
    }
  }

  @Test func blocksAreReused() async {
    await #expect(processExitsWith: .success) {
      for _ in 0..<3 { _ = try Tensor.zeros([1000, 100]) + 1 }
      let asked = Runtime.memory.systemAllocations
      for _ in 0..<100 { _ = try Tensor.zeros([1000, 100]) + 1 }
      #expect(Runtime.memory.systemAllocations == asked)
    }
  }

  @Test func trimmingGivesBlocksBack() async {
    await #expect(processExitsWith: .success) {
      for size in [10_000, 100_000, 1_000_000] { _ = try Tensor.zeros([size]) }
      let reserved = Runtime.memory.reserved
      Runtime.trimMemory()
      #expect(Runtime.memory.reserved < reserved)
      #expect(try Tensor.ones([10]).sum().item().double == 10)
    }
  }

  @Test func capIsAnErrorThatNamesTheOperation() async {
    await #expect(processExitsWith: .success) {
      let kept = try Tensor.ones([1000])
      Runtime.memoryLimit = Runtime.memory.inUse + 100_000
      #expect(Runtime.memoryLimit == Runtime.memory.inUse + 100_000)
      let error = #expect(throws: SNNError.self) { try kept.unsqueeze(1) + kept }
      #expect(error?.code == .memory)
      #expect(error?.message.hasPrefix("add:") == true && error?.message.contains("cap") == true)
      #expect(try (kept + kept).sum().item().double == 2000)
      Runtime.memoryLimit = 0
      #expect(try (kept.unsqueeze(1) + kept).count == 1_000_000)
    }
  }

  /// A failure in the middle of an update leaves the tensor as it was.
  @Test func failedUpdatesChangeNothing() async {
    await #expect(processExitsWith: .success) {
      let x = try Tensor.ones([1000, 100])
      Runtime.memoryLimit = Runtime.memory.inUse + 1000
      #expect(throws: SNNError.self) { try Registry.apply("mul_", [.tensor(x), .float(2)]) }
      Runtime.memoryLimit = 0
      #expect(try x.sum().item().double == 100_000)
      #expect(x.version == 0)
    }
  }

  /// More than there are addresses, in the shape check's eyes still a size.
  @Test func absurdSizesAreErrors() {
    let error = #expect(throws: SNNError.self) { try Tensor.zeros([1 << 44], .float64) }
    #expect(error?.code == .memory)
  }

  @Test func memoryIsAligned() throws {
    for count in [1, 3, 17, 1000, 100_000] {
      #expect(UInt(bitPattern: try Tensor.zeros([count]).unsafeData) % 64 == 0)
    }
  }
}
