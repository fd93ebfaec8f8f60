import CSwiftNN
import SwiftNN

extension Registry.Family {
  fileprivate init?(_ section: snn_section) { self.init(rawValue: Int(section.rawValue)) }
}

/// The registry as C structs, made once and kept.
private struct Entries {
  let operations = Registry.operations.enumerated().map { Self.entry($1, $0) }
  let layers = Registry.layers.enumerated().map { Self.entry($1, $0) }
  let families = Registry.Family.allCases.map { family in
    family.declarations.enumerated().map { Self.kept([Self.base($0, $1.name, $1.doc, $1.fields)]) }
  }

  func section(_ section: snn_section) -> [UnsafePointer<snn_entry>] {
    if section == SNN_OPERATIONS { return operations }
    if section == SNN_LAYERS { return layers }
    return Registry.Family(section).map { families[$0.rawValue - Registry.Family.optimizers.rawValue] } ?? []
  }

  private static func entry(_ operation: Operation, _ id: Int) -> UnsafePointer<snn_entry> {
    var entry = base(id, operation.name, operation.doc, operation.fields)
    entry.result_count = Int32(operation.resultCount ?? -1)
    if !operation.resultNames.isEmpty { entry.result_names = words(operation.resultNames) }
    entry.places = operation.places.rawValue
    entry.in_place = operation.isInPlace
    entry.differentiable = operation.isDifferentiable
    entry.scalar_result = operation.givesScalar
    return kept([entry])
  }

  private static func entry(_ layer: LayerDeclaration, _ id: Int) -> UnsafePointer<snn_entry> {
    var call = base(id, layer.name, layer.doc, layer.inputs)
    call.result_count = Int32(layer.results.count)
    call.result_names = words(layer.results)
    var entry = base(id, layer.name, layer.doc, layer.fields)
    entry.call = kept([call])
    return kept([entry])
  }

  private static func base(_ id: Int, _ name: String, _ doc: String, _ fields: [Field]) -> snn_entry {
    var entry = snn_entry()
    entry.size = MemoryLayout<snn_entry>.size
    entry.id = Int32(id)
    entry.name = immortal(name)
    entry.doc = immortal(doc)
    entry.field_count = Int32(fields.count)
    entry.fields = kept(fields.map(field))
    return entry
  }

  private static func field(_ field: Field) -> snn_field {
    var result = snn_field()
    result.name = immortal(field.name)
    result.kind = field.kind.rawValue
    result.optional = field.isOptional
    result.has_default = field.defaultValue != nil
    result.keyword_only = field.isKeywordOnly
    if let value = field.defaultValue {
      result.default_value = constant(value)
      result.default_text = immortal(value.pythonText)
    }
    result.minimum = field.minimum ?? .nan
    result.maximum = field.maximum ?? .nan
    if !field.choices.isEmpty { result.choices = words(field.choices) }
    result.doc = immortal(field.doc)
    return result
  }

  /// A default as a C value over memory that is kept.
  private static func constant(_ value: Value) -> snn_value {
    var result = snn_value()
    switch value {
    case .int(let number): result = snn_int(Int64(number))
    case .float(let number): result = snn_float(number)
    case .bool(let truth): result = snn_bool(truth)
    case .string(let word): result = snn_string(immortal(word))
    case .ints(let numbers): result = snn_ints(kept(numbers.map { Int64($0) }), Int32(numbers.count))
    case .floats(let numbers): result = snn_floats(kept(numbers), Int32(numbers.count))
    case .dtype(let dtype): result = snn_type(snn_dtype(rawValue: UInt32(dtype.rawValue)))
    default: break
    }
    return result
  }

  private static func words(_ words: [String]) -> UnsafePointer<UnsafePointer<CChar>?> {
    kept(words.map { Optional(immortal($0)) } + [nil])
  }

  private static func kept<Element>(_ elements: [Element]) -> UnsafePointer<Element> {
    let memory = UnsafeMutablePointer<Element>.allocate(capacity: max(elements.count, 1))
    memory.initialize(from: elements, count: elements.count)
    return UnsafePointer(memory)
  }
}

private nonisolated(unsafe) let entries = Entries()

@_cdecl("snn_entry_count")
@implementation
public func snn_entry_count(_ section: snn_section) -> Int32 { Int32(entries.section(section).count) }

@_cdecl("snn_entry_at")
@implementation
public func snn_entry_at(_ section: snn_section, _ id: Int32) -> UnsafePointer<snn_entry>? {
  let all = entries.section(section)
  return all.indices.contains(Int(id)) ? all[Int(id)] : nil
}

@_cdecl("snn_find")
@implementation
public func snn_find(_ section: snn_section, _ name: UnsafePointer<CChar>?) -> Int32 {
  guard let name else { return -1 }
  let word = String(cString: name)
  let number: Int? =
    switch section {
    case SNN_OPERATIONS: Registry.operationNumber(word)
    case SNN_LAYERS: Registry.layerNumber(word)
    default: Registry.Family(section).flatMap { Registry.number(of: word, in: $0) }
    }
  return Int32(number ?? -1)
}

/// Schemas as text, made when first asked for.
private struct Schemas {
  let sections: [UnsafePointer<CChar>]
  let entries: [[UnsafePointer<CChar>]]

  init() {
    let all =
      [Registry.operations.map(\.schema), Registry.layers.map(\.schema)]
      + Registry.Family.allCases.map { $0.declarations.map(\.schema) }
    entries = all.map { $0.map(immortal) }
    sections = all.map { immortal("[" + $0.joined(separator: ",\n") + "]") }
  }
}

private nonisolated(unsafe) let schemas = Schemas()

@_cdecl("snn_describe")
@implementation
public func snn_describe(_ section: snn_section, _ name: UnsafePointer<CChar>?) -> UnsafePointer<CChar>? {
  guard schemas.sections.indices.contains(Int(section.rawValue)) else { return nil }
  guard let name else { return schemas.sections[Int(section.rawValue)] }
  let id = snn_find(section, name)
  return id < 0 ? nil : schemas.entries[Int(section.rawValue)][Int(id)]
}
