extension Loader {
  /// The next batch, and what the order of the examples depends on.
  public var state: String {
    JSON.object([
      ("epoch", "\(epoch)"), ("batch", "\(batch)"), ("seed", "\(options.seed)"), ("examples", "\(dataset.count)"),
    ])
  }

  /// Goes on where another loader of these examples stood; its seed is taken over.
  public func load(state: String) throws(SNNError) {
    var (epoch, batch, examples) = (0, 0, 0)
    var seed: UInt64?
    var text = state
    let mistake: JSONReader.Mistake? = text.withUTF8 { bytes in
      var reader = JSONReader(bytes)
      do throws(JSONReader.Mistake) {
        try reader.object { (reader, name) throws(JSONReader.Mistake) in
          switch name {
          case "epoch": epoch = try reader.integer()
          case "batch": batch = try reader.integer()
          case "examples": examples = try reader.integer()
          case "seed": seed = UInt64(try reader.word())
          default: try reader.skip()
          }
        }
        try reader.end()
        return nil
      } catch { return error }
    }
    if let mistake { throw .argument("Loader: \(mistake.text)") }
    guard let seed else { throw .argument("Loader: the state has no seed") }
    guard examples == dataset.count else {
      throw .argument("Loader: the state is one of \(examples) examples, not \(dataset.count)")
    }
    try check(epoch: epoch)
    let count = options.sampling.count(epoch: epoch, of: examples).map { options.batches(epoch, of: $0) }
    guard batch <= count ?? .max else {
      throw .argument("Loader: epoch \(epoch) has \(count ?? 0) batches, and no number \(batch)")
    }
    go(to: epoch, batch: batch, seed: seed)
  }
}
