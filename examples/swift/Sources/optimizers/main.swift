// Steps that take their gradient elsewhere, by a closure, and something around every step.
import SwiftNN

let model = try Linear(3, 1)
let x = try Tensor.normal([64, 3])

let sharp = try Optimizer(model.parameters, SGD(lr: 0.1, momentum: 0.9))
try sharp.wrap(SAM(rho: 0.05))
let first = try sharp.step {
  sharp.zeroGradients()
  let loss = try model(x).square().mean()
  try loss.backward()
  return loss
}
var last = first
try sharp.wrap(Lookahead(k: 5))
for _ in 0..<50 {
  last = try sharp.step {
    sharp.zeroGradients()
    let loss = try model(x).square().mean()
    try loss.backward()
    return loss
  }
}
let (before, after) = (try first.item().double, try last.item().double)
print("the loss fell from \(before) to \(after)")
precondition(after < before)

let natural = try Optimizer(model.parameters, KFAC(lr: 0.1, fisher: "gaussian"))
try natural.step {
  natural.zeroGradients()
  let outputs = try model(x)
  natural.outputs = [outputs]
  let loss = try outputs.square().mean()
  try loss.backward(retainGraph: true)
  return loss
}
