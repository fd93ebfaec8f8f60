@testable import SwiftNN

/// One line of the table of cases, with the golden results.
struct Case: Decodable, Sendable {
  let id: String
  let text: String
  let operation: String
  let arguments: [CaseArgument]
  let named: [String: CaseArgument]
  /// Keys of the results; absent where only shapes are known.
  let results: [String]?
  let shapes: [Specification]?
  /// Keys of the gradients of the leaves, and of the gradients of these.
  let gradients: [String]?
  let second: [String]?
  private let differences: Bool?
  private let symmetricInput: Bool?
  private let halves: Bool?
  private let absolute: Bool?
  private let layouts: Bool?
  private let tolerance: [String: Double]?

  struct Specification: Decodable, Sendable {
    let shape: [Int]
    let dtype: String
  }

  /// Whether central differences give the gradient that is agreed on.
  var hasDifferences: Bool { differences ?? true }
  /// Whether the first tensor is a symmetric matrix of which one triangle is read.
  var isSymmetric: Bool { symmetricInput ?? false }
  /// Whether halves give the same as the same numbers in float64.
  var hasHalves: Bool { halves ?? true }
  /// Whether the signs of the results are a matter of choice.
  var hasAnySigns: Bool { absolute ?? false }
  /// Whether it does not matter how the arguments lie in memory.
  var hasLayouts: Bool { layouts ?? true }
  /// Random numbers or uninitialised memory: only shapes are known.
  var hasAnyValues: Bool { results == nil }

  /// Whether an argument says what dtype the result has.
  var namesDType: Bool {
    (arguments + Array(named.values)).contains { if case .dtype = $0 { true } else { false } }
  }

  func tolerance(for dtype: DType) -> Tolerance {
    var usual = Tolerance.usual(for: dtype)
    if let relative = tolerance?[dtype.name] { usual.relative = relative }
    return usual
  }
}

/// A number, of which JSON has no NaN and no infinity: those are words.
struct CaseNumber: Decodable {
  let value: Double

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let number = try? container.decode(Double.self) {
      value = number
    } else {
      let word = try container.decode(String.self)
      guard let number = Double(word) else { throw Golden.Missing(name: word) }
      value = number
    }
  }
}

enum CaseArgument: Decodable, Sendable {
  case none
  case bool(Bool)
  case int(Int)
  case float(Double)
  case string(String)
  case dtype(String)
  case ints([Int])
  case floats([Double])
  case tensor(Stored)
  case tensors([Stored?])

  struct Stored: Decodable, Sendable {
    let tensor: String
    let grad: Bool?
  }

  /// Kinds that JSON does not tell apart.
  private struct Named: Decodable {
    let float: CaseNumber?
    let dtype: String?
    let ints: [Int]?
    let floats: [CaseNumber]?
    let tensor: String?
    let grad: Bool?
    let tensors: [Stored?]?
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .none
    } else if let truth = try? container.decode(Bool.self) {
      self = .bool(truth)
    } else if let number = try? container.decode(Int.self) {
      self = .int(number)
    } else if let word = try? container.decode(String.self) {
      self = .string(word)
    } else {
      let named = try container.decode(Named.self)
      if let number = named.float {
        self = .float(number.value)
      } else if let name = named.dtype {
        self = .dtype(name)
      } else if let numbers = named.ints {
        self = .ints(numbers)
      } else if let numbers = named.floats {
        self = .floats(numbers.map(\.value))
      } else if let key = named.tensor {
        self = .tensor(Stored(tensor: key, grad: named.grad))
      } else {
        self = .tensors(named.tensors ?? [])
      }
    }
  }
}

extension CaseArgument {
  /// The argument as the registry takes it.
  func value(_ tensor: (Stored) throws -> Tensor) throws -> Value {
    switch self {
    case .none: return .none
    case .bool(let truth): return .bool(truth)
    case .int(let number): return .int(number)
    case .float(let number): return .float(number)
    case .string(let word): return .string(word)
    case .ints(let numbers): return .ints(numbers)
    case .floats(let numbers): return .floats(numbers)
    case .dtype(let name):
      guard let dtype = DType(name: name) else { throw Golden.Missing(name: name) }
      return .dtype(dtype)
    case .tensor(let stored): return .tensor(try tensor(stored))
    case .tensors(let list): return .tensors(try list.map { try $0.map(tensor) })
    }
  }
}

/// All cases.
enum Table {
  private struct File: Decodable {
    let cases: [Case]
  }

  static let cases: [Case] = {
    do { return try Golden.read("cases.json", as: File.self).cases } catch { fatalError("cases.json: \(error)") }
  }()

  static let byOperation = Dictionary(grouping: cases, by: \.operation)

  /// Declared operations, without the in-place forms that follow from a declaration.
  static let declared: [Operation] = Operation.families.flatMap(\.self)

  /// The names of declared operations that have cases.
  static let operations: [String] = declared.map(\.name).filter { byOperation[$0] != nil }
}
