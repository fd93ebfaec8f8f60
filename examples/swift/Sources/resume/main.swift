// Trains with checkpoints, and goes on from the last, whichever language left it: resume [FOLDER [EPOCHS]]. Ctrl-C ends it.
import Foundation
import SwiftNN

let arguments = CommandLine.arguments
let folder = arguments.count > 1 ? arguments[1] : "build/resume"
let epochs = arguments.count > 2 ? Int(arguments[2])! : 100

// Shuffled batches of wines with noise that differs from epoch to epoch.
let table = try CSVFile(path: "examples/data/wine.csv")
let wines = try TensorDataset([
  table.matrix(columns: Array(0..<13)).reshape([-1, 1, 1, 13]), table.matrix(columns: [13], .int64).reshape([-1]),
])
var options = Loader.Options()
(options.batchSize, options.sampling, options.seed) = (16, .random, 3)
options.augmentations = [try Augmentations.gaussianNoise(clip: false)]
let loader = try Loader(wines, options)

manualSeed(1)
let model = Sequential([
  try Flatten(), try BatchNorm1d(13), try Linear(13, 16), try Dropout(0.2), try Linear(16, 3),
])
let optimizer = try Optimizer(model.parameters, SGD(lr: 0.05, momentum: 0.9))
nonisolated(unsafe) let trainer = Trainer(model, loss: try CrossEntropyLoss(), optimizer: optimizer)
trainer.schedule = (try Scheduler.cosineAnnealingLR(optimizer, tMax: 100), .epoch)
var checkpoints = CheckpointPolicy(folder: folder)
checkpoints.everySteps = 5
trainer.checkpoints = checkpoints
if FileManager.default.fileExists(atPath: checkpoints.last) { try trainer.load(from: checkpoints.last, loader) }
print("from epoch", trainer.epoch)
signal(SIGINT) { _ in trainer.stop() }
try trainer.fit(loader, epochs: epochs)
print("to epoch \(trainer.epoch), step \(trainer.step)")
try model.save(to: "\(folder)/end.safetensors")
