// Trains perceptrons on four small data sets of scikit-learn by fit, at least as well as scikit-learn's own.
import Foundation
import SwiftNN

// Name, classes (0: a number), and what scikit-learn's perceptron of the same size reaches on the same examples
// (examples/data/reference.py).
let problems = [("wine", 3, 1.0), ("breast_cancer", 2, 0.9561), ("digits", 10, 0.9694), ("diabetes", 0, 0.3954)]
let (hidden, epochs) = (32, 40)
let folder = CommandLine.arguments.dropFirst().first ?? "examples/data"

/// Accuracy, or R² of numbers, on a fifth of the examples.
func score(_ name: String, _ classes: Int) throws -> Double {
  let table = try CSVFile(DataSource(path: "\(folder)/\(name).csv"))
  let target = table.columns.count - 1
  let labels = classes > 0 ? try table.matrix(columns: [target], .int64).array(of: Int.self) : nil
  let parts = try Splits.parts(examples: table.rowCount, [0.8, 0.2], classes: labels, seed: 42)

  func examples(_ rows: [Int]) throws -> [Tensor] {
    let targets = try table.matrix(rows: rows, columns: [target], classes > 0 ? .int64 : .float32)
    return [
      try table.matrix(rows: rows, columns: Array(0..<target)), classes > 0 ? try targets.reshape([-1]) : targets,
    ]
  }
  var (train, test) = (try examples(parts[0]), try examples(parts[1]))
  for part in 0..<(classes > 0 ? 1 : 2) {
    let scaler = try Transforms.standardScaler()
    try scaler.fit(train[part])
    (train[part], test[part]) = (try scaler.transform(train[part]), try scaler.transform(test[part]))
  }

  manualSeed(1)
  let model = Sequential([try Linear(target, hidden), ReLU(), try Linear(hidden, max(classes, 1))])
  let head = classes > 0 ? try Heads.multiclass() : try Heads.regression()
  let trainer = Trainer(model, head, optimizer: try Optimizer(model.parameters, AdamW(lr: 0.002)))
  try trainer.fit(Loader(train[0], train[1], batchSize: 32, shuffle: true, seed: 1), epochs: epochs)
  return try trainer.evaluate(Loader(test[0], test[1], batchSize: 256)).last!.value
}

var failed = false
for (name, classes, reference) in problems {
  let reached = try score(name, classes)
  failed = failed || reached < reference
  print(
    name.padding(toLength: 14, withPad: " ", startingAt: 0), classes > 0 ? "accuracy" : "R2      ",
    String(format: "%.9f  scikit-learn %.4f", reached, reference))
}
exit(failed ? 1 : 0)
