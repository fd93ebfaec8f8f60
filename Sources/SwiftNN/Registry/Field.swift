/// One argument of a declared operation, layer or optimizer: name, kind, default, range and a line of documentation.
///
/// A class, so that the code that makes two thousand of them is short. None is changed once it stands in a declaration.
public final class Field: @unchecked Sendable {
  /// What a field takes; the raw values are those of the C interface.
  public enum Kind: Int32, Sendable {
    case tensor = 1
    case tensors = 2
    case int = 3
    case float = 4
    case bool = 5
    case string = 6
    case ints = 7
    case floats = 8
    case dtype = 9
    case layer = 10
    case layers = 11
    case generator = 12
    case scalar = 13
    case operand = 14
  }

  public let name: String
  public let kind: Kind
  /// `none` is a value of its own; NaN says it where the default is a number.
  public internal(set) var isOptional = false
  public internal(set) var defaultValue: Value?
  /// In Python, behind the `*`.
  public internal(set) var isKeywordOnly = false
  public internal(set) var minimum: Double?
  public internal(set) var maximum: Double?
  public internal(set) var choices: [String] = []
  /// A list of one number stands for that many.
  public internal(set) var length: Int?
  /// A single number is shown as a list of one.
  public internal(set) var isTuple = false
  public internal(set) var doc = ""
  /// PyTorch's words for a number out of range, where it has its own.
  var complaint: String?

  @inline(never)
  init(_ name: String, _ kind: Kind, default defaultValue: Value? = nil, _ doc: String = "") {
    self.name = name
    self.kind = kind
    self.defaultValue = defaultValue
    self.doc = doc
  }

  /// A field like this one but for `change`, perhaps under another name.
  @inline(never)
  func changed(name: String? = nil, _ change: (Field) -> Void) -> Field {
    let field = Field(name ?? self.name, kind, default: defaultValue, doc)
    (field.isOptional, field.isKeywordOnly) = (isOptional, isKeywordOnly)
    (field.minimum, field.maximum, field.choices) = (minimum, maximum, choices)
    (field.length, field.isTuple, field.complaint) = (length, isTuple, complaint)
    change(field)
    return field
  }
}

extension Field {
  @inline(never)
  static func tensor(_ name: String, _ doc: String = "") -> Field { Field(name, .tensor, doc) }
  @inline(never)
  static func operand(_ name: String, _ doc: String = "") -> Field { Field(name, .operand, doc) }
  @inline(never)
  static func tensors(_ name: String, _ doc: String = "") -> Field { Field(name, .tensors, doc) }
  @inline(never)
  static func layers(_ name: String, _ doc: String = "") -> Field { Field(name, .layers, doc) }

  @inline(never)
  static func int(_ name: String, default value: Int? = nil, in range: ClosedRange<Double>? = nil, _ doc: String = "")
    -> Field
  {
    Field(name, .int, default: value.map { .int($0) }, doc).within(range)
  }

  @inline(never)
  static func float(
    _ name: String, default value: Double? = nil, in range: ClosedRange<Double>? = nil, _ doc: String = ""
  ) -> Field {
    Field(name, .float, default: value.map { .float($0) }, doc).within(range)
  }

  @inline(never)
  static func scalar(_ name: String, default value: Scalar? = nil, _ doc: String = "") -> Field {
    Field(name, .scalar, default: value.map { Value($0) }, doc)
  }

  /// `only`: of two overloads, the one that takes this truth value.
  @inline(never)
  static func bool(_ name: String, default value: Bool? = nil, only: Bool? = nil, _ doc: String = "") -> Field {
    Field(name, .bool, default: value.map { .bool($0) }, doc).within(only.map { $0 ? 1...1 : 0...0 })
  }

  @inline(never)
  static func ints(_ name: String, default value: [Int]? = nil, _ doc: String = "") -> Field {
    Field(name, .ints, default: value.map { .ints($0) }, doc)
  }

  @inline(never)
  static func floats(_ name: String, default value: [Double]? = nil, _ doc: String = "") -> Field {
    Field(name, .floats, default: value.map { .floats($0) }, doc)
  }

  /// A word out of a list.
  @inline(never)
  static func choice(_ name: String, of choices: [String], default value: String? = nil, _ doc: String = "") -> Field {
    let field = Field(name, .string, default: value.map { .string($0) }, doc)
    field.choices = choices
    return field
  }

  @inline(never)
  static func string(_ name: String, default value: String? = nil, _ doc: String = "") -> Field {
    Field(name, .string, default: value.map { .string($0) }, doc)
  }

  /// The usual last argument: a dtype, or none for the usual one.
  @inline(never)
  static func dtype(_ name: String = "dtype", _ doc: String = "") -> Field { Field(name, .dtype, doc).optional }

  static var generator: Field {
    Field("generator", .generator, "Where the random numbers come from; the default generator without one.").optional
      .keyword
  }

  /// May be none, which is then its default.
  var optional: Field {
    changed {
      $0.isOptional = true
      if $0.defaultValue == nil { $0.defaultValue = Value.none }
    }
  }

  /// A list in which None may stand: among integers as the least of them, among floats as NaN.
  var orUnsaid: Field { changed { $0.minimum = Double(Int.unsaid) } }

  /// A single number is shown as a list of one.
  var tuple: Field { changed { $0.isTuple = true } }

  /// In Python, behind the `*`.
  var keyword: Field { changed { $0.isKeywordOnly = true } }

  func complaining(_ words: String) -> Field { changed { $0.complaint = words } }

  func within(_ range: ClosedRange<Double>?) -> Field {
    changed { ($0.minimum, $0.maximum) = (range?.lowerBound, range?.upperBound) }
  }
}

extension Value {
  init(_ scalar: Scalar) {
    switch scalar {
    case .int(let value): self = .int(value)
    case .float(let value): self = .float(value)
    case .bool(let value): self = .bool(value)
    }
  }
}

extension Field {
  /// The default, one number for each axis where that is wanted.
  var usual: Value? {
    guard let length, case .ints(let numbers)? = defaultValue, numbers.count == 1 else { return defaultValue }
    return .ints(Array(repeating: numbers[0], count: length))
  }

  /// An argument as PyTorch shows it: a list of one number is that number, where there need not be a list.
  public func shown(_ value: Value) -> Value {
    guard case .ints(let numbers) = value, numbers.count == 1, length == nil, !isTuple else { return value }
    return .int(numbers[0])
  }

  /// The argument that a call gives for this field, checked and of the field's kind, or the default.
  func resolve(_ value: Value?, of owner: String) throws(SNNError) -> Value {
    guard let value, !value.isNone else {
      if let usual { return usual }
      throw .argument("\(owner): missing the argument '\(name)'")
    }
    switch (value, kind) {
    case (.tensor, .tensor), (.tensor, .operand): break
    case (.int(let number), .int): try checkRange(Double(number), owner)
    case (.int(let number), .float):
      try checkRange(Double(number), owner)
      return .float(Double(number))
    case (.float(let number), .float) where number.isNaN && isOptional && defaultValue?.isNone == false: return .none
    case (.float(let number), .float): try checkRange(number, owner)
    case (.bool(let truth), .float): return .float(truth ? 1 : 0)
    case (.bool(let truth), .bool): try checkRange(truth ? 1 : 0, owner)
    case (.int(let number), .bool):
      try checkRange(number != 0 ? 1 : 0, owner)
      return .bool(number != 0)
    case (.int, .scalar), (.float, .scalar), (.bool, .scalar): break
    case (.int, .operand), (.float, .operand), (.bool, .operand): break
    case (.int(let number), .ints): return .ints(Array(repeating: number, count: length ?? 1))
    case (.ints(let numbers), .ints):
      if let length { return try .ints(numbers.fitted(length, owner, name)) }
    case (.string(let word), .ints) where choices.contains(word): break
    case (.ints(let numbers), .floats): return .floats(numbers.map { Double($0) })
    case (.int(let number), .floats): return .floats([Double(number)])
    case (.float(let number), .floats): return .floats([number])
    case (.string(let word), .string):
      guard choices.isEmpty || choices.contains(word) else {
        throw .argument("\(owner): \(name) must be one of \(choices.joined(separator: ", ")), got '\(word)'")
      }
    case (.floats, .floats), (.dtype, .dtype), (.tensors, .tensors), (.layer, .layer),
      (.layers, .layers), (.generator, .generator):
      break
    case (.ints(let numbers), .tensors) where numbers.isEmpty: return .tensors([])
    default:
      throw .argument("\(owner): \(name) must be \(kind.article), got \(value.kindName)")
    }
    return value
  }

  private func checkRange(_ number: Double, _ owner: String) throws(SNNError) {
    if let minimum, !(number >= minimum) { throw outOfRange(number, owner) }
    if let maximum, !(number <= maximum) { throw outOfRange(number, owner) }
  }

  private func outOfRange(_ number: Double, _ owner: String) -> SNNError {
    if kind == .bool { return .argument("\(owner): \(name) must be \(number == 0 ? "True" : "False") here") }
    if let complaint { return .argument("\(owner): \(complaint): \(number)") }
    func text(_ bound: Double) -> String {
      kind == .int && abs(bound) < 1e15 ? "\(Int(bound))" : "\(bound)"
    }
    let range =
      switch (minimum, maximum) {
      case (let low?, let high?) where high.isFinite: "between \(text(low)) and \(text(high))"
      case (let low?, _): "at least \(text(low))"
      case (_, let high?): "at most \(text(high))"
      default: "a number"
      }
    return .argument("\(owner): \(name) must be \(range), got \(text(number))")
  }
}

extension [Int] {
  /// One number for each axis.
  fileprivate func fitted(_ length: Int, _ owner: String, _ name: String) throws(SNNError) -> [Int] {
    guard count == 1 || count == length else {
      throw .argument("\(owner): \(name) must be one int or \(length), got \(self)")
    }
    return count == length ? self : Array(repeating: self[0], count: length)
  }
}

extension Field.Kind {
  fileprivate var article: String {
    switch self {
    case .tensor: "a tensor"
    case .tensors: "a list of tensors"
    case .int: "an int"
    case .float: "a float"
    case .bool: "a bool"
    case .string: "a string"
    case .ints: "a list of ints"
    case .floats: "a list of floats"
    case .dtype: "a dtype"
    case .layer: "a module"
    case .layers: "a list of modules"
    case .generator: "a generator"
    case .scalar: "a number"
    case .operand: "a tensor or a number"
    }
  }
}
