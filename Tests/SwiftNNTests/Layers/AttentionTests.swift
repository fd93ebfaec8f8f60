import Testing

@testable import SwiftNN

/// Attention, transformers and models as Swift users write them.
@Suite struct AttentionTests {
  private func numbers(_ shape: [Int], _ seed: UInt64, _ dtype: DType = .float64) throws -> Tensor {
    try Tensor.normal(shape, mean: 0, std: 1, dtype, Generator(seed: seed))
  }

  /// The blocked kernel against the formula that stores all scores, in both directions.
  @Test(arguments: [DType.float32, .float64], [false, true])
  func blocksAreTheFormula(dtype: DType, isCausal: Bool) throws {
    let q = try numbers([2, 4, 150, 5], 1, dtype).leaf()
    let k = try numbers([2, 2, 270, 5], 2, dtype).leaf()
    let v = try numbers([2, 2, 270, 3], 3, dtype).leaf()
    let mask = try (numbers([150, 270], 4) > 0.5).logicalNot()
    let scale = 1 / 5.0.squareRoot()
    let blocked = try q.attention(key: k, value: v, mask: mask, isCausal: isCausal, sharesHeads: true, past: 100)
    let weights = try q.attentionWeights(
      k.repeatedHeads(2), mask, scale: scale, past: isCausal ? 100 : nil)
    let formula = try weights.matmul(v.repeatedHeads(2))
    let seed = try numbers(Array(blocked.shape), 5, dtype)
    let found = try Gradients.of([blocked], withRespectTo: [q, k, v], seeds: [seed])
    let expected = try Gradients.of([formula], withRespectTo: [q, k, v], seeds: [seed])
    let tolerance: Double = dtype == .float64 ? 1e-11 : 2e-4
    for (a, b) in zip([blocked] + found.compactMap { $0 }, [formula] + expected.compactMap { $0 }) {
      #expect(try (a - b).abs().amax(Array(0..<a.rank)).item().double < tolerance)
    }
  }

  @Test func aRowThatSeesNothingGivesZeros() throws {
    let (q, k) = (try numbers([3, 4], 1).leaf(), try numbers([5, 4], 2).leaf())
    let mask = try Tensor([true, true, true, false, false, false, true, true, true], [3, 3])
      .cast(to: .bool).pad([0, 2])
    let result = try q.attention(key: k, value: k, mask: mask)
    #expect(try result.select(0, 1).array(of: Double.self) == [0, 0, 0, 0])
    try result.sum().backward()
    #expect(try q.gradient?.select(0, 1).array(of: Double.self) == [0, 0, 0, 0])
    #expect(try k.gradient?.isFinite().all().item().double == 1)
  }

  @Test func transformersAreMadeAndPrinted() throws {
    var options = TransformerOptions()
    (options.feedforward, options.dropout, options.batchFirst) = (12, 0, true)
    let model = try Transformer(8, 2, numEncoderLayers: 2, numDecoderLayers: 1, options)
    let (source, target) = (try numbers([3, 5, 8], 1, .float32), try numbers([3, 4, 8], 2, .float32))
    var masks = DecoderMasks()
    masks.target = try Transformer.squareSubsequentMask(4)
    #expect(try model(source, target, masks).shape == [3, 4, 8])
    let names = model.state.filter { $0.cell.tensor != nil }.map(\.name)
    #expect(names.contains("encoder.layers.1.self_attn.out_proj.weight"))
    #expect(names.contains("decoder.layers.0.multihead_attn.in_proj_weight"))
    #expect(names.last == "decoder.norm.bias")
    #expect(model.text.contains("(0-1): 2 x TransformerEncoderLayer("))
    #expect(
      model.text.contains("(out_proj): NonDynamicallyQuantizableLinear(in_features=8, out_features=8, bias=True)"))
    let first = try #require(model.encoder.layers[0] as? TransformerEncoderLayer)
    let second = try #require(model.encoder.layers[1] as? TransformerEncoderLayer)
    #expect(first.linear1.weight !== second.linear1.weight)
    let text = message { _ = try model(source, target.narrow(0, 0, 2)) }
    #expect(text?.hasPrefix("Transformer: the batch number of src and tgt must be equal") == true)
  }

  @Test func layersOfLayersAreMadeByName() throws {
    func made(_ name: String, _ values: [Value]) throws -> any Layer {
      try LayerDeclaration.named(name).make(values).layer
    }
    let layer = try made("TransformerDecoderLayer", [.int(8), .int(2), .int(12), .float(0)])
    let norm = try made("LayerNorm", [.int(8)])
    let decoder = try made("TransformerDecoder", [.layer(layer), .int(2), .layer(norm)])
    let inputs = [try numbers([4, 3, 8], 1, .float32), try numbers([5, 3, 8], 2, .float32)]
    #expect(try decoder.forward(inputs)[0].shape == [4, 3, 8])
    let text = message { _ = try made("TransformerEncoder", [.layer(layer), .int(2)]) }
    #expect(text == "TransformerEncoder: expects a TransformerEncoderLayer, got TransformerDecoderLayer")
  }

  @Test func modelsDecodeWithACache() throws {
    var options = GPT2Options()
    (options.vocabularySize, options.positions, options.width, options.layers, options.heads) = (20, 30, 8, 2, 2)
    let model = try GPT2LMHeadModel(options)
    model.eval()
    let ids = try Tensor((0..<12).map { ($0 * 7) % 20 }, [1, 12])
    try Gradients.with(enabled: false) { () throws(SNNError) in
      let whole = try model(ids)
      for place in 0..<12 {
        let step = try model(ids.narrow(1, place, 1), mask: nil, cachePosition: place)
        let difference = try (step - whole.narrow(1, place, 1)).abs().amax([0, 1, 2]).item().double
        #expect(difference < 1e-5)
      }
    }
    #expect(model.present.map(\.name).last == "lm_head.weight")
    #expect(model.parameters.count == model.present.count - 1)
  }
}
