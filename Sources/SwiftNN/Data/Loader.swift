/// Batches of a dataset, epoch after epoch.
///
/// The order of an epoch depends on the seed and the number of the epoch alone, and what is random in a batch on its number as well:
/// any number of workers gives the same bits. One loader is used by one thread at a time.
public final class Loader: BatchSource {
  /// What becomes of a batch at the end of an epoch for which examples are lacking. The raw values are those of the C interface.
  public enum Ending: Int32, Sendable {
    /// It is smaller.
    case keep = 0
    case drop
    /// The first examples of the next epoch complete it, which goes on behind them.
    case fill
  }

  public struct Options {
    public var batchSize = 1
    public var sampling = Sampling.sequential
    public var seed: UInt64 = 0
    public var ending = Ending.keep
    /// What is done to each batch, in this order.
    public var augmentations: [any Augmentation] = []
    /// Height and width that the images of the first part are brought to at last: a number for each epoch, the last for all behind.
    public var imageSizes: [Int] = []
    /// Threads that make batches ahead; 0 makes each when it is asked for.
    public var workers = 0
    /// How many batches each worker may be ahead.
    public var prefetch = 2

    public init() {}
  }

  public let dataset: any Dataset
  public private(set) var options: Options
  private let maker: BatchMaker
  private var prefetcher: Prefetcher?
  private var plan: EpochPlan?
  /// The next batch.
  private(set) var epoch = 0
  private(set) var batch = 0

  public static let greatestEpoch = 1 << 40

  public init(_ dataset: any Dataset, _ options: Options = Options()) throws(SNNError) {
    try options.check(examples: dataset.count)
    self.dataset = dataset
    self.options = options
    maker = BatchMaker(dataset, options)
  }

  /// A loader of batches of tensors whose first axis counts the examples.
  public convenience init(
    _ tensors: Tensor..., batchSize: Int = 1, shuffle: Bool = false, seed: UInt64 = 0, ending: Ending = .keep
  ) throws(SNNError) {
    var options = Options()
    (options.batchSize, options.seed, options.ending) = (batchSize, seed, ending)
    if shuffle { options.sampling = .random }
    try self.init(TensorDataset(tensors), options)
  }

  public var batchCount: Int? {
    if let plan { return plan.batchCount }
    return options.sampling.count(epoch: epoch, of: dataset.count).map { options.batches(epoch, of: $0) }
  }

  public func begin(epoch: Int) throws(SNNError) {
    try check(epoch: epoch)
    go(to: epoch, batch: 0, seed: options.seed)
  }

  func check(epoch: Int) throws(SNNError) {
    guard epoch >= 0, epoch <= Self.greatestEpoch else {
      throw .argument("Loader: expects an epoch between 0 and \(Self.greatestEpoch), got \(epoch)")
    }
  }

  func go(to epoch: Int, batch: Int, seed: UInt64) {
    (self.epoch, self.batch, options.seed) = (epoch, batch, seed)
    plan = nil
  }

  public func next() throws(SNNError) -> [Tensor]? {
    let plan = try currentPlan()
    guard batch < plan.batchCount else {
      guard batch == plan.batchCount else {
        throw .argument("Loader: epoch \(epoch) has \(plan.batchCount) batches, and no number \(batch)")
      }
      go(to: Swift.min(epoch + 1, Self.greatestEpoch), batch: 0, seed: options.seed)
      return nil
    }
    let parts: [Tensor]
    if let prefetcher {
      do throws(SNNError) { parts = try prefetcher.take(batch) } catch {
        // The next call tries again.
        self.plan = nil
        throw error
      }
    } else {
      parts = try maker.batch(batch, of: plan)
    }
    batch += 1
    return parts
  }

  private func currentPlan() throws(SNNError) -> EpochPlan {
    if let plan, prefetcher?.isHere ?? true { return plan }
    let made: EpochPlan
    if let plan { made = plan } else { made = try EpochPlan(options, epoch: epoch, examples: dataset.count) }
    if options.workers > 0 {
      if prefetcher?.isHere != true { prefetcher = Prefetcher(maker, options) }
      prefetcher?.begin(made, at: batch)
    }
    plan = made
    return made
  }
}

extension Loader.Options {
  fileprivate func check(examples: Int) throws(SNNError) {
    guard batchSize > 0, batchSize <= 1 << 26 else {
      throw .argument("Loader: expects a batch size between 1 and 2^26, got \(batchSize)")
    }
    guard workers >= 0, workers <= 1024, prefetch > 0, prefetch <= 1024 else {
      throw .argument(
        "Loader: expects at most 1024 workers and to be between 1 and 1024 batches ahead with each, got \(workers) and "
          + "\(prefetch)")
    }
    for size in imageSizes where size <= 0 { throw .argument("Loader: expects image sizes above 0, got \(size)") }
    try sampling.check(examples: examples)
    guard ending == .fill else { return }
    guard sampling.isEven, let count = sampling.count(epoch: 0, of: examples) else {
      throw .argument("Loader: batches can be filled from the next epoch where all epochs have as many examples")
    }
    guard batchSize <= count else {
      throw .argument("Loader: cannot fill batches of \(batchSize) from epochs of \(count) examples")
    }
  }
}

/// Makes any batch of an epoch, on any thread.
final class BatchMaker: @unchecked Sendable {
  private let dataset: any Dataset
  private let augmentations: [any Augmentation]
  private let imageSizes: [Int]

  init(_ dataset: any Dataset, _ options: Loader.Options) {
    (self.dataset, augmentations, imageSizes) = (dataset, options.augmentations, options.imageSizes)
  }

  func batch(_ number: Int, of plan: EpochPlan) throws(SNNError) -> [Tensor] {
    var parts = try dataset.examples(plan.numbers(of: number))
    if !augmentations.isEmpty {
      let generator = Generator(seed: Generator.seed(plan.seed, number))
      for augmentation in augmentations { parts = try augmentation.apply(parts, generator) }
    }
    if !imageSizes.isEmpty {
      guard let images = parts.first, images.rank == 4 else {
        throw .shape("Loader: expects images (N, C, H, W) to change sizes, got shape \(parts.first?.shape ?? [])")
      }
      let size = imageSizes[Swift.min(plan.epoch, imageSizes.count - 1)]
      if images.shape[2] != size || images.shape[3] != size {
        let how = Interpolation(
          size: [size, size], factors: nil, mode: "bilinear", alignsCorners: false, antialias: true)
        parts[0] = try images.interpolated(how, "Loader")
      }
    }
    return parts
  }
}
