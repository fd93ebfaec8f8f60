/// Some examples of a dataset, in an order of their own.
public final class Subset: Dataset {
  private let whole: any Dataset
  public let numbers: [Int]

  public init(_ dataset: any Dataset, _ numbers: [Int]) throws(SNNError) {
    for number in numbers where number < 0 || number >= dataset.count {
      throw .index("Subset: there are \(dataset.count) examples, and no number \(number)")
    }
    whole = dataset
    self.numbers = numbers
  }

  public var count: Int { numbers.count }

  public func examples(_ numbers: [Int]) throws(SNNError) -> [Tensor] {
    var chosen: [Int] = []
    chosen.reserveCapacity(numbers.count)
    for number in numbers {
      guard self.numbers.indices.contains(number) else {
        throw .index("examples: there are \(count) examples, and no number \(number)")
      }
      chosen.append(self.numbers[number])
    }
    return try whole.examples(chosen)
  }
}

/// The examples of several datasets, one dataset after another.
public final class ConcatDataset: Dataset {
  private let datasets: [any Dataset]
  /// Where the examples of each dataset begin, and where those of the last end.
  private let starts: [Int]

  public init(_ datasets: [any Dataset]) throws(SNNError) {
    guard !datasets.isEmpty else { throw .argument("ConcatDataset: datasets should not be an empty iterable") }
    self.datasets = datasets
    var starts = [0]
    for dataset in datasets {
      let (sum, overflows) = starts[starts.count - 1].addingReportingOverflow(dataset.count)
      guard !overflows else { throw .argument("ConcatDataset: there are more than 2^63 examples") }
      starts.append(sum)
    }
    self.starts = starts
  }

  public var count: Int { starts[datasets.count] }

  public func examples(_ numbers: [Int]) throws(SNNError) -> [Tensor] {
    var wanted = Array(repeating: [Int](), count: datasets.count)
    var places = Array(repeating: [Int](), count: datasets.count)
    for (place, number) in numbers.enumerated() {
      guard number >= 0, number < count else {
        throw .index("examples: there are \(count) examples, and no number \(number)")
      }
      let source = (starts.firstIndex { $0 > number } ?? 1) - 1
      wanted[source].append(number - starts[source])
      places[source].append(place)
    }
    var pieces: [[Tensor]] = []
    var order = Array(repeating: 0, count: numbers.count)
    var position = 0
    for (source, dataset) in datasets.enumerated() where !wanted[source].isEmpty {
      pieces.append(try dataset.examples(wanted[source]))
      for place in places[source] {
        order[place] = position
        position += 1
      }
    }
    guard let first = pieces.first else { return try datasets[0].examples([]) }
    if pieces.count == 1 { return first }
    var parts: [Tensor] = []
    for part in first.indices {
      let all = try pieces.map { piece throws(SNNError) -> Tensor in
        guard piece.count == first.count else {
          throw .argument("ConcatDataset: one dataset has examples of \(first.count) parts, another of \(piece.count)")
        }
        return piece[part]
      }
      parts.append(try Tensor.cat(all).rows(order))
    }
    return parts
  }
}

/// Examples that have the parts of those of several datasets of one length.
public final class StackDataset: Dataset {
  private let datasets: [any Dataset]
  public let count: Int

  public init(_ datasets: [any Dataset]) throws(SNNError) {
    guard let first = datasets.first else { throw .argument("StackDataset: expects at least one dataset") }
    for dataset in datasets where dataset.count != first.count {
      throw .shape("StackDataset: Size mismatch between datasets: \(first.count) and \(dataset.count) examples")
    }
    self.datasets = datasets
    count = first.count
  }

  public func examples(_ numbers: [Int]) throws(SNNError) -> [Tensor] {
    var parts: [Tensor] = []
    for dataset in datasets { parts += try dataset.examples(numbers) }
    return parts
  }
}

/// Examples that a function gives. With workers, several threads call it at the same time.
public final class FunctionDataset: Dataset {
  public let count: Int
  private let function: ([Int]) throws -> [Tensor]

  public init(count: Int, _ function: @escaping (_ numbers: [Int]) throws -> [Tensor]) throws(SNNError) {
    guard count >= 0, count <= 1 << 48 else {
      throw .argument("FunctionDataset: expects between 0 and 2^48 examples, got \(count)")
    }
    self.count = count
    self.function = function
  }

  public func examples(_ numbers: [Int]) throws(SNNError) -> [Tensor] {
    for number in numbers where number < 0 || number >= count {
      throw .index("examples: there are \(count) examples, and no number \(number)")
    }
    let parts: [Tensor]
    do { parts = try function(numbers) } catch { throw SNNError.from(error) }
    guard !parts.isEmpty else { throw .argument("examples: the function gave no tensors") }
    for part in parts where part.rank == 0 || part.shape[0] != numbers.count {
      throw .shape("examples: the function was asked for \(numbers.count) examples, and gave shape \(part.shape)")
    }
    return parts
  }
}
