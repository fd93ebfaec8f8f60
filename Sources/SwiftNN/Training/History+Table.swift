extension History {
  /// All rows as one tensor of numbers: epoch, step, seconds, and a column for each name; NaN where there is none.
  var table: Tensor {
    get throws(SNNError) {
      let names = names
      var numbers: [Double] = []
      for row in rows {
        numbers += [Double(row.epoch), Double(row.step), row.seconds] + names.map { row[$0] ?? .nan }
      }
      return try Tensor(numbers, [rows.count, names.count + 3])
    }
  }

  init(table: Tensor, names: [String], _ owner: String) throws(SNNError) {
    self.init()
    guard table.rank == 2, table.shape[1] == names.count + 3 else {
      throw .file(owner, "holds a history of shape \(table.shape), expected \(names.count + 3) columns")
    }
    let numbers = try table.array(of: Double.self)
    for start in stride(from: 0, to: numbers.count, by: names.count + 3) {
      // What was not measured has no place in the row.
      let values = zip(names, numbers[(start + 3)...]).filter { !$0.1.isNaN || $0.0 == "loss" }
      rows.append(
        Row(
          epoch: Int(saturating: numbers[start]), step: Int(saturating: numbers[start + 1]),
          seconds: numbers[start + 2], values: values.map { (name: $0.0, value: $0.1) }))
    }
  }
}
