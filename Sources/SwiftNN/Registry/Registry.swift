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
  public static let wrappers: [WrapperDeclaration] = WrapperDeclaration.all
  public static let schedules: [ScheduleDeclaration] = ScheduleDeclaration.all
  public static let metrics: [Maker<any Metric>] = Metrics.all
  public static let stoppingRules: [Maker<any StoppingRule>] = StoppingRules.all
  public static let heads: [Maker<Head>] = Heads.all
  public static let transforms: [Maker<any Transform>] = Transforms.all
  public static let augmentations: [Maker<any Augmentation>] = Augmentations.all

  /// What is declared by name and options alone. The raw values are the sections of the C interface.
  public enum Family: Int, CaseIterable, Sendable {
    case optimizers = 2
    case wrappers, schedules, metrics, stoppingRules, heads, transforms, augmentations

    public var declarations: [Declaration] {
      switch self {
      case .optimizers: Registry.optimizers
      case .wrappers: Registry.wrappers
      case .schedules: Registry.schedules
      case .metrics: Registry.metrics
      case .stoppingRules: Registry.stoppingRules
      case .heads: Registry.heads
      case .transforms: Registry.transforms
      case .augmentations: Registry.augmentations
      }
    }
  }

  private static let familiesByName = Family.allCases.map { index($0.declarations, \.name) }

  /// The number of the operation, layer or other declaration of that name.
  public static func operationNumber(_ name: String) -> Int? { operationsByName[name] }
  public static func layerNumber(_ name: String) -> Int? { layersByName[name] }
  public static func number(of name: String, in family: Family) -> Int? {
    familiesByName[family.rawValue - Family.optimizers.rawValue][name]
  }
  public static func optimizerNumber(_ name: String) -> Int? { number(of: name, in: .optimizers) }
  public static func wrapperNumber(_ name: String) -> Int? { number(of: name, in: .wrappers) }
  public static func scheduleNumber(_ name: String) -> Int? { number(of: name, in: .schedules) }

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
