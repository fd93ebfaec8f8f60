/// An operation as every language knows it: declared once, with its signature and what it does.
public class Operation: @unchecked Sendable {
  /// What an operation gives back.
  enum Body: Sendable {
    case one(@Sendable (Arguments) throws -> Tensor)
    case several(names: [String], @Sendable (Arguments) throws -> [Tensor])
    /// As many as the arguments say.
    case list(@Sendable (Arguments) throws -> [Tensor])
    /// The first alone, or with those of the others that the arguments ask for.
    case parts(names: [String], @Sendable (Arguments) throws -> [Tensor])

    @_optimize(speed)
    func results(_ arguments: Arguments) throws -> [Tensor] {
      switch self {
      case .one(let body): [try body(arguments)]
      case .several(_, let body), .list(let body), .parts(_, let body): try body(arguments)
      }
    }
  }

  /// Where Python spells the operation; the raw values are those of the C interface.
  public struct Places: OptionSet, Sendable {
    public let rawValue: UInt32
    @_optimize(speed)
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    public static let function = Places(rawValue: 1)
    public static let method = Places(rawValue: 2)
    public static let functional = Places(rawValue: 4)
    public static let linalg = Places(rawValue: 8)
    public static let special = Places(rawValue: 16)
    public static let initializer = Places(rawValue: 32)
    public static let signal = Places(rawValue: 64)
    /// `swiftnn.name(x)` and `x.name()`.
    public static let both: Places = [.function, .method]

    /// Where `name_` is spelled.
    var inPlace: Places { contains(.functional) ? [.function, .method, .functional] : [.function, .method] }
  }

  /// Another name under which an operation is known, and where Python spells it; in the operation's own places without them.
  struct Alias: Sendable, ExpressibleByStringLiteral {
    let name: String
    var places: Places?

    @_optimize(speed)
    init(stringLiteral name: String) { self.name = name }

    /// A name in one module of Python alone.
    @_optimize(speed)
    static func special(_ name: String) -> Alias {
      var alias = Alias(stringLiteral: name)
      alias.places = .special
      return alias
    }
  }

  public let name: String
  public let doc: String
  public let fields: [Field]
  public let places: Places
  /// Passes gradients on; otherwise asking for them is an error or, for integer results, meaningless.
  public let isDifferentiable: Bool
  /// Changes its first argument and returns it.
  public let isInPlace: Bool
  let body: Body

  /// `name_` exists: the value of the first argument may be replaced by the result.
  let hasInPlaceForm: Bool
  /// The same operation under PyTorch's other names.
  let aliases: [Alias]
  /// The name of the declaration, of which an alias is another name.
  public private(set) var original: String
  /// Python returns the element of the result, not a tensor.
  public let givesScalar: Bool

  /// What `body` comes to for tensors alone and defaults otherwise: the way past arguments and defaults.
  enum Shortcut: Sendable {
    case none
    case unary(UnaryRule)
    case binary(BinaryRule)
  }
  private let shortcut: Shortcut
  private let kinds: ContiguousArray<Field.Kind>

  @_optimize(speed)
  init(
    _ name: String, _ doc: String, _ fields: [Field], places: Places = .both, differentiable: Bool = true,
    inPlace: Bool = false, hasInPlaceForm: Bool = false, givesScalar: Bool = false, aliases: [Alias] = [],
    shortcut: Shortcut = .none, body: Body
  ) {
    self.name = name
    self.doc = doc
    self.fields = fields
    self.places = places
    self.body = body
    isDifferentiable = differentiable
    isInPlace = inPlace
    self.hasInPlaceForm = hasInPlaceForm
    self.givesScalar = givesScalar
    self.aliases = aliases
    original = name
    self.shortcut = shortcut
    kinds = ContiguousArray(fields.map(\.kind))
  }

  /// An operation with one result.
  @_optimize(speed)
  convenience init(
    _ name: String, _ doc: String, _ fields: [Field], places: Places = .both, differentiable: Bool = true,
    inPlace: Bool = false, hasInPlaceForm: Bool = false, givesScalar: Bool = false, aliases: [Alias] = [],
    shortcut: Shortcut = .none, _ body: @escaping @Sendable (Arguments) throws -> Tensor
  ) {
    self.init(
      name, doc, fields, places: places, differentiable: differentiable, inPlace: inPlace,
      hasInPlaceForm: hasInPlaceForm, givesScalar: givesScalar, aliases: aliases, shortcut: shortcut, body: .one(body))
  }

  /// This operation under each of its other names.
  var underOtherNames: [Operation] {
    aliases.map { alias in
      let places = alias.places ?? places
      let renamed = Operation(
        alias.name, doc, fields, places: places, differentiable: isDifferentiable, inPlace: isInPlace,
        hasInPlaceForm: hasInPlaceForm && places.contains(.method), givesScalar: givesScalar, shortcut: shortcut,
        body: body)
      renamed.original = name
      return renamed
    }
  }

  public var resultNames: [String] {
    switch body {
    case .several(let names, _), .parts(let names, _): names
    case .one, .list: []
    }
  }

  /// The number of results; nil when it depends on the arguments.
  public var resultCount: Int? {
    switch body {
    case .one: 1
    case .several(let names, _): names.count
    case .list, .parts: nil
    }
  }

  /// Calls the operation with arguments in the order of the fields; missing ones take their defaults.
  @inline(__always)
  @_optimize(speed)
  public func apply(_ values: UnsafeBufferPointer<Value>, _ receive: (Tensor) -> Void) throws(SNNError) {
    switch shortcut {
    case .binary(let rule) where values.count == 2:
      guard case .tensor(let a) = values[0], case .tensor(let b) = values[1] else { break }
      return receive(try rule(a, b))
    case .unary(let rule) where values.count == 1:
      guard case .tensor(let x) = values[0] else { break }
      return receive(try rule(x))
    default: break
    }
    try applyChecked(values, receive)
  }

  @inline(never)
  @_optimize(speed)
  private func applyChecked(_ values: UnsafeBufferPointer<Value>, _ receive: (Tensor) -> Void) throws(SNNError) {
    guard values.count <= kinds.count else {
      throw .argument("\(name): takes at most \(kinds.count) arguments, got \(values.count)")
    }
    try withUnsafeTemporaryAllocation(of: Value.self, capacity: kinds.count) { complete throws(SNNError) in
      let base = complete.baseAddress.unsafelyUnwrapped
      var filled = 0
      defer { base.deinitialize(count: filled) }
      for i in kinds.indices {
        if i < values.count, case .tensor = values[i], kinds[i] == .tensor || kinds[i] == .operand {
          (base + i).initialize(to: values[i])
        } else {
          (base + i).initialize(to: try fields[i].resolve(i < values.count ? values[i] : nil, of: name))
        }
        filled += 1
      }
      let arguments = Arguments(values: UnsafeBufferPointer(complete))
      do {
        for tensor in try results(arguments) { receive(tensor) }
      } catch { throw SNNError.from(error).naming(name) }
    }
  }

  /// What the body gives; example after example where it wants the numbers of a tensor that stands for many.
  @_optimize(speed)
  func results(_ arguments: Arguments) throws -> [Tensor] {
    do { return try body.results(arguments) } catch let error as SNNError where error.wantsElements && !isInPlace {
      return try forEach(arguments)
    }
  }

  /// The same for an array of arguments.
  @_optimize(speed)
  public func apply(_ values: [Value]) throws(SNNError) -> [Tensor] {
    var results: [Tensor] = []
    do { try values.withUnsafeBufferPointer { buffer in try apply(buffer) { results.append($0) } } } catch {
      throw SNNError.from(error)
    }
    return results
  }
}
