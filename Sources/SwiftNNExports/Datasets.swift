import CSwiftNN
import SwiftNN

/// What a handle of a dataset stands for.
private final class DatasetHandle: @unchecked Sendable {
  let dataset: any Dataset

  init(_ dataset: any Dataset) { self.dataset = dataset }
}

/// What a handle of an augmentation stands for.
private final class AugmentationHandle: @unchecked Sendable {
  let augmentation: any Augmentation

  init(_ augmentation: any Augmentation) { self.augmentation = augmentation }
}

func dataset(_ handle: OpaquePointer?, _ function: StaticString) throws(SNNError) -> any Dataset {
  let found: DatasetHandle = try required(handle, function, "dataset")
  return found.dataset
}

func augmentation(_ handle: OpaquePointer?, _ function: StaticString) throws(SNNError) -> any Augmentation {
  let found: AugmentationHandle = try required(handle, function, "augmentation")
  return found.augmentation
}

private func datasets(
  _ handles: UnsafePointer<OpaquePointer?>?, _ count: Int, _ function: StaticString
) throws(SNNError) -> [any Dataset] {
  var all: [any Dataset] = []
  for handle in try copied(handles, count, function, "datasets", \.self) { all.append(try dataset(handle, function)) }
  return all
}

/// Writes a dataset that `make` gives.
private func made(
  _ out: UnsafeMutablePointer<OpaquePointer?>?, _ function: StaticString, _ error: ErrorPointer,
  _ make: () throws(SNNError) -> any Dataset
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let out = try required(out, function, "out")
    out.pointee = handle(DatasetHandle(try make()))
  }
}

@_cdecl("snn_dataset_from_tensors")
@implementation
public func snn_dataset_from_tensors(
  _ tensors: UnsafePointer<OpaquePointer?>?, _ count: Int, _ out: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: ErrorPointer
) -> snn_status {
  made(out, "snn_dataset_from_tensors", error) { () throws(SNNError) in
    try TensorDataset(SwiftNNExports.tensors(tensors, count, "snn_dataset_from_tensors", "tensors"))
  }
}

@_cdecl("snn_dataset_windows")
@implementation
public func snn_dataset_windows(
  _ sequence: OpaquePointer?, _ length: Int64, _ step: Int64, _ offset: Int64,
  _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  made(out, "snn_dataset_windows", error) { () throws(SNNError) in
    try TensorDataset.windows(
      of: required(sequence, "snn_dataset_windows", "sequence"), length: Int(length), step: Int(step),
      offset: offset < 0 ? nil : Int(offset))
  }
}

/// The most parts of an example that a callback may give.
let mostParts = 64

@_cdecl("snn_dataset_from_function")
@implementation
public func snn_dataset_from_function(
  _ count: Int64, _ function: snn_examples_function?, _ user: UnsafeMutableRawPointer?,
  _ destructor: snn_destructor?, _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  made(out, "snn_dataset_from_function", error) { () throws(SNNError) in
    let function = try required(function, "snn_dataset_from_function", "function")
    return try withCallback(user, destructor) { callback throws(SNNError) in
      try FunctionDataset(count: Int(count)) { numbers in
        let asked = numbers.map { Int64($0) }
        return try resultsOfCallback(mostParts, "examples") {
          function(callback.user, asked, asked.count, $0, mostParts, $1)
        }
      }
    }
  }
}

@_cdecl("snn_dataset_subset")
@implementation
public func snn_dataset_subset(
  _ dataset: OpaquePointer?, _ numbers: UnsafePointer<Int64>?, _ count: Int,
  _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  made(out, "snn_dataset_subset", error) { () throws(SNNError) in
    try Subset(
      SwiftNNExports.dataset(dataset, "snn_dataset_subset"),
      copied(numbers, count, "snn_dataset_subset", "numbers") { Int($0) })
  }
}

@_cdecl("snn_dataset_concat")
@implementation
public func snn_dataset_concat(
  _ datasets: UnsafePointer<OpaquePointer?>?, _ count: Int, _ out: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: ErrorPointer
) -> snn_status {
  made(out, "snn_dataset_concat", error) { () throws(SNNError) in
    try ConcatDataset(SwiftNNExports.datasets(datasets, count, "snn_dataset_concat"))
  }
}

@_cdecl("snn_dataset_stack")
@implementation
public func snn_dataset_stack(
  _ datasets: UnsafePointer<OpaquePointer?>?, _ count: Int, _ out: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: ErrorPointer
) -> snn_status {
  made(out, "snn_dataset_stack", error) { () throws(SNNError) in
    try StackDataset(SwiftNNExports.datasets(datasets, count, "snn_dataset_stack"))
  }
}

@_cdecl("snn_dataset_retain")
@implementation
public func snn_dataset_retain(_ dataset: OpaquePointer?) -> OpaquePointer? { retain(dataset, DatasetHandle.self) }

@_cdecl("snn_dataset_release")
@implementation
public func snn_dataset_release(_ dataset: OpaquePointer?) { release(dataset, DatasetHandle.self) }

@_cdecl("snn_dataset_count")
@implementation
public func snn_dataset_count(_ dataset: OpaquePointer?) -> Int64 {
  Int64(object(dataset, DatasetHandle.self)?.dataset.count ?? -1)
}

@_cdecl("snn_dataset_examples")
@implementation
public func snn_dataset_examples(
  _ dataset: OpaquePointer?, _ numbers: UnsafePointer<Int64>?, _ count: Int,
  _ parts: UnsafeMutablePointer<OpaquePointer?>?, _ capacity: Int, _ part_count: UnsafeMutablePointer<Int>?,
  _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let found = try SwiftNNExports.dataset(dataset, "snn_dataset_examples")
    let numbers = try copied(numbers, count, "snn_dataset_examples", "numbers") { Int($0) }
    try write(found.examples(numbers), parts, capacity, part_count, "snn_dataset_examples")
  }
}

@_cdecl("snn_augmentation_new")
@implementation
public func snn_augmentation_new(
  _ augmentation: Int32, _ arguments: UnsafePointer<snn_value>?, _ argument_count: Int,
  _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let out = try required(out, "snn_augmentation_new", "out")
    guard Registry.augmentations.indices.contains(Int(augmentation)) else {
      throw SNNError(.name, "snn_augmentation_new: there is no augmentation number \(augmentation)")
    }
    let declaration = Registry.augmentations[Int(augmentation)]
    out.pointee = handle(AugmentationHandle(try declaration(values(arguments, argument_count, declaration.name))))
  }
}

@_cdecl("snn_augmentation_retain")
@implementation
public func snn_augmentation_retain(_ augmentation: OpaquePointer?) -> OpaquePointer? {
  retain(augmentation, AugmentationHandle.self)
}

@_cdecl("snn_augmentation_release")
@implementation
public func snn_augmentation_release(_ augmentation: OpaquePointer?) {
  release(augmentation, AugmentationHandle.self)
}

@_cdecl("snn_augmentation_apply")
@implementation
public func snn_augmentation_apply(
  _ augmentation: OpaquePointer?, _ batch: UnsafePointer<OpaquePointer?>?, _ count: Int,
  _ generator: OpaquePointer?, _ results: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let found = try SwiftNNExports.augmentation(augmentation, "snn_augmentation_apply")
    let batch = try tensors(batch, count, "snn_augmentation_apply", "batch")
    let changed = try found.apply(batch, object(generator) ?? .default)
    try write(changed, results, count, nil, "snn_augmentation_apply")
  }
}
