import CSwiftNN
import SwiftNN

/// An archive, and what it says in the form that C reads.
final class OpenArchive: @unchecked Sendable {
  let archive: Archive
  fileprivate var entries: [snn_archived] = []
  fileprivate var nodes: [snn_node] = []
  fileprivate var metadata: [(key: UnsafePointer<CChar>, value: UnsafePointer<CChar>)] = []
  private var texts: [UnsafeMutablePointer<CChar>] = []
  private var lists: [UnsafeMutablePointer<Int64>] = []

  init(_ archive: Archive) {
    self.archive = archive
    for entry in archive.entries {
      entries.append(
        snn_archived(
          name: text(entry.name), dtype: snn_dtype(rawValue: UInt32(entry.dtype?.rawValue ?? 0)),
          dtype_name: text(entry.dtypeName), rank: Int32(entry.shape.count), sizes: list(entry.shape),
          is_parameter: entry.isParameter))
    }
    for (key, value) in archive.metadata { metadata.append((text(key), text(value))) }
    for value in archive.values { nodes.append(node(value)) }
  }

  deinit {
    for text in texts { text.deallocate() }
    for list in lists { list.deallocate() }
  }

  private func text(_ word: String) -> UnsafePointer<CChar> {
    texts.append(ownedText(word))
    return UnsafePointer(texts[texts.count - 1])
  }

  private func list(_ numbers: [Int]) -> UnsafePointer<Int64> {
    lists.append(ownedList(numbers))
    return UnsafePointer(lists[lists.count - 1])
  }

  private func node(_ value: Archive.Value) -> snn_node {
    var node = snn_node()
    func set(_ kind: snn_kind, _ number: Int = 0) {
      node.kind = Int32(kind.rawValue)
      node.as.i = Int64(number)
    }
    func set(_ kind: snn_kind, _ members: [Int]) {
      set(kind)
      node.count = Int64(members.count)
      node.as.members = list(members)
    }
    switch value {
    case .none: set(SNN_KIND_NONE)
    case .bool(let truth): set(SNN_KIND_BOOL, truth ? 1 : 0)
    case .int(let number): set(SNN_KIND_INT, number)
    case .float(let number):
      set(SNN_KIND_FLOAT)
      node.as.f = number
    case .string(let word):
      set(SNN_KIND_STRING)
      node.count = Int64(word.utf8.count)
      node.as.s = text(word)
    case .dtype(let dtype): set(SNN_KIND_DTYPE, Int(dtype.rawValue))
    case .tensor(let index):
      set(SNN_KIND_TENSOR, index)
      node.is_parameter = archive.entries[index].isParameter
    case .list(let members): set(SNN_KIND_LIST, members)
    case .tuple(let members): set(SNN_KIND_TUPLE, members)
    case .dict(let members): set(SNN_KIND_DICT, members)
    }
    return node
  }
}

@_cdecl("snn_archive_open")
@implementation
public func snn_archive_open(
  _ path: UnsafePointer<CChar>?, _ mapped: Bool, _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let path = String(cString: try required(path, "snn_archive_open", "path"))
    let out = try required(out, "snn_archive_open", "out")
    out.pointee = handle(OpenArchive(try Archive(path: path, mapped: mapped)))
  }
}

@_cdecl("snn_archive_parse")
@implementation
public func snn_archive_parse(
  _ data: UnsafeRawPointer?, _ size: Int, _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let out = try required(out, "snn_archive_parse", "out")
    guard size >= 0, size == 0 || data != nil else {
      throw SNNError(.argument, "snn_archive_parse: got \(size) bytes at \(data == nil ? "NULL" : "an address")")
    }
    out.pointee = handle(OpenArchive(try Archive(UnsafeRawBufferPointer(start: data, count: size))))
  }
}

@_cdecl("snn_archive_retain")
@implementation
public func snn_archive_retain(_ archive: OpaquePointer?) -> OpaquePointer? { retain(archive, OpenArchive.self) }

@_cdecl("snn_archive_release")
@implementation
public func snn_archive_release(_ archive: OpaquePointer?) { release(archive, OpenArchive.self) }

@_cdecl("snn_archive_count")
@implementation
public func snn_archive_count(_ archive: OpaquePointer?) -> Int32 {
  Int32(object(archive, OpenArchive.self)?.entries.count ?? 0)
}

@_cdecl("snn_archive_find")
@implementation
public func snn_archive_find(_ archive: OpaquePointer?, _ name: UnsafePointer<CChar>?) -> Int32 {
  guard let archive = object(archive, OpenArchive.self), let name else { return -1 }
  return Int32(archive.archive.position(of: String(cString: name)) ?? -1)
}

@_cdecl("snn_archive_at")
@implementation
public func snn_archive_at(
  _ archive: OpaquePointer?, _ index: Int32, _ out: UnsafeMutablePointer<snn_archived>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let archive: OpenArchive = try required(archive, "snn_archive_at", "archive")
    let out = try required(out, "snn_archive_at", "out")
    guard archive.entries.indices.contains(Int(index)) else {
      throw SNNError(.index, "snn_archive_at: there is no tensor \(index) of \(archive.entries.count)")
    }
    out.pointee = archive.entries[Int(index)]
  }
}

@_cdecl("snn_archive_tensor")
@implementation
public func snn_archive_tensor(
  _ archive: OpaquePointer?, _ index: Int32, _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let archive: OpenArchive = try required(archive, "snn_archive_tensor", "archive")
    let out = try required(out, "snn_archive_tensor", "out")
    out.pointee = handle(try archive.archive.tensor(at: Int(index)))
  }
}

@_cdecl("snn_archive_metadata_count")
@implementation
public func snn_archive_metadata_count(_ archive: OpaquePointer?) -> Int32 {
  Int32(object(archive, OpenArchive.self)?.metadata.count ?? 0)
}

@_cdecl("snn_archive_metadata")
@implementation
public func snn_archive_metadata(
  _ archive: OpaquePointer?, _ index: Int32, _ key: UnsafeMutablePointer<UnsafePointer<CChar>?>?,
  _ value: UnsafeMutablePointer<UnsafePointer<CChar>?>?
) -> Bool {
  guard let archive = object(archive, OpenArchive.self), archive.metadata.indices.contains(Int(index)) else {
    return false
  }
  key?.pointee = archive.metadata[Int(index)].key
  value?.pointee = archive.metadata[Int(index)].value
  return true
}

@_cdecl("snn_archive_root")
@implementation
public func snn_archive_root(_ archive: OpaquePointer?) -> Int64 {
  Int64(object(archive, OpenArchive.self)?.archive.root ?? -1)
}

@_cdecl("snn_archive_node")
@implementation
public func snn_archive_node(
  _ archive: OpaquePointer?, _ position: Int64, _ out: UnsafeMutablePointer<snn_node>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let archive: OpenArchive = try required(archive, "snn_archive_node", "archive")
    let out = try required(out, "snn_archive_node", "out")
    guard position >= 0, position < archive.nodes.count else {
      throw SNNError(.index, "snn_archive_node: there is no value \(position) of \(archive.nodes.count)")
    }
    out.pointee = archive.nodes[Int(position)]
  }
}
