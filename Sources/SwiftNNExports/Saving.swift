import CSwiftNN
import SwiftNN

/// Where bytes go that are not written to a file.
func give(
  _ bytes: [UInt8], _ data: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ size: UnsafeMutablePointer<Int>?,
  _ function: StaticString
) throws(SNNError) {
  let data = try required(data, function, "data")
  let size = try required(size, function, "size")
  let memory = UnsafeMutableRawPointer.allocate(byteCount: max(bytes.count, 1), alignment: 16)
  memory.copyMemory(from: bytes, byteCount: bytes.count)
  data.pointee = memory
  size.pointee = bytes.count
}

@_cdecl("snn_save_tensors")
@implementation
public func snn_save_tensors(
  _ path: UnsafePointer<CChar>?, _ names: UnsafePointer<UnsafePointer<CChar>?>?,
  _ tensors: UnsafePointer<OpaquePointer?>?, _ count: Int, _ metadata: UnsafePointer<UnsafePointer<CChar>?>?,
  _ metadata_count: Int, _ data: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
  _ size: UnsafeMutablePointer<Int>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let handles = try SwiftNNExports.tensors(tensors, count, "snn_save_tensors", "tensors")
    let names = try words(names, count, "snn_save_tensors", "names")
    let named = zip(names, handles).map { (name: $0, tensor: $1) }
    var pairs: [(key: String, value: String)]?
    if metadata != nil {
      guard metadata_count >= 0, metadata_count <= 1 << 23 else {
        throw SNNError(.argument, "snn_save_tensors: got \(metadata_count) pairs of words")
      }
      let all = try words(metadata, 2 * metadata_count, "snn_save_tensors", "metadata")
      pairs = (0..<metadata_count).map { (all[2 * $0], all[2 * $0 + 1]) }
    }
    if let path { return try Safetensors.save(named, metadata: pairs, to: String(cString: path)) }
    try give(Safetensors.bytes(of: named, metadata: pairs), data, size, "snn_save_tensors")
  }
}

@_cdecl("snn_save_nodes")
@implementation
public func snn_save_nodes(
  _ path: UnsafePointer<CChar>?, _ nodes: UnsafePointer<snn_node>?, _ count: Int,
  _ data: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ size: UnsafeMutablePointer<Int>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    guard count >= 1, count <= 1 << 28 else { throw SNNError(.argument, "snn_save_nodes: got \(count) nodes") }
    let nodes = try required(nodes, "snn_save_nodes", "nodes")
    var values: [Archive.Value] = []
    var tensors: [Checkpoint.Member] = []
    for i in 0..<count { values.append(try value(nodes[i], count, &tensors)) }
    if let path { return try Checkpoint.save(values, tensors, to: String(cString: path)) }
    try give(Checkpoint.bytes(of: values, tensors), data, size, "snn_save_nodes")
  }
}

private func value(_ node: snn_node, _ limit: Int, _ tensors: inout [Checkpoint.Member]) throws(SNNError)
  -> Archive.Value
{
  switch snn_kind(rawValue: UInt32(bitPattern: node.kind)) {
  case SNN_KIND_NONE: return .none
  case SNN_KIND_BOOL: return .bool(node.as.i != 0)
  case SNN_KIND_INT: return .int(Int(node.as.i))
  case SNN_KIND_FLOAT: return .float(node.as.f)
  case SNN_KIND_STRING: return .string(String(cString: try required(node.as.s, "snn_save_nodes", "s")))
  case SNN_KIND_DTYPE:
    return .dtype(try dtype(snn_dtype(rawValue: UInt32(truncatingIfNeeded: node.as.i)), "snn_save_nodes"))
  case SNN_KIND_TENSOR:
    tensors.append((try required(node.as.tensor, "snn_save_nodes", "tensor"), node.is_parameter))
    return .tensor(tensors.count - 1)
  case SNN_KIND_LIST: return .list(try members(node, limit))
  case SNN_KIND_TUPLE: return .tuple(try members(node, limit))
  case SNN_KIND_DICT: return .dict(try members(node, limit))
  default: throw SNNError(.argument, "snn_save_nodes: a node cannot be of kind \(node.kind)")
  }
}

private func members(_ node: snn_node, _ limit: Int) throws(SNNError) -> [Int] {
  guard node.count >= 0, node.count < limit else {
    throw SNNError(.argument, "snn_save_nodes: a node of \(limit) has \(node.count) members")
  }
  if node.count == 0 { return [] }
  let members = try required(node.as.members, "snn_save_nodes", "members")
  return (0..<Int(node.count)).map { Int(members[$0]) }
}

@_cdecl("snn_module_save")
@implementation
public func snn_module_save(_ module: OpaquePointer?, _ path: UnsafePointer<CChar>?, _ error: ErrorPointer)
  -> snn_status
{
  guarded(error) { () throws(SNNError) in
    let module: Module = try required(module, "snn_module_save", "module")
    try module.layer.save(to: String(cString: required(path, "snn_module_save", "path")))
  }
}

@_cdecl("snn_module_load")
@implementation
public func snn_module_load(
  _ module: OpaquePointer?, _ archive: OpaquePointer?, _ renamings: UnsafePointer<snn_renaming>?,
  _ renaming_count: Int, _ strict: Bool, _ callback: snn_misfit_callback?, _ user: UnsafeMutableRawPointer?,
  _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let module: Module = try required(module, "snn_module_load", "module")
    let archive: OpenArchive = try required(archive, "snn_module_load", "archive")
    guard renaming_count >= 0, renaming_count <= 1 << 24 else {
      throw SNNError(.argument, "snn_module_load: got \(renaming_count) renamings")
    }
    var table: [Renaming] = []
    for i in 0..<renaming_count {
      let renaming = try required(renamings, "snn_module_load", "renamings")[i]
      table.append(
        Renaming(
          from: String(cString: try required(renaming.from, "snn_module_load", "from")),
          to: String(cString: try required(renaming.to, "snn_module_load", "to")), isPrefix: renaming.is_prefix))
    }
    let tell = { (misfit: LoadReport.Misfit) -> Void in
      guard let callback else { return }
      misfit.name.withCString { name in
        misfit.text.withCString { callback(user, snn_misfit(rawValue: UInt32(misfit.kind.rawValue)), name, $0) }
      }
    }
    try module.layer.load(from: archive.archive, renaming: table, strict: strict, whenUnfit: tell)
  }
}
