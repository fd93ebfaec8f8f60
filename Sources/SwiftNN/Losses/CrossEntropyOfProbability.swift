/// -t·log(x) - (1 - t)·log(1 - x). The logarithms end at -100, the slope goes on: at a wrong certainty it is 10¹², as in PyTorch.
struct CrossEntropyOfProbability: Primitive {
  let name = "binary_cross_entropy"
  let saves: Saves = .inputs

  func infer(_ inputs: Few<Tensor>) throws(SNNError) -> Results {
    Results(try Dimensions.broadcast(inputs[0].shape, inputs[1].shape, operation: name), inputs[0].dtype)
  }

  func run(_ inputs: Few<Tensor>, into outputs: Few<Tensor>) throws(SNNError) {
    let (x, t) = (inputs[0].detach(), inputs[1].detach())
    outputs[0].fill(copying: try (t - 1) * logOfRest(x) - t * x.log().clamp(min: -100))
  }

  func derivative(_ p: Pass) throws -> Few<Tensor?> {
    let (x, t) = (try p.a, try p.b)
    // PyTorch keeps this bound in float32.
    let slope = try (x - t) / (x * (1 - x)).clamp(min: .float(Double(Float(1e-12))))
    return Few(
      p.needs(0) ? try p.g * slope : nil,
      p.needs(1) ? try p.g * (logOfRest(x) - x.log().clamp(min: -100)) : nil)
  }

  func batched(_ examples: Examples) throws(SNNError) -> [Tensor]? { [try self(examples.aligned())] }

  private func logOfRest(_ x: Tensor) throws(SNNError) -> Tensor { try (-x).log1p().clamp(min: -100) }
}
