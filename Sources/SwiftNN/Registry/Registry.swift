/// Everything that can be asked for by name. Each family of declarations adds its list; there is no other list.
public enum Registry {
  /// All operations; an operation's position is its number in the C interface.
  public static let operations: [Operation] = {
    let functional = Operation.families.flatMap(\.self)
    let renamed = functional.flatMap(\.underOtherNames)
    return functional + functional.compactMap(\.inPlaceForm) + renamed + renamed.compactMap(\.inPlaceForm)
  }()
  private static let operationsByName = index(operations, \.name)

  public static let layers: [LayerDeclaration] = LayerDeclaration.all
  private static let layersByName = index(layers, \.name)

  public static let optimizers: [OptimizerDeclaration] = OptimizerDeclaration.all
  private static let optimizersByName = index(optimizers, \.name)

  public static let wrappers: [WrapperDeclaration] = WrapperDeclaration.all
  private static let wrappersByName = index(wrappers, \.name)

  public static let schedules: [ScheduleDeclaration] = ScheduleDeclaration.all
  private static let schedulesByName = index(schedules, \.name)

  /// The number of the operation, layer, optimizer, wrapper or schedule of that name.
  public static func operationNumber(_ name: String) -> Int? { operationsByName[name] }
  public static func layerNumber(_ name: String) -> Int? { layersByName[name] }
  public static func optimizerNumber(_ name: String) -> Int? { optimizersByName[name] }
  public static func wrapperNumber(_ name: String) -> Int? { wrappersByName[name] }
  public static func scheduleNumber(_ name: String) -> Int? { schedulesByName[name] }

  /// Calls an operation by name.
  public static func apply(_ name: String, _ values: [Value]) throws(SNNError) -> [Tensor] {
    guard let number = operationsByName[name] else { throw SNNError(.name, "there is no operation named '\(name)'") }
    return try operations[number].apply(values)
  }

  private static func index<Entry>(_ entries: [Entry], _ name: (Entry) -> String) -> [String: Int] {
    Dictionary(entries.enumerated().map { (name($1), $0) }) { first, _ in
      preconditionFailure("two declarations have the name \(name(entries[first]))")
    }
  }
}
