/// The batches of one epoch: a function of the seed, the epoch, and what a function of the caller says.
final class EpochPlan: @unchecked Sendable {
  let epoch: Int
  let batchCount: Int
  /// What random changes of the batches begin with.
  let seed: UInt64
  /// nil for 0, 1, 2, …, which begin again behind the last example.
  private let numbers: Tensor?
  private let first: Int
  private let length: Int
  private let batchSize: Int
  private let exampleCount: Int
  /// Where the batches of a function end.
  private let ends: [Int]?

  init(_ options: Loader.Options, epoch: Int, examples: Int) throws(SNNError) {
    self.epoch = epoch
    let key = Generator.seed(options.seed, epoch)
    seed = Generator.seed(key, 1)
    (batchSize, exampleCount) = (options.batchSize, examples)
    if case .batches(let function) = options.sampling {
      let batches: [[Int]]
      do { batches = try function(epoch) } catch { throw SNNError.from(error) }
      var ends: [Int] = []
      for batch in batches { ends.append((ends.last ?? 0) + batch.count) }
      (self.ends, numbers, first, length) = (ends, try Tensor(Array(batches.joined())), 0, ends.last ?? 0)
      batchCount = batches.count
      return
    }
    var order = try options.sampling.order(
      epoch: epoch, seed: Generator.seed(key, 0), of: examples)
    let all = order?.count ?? examples
    var first = 0
    var length = all
    switch options.ending {
    case .keep: break
    case .drop: length -= length % batchSize
    case .fill:
      // The epochs are one sequence, cut into batches; what ends the last batch of one has been seen when the next begins.
      first = options.taken(before: epoch, of: all)
      length = (all - first + batchSize - 1) / batchSize * batchSize
      if let own = order, length > all - first {
        let next = try options.sampling.order(
          epoch: epoch + 1, seed: Generator.seed(Generator.seed(options.seed, epoch + 1), 0), of: examples)
        order = try Tensor.cat([own] + (next.map { [$0] } ?? []))
      }
    }
    (self.first, self.length, numbers, ends) = (first, length, order, nil)
    batchCount = (length + batchSize - 1) / batchSize
  }

  func numbers(of batch: Int) -> [Int] {
    let start = ends.map { batch == 0 ? 0 : $0[batch - 1] } ?? batch * batchSize
    let count = (ends?[batch] ?? Swift.min(start + batchSize, length)) - start
    guard let numbers else {
      let from = (first + start) % Swift.max(exampleCount, 1)
      return (from..<(from + count)).map { $0 % exampleCount }
    }
    let all = numbers.data.assumingMemoryBound(to: Int.self)
    return withExtendedLifetime(numbers) {
      Array(UnsafeBufferPointer(start: all + (first + start), count: count))
    }
  }
}

extension Loader.Options {
  /// How many examples of an epoch have ended the epoch before.
  func taken(before epoch: Int, of count: Int) -> Int {
    let over = epoch % batchSize * (count % batchSize) % batchSize
    return over == 0 ? 0 : batchSize - over
  }

  /// The number of batches in an epoch of so many examples.
  func batches(_ epoch: Int, of count: Int) -> Int {
    switch ending {
    case .keep: (count + batchSize - 1) / batchSize
    case .drop: count / batchSize
    case .fill: (count - taken(before: epoch, of: count) + batchSize - 1) / batchSize
    }
  }
}
