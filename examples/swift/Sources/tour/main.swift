// The examples of docs/swift.md and docs/schedules.md, run.
import SwiftNN

do {
  let x = try Tensor([1, 2, 3, 4] as [Float], [2, 2])
  let y = try (x * 2 + 1).exp().sum([1])
  let values: [Float] = try y.array()
  print(values)
}

do {
  let x = try Tensor([1, 2, 3] as [Double])
  try x.setRequiresGradient(true)
  let y = try (x * x * x).sum()
  let first = try Gradients.of(y, withRespectTo: x, createGraph: true)
  let second = try Gradients.of(first.sum(), withRespectTo: x)
  print(first, second)
}

struct Classifier: Layer {
  let hidden: Linear
  let output: Linear

  init() throws {
    hidden = try Linear(64, 128)
    output = try Linear(128, 10)
  }

  func callAsFunction(_ x: Tensor) throws(SNNError) -> Tensor { try output(hidden(x).relu()) }
}

let net = try ResNet([2, 2, 2, 2], bottleneck: false)
let hook = net.stages[2].addHook { inputs, forward in
  let outputs = try forward(inputs)
  print(outputs[0].shape)
  return outputs
}
_ = try net(.normal([1, 3, 64, 64]))
try net.stages[2].removeHook(hook)

let model = try Classifier()
let loss = try model(Tensor.normal([32, 64])).crossEntropy(Tensor.zeros([32], .int64))
let optimizer = try Optimizer(model.parameters, Adam(lr: 0.001))
optimizer.zeroGradients()
try loss.backward()
try optimizer.step()
print(model.state.map(\.name))

let schedule = try Scheduler.warmup(.cosineAnnealingLR(optimizer, tMax: 90), iterations: 10, start: 0.01)
for _ in 0..<20 {
  try optimizer.step()
  try schedule.step()
}
print(schedule.rates, try schedule.rates(at: 100))
