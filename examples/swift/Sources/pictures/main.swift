// What training leaves behind: a history, a file for TensorBoard, and pictures.
import Foundation
import SwiftNN

let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
let events = try EventWriter(folder: folder)
let rows = try HistoryWriter("\(folder)/history.csv")
for epoch in 1...20 {
  let (loss, other) = (exp(-Double(epoch) / 5), exp(-Double(epoch) / 6) + 0.05)
  try rows.add(History.Row(epoch: epoch, step: 45 * epoch, seconds: 0, values: [("loss", loss), ("val_loss", other)]))
  try events.add(scalar: loss, "loss", step: 45 * epoch)
}

let history = try History(path: "\(folder)/history.csv")
var options = Chart.Options(title: "Learning curves")
options.hasLogarithmicY = true
try Chart.learningCurves(history, options).save(to: "\(folder)/learning-curves.svg")
try Chart.confusion([48, 2, 5, 45], classes: 2, names: ["cat", "dog"]).save(to: "\(folder)/confusion.svg")
print("\(history.rows.count) epochs in \(folder)")
