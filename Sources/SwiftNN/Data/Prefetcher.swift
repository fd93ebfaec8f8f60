import CKernels

/// Threads that make the batches of an epoch ahead, some of them at the same time.
final class Prefetcher: @unchecked Sendable {
  private let maker: BatchMaker
  private let capacity: Int
  /// By the number of the batch modulo the capacity. The queue says who uses which when.
  private let slots: UnsafeMutablePointer<Result<[Tensor], SNNError>?>
  private var plan: EpochPlan?
  private var queue: OpaquePointer?

  /// nil where no thread can be had.
  init?(_ maker: BatchMaker, _ options: Loader.Options) {
    self.maker = maker
    capacity = options.workers * options.prefetch
    slots = .allocate(capacity: capacity)
    slots.initialize(repeating: nil, count: capacity)
    queue = ck_queue_new(
      Int32(options.workers), Int64(capacity),
      { context, number in
        guard let context else { return }
        Unmanaged<Prefetcher>.fromOpaque(context).takeUnretainedValue().make(Int(number))
      }, Unmanaged.passUnretained(self).toOpaque())
    if queue == nil { return nil }
  }

  deinit {
    // The threads end before what they use.
    if let queue { ck_queue_release(queue) }
    slots.deinitialize(count: capacity)
    slots.deallocate()
  }

  /// Whether the threads are in this process, not in the one that it was forked from.
  var isHere: Bool { queue.map { ck_queue_is_here($0) } ?? false }

  func begin(_ plan: EpochPlan, at batch: Int) {
    // Nothing is asked for while the plan changes.
    ck_queue_begin(queue, 0, 0)
    self.plan = plan
    for i in 0..<capacity { slots[i] = nil }
    ck_queue_begin(queue, Int64(batch), Int64(plan.batchCount))
  }

  func take(_ batch: Int) throws(SNNError) -> [Tensor] {
    ck_queue_wait(queue, Int64(batch))
    let made = slots[batch % capacity]
    slots[batch % capacity] = nil
    ck_queue_taken(queue, Int64(batch))
    guard let made else { throw .argument("Loader: is used by two threads at the same time") }
    return try made.get()
  }

  private func make(_ number: Int) {
    guard let plan else { return }
    do throws(SNNError) { slots[number % capacity] = .success(try maker.batch(number, of: plan)) } catch {
      slots[number % capacity] = .failure(error)
    }
  }
}
