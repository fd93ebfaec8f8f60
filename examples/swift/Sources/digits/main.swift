// Trains a classifier of handwritten digits. Usage: digits [--losses FILE]
import Foundation
import SwiftNN

/// A model is a struct or class of layers.
struct Classifier: Layer {
  let hidden: Linear
  let dropout: Dropout
  let output: Linear

  init() throws {
    hidden = try Linear(64, 128)
    dropout = try Dropout(0.1)
    output = try Linear(128, 10)
  }

  func callAsFunction(_ images: Tensor) throws(SNNError) -> Tensor {
    try output(dropout(hidden(images).relu()))
  }
}

struct Digits {
  let images: Tensor
  let labels: Tensor

  init(_ path: String) throws {
    let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    let records = stride(from: 0, to: bytes.count, by: 65).map { bytes[$0..<($0 + 65)] }
    images = try Tensor(records.flatMap { $0.dropLast().map { Float($0) / 16 } }, [records.count, 64])
    labels = try Tensor(records.map { Int($0.last!) })
  }

  func pick(_ rows: Tensor) throws -> (images: Tensor, labels: Tensor) {
    (try images.indexSelect(0, rows), try labels.indexSelect(0, rows))
  }
}

func show(_ epoch: Int, of epochs: Int, loss: Double, accuracy: Double) {
  let isTerminal = isatty(STDOUT_FILENO) == 1
  let done = 30 * epoch / epochs
  let bar = String(repeating: "#", count: done) + String(repeating: " ", count: 30 - done)
  let text = String(
    format: "Swift   epoch %2d/%d [%@] loss %.4f  held-out %.2f %%", epoch, epochs, bar, loss, 100 * accuracy)
  print(isTerminal ? "\r" + text : text, terminator: isTerminal && epoch < epochs ? "" : "\n")
  fflush(nil)
}

let epochs = 30
let batch = 32
let trainCount = 1438
let digits = try Digits(ProcessInfo.processInfo.environment["DIGITS"] ?? "examples/data/digits.bin")

manualSeed(1)
let model = try Classifier()
let optimizer = try Optimizer(model.parameters, Adam(lr: 0.002))
let order = try Tensor.permutation(digits.labels.count)
let test = try digits.pick(order.slice(0, from: trainCount))
let trainOrder = try order.slice(0, to: trainCount)

var record = ""
var accuracy = 0.0
for epoch in 1...epochs {
  let epochOrder = try trainOrder.indexSelect(0, Tensor.permutation(trainCount))
  var total = 0.0
  for start in stride(from: 0, to: trainCount, by: batch) {
    let (x, y) = try digits.pick(epochOrder.slice(0, from: start, to: start + batch))
    let loss = try model(x).crossEntropy(y)
    optimizer.zeroGradients()
    try loss.backward()
    try optimizer.step()
    total += try loss.item().double * Double(y.count)
  }
  model.eval()
  accuracy = try Gradients.with(enabled: false) {
    try (model(test.images).argmax(1) == test.labels).sum().item().double / Double(test.labels.count)
  }
  model.train()
  show(epoch, of: epochs, loss: total / Double(trainCount), accuracy: accuracy)
  record += String(format: "%d %016llx %.6f\n", epoch, (total / Double(trainCount)).bitPattern, accuracy)
}

let arguments = CommandLine.arguments
if arguments.count == 3, arguments[1] == "--losses" {
  try record.write(toFile: arguments[2], atomically: true, encoding: .utf8)
}
exit(accuracy > 0.96 ? 0 : 1)
