import CSwiftNN
import SwiftNN

/// Splits, and the last one as C reads it.
private final class SplitsHandle: @unchecked Sendable {
  let splits: Splits
  var shown: (train: UnsafeMutablePointer<Int64>, test: UnsafeMutablePointer<Int64>)?

  init(_ splits: Splits) { self.splits = splits }

  deinit { forget() }

  func forget() {
    shown?.train.deallocate()
    shown?.test.deallocate()
    shown = nil
  }
}

extension snn_splits_options {
  fileprivate var shares: Shares {
    func share(_ count: Int64, _ share: Double) -> Share? {
      count != 0 ? .count(Int(count)) : share != 0 ? .of(share) : nil
    }
    return Shares(test: share(test_count, test_share), train: share(train_count, train_share))
  }

  fileprivate func made(_ kind: snn_split_kind, _ examples: Int, _ labels: [Int]) throws(SNNError) -> Splits {
    func often(_ usual: Int) -> Int { splits == 0 ? usual : Int(splits) }
    let repeats = self.repeats == 0 ? 1 : Int(self.repeats)
    switch kind {
    case SNN_K_FOLD:
      return try .kFold(examples: examples, folds: often(5), shuffle: shuffle, repeats: repeats, seed: seed)
    case SNN_STRATIFIED_K_FOLD:
      return try .stratifiedKFold(classes: labels, folds: often(5), shuffle: shuffle, repeats: repeats, seed: seed)
    case SNN_GROUP_K_FOLD: return try .groupKFold(groups: labels, folds: often(5), shuffle: shuffle, seed: seed)
    case SNN_LEAVE_ONE_OUT: return try .leaveOneOut(examples: examples)
    case SNN_LEAVE_ONE_GROUP_OUT: return try .leaveOneGroupOut(groups: labels)
    case SNN_SHUFFLE_SPLIT: return try .shuffle(examples: examples, splits: often(10), shares, seed: seed)
    case SNN_STRATIFIED_SHUFFLE_SPLIT:
      return try .stratifiedShuffle(classes: labels, splits: often(10), shares, seed: seed)
    case SNN_GROUP_SHUFFLE_SPLIT: return try .groupShuffle(groups: labels, splits: often(5), shares, seed: seed)
    case SNN_TIME_SERIES_SPLIT:
      return try .timeSeries(
        examples: examples, splits: often(5), maxTrainSize: max_train_count == 0 ? nil : Int(max_train_count),
        testSize: test_count == 0 ? nil : Int(test_count), gap: Int(gap))
    default: throw SNNError(.argument, "snn_splits_new: there is no kind \(kind.rawValue)")
    }
  }
}

@_cdecl("snn_splits_new")
@implementation
public func snn_splits_new(
  _ kind: snn_split_kind, _ examples: Int64, _ labels: UnsafePointer<Int64>?,
  _ options: UnsafePointer<snn_splits_options>?, _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let out = try required(out, "snn_splits_new", "out")
    let chosen = options?.pointee ?? snn_splits_options()
    guard options == nil || chosen.size >= MemoryLayout<snn_splits_options>.size else {
      throw SNNError(.argument, "snn_splits_new: options.size is \(chosen.size), not the size of the struct")
    }
    let labelled = [
      SNN_STRATIFIED_K_FOLD, SNN_GROUP_K_FOLD, SNN_LEAVE_ONE_GROUP_OUT, SNN_STRATIFIED_SHUFFLE_SPLIT,
      SNN_GROUP_SHUFFLE_SPLIT,
    ]
    let given =
      labelled.contains(kind) ? try copied(labels, Int(examples), "snn_splits_new", "labels") { Int($0) } : []
    out.pointee = handle(SplitsHandle(try chosen.made(kind, Int(examples), given)))
  }
}

@_cdecl("snn_splits_retain")
@implementation
public func snn_splits_retain(_ splits: OpaquePointer?) -> OpaquePointer? { retain(splits, SplitsHandle.self) }

@_cdecl("snn_splits_release")
@implementation
public func snn_splits_release(_ splits: OpaquePointer?) { release(splits, SplitsHandle.self) }

@_cdecl("snn_splits_count")
@implementation
public func snn_splits_count(_ splits: OpaquePointer?) -> Int64 {
  Int64(object(splits, SplitsHandle.self)?.splits.count ?? -1)
}

@_cdecl("snn_splits_next")
@implementation
public func snn_splits_next(
  _ splits: OpaquePointer?, _ train: UnsafeMutablePointer<UnsafePointer<Int64>?>?,
  _ train_count: UnsafeMutablePointer<Int>?, _ test: UnsafeMutablePointer<UnsafePointer<Int64>?>?,
  _ test_count: UnsafeMutablePointer<Int>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let splits: SplitsHandle = try required(splits, "snn_splits_next", "splits")
    let train = try required(train, "snn_splits_next", "train")
    let trainCount = try required(train_count, "snn_splits_next", "train_count")
    let test = try required(test, "snn_splits_next", "test")
    let testCount = try required(test_count, "snn_splits_next", "test_count")
    let split = splits.splits.next()
    splits.forget()
    if let split { splits.shown = (ownedList(split.train), ownedList(split.test)) }
    (train.pointee, test.pointee) = (UnsafePointer(splits.shown?.train), UnsafePointer(splits.shown?.test))
    (trainCount.pointee, testCount.pointee) = (split?.train.count ?? 0, split?.test.count ?? 0)
  }
}

@_cdecl("snn_split_parts")
@implementation
public func snn_split_parts(
  _ examples: Int64, _ shares: UnsafePointer<Double>?, _ share_count: Int, _ classes: UnsafePointer<Int64>?,
  _ shuffle: Bool, _ seed: UInt32, _ numbers: UnsafeMutablePointer<Int64>?, _ counts: UnsafeMutablePointer<Int64>?,
  _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let counts = try required(counts, "snn_split_parts", "counts")
    let given = shares == nil ? [0.8, 0.1, 0.1] : try copied(shares, share_count, "snn_split_parts", "shares", \.self)
    let labels = classes == nil ? nil : try copied(classes, Int(examples), "snn_split_parts", "classes") { Int($0) }
    let parts = try Splits.parts(examples: Int(examples), given, classes: labels, shuffle: shuffle, seed: seed)
    let room = examples == 0 ? nil : try required(numbers, "snn_split_parts", "numbers")
    var place = 0
    for (i, part) in parts.enumerated() {
      counts[i] = Int64(part.count)
      for number in part {
        room?[place] = Int64(number)
        place += 1
      }
    }
  }
}
