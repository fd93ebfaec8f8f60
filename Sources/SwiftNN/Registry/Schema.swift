/// Declarations as JSON and in Python's notation, for tools that generate or check code.
extension Operation {
  public var schema: String {
    JSON.object([
      ("name", JSON.string(name)), ("doc", JSON.string(doc)), ("fields", JSON.array(fields.map(\.schema))),
      ("results", resultCount.map { "\($0)" } ?? "null"), ("result_names", JSON.array(resultNames.map(JSON.string))),
      ("places", JSON.array(places.names.map(JSON.string))), ("in_place", "\(isInPlace)"),
      ("differentiable", "\(isDifferentiable)"),
    ])
  }
}

extension LayerDeclaration {
  public var schema: String {
    JSON.object([
      ("name", JSON.string(name)), ("doc", JSON.string(doc)), ("fields", JSON.array(fields.map(\.schema))),
      ("inputs", JSON.array(inputs.map(\.schema))), ("results", JSON.array(results.map(JSON.string))),
    ])
  }
}

extension Operation.Places {
  /// The Python modules, and `Tensor` for methods.
  public var names: [String] {
    let all: [(Operation.Places, String)] = [
      (.function, "swiftnn"), (.method, "Tensor"), (.functional, "nn.functional"), (.linalg, "linalg"),
      (.special, "special"), (.initializer, "nn.init"), (.signal, "signal.windows"),
    ]
    return all.filter { contains($0.0) }.map(\.1)
  }
}

extension Field {
  var schema: String {
    var members = [
      ("name", JSON.string(name)), ("kind", JSON.string("\(kind)")), ("optional", "\(isOptional)"),
      ("keyword_only", "\(isKeywordOnly)"),
    ]
    if let defaultValue { members.append(("default", defaultValue.json)) }
    if let minimum { members.append(("minimum", JSON.number(minimum))) }
    if let maximum { members.append(("maximum", JSON.number(maximum))) }
    if !choices.isEmpty { members.append(("choices", JSON.array(choices.map(JSON.string)))) }
    if !doc.isEmpty { members.append(("doc", JSON.string(doc))) }
    return JSON.object(members)
  }
}

extension Value {
  /// The value as JSON; tensors, modules and generators have none.
  var json: String {
    switch self {
    case .int(let number): "\(number)"
    case .float(let number): JSON.number(number)
    case .bool(let truth): "\(truth)"
    case .string(let word): JSON.string(word)
    case .ints(let numbers): JSON.array(numbers.map { "\($0)" })
    case .floats(let numbers): JSON.array(numbers.map(JSON.number))
    case .dtype(let dtype): JSON.string(dtype.name)
    case .none, .tensor, .tensors, .layer, .layers, .generator: "null"
    }
  }

  /// The value as Python writes it.
  public var pythonText: String {
    switch self {
    case .int(let number): number == .unsaid ? "None" : "\(number)"
    case .float(let number): pythonNumber(number)
    case .bool(let truth): truth ? "True" : "False"
    case .string(let word): "'\(word)'"
    case .ints(let numbers): pythonTuple(numbers.map { $0 == .unsaid ? "None" : "\($0)" })
    case .floats(let numbers): pythonTuple(numbers.map { $0.isNaN ? "None" : pythonNumber($0) })
    case .dtype(let dtype): dtype.name
    case .none, .tensor, .tensors, .layer, .layers, .generator: "None"
    }
  }
}

private func pythonTuple(_ items: [String]) -> String {
  items.count == 1 ? "(\(items[0]),)" : "(" + items.joined(separator: ", ") + ")"
}

private func pythonNumber(_ number: Double) -> String {
  if number.isNaN { return "float('nan')" }
  if number.isInfinite { return number > 0 ? "float('inf')" : "float('-inf')" }
  return "\(number)"
}

enum JSON {
  static func object(_ members: [(String, String)]) -> String {
    "{" + members.map { "\(string($0)): \($1)" }.joined(separator: ", ") + "}"
  }

  static func array(_ items: [String]) -> String { "[" + items.joined(separator: ", ") + "]" }

  /// JSON has no infinities: a bound without end is null.
  static func number(_ value: Double) -> String { value.isFinite ? "\(value)" : "null" }

  /// As Python's `json` spells numbers, infinities and NaN among them.
  static func anyNumber(_ value: Double) -> String {
    value.isNaN ? "NaN" : value.isInfinite ? (value > 0 ? "Infinity" : "-Infinity") : "\(value)"
  }

  /// The number that a word stands for; nil when it is none.
  static func anyNumber(_ word: String) -> Double? {
    switch word {
    case "NaN": return .nan
    case "Infinity": return .infinity
    case "-Infinity": return -.infinity
    default:
      // Swift reads words and hexadecimal digits too.
      let isDecimal = word.utf8.allSatisfy {
        (0x30...0x39).contains($0) || [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains($0)
      }
      return isDecimal ? Double(word) : nil
    }
  }

  static func string(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\r": result += "\\r"
      case "\u{8}": result += "\\b"
      case "\u{C}": result += "\\f"
      case let control where control.value < 0x20:
        let hex = String(control.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
