// Trains a classifier of handwritten digits.
import SwiftNN

let table = try CSVFile(DataSource(path: "examples/data/digits.csv"))
let images = try table.matrix(columns: Array(0..<64)) / 16
let labels = try table.matrix(columns: [64], .int64).reshape([-1])
let digits = try TensorDataset([images, labels])
let parts = try Splits.parts(examples: digits.count, classes: labels.array(of: Int.self))

func batches(_ digits: TensorDataset, _ part: [Int], shuffled: Bool) throws -> Loader {
  var options = Loader.Options()
  options.batchSize = 32
  options.sampling = shuffled ? .random : .sequential
  return try Loader(Subset(digits, part), options)
}

let model = Sequential([try Linear(64, 128), ReLU(), try Dropout(0.1), try Linear(128, 10)])
let trainer = Trainer(model, try Heads.multiclass(), optimizer: try Optimizer(model.parameters, Adam(lr: 0.002)))
let progress = ProgressText(columns: 0) { print($0, terminator: "") }
trainer.on { progress.tell($0) }
let validation = try batches(digits, parts[1], shuffled: false)
try trainer.fit(batches(digits, parts[0], shuffled: true), validation: validation, epochs: 20)
print(try trainer.evaluate(batches(digits, parts[2], shuffled: false)))
