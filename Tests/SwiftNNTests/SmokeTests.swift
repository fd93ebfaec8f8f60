import Testing
@testable import SwiftNN

@Test func addition() throws {
  let x = try Tensor([1, 2, 3] as [Float])
  #expect(try (x + x).array() == [2, 4, 6])
  print(try (x + 0.5), try Tensor.eye(3), try Tensor.zeros([0, 3]), try Tensor([1.5, 1e-9, 3e7] as [Double]), try Tensor.arange(0, 2000))
}

@Test func gradients() throws {
  let x = try Tensor([1, 2, 3] as [Double])
  try x.setRequiresGradient(true)
  let y = try (x * x * x).sum()
  let g = try Gradients.of(y, withRespectTo: x, createGraph: true)
  #expect(try g.array(of: Double.self) == [3, 12, 27])
  let h = try Gradients.of(g.sum(), withRespectTo: x)
  #expect(try h.array(of: Double.self) == [6, 12, 18])
  print(y, g)
}

@Test func chain() throws {
  let clock = ContinuousClock()
  let x = try Tensor.ones([1])
  try x.setRequiresGradient(true)
  print(try clock.measure {
    var y = x
    for _ in 0..<1_000_000 { y = try y + x }
    try y.sum().backward()
  })
  #expect(try x.gradient!.item().double == 1_000_001)
}

@Test func speed() throws {
  let clock = ContinuousClock()
  let a = try Tensor.ones([8]), b = try Tensor.ones([8])
  for track in [false, true] {
    try a.setRequiresGradient(track)
    for _ in 0..<3 {
      var c = a
      let t = try clock.measure { for _ in 0..<1_000_000 { c = try a + b } }
      print(track, t / 1_000_000, c.shape)
    }
  }
}

@Test func training() throws {
  manualSeed(1)
  let x = try Tensor.normal([64, 4])
  let target = try (x.slice(1, from: 0, to: 1).squeeze() > 0).cast(to: .int64)
  let model = Sequential(try Linear(4, 16), ReLU(), try Dropout(0.1), try Linear(16, 2))
  let optimizer = try Optimizer(model.parameters, Adam(lr: 0.01))
  var last = 0.0
  for _ in 0..<200 {
    optimizer.zeroGradients()
    let loss = try model(x).crossEntropy(target)
    try loss.backward()
    try optimizer.step()
    last = try loss.item().double
  }
  print(last, model.state.map(\.name))
  #expect(last < 0.2)
}

@Test func indexing() throws {
  let x = try Tensor.arange(0, 24).reshape([2, 3, 4])
  #expect(try x.index([nil, Tensor([0, 2]), nil]).shape == [2, 2, 4])
  #expect(try x.index([Tensor([0, 1]), nil, Tensor([1, 2])]).array(of: Int.self) == [1, 5, 9, 14, 18, 22])
  #expect(try x.index([x > 20]).array(of: Int.self) == [21, 22, 23])
  #expect(try x.transpose(0, 2).reshape([4, 6]).array(of: Int.self).prefix(6) == [0, 12, 4, 16, 8, 20])
}

@Test func inPlaceOnViews() throws {
  let w = try Tensor([1, 2, 3] as [Double])
  try w.setRequiresGradient(true)
  let base = try Tensor.zeros([2, 3], .float64)
  try base.select(0, 1).copy(from: w * 2)
  try base.select(0, 0).copy(from: w * w)
  let y = try (base * base).sum()
  try y.backward()
  #expect(try w.gradient!.array(of: Double.self) == [4 + 8, 32 + 16, 108 + 24])
}
