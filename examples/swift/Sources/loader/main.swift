// Reads batches of tensors in a seeded order, stops in the middle of an epoch and goes on from there.
import SwiftNN

let images = try Tensor.normal([1000, 8], mean: 0, std: 1)
let labels = try Tensor((0..<1000).map { $0 % 10 })
let dataset = try TensorDataset([images, labels])
let parts = try Splits.parts(examples: dataset.count, classes: labels.array(of: Int.self), seed: 42)
let training = try Subset(dataset, parts[0])

var options = Loader.Options()
options.batchSize = 32
options.sampling = .random
options.seed = 1
let loader = try Loader(training, options)
for _ in 0..<10 { _ = try loader.next() }

let resumed = try Loader(training, options)
try resumed.load(state: loader.state)
var left = 0
while let batch = try resumed.next() {
  precondition(batch[0].shape[1] == 8)
  left += 1
}
print("\(loader.state) and \(left) batches more")
precondition(left == 15)
