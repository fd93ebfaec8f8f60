import CSwiftNN
import SwiftNN

/// Where bytes come from, for readers.
func source(_ source: UnsafePointer<snn_source>?, _ function: StaticString) throws(SNNError) -> DataSource {
  let source = try required(source, function, "source").pointee
  let limit = source.limit == 0 ? DataSource.usualLimit : Int(clamping: source.limit)
  if let path = source.path { return DataSource(path: String(cString: path), mapped: source.mapped, limit: limit) }
  guard source.data_size == 0 || source.data != nil else {
    throw SNNError(.argument, "\(function): got \(source.data_size) bytes at NULL and no path")
  }
  guard source.data_size >= 0 else { throw SNNError(.argument, "\(function): got \(source.data_size) bytes") }
  return DataSource(UnsafeRawBufferPointer(start: source.data, count: source.data_size), limit: limit)
}

@_cdecl("snn_archive_read")
@implementation
public func snn_archive_read(
  _ source: UnsafePointer<snn_source>?, _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let source = try SwiftNNExports.source(source, "snn_archive_read")
    let out = try required(out, "snn_archive_read", "out")
    out.pointee = handle(OpenArchive(try Archive(source)))
  }
}

@_cdecl("snn_save_npy")
@implementation
public func snn_save_npy(
  _ path: UnsafePointer<CChar>?, _ tensor: OpaquePointer?, _ data: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
  _ size: UnsafeMutablePointer<Int>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let tensor: Tensor = try required(tensor, "snn_save_npy", "tensor")
    if let path { return try NPY.save(tensor, to: String(cString: path)) }
    try give(NPY.bytes(of: tensor), data, size, "snn_save_npy")
  }
}

@_cdecl("snn_save_npz")
@implementation
public func snn_save_npz(
  _ path: UnsafePointer<CChar>?, _ names: UnsafePointer<UnsafePointer<CChar>?>?,
  _ tensors: UnsafePointer<OpaquePointer?>?, _ count: Int, _ data: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
  _ size: UnsafeMutablePointer<Int>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let handles = try SwiftNNExports.tensors(tensors, count, "snn_save_npz", "tensors")
    let named = zip(try words(names, count, "snn_save_npz", "names"), handles).map { (name: $0, tensor: $1) }
    if let path { return try NPZ.save(named, to: String(cString: path)) }
    try give(NPZ.bytes(of: named), data, size, "snn_save_npz")
  }
}

@_cdecl("snn_read_idx")
@implementation
public func snn_read_idx(
  _ source: UnsafePointer<snn_source>?, _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let source = try SwiftNNExports.source(source, "snn_read_idx")
    try required(out, "snn_read_idx", "out").pointee = handle(try IDX.read(source))
  }
}

@_cdecl("snn_read_cifar")
@implementation
public func snn_read_cifar(
  _ source: UnsafePointer<snn_source>?, _ classes: Int32, _ images: UnsafeMutablePointer<OpaquePointer?>?,
  _ labels: UnsafeMutablePointer<OpaquePointer?>?, _ coarse: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let source = try SwiftNNExports.source(source, "snn_read_cifar")
    switch classes {
    case 10:
      let found = try CIFAR.read10(source)
      images?.pointee = handle(found.images)
      labels?.pointee = handle(found.labels)
    case 100:
      let found = try CIFAR.read100(source)
      images?.pointee = handle(found.images)
      labels?.pointee = handle(found.labels)
      coarse?.pointee = handle(found.coarseLabels)
    default: throw SNNError(.argument, "snn_read_cifar: there are 10 or 100 classes, got \(classes)")
    }
  }
}
