// Fits y = 3x + 2 by gradient descent: a whole training program in Swift.
import Foundation
import SwiftNN

let inputs = (0..<100).map { Float($0) / 50 - 1 }
let x = try Tensor(inputs, [100, 1])
let y = try Tensor(inputs.map { 3 * $0 + 2 }, [100, 1])

let line = try Linear(1, 1)
let optimizer = try Optimizer(line.parameters, SGD(lr: 0.1, momentum: 0.9))
for _ in 0..<200 {
  let loss = try (line(x) - y).square().mean()
  optimizer.zeroGradients()
  try loss.backward()
  try optimizer.step()
}
print(String(format: "y = %.3f x + %.3f", try line.weight.item().double, try line.bias!.item().double))
