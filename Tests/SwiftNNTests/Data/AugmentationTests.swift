import Testing

@testable import SwiftNN

@Suite struct AugmentationTests {
  private func images(_ count: Int = 64) throws -> Tensor {
    try Tensor((0..<(count * 24)).map { Float($0) }, [count, 2, 3, 4])
  }

  /// How each image of a batch was changed: the name of the change that gives it.
  private func changes(_ changed: Tensor, _ original: Tensor, _ names: [(String, Tensor)]) throws -> [String] {
    try (0..<original.shape[0]).map { i in
      let got: [Float] = try changed.narrow(0, i, 1).array()
      return try names.first { try $0.1.narrow(0, i, 1).array() == got }?.0 ?? "?"
    }
  }

  @Test(arguments: [("RandomHorizontalFlip", 3), ("RandomVerticalFlip", 2)])
  func eachImageIsFlippedByItself(name: String, axis: Int) throws {
    let x = try images()
    let label = try Tensor([1.0])
    let declaration = try #require(Registry.augmentations.first { $0.name == name })
    let flip = try declaration([.float(0.25)])
    let result = try flip.apply([x, label], Generator(seed: 1))
    #expect(result[1] === label)
    let found = try changes(result[0], x, [("flipped", x.flip([axis])), ("same", x)])
    #expect(Set(found) == ["flipped", "same"] && (6...28).contains(found.count { $0 == "flipped" }))
    let always = try declaration([.float(1)])
    #expect(try always.apply([x], .default)[0].array() == x.flip([axis]).array())
    #expect(try flip.apply([x], Generator(seed: 1))[0].array() == result[0].array())
  }

  @Test func cropsLieAnywhere() throws {
    let x = try images(200)
    let crop = try Augmentations.randomCrop(size: [2, 3])
    let result = try crop.apply([x], Generator(seed: 2))[0]
    #expect(Array(result.shape) == [200, 2, 2, 3])
    var places: [(String, Tensor)] = []
    for top in 0...1 {
      for left in 0...1 { places.append(("\(top)\(left)", try x.narrow(2, top, 2).narrow(3, left, 3))) }
    }
    let found = try changes(result, x, places)
    #expect(Set(found) == ["00", "01", "10", "11"])
  }

  @Test func cropsArePadded() throws {
    let x = try images(1)
    func shape(_ size: [Int], _ padding: [Int]?, needed: Bool = false) throws -> [Int] {
      try Array(
        Augmentations.randomCrop(size: size, padding: padding, padIfNeeded: needed).apply([x], .default)[0].shape)
    }
    #expect(try shape([7, 8], [2]) == [1, 2, 7, 8])
    #expect(try shape([5, 10], [3, 1]) == [1, 2, 5, 10])
    #expect(try shape([9, 8], [1, 2, 3, 4]) == [1, 2, 9, 8])
    #expect(try shape([9, 9], nil, needed: true) == [1, 2, 9, 9])
    let whole = try Augmentations.randomCrop(size: [5, 10], padding: [3, 1], fill: 7).apply([x], .default)[0]
    #expect(try whole.array() == x.pad([3, 3, 1, 1], value: 7).array())
    let reflected = try Augmentations.randomCrop(size: [5, 6], padding: [1], paddingMode: "reflect").apply(
      [x], .default)[0]
    #expect(try reflected.array() == x.pad([1, 1, 1, 1], mode: "reflect").array())
    #expect(throws: SNNError(.argument, "RandomCrop: Required crop size (4, 4) is larger than input image size (3, 4)"))
    {
      try shape([4, 4], nil)
    }
    for (size, padding) in [([0], nil), ([], nil), ([1, 2, 3], nil), ([1], [1, 2, 3]), ([1], [-1])] as [([Int], [Int]?)]
    {
      #expect(throws: SNNError.self) { try shape(size, padding) }
    }
  }

  @Test func noiseIsNormal() throws {
    let x = try Tensor.full([8, 1, 50, 50], 0.5, .float32)
    let noisy = try Augmentations.gaussianNoise(mean: 0.1, sigma: 0.05).apply([x], Generator(seed: 3))[0]
    #expect(try abs(noisy.mean().item().double - 0.6) < 0.002)
    #expect(try abs(noisy.variance().item().double.squareRoot() - 0.05) < 0.002)
    let strong = try Augmentations.gaussianNoise(sigma: 10).apply([x], .default)[0]
    #expect(try strong.amin().item().double == 0 && strong.amax().item().double == 1)
    let free = try Augmentations.gaussianNoise(sigma: 10, clip: false).apply([x], .default)[0]
    #expect(try free.amin().item().double < -5)
    #expect(throws: SNNError.self) { try Augmentations.gaussianNoise().apply([x.cast(to: .uint8)], .default) }
  }

  @Test func channelsAreNormalized() throws {
    let x = try images(2)
    let result = try Augmentations.normalize(mean: [1, 2], std: [2, 4]).apply([x], .default)[0]
    let expected = (0..<48).map { i -> Float in
      let isFirst = i / 12 % 2 == 0
      return (Float(i) - (isFirst ? 1 : 2)) / (isFirst ? 2 : 4)
    }
    #expect(try result.array() == expected)
    #expect(throws: SNNError.self) {
      try Augmentations.normalize(mean: [1, 2, 3], std: [1, 1, 1]).apply([x], .default)
    }
    #expect(throws: SNNError.self) { try Augmentations.normalize(mean: [0], std: [0]) }
    #expect(throws: SNNError.self) {
      try Augmentations.normalize(mean: [1, 2], std: [1, 1]).apply([Tensor([1.0])], .default)
    }
    #expect(throws: SNNError.self) { try Augmentations.normalize(mean: [1, 2], std: [1, 1]).apply([], .default) }
  }
}
