/// Reads what Python's pickle wrote, as far as checkpoints need it: values, dicts and tensors. It knows a handful of names and
/// runs nothing; whatever else a pickle asks for is an error that names it.
struct Unpickler {
  /// What stands on the stack of a pickle. Lists and the like name their members by position in `items`.
  enum Item {
    case value(Archive.Value)
    case function(Function)
    case storageType(name: String, DType?)
    case storage(Int)
  }

  enum Function: String {
    case orderedDict = "collections OrderedDict"
    case tensor = "torch._utils _rebuild_tensor_v2"
    case parameter = "torch._utils _rebuild_parameter"
    case size = "torch Size"
  }

  /// The memory of tensors, which lies elsewhere in the file.
  struct StorageReference {
    let key: String
    let dtype: DType?
    let dtypeName: String
    /// Elements.
    let count: Int
  }

  let bytes: FileBytes
  var position: Int
  let end: Int
  var items: [Item] = []
  var entries: [Archive.Entry] = []
  var storages: [StorageReference] = []
  private var storagePositions: [String: Int] = [:]
  private var stack: [Int] = []
  private var marks: [Int] = []
  private var memo: [Int: Int] = [:]

  init(_ bytes: FileBytes, _ range: Range<Int>) {
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  func broken(_ what: String) -> SNNError { bytes.broken("\(what), at byte \(position) of the file") }

  // MARK: Reading

  private mutating func take(_ count: Int) throws(SNNError) -> UnsafeBufferPointer<UInt8> {
    guard count >= 0, count <= end - position else {
      throw broken("the pickle asks for \(count) bytes where \(end - position) are left")
    }
    defer { position += count }
    return bytes.part(position..<position + count)
  }

  private mutating func number(_ count: Int) throws(SNNError) -> Int {
    try take(count).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
  }

  private mutating func text(_ count: Int) throws(SNNError) -> String {
    guard let text = String(validating: try take(count), as: UTF8.self) else { throw broken("a text is not UTF-8") }
    return text
  }

  private mutating func line() throws(SNNError) -> String {
    var length = 0
    let rest = bytes.part(position..<end)
    while length < rest.count, rest[length] != UInt8(ascii: "\n") { length += 1 }
    let line = try text(length)
    _ = try take(1)
    return line
  }

  // MARK: The stack

  mutating func push(_ item: Item) {
    items.append(item)
    stack.append(items.count - 1)
  }

  mutating func push(_ value: Archive.Value) { push(.value(value)) }

  private mutating func pop() throws(SNNError) -> Int {
    guard stack.count > (marks.last ?? 0), let top = stack.popLast() else { throw broken("the stack is empty") }
    return top
  }

  private mutating func popToMark() throws(SNNError) -> [Int] {
    guard let mark = marks.popLast() else { throw broken("the stack has no mark") }
    defer { stack.removeLast(stack.count - mark) }
    return Array(stack[mark...])
  }

  private func top() throws(SNNError) -> Int {
    guard stack.count > (marks.last ?? 0), let top = stack.last else { throw broken("the stack is empty") }
    return top
  }

  // MARK: Running

  /// The position of the value that the pickle makes.
  mutating func run() throws(SNNError) -> Int {
    items.removeAll()
    stack.removeAll()
    marks.removeAll()
    memo.removeAll()
    while true {
      let code = try take(1)[0]
      if code == UInt8(ascii: ".") { return try pop() }
      try step(code)
    }
  }

  private mutating func step(_ code: UInt8) throws(SNNError) {
    switch code {
    case 0x80:
      let version = try number(1)
      guard version <= 5 else { throw broken("pickle protocol \(version) is not known") }
    case UInt8(ascii: "("): marks.append(stack.count)
    case UInt8(ascii: "0"): _ = try pop()
    case UInt8(ascii: "1"): _ = try popToMark()
    case UInt8(ascii: "N"): push(.none)
    case 0x88: push(.bool(true))
    case 0x89: push(.bool(false))
    case UInt8(ascii: "J"): push(.int(Int(Int32(truncatingIfNeeded: try number(4)))))
    case UInt8(ascii: "K"): push(.int(try number(1)))
    case UInt8(ascii: "M"): push(.int(try number(2)))
    case 0x8A: push(.int(try longInteger(number(1))))
    case UInt8(ascii: "G"): push(.float(Double(bitPattern: UInt64(bitPattern: Int64(try number(8))).byteSwapped)))
    case UInt8(ascii: "X"): push(.string(try text(number(4))))
    case UInt8(ascii: "U"), 0x8C: push(.string(try text(number(1))))
    case UInt8(ascii: ")"): push(.tuple([]))
    case UInt8(ascii: "]"): push(.list([]))
    case UInt8(ascii: "}"): push(.dict([]))
    case 0x85...0x87:
      var members: [Int] = []
      for _ in 0...Int(code - 0x85) { members.append(try pop()) }
      push(.tuple(members.reversed()))
    case UInt8(ascii: "t"): push(.tuple(try popToMark()))
    case UInt8(ascii: "l"): push(.list(try popToMark()))
    case UInt8(ascii: "d"): push(.dict(try pairs(popToMark())))
    case UInt8(ascii: "a"): try extendList(by: [pop()])
    case UInt8(ascii: "e"): try extendList(by: popToMark())
    case UInt8(ascii: "s"):
      let value = try pop()
      try extendDict(by: [pop(), value])
    case UInt8(ascii: "u"): try extendDict(by: popToMark())
    case UInt8(ascii: "q"): memo[try number(1)] = try top()
    case UInt8(ascii: "r"): memo[try number(4)] = try top()
    case 0x94: memo[memo.count] = try top()
    case UInt8(ascii: "h"): stack.append(try remembered(number(1)))
    case UInt8(ascii: "j"): stack.append(try remembered(number(4)))
    case 0x95: _ = try take(8)
    case UInt8(ascii: "c"):
      let module = try line()
      push(try global(module, line()))
    case 0x93:
      let name = try word(pop())
      push(try global(word(pop()), name))
    case UInt8(ascii: "R"):
      let arguments = try pop()
      try call(pop(), arguments)
    case UInt8(ascii: "b"): try setState()
    case UInt8(ascii: "Q"): push(try storage(pop()))
    default: throw broken("opcode 0x\(String(code, radix: 16)) of pickle is not among those that weights need")
    }
  }

  private mutating func longInteger(_ count: Int) throws(SNNError) -> Int {
    guard count <= 8 else { throw broken("an integer of \(count) bytes is longer than 8") }
    guard count > 0 else { return 0 }
    let unused = 64 - 8 * count
    return (try number(count) << unused) >> unused
  }

  private func remembered(_ key: Int) throws(SNNError) -> Int {
    guard let item = memo[key] else { throw broken("the pickle refers to object \(key), which it has not made") }
    return item
  }

  private func pairs(_ members: [Int]) throws(SNNError) -> [Int] {
    guard members.count % 2 == 0 else { throw broken("a dict has \(members.count) keys and values") }
    return members
  }

  private mutating func extendList(by members: [Int]) throws(SNNError) {
    let list = try top()
    guard case .value(.list(var all)) = items[list] else { throw broken("members are added to what is no list") }
    items[list] = .value(.none)
    all += members
    items[list] = .value(.list(all))
  }

  private mutating func extendDict(by members: [Int]) throws(SNNError) {
    let dict = try top()
    guard case .value(.dict(var all)) = items[dict] else { throw broken("members are added to what is no dict") }
    items[dict] = .value(.none)
    all += try pairs(members)
    items[dict] = .value(.dict(all))
  }

  /// The attributes of an ordered dict, as the versions of modules, are nothing that weights need.
  private mutating func setState() throws(SNNError) {
    _ = try pop()
    guard case .value(.dict) = items[try top()] else { throw broken("a state is set of what is no dict") }
  }
}

// MARK: - Objects

extension Unpickler {
  private static let storageTypes: [String: (String, DType?)] = [
    "FloatStorage": ("float32", .float32), "DoubleStorage": ("float64", .float64), "HalfStorage": ("float16", .float16),
    "BFloat16Storage": ("bfloat16", .bfloat16), "LongStorage": ("int64", .int64), "IntStorage": ("int32", .int32),
    "ByteStorage": ("uint8", .uint8), "BoolStorage": ("bool", .bool), "ShortStorage": ("int16", nil),
    "CharStorage": ("int8", nil), "ComplexFloatStorage": ("complex64", nil),
    "ComplexDoubleStorage": ("complex128", nil),
  ]

  static func storageName(_ dtype: DType) -> String {
    storageTypes.first { $0.value.1 == dtype }.unsafelyUnwrapped.key
  }

  private func global(_ module: String, _ name: String) throws(SNNError) -> Item {
    if let function = Function(rawValue: "\(module) \(name)") { return .function(function) }
    if module == "torch", let (type, dtype) = Self.storageTypes[name] { return .storageType(name: type, dtype) }
    if module == "torch", let dtype = DType(name: name) { return .value(.dtype(dtype)) }
    throw bytes.broken("refuses to load \(module).\(name): only weights and plain values are read")
  }

  private func members(_ item: Int) -> [Int]? {
    switch items[item] {
    case .value(.tuple(let members)), .value(.list(let members)): members
    default: nil
    }
  }

  private func word(_ item: Int) throws(SNNError) -> String {
    guard case .value(.string(let word)) = items[item] else { throw broken("a text is missing") }
    return word
  }

  private func count(_ item: Int, _ what: String) throws(SNNError) -> Int {
    guard case .value(.int(let number)) = items[item], number >= 0 else { throw broken("\(what) is no count") }
    return number
  }

  private func counts(_ item: Int, _ what: String) throws(SNNError) -> [Int] {
    guard let members = members(item) else { throw broken("\(what) is no tuple") }
    var all: [Int] = []
    for member in members { all.append(try count(member, what)) }
    return all
  }

  private func truth(_ item: Int) throws(SNNError) -> Bool {
    guard case .value(.bool(let truth)) = items[item] else { throw broken("requires_grad is no truth value") }
    return truth
  }

  private mutating func call(_ function: Int, _ tuple: Int) throws(SNNError) {
    guard case .function(let function) = items[function], case .value(.tuple(let arguments)) = items[tuple] else {
      throw broken("the pickle calls what is no function")
    }
    switch function {
    case .orderedDict:
      var all: [Int] = []
      for pair in arguments.isEmpty ? [] : members(arguments[0]) ?? [] {
        guard let pair = members(pair), pair.count == 2 else { throw broken("an OrderedDict is not made of pairs") }
        all += pair
      }
      push(.dict(all))
    case .size:
      guard let sizes = arguments.first, let members = members(sizes) else { throw broken("a Size has no sizes") }
      push(.tuple(members))
    case .tensor:
      guard arguments.count >= 5 else { throw broken("a tensor is made of \(arguments.count) arguments") }
      push(.tensor(entries.count))
      entries.append(try entry(arguments))
    case .parameter:
      guard arguments.count >= 2, case .value(.tensor(let position)) = items[arguments[0]] else {
        throw broken("a parameter is not made of a tensor")
      }
      var entry = entries[position]
      entry.isParameter = true
      entry.requiresGradient = try truth(arguments[1])
      push(.tensor(entries.count))
      entries.append(entry)
    }
  }

  private func entry(_ arguments: [Int]) throws(SNNError) -> Archive.Entry {
    guard case .storage(let position) = items[arguments[0]] else { throw broken("a tensor has no storage") }
    let offset = try count(arguments[1], "the offset of a tensor")
    let sizes = try counts(arguments[2], "the size of a tensor")
    let strides = try counts(arguments[3], "the stride of a tensor")
    let storage = storages[position]
    guard sizes.count == strides.count, sizes.count <= Dimensions.maximumRank else {
      throw broken("a tensor has the size \(sizes) and the stride \(strides)")
    }
    var last = offset
    var overflows = false
    for (size, stride) in zip(sizes, strides) where !sizes.contains(0) {
      let (reach, first) = (size - 1).multipliedReportingOverflow(by: stride)
      let (sum, second) = last.addingReportingOverflow(reach)
      overflows = overflows || first || second
      last = overflows ? last : sum
    }
    let fits = sizes.contains(0) ? offset <= storage.count : last < storage.count
    guard !overflows, fits else {
      throw broken(
        "a tensor of size \(sizes), stride \(strides) and offset \(offset) goes beyond the \(storage.count) elements of "
          + "storage '\(storage.key)'")
    }
    return Archive.Entry(
      name: "", dtype: storage.dtype, dtypeName: storage.dtypeName, shape: sizes,
      requiresGradient: try truth(arguments[4]), storage: position, offset: offset, strides: strides)
  }

  /// ('storage', type, key, location, elements[, view])
  private mutating func storage(_ identifier: Int) throws(SNNError) -> Item {
    guard let parts = members(identifier), parts.count >= 5, case .value(.string("storage")) = items[parts[0]],
      case .storageType(let name, let dtype) = items[parts[1]]
    else { throw broken("a persistent id is not that of a storage") }
    let key = try word(parts[2])
    let elements = try count(parts[4], "the size of storage '\(key)'")
    if parts.count > 5 {
      guard case .value(.none) = items[parts[5]] else { throw broken("storage '\(key)' is a view of another") }
    }
    if let known = storagePositions[key] {
      guard storages[known].dtypeName == name, storages[known].count == elements else {
        throw broken(
          "storage '\(key)' is asked for as \(elements) elements of \(name) and as \(storages[known].count) of "
            + storages[known].dtypeName)
      }
      return .storage(known)
    }
    storagePositions[key] = storages.count
    storages.append(StorageReference(key: key, dtype: dtype, dtypeName: name, count: elements))
    return .storage(storages.count - 1)
  }
}
