// Derivatives of functions and many examples at once: the examples of docs/swift.md.
import SwiftNN

let x = try Tensor([0.5, -1.0, 2.0])
let (value, slope) = try valueAndGradient(at: x) { try $0.square().sum() }
let curvature = try hessian(at: x) { try $0.pow(3).sum() }
let (sines, change) = try jvp(at: [x], along: [x]) { [try $0[0].sin()] }

let weight = try Tensor([1.0, 0.0, -1.0])
let rows = try Tensor([1.0, 2, 3, 4, 5, 6], [2, 3])
let each = vmap { row in
  try gradient(at: weight) { try row.matmul($0).square() }
}
let gradients = try each(rows)

let leaf = try Tensor([0.5, -1.0, 2.0])
try leaf.setRequiresGradient(true)
try gradcheck([leaf]) { [try $0[0].sin() * $0[0]] }

guard try value.item().double == 5.25, try slope.array(of: Double.self) == [1, -2, 4],
  try curvature.array(of: Double.self) == [3, 0, 0, 0, -6, 0, 0, 0, 12], sines.count == 1, change.count == 1,
  try gradients.array(of: Double.self) == [-4, -8, -12, -16, -20, -24]
else { fatalError("the derivatives are wrong") }
print(gradients)
