/// Watches linear layers and convolutions by their weights: what goes into them, and the gradients of what comes out. However they
/// are called: by a layer of any language or as a function.
final class LayerWatch: GraphWatcher {
  /// One call of a layer.
  final class Call {
    fileprivate let input: Tensor
    fileprivate let geometry: ConvolutionGeometry?
    let bias: Tensor?
    fileprivate var gradient: Tensor?

    fileprivate init(_ input: Tensor, _ geometry: ConvolutionGeometry?, _ bias: Tensor?) {
      (self.input, self.geometry, self.bias) = (input.detach(), geometry, bias)
    }
  }

  private var calls: [ObjectIdentifier: [Call]] = [:]

  init(_ weights: [Tensor]) {
    for weight in weights where weight.rank > 1 { calls[ObjectIdentifier(weight)] = [] }
  }

  /// The calls with a weight to which a gradient came back.
  func calls(of weight: Tensor) -> [Call] { calls[ObjectIdentifier(weight)]?.filter { $0.gradient != nil } ?? [] }

  override func note(_ primitive: any Primitive, _ inputs: Few<Tensor>, _ outputs: Few<Tensor>) {
    super.note(primitive, inputs, outputs)
    guard inputs.count > 1, inputs[0].batch == nil, calls[ObjectIdentifier(inputs[1])] != nil else { return }
    let geometry: ConvolutionGeometry?
    switch primitive {
    case let product as MatrixProduct where product.takesTransposed: geometry = nil
    case let convolution as Convolution
    where convolution.side == .y && convolution.geometry.groups == 1 && convolution.geometry.kernel.count < 3:
      geometry = convolution.geometry
    default: return
    }
    let call = Call(inputs[0], geometry, inputs.count > 2 ? inputs[2] : nil)
    calls[ObjectIdentifier(inputs[1])]?.append(call)
    _ = try? outputs[0].addHook { gradient in
      call.gradient = gradient.detach()
      return nil
    }
  }
}

extension LayerWatch.Call {
  /// How many examples there were: rows of a linear layer, images of a convolution.
  var examples: Int { input.shape[0] }

  /// The sum over examples and places of ā·āᵀ, where ā is what a weight of an output sees; `withBias`: and a one.
  func inward(_ dtype: DType, withBias: Bool) throws(SNNError) -> Tensor {
    var rows = try patches.cast(to: dtype)
    if withBias { rows = try .cat([rows, .full([rows.shape[0], 1], 1, dtype)], 1) }
    return try rows.transpose(0, 1).matmul(rows)
  }

  /// The sum over examples, and the mean over the places of each, of g·gᵀ, where g is the gradient of the outputs.
  func outward(_ dtype: DType) throws(SNNError) -> Tensor {
    var rows = try gradient.unsafelyUnwrapped.cast(to: dtype)
    let places = rows.shape.dropFirst(2).reduce(1, *)
    if rows.rank > 2 { rows = try rows.flatten(2, -1).transpose(1, 2).flatten(0, 1) }
    return try rows.transpose(0, 1).matmul(rows) / .int(max(places, 1))
  }

  /// A row for each example and place.
  private var patches: Tensor {
    get throws(SNNError) {
      guard let geometry else { return input }
      var x = input
      // What is needed behind the last place: 'same' pads unevenly.
      var padding: [Int] = []
      for i in geometry.kernel.indices.reversed() {
        let reach = (geometry.ySize[i] - 1) * geometry.stride[i] + (geometry.kernel[i] - 1) * geometry.dilation[i] + 1
        padding += [geometry.padding[i], max(0, reach - geometry.xSize[i] - geometry.padding[i])]
      }
      x = try x.padded(padding, with: 0)
      func pair(_ numbers: [Int]) -> [Int] { numbers.count == 1 ? [1] + numbers : numbers }
      if geometry.kernel.count == 1 { x = try x.unsqueeze(2) }
      let columns = try x.columns(
        ColumnArguments(
          kernel: pair(geometry.kernel), dilation: pair(geometry.dilation), padding: [0, 0],
          stride: pair(geometry.stride)))
      return try columns.transpose(1, 2).flatten(0, 1)
    }
  }
}
