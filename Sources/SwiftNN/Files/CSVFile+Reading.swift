import CKernels

extension CSVFile {
  /// Rows as one tensor for each column: int64, float64, bool, or for texts the numbers of their words, -1 where there is none.
  public func read(_ rows: Range<Int>? = nil) throws(SNNError) -> Table {
    let rows = try checked(rows)
    var tensors: [Tensor] = []
    var outputs: [ck_csv_output] = []
    for (i, column) in columns.enumerated() {
      let tensor = try Tensor(
        uninitialized: try Dimensions.shape([rows.count], operation: name), column.dtype, operation: name)
      tensors.append(tensor)
      outputs.append(ck_csv_output(column: Int32(i), dtype: column.dtype.kernel, stride: 1, data: tensor.data))
    }
    var problem = ck_csv_problem()
    guard ck_csv_read(&table, Int64(rows.lowerBound), Int64(rows.count), outputs, Int32(outputs.count), &problem) else {
      throw error(problem)
    }
    return Table(names: columns.map(\.name), columns: tensors, words: columns.indices.map { words($0) })
  }

  /// Rows of some columns, or all, as numbers: [rows, columns].
  public func matrix(
    _ rows: Range<Int>? = nil, columns chosen: [Int]? = nil, _ dtype: DType = .float32
  ) throws(SNNError) -> Tensor {
    let rows = try checked(rows)
    return try matrix(count: rows.count, chosen, dtype) { outputs, problem in
      ck_csv_read(&table, Int64(rows.lowerBound), Int64(rows.count), outputs, Int32(outputs.count), &problem)
    }
  }

  /// The same of rows by number, in any order.
  public func matrix(
    rows numbers: [Int], columns chosen: [Int]? = nil, _ dtype: DType = .float32
  ) throws(SNNError) -> Tensor {
    for number in numbers where !(0..<rowCount).contains(number) {
      throw .index("\(name): there is no row \(number) of \(rowCount)")
    }
    let places = numbers.map { Int64($0) }
    return try matrix(count: places.count, chosen, dtype) { outputs, problem in
      ck_csv_gather(&table, places, Int64(places.count), outputs, Int32(outputs.count), &problem)
    }
  }

  private func checked(_ rows: Range<Int>?) throws(SNNError) -> Range<Int> {
    guard let rows else { return 0..<rowCount }
    guard rows.lowerBound >= 0, rows.upperBound <= rowCount else {
      throw .index("\(name): there are no rows \(rows.lowerBound) to \(rows.upperBound) of \(rowCount)")
    }
    return rows
  }

  private func matrix(
    count: Int, _ chosen: [Int]?, _ dtype: DType, _ read: ([ck_csv_output], inout ck_csv_problem) -> Bool
  ) throws(SNNError) -> Tensor {
    let chosen = chosen ?? Array(columns.indices)
    for number in chosen where !columns.indices.contains(number) {
      throw .index("\(name): there is no column \(number) of \(columns.count)")
    }
    // Rows are read as numbers that hold all, and turned into the others afterwards.
    let working = [.float32, .float64, .int64].contains(dtype) ? dtype : .float64
    if dtype == .int64, let wrong = chosen.first(where: { columns[$0].type == .float }) {
      throw .dtype("\(name): column '\(columns[wrong].name)' has numbers that are not whole, or none, for int64")
    }
    let shape = try Dimensions.shape([count, chosen.count], operation: name)
    let result = try Tensor(uninitialized: shape, working, operation: name)
    let outputs = chosen.enumerated().map { (i, column) in
      ck_csv_output(
        column: Int32(column), dtype: working.kernel, stride: Int64(chosen.count), data: result.data + i * working.size)
    }
    var problem = ck_csv_problem()
    guard read(outputs, &problem) else { throw error(problem) }
    return working == dtype ? result : try result.copied(to: dtype)
  }
}

/// The rows of a file as examples: some columns as an input, float32 of [n, columns], and perhaps one as a target.
///
/// A target of whole numbers or texts is int64 of [n], for losses of classes; another one float32.
public final class CSVDataset: Dataset {
  private let file: CSVFile
  private let inputs: [Int]
  private let target: Int?

  public init(_ file: CSVFile, inputs: [String]? = nil, target: String? = nil) throws(SNNError) {
    func position(_ name: String) throws(SNNError) -> Int {
      guard let position = file.columns.firstIndex(where: { $0.name == name }) else {
        throw SNNError(.name, "\(file.name): there is no column '\(name)'")
      }
      return position
    }
    self.file = file
    var goal: Int?
    if let target { goal = try position(target) }
    self.target = goal
    var chosen: [Int] = []
    if let inputs { for name in inputs { chosen.append(try position(name)) } }
    self.inputs = inputs == nil ? file.columns.indices.filter { $0 != goal } : chosen
  }

  public var count: Int { file.rowCount }

  public func examples(_ numbers: [Int]) throws(SNNError) -> [Tensor] {
    let input = try file.matrix(rows: numbers, columns: inputs)
    guard let target else { return [input] }
    let dtype: DType = [.int, .text, .bool].contains(file.columns[target].type) ? .int64 : .float32
    return [input, try file.matrix(rows: numbers, columns: [target], dtype).reshape([numbers.count])]
  }
}
