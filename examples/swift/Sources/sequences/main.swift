// The examples of sequences in docs/swift.md, run: a tagger learns to tell which of three numbers was seen last.
import SwiftNN

struct Tagger: Layer {
  let recurrent: LSTM
  let output: Linear
  @Parameter var firstH: Tensor
  @Parameter var firstC: Tensor

  init() throws {
    recurrent = try LSTM(8, 16)
    output = try Linear(16, 3)
    firstH = try .zeros([1, 1, 16])
    firstC = try .zeros([1, 1, 16])
  }

  func callAsFunction(_ x: Tensor) throws(SNNError) -> Tensor {
    let size = [1, x.shape[1], 16]
    let (states, _, _) = try recurrent(x, (h: firstH.expand(size), c: firstC.expand(size)))
    return try output(states)
  }
}

Generator.default.seed(1)
let tagger = try Tagger()
let optimizer = try Optimizer(tagger.parameters, Adam(lr: 0.02))
let x = try Tensor.normal([5, 32, 8])
let target = try x.slice(2, from: 0, to: 3).argmax(2).reshape([160])
var losses: [Double] = []
for _ in 0..<60 {
  optimizer.zeroGradients()
  let loss = try tagger(x).reshape([160, 3]).crossEntropy(target)
  try loss.backward()
  try optimizer.step()
  losses.append(try loss.item().double)
}
print("loss from \(losses[0]) to \(losses[59])")
precondition(losses[59] < losses[0] / 2, "the tagger has not learned")

let padded = try Tensor.normal([5, 3, 8])
let (data, batchSizes) = try padded.packed(Tensor([5, 3, 2]))
let (states, last) = try GRU(8, 16)(data, nil, batchSizes: batchSizes)
let (output, lengths) = try states.unpacked(batchSizes)
print(output.shape, last.shape, try lengths.array(of: Int.self))
