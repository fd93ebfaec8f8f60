import CKernels

/// Numbers that stand for categories, sorted. Whole numbers of more than 53 bits do not fit.
private enum Categories {
  static func check(_ data: Tensor, _ owner: String) throws(SNNError) -> Tensor {
    let numbers = try data.detach().copied(to: .float64)
    guard data.dtype == .int64 else { return numbers }
    let values = UnsafeBufferPointer(start: numbers.data.assumingMemoryBound(to: Double.self), count: numbers.count)
    if let wrong = values.first(where: { $0.magnitude > 0x1p53 }) {
      throw .argument("\(owner): a category must be below 2^53, got \(wrong)")
    }
    return withExtendedLifetime(numbers) { numbers }
  }

  static func unique(_ numbers: [Double]) -> [Double] {
    var sorted = numbers
    let count = ck_sort_unique(&sorted, Int64(sorted.count))
    return Array(sorted.prefix(Int(count)))
  }
}

/// Categories as numbers from 0, in their order.
public final class LabelEncoder: Transform {
  private var classes: [Double] = []
  private var dtype = DType.int64

  static let declaration = Maker<any Transform>("LabelEncoder", "Numbers classes from 0, in their order.") {
    _ throws(SNNError) in LabelEncoder()
  }

  public init() {}

  private func check(_ data: Tensor) throws(SNNError) {
    guard data.rank == 1 else { throw .shape("LabelEncoder: expects labels of shape [examples], got \(data.shape)") }
  }

  public func fit(_ data: Tensor) throws(SNNError) {
    try check(data)
    let found = Categories.unique(try Categories.check(data, "LabelEncoder").array(of: Double.self))
    guard !found.isEmpty else { throw .shape("LabelEncoder: expects at least one label") }
    (classes, dtype) = (found, data.dtype)
  }

  public func partialFit(_ data: Tensor) throws(SNNError) {
    throw SNNError(.unsupported, "LabelEncoder: is fitted at once: the numbers of classes would change")
  }

  public func transform(_ data: Tensor) throws(SNNError) -> Tensor {
    guard !classes.isEmpty else { throw Columns.unfitted("LabelEncoder") }
    try check(data)
    let numbers = try Categories.check(data, "LabelEncoder")
    let places = try Tensor(uninitialized: data.shape, .int64, operation: "LabelEncoder")
    let found = places.data.assumingMemoryBound(to: Int64.self)
    let values = numbers.data.assumingMemoryBound(to: Double.self)
    ck_find_sorted(classes, Int64(classes.count), values, Int64(data.count), 1, found, 1)
    if let wrong = UnsafeBufferPointer(start: found, count: data.count).firstIndex(of: -1) {
      throw .argument("LabelEncoder: y contains a label that was not there when it was fitted: \(values[wrong])")
    }
    return withExtendedLifetime(numbers) { places }
  }

  public func inverseTransform(_ data: Tensor) throws(SNNError) -> Tensor {
    guard !classes.isEmpty else { throw Columns.unfitted("LabelEncoder") }
    try check(data)
    let places = try data.array(of: Int.self)
    if let wrong = places.first(where: { !classes.indices.contains($0) }) {
      throw .index("LabelEncoder: there is no class \(wrong) of \(classes.count)")
    }
    return try places.map { classes[$0] }.tensor(dtype)
  }

  public var state: [(name: String, tensor: Tensor)] {
    guard !classes.isEmpty, let tensor = try? classes.tensor(dtype) else { return [] }
    return [("classes_", tensor)]
  }

  public func load(state: [(name: String, tensor: Tensor)]) throws(SNNError) {
    guard let first = state.first else {
      classes = []
      return
    }
    guard first.name == "classes_" else { throw SNNError(.name, "LabelEncoder: the state has no 'classes_'") }
    try fit(first.tensor)
  }
}

/// A column of zeros with a one for each category of each feature.
public final class OneHotEncoder: Transform {
  private let drop: String?
  private let ignoresUnknown: Bool
  private let resultType: DType
  private var categories: [[Double]] = []
  private var dtype = DType.int64

  static let declaration = Maker<any Transform>(
    "OneHotEncoder", "A column of zeros with a one for each category of each feature.",
    [
      Field.choice("drop", of: ["first", "if_binary"], "Which category has no column of its own.").optional,
      .dtype("dtype", "Of the result: float64 without one.").keyword,
      Field.choice(
        "handle_unknown", of: ["error", "ignore"], default: "error",
        "What was not there when it was fitted is an error, or has zeros alone."
      ).keyword,
    ]
  ) { options throws(SNNError) in
    OneHotEncoder(
      drop: options.word("drop"), ignoresUnknown: options.word("handle_unknown") == "ignore",
      resultType: options.dtype("dtype") ?? .float64)
  }

  public init(drop: String? = nil, ignoresUnknown: Bool = false, resultType: DType = .float64) {
    (self.drop, self.ignoresUnknown, self.resultType) = (drop, ignoresUnknown, resultType)
  }

  public func fit(_ data: Tensor) throws(SNNError) {
    try Columns.check(data, "OneHotEncoder")
    try Columns.requireRows(data, "OneHotEncoder")
    var found: [[Double]] = []
    for c in 0..<data.shape[1] {
      let column = try Categories.check(data.detach().select(1, c), "OneHotEncoder")
      found.append(Categories.unique(try column.array(of: Double.self)))
    }
    (categories, dtype) = (found, data.dtype)
  }

  public func partialFit(_ data: Tensor) throws(SNNError) {
    throw SNNError(.unsupported, "OneHotEncoder: is fitted at once: the columns of categories would change")
  }

  /// 1 for a feature whose first category has no column.
  private func dropped(_ feature: Int) -> Int {
    drop == "first" || (drop == "if_binary" && categories[feature].count == 2) ? 1 : 0
  }

  private var widths: [Int] { categories.indices.map { categories[$0].count - dropped($0) } }

  public func transform(_ data: Tensor) throws(SNNError) -> Tensor {
    guard !categories.isEmpty else { throw Columns.unfitted("OneHotEncoder") }
    try Columns.check(data, "OneHotEncoder", features: categories.count)
    let numbers = try Categories.check(data, "OneHotEncoder")
    let values = numbers.data.assumingMemoryBound(to: Double.self)
    let (rows, columns) = (data.shape[0], data.shape[1])
    let width = widths.reduce(0, +)
    let result = try Tensor.zeros([rows, width], .float64)
    let places = UnsafeMutablePointer<Int64>.allocate(capacity: max(rows, 1))
    defer { places.deallocate() }
    var start = 0
    for c in 0..<columns {
      ck_find_sorted(categories[c], Int64(categories[c].count), values + c, Int64(rows), Int64(columns), places, 1)
      let wrong = UnsafeBufferPointer(start: places, count: rows).firstIndex(of: -1)
      if let wrong, !ignoresUnknown {
        throw .argument(
          "OneHotEncoder: found unknown category \(values[wrong * columns + c]) in column \(c) during transform, "
            + "in row \(wrong)")
      }
      let out = result.data.assumingMemoryBound(to: Double.self) + start
      ck_one_hot(places, Int64(rows), 1, Int64(dropped(c)), Int64(widths[c]), out, Int64(width))
      start += widths[c]
    }
    return try withExtendedLifetime(numbers) { () throws(SNNError) in try result.copied(to: resultType) }
  }

  /// NaN where a row has no category.
  public func inverseTransform(_ data: Tensor) throws(SNNError) -> Tensor {
    guard !categories.isEmpty else { throw Columns.unfitted("OneHotEncoder") }
    let width = widths.reduce(0, +)
    guard data.rank == 2, data.shape[1] == width else {
      throw .shape("OneHotEncoder: expects data of shape [examples, \(width)], got \(data.shape)")
    }
    let hot = try data.detach().copied(to: .float64)
    let rows = data.shape[0]
    var result = [Double](repeating: .nan, count: rows * categories.count)
    var places = [Int64](repeating: 0, count: rows)
    var (start, hasNone) = (0, false)
    for c in categories.indices {
      let values = hot.data.assumingMemoryBound(to: Double.self) + start
      ck_hot_place(values, Int64(rows), Int64(width), Int64(widths[c]), &places, 1)
      for row in 0..<rows {
        let place = Int(places[row]) + dropped(c)
        if place >= 0 { result[row * categories.count + c] = categories[c][place] }
        guard place < 0, !ignoresUnknown else { continue }
        throw .argument("OneHotEncoder: row \(row) has no category for feature \(c)")
      }
      hasNone = hasNone || places.contains { Int($0) + dropped(c) < 0 }
      start += widths[c]
    }
    let isFloating = dtype.isFloatingPoint || hasNone
    return try withExtendedLifetime(hot) { () throws(SNNError) in
      try Tensor(result, [rows, categories.count]).copied(to: isFloating && !dtype.isFloatingPoint ? .float64 : dtype)
    }
  }

  /// categories_.0, categories_.1, …
  public var state: [(name: String, tensor: Tensor)] {
    categories.enumerated().compactMap { (i, numbers) in
      (try? numbers.tensor(dtype)).map { (name: "categories_.\(i)", tensor: $0) }
    }
  }

  public func load(state: [(name: String, tensor: Tensor)]) throws(SNNError) {
    var found: [[Double]] = []
    for i in state.indices {
      guard let tensor = state.first(where: { $0.name == "categories_.\(i)" })?.tensor, tensor.rank == 1 else {
        throw SNNError(.name, "OneHotEncoder: the state has no list 'categories_.\(i)'")
      }
      found.append(Categories.unique(try tensor.copied(to: .float64).array(of: Double.self)))
    }
    (categories, dtype) = (found, state.first?.tensor.dtype ?? .int64)
  }
}
