/// An operation as every language knows it: declared once, with its signature and what it does.
public class Operation: @unchecked Sendable {
  /// What an operation gives back.
  enum Body: Sendable {
    case one(@Sendable (Arguments) throws -> Tensor)
    case several(names: [String], @Sendable (Arguments) throws -> [Tensor])
    /// As many as the arguments say.
    case list(@Sendable (Arguments) throws -> [Tensor])
  }

  /// Where Python spells the operation; the raw values are those of the C interface.
  public struct Places: OptionSet, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    public static let function = Places(rawValue: 1)
    public static let method = Places(rawValue: 2)
    public static let functional = Places(rawValue: 4)
    public static let linalg = Places(rawValue: 8)
    public static let special = Places(rawValue: 16)
    public static let initializer = Places(rawValue: 32)
    /// `swiftnn.name(x)` and `x.name()`.
    public static let both: Places = [.function, .method]

    /// Where `name_` is spelled.
    var inPlace: Places { contains(.functional) ? [.function, .method, .functional] : [.function, .method] }
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
  /// Python returns the element of the result, not a tensor.
  public let givesScalar: Bool

  init(
    _ name: String, _ doc: String, _ fields: [Field], places: Places = .both, differentiable: Bool = true,
    inPlace: Bool = false, hasInPlaceForm: Bool = false, givesScalar: Bool = false, body: Body
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
  }

  /// An operation with one result.
  convenience init(
    _ name: String, _ doc: String, _ fields: [Field], places: Places = .both, differentiable: Bool = true,
    inPlace: Bool = false, hasInPlaceForm: Bool = false, givesScalar: Bool = false,
    _ body: @escaping @Sendable (Arguments) throws -> Tensor
  ) {
    self.init(
      name, doc, fields, places: places, differentiable: differentiable, inPlace: inPlace,
      hasInPlaceForm: hasInPlaceForm, givesScalar: givesScalar, body: .one(body))
  }

  public var resultNames: [String] { if case .several(let names, _) = body { names } else { [] } }

  /// The number of results; nil when it depends on the arguments.
  public var resultCount: Int? {
    switch body {
    case .one: 1
    case .several(let names, _): names.count
    case .list: nil
    }
  }

  /// Calls the operation with arguments in the order of the fields; missing ones take their defaults.
  @inline(__always)
  public func apply(_ values: UnsafeBufferPointer<Value>, _ receive: (Tensor) -> Void) throws(SNNError) {
    guard values.count <= fields.count else {
      throw .argument("\(name): takes at most \(fields.count) arguments, got \(values.count)")
    }
    try withUnsafeTemporaryAllocation(of: Value.self, capacity: fields.count) { complete throws(SNNError) in
      var filled = 0
      defer { complete.baseAddress?.deinitialize(count: filled) }
      for i in fields.indices {
        let value = try fields[i].resolve(i < values.count ? values[i] : nil, of: name)
        (complete.baseAddress.unsafelyUnwrapped + i).initialize(to: value)
        filled += 1
      }
      let arguments = Arguments(values: UnsafeBufferPointer(complete))
      do {
        switch body {
        case .one(let body): receive(try body(arguments))
        case .several(_, let body), .list(let body): for tensor in try body(arguments) { receive(tensor) }
        }
      } catch { throw SNNError.from(error) }
    }
  }

  /// The same for an array of arguments.
  public func apply(_ values: [Value]) throws(SNNError) -> [Tensor] {
    var results: [Tensor] = []
    do { try values.withUnsafeBufferPointer { buffer in try apply(buffer) { results.append($0) } } } catch {
      throw SNNError.from(error)
    }
    return results
  }
}
