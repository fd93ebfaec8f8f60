import Testing

@testable import SwiftNN

/// Messages begin with the operation that was called.
@Suite struct ErrorTests {
  @Test(arguments: [
    ("rand", "uniform_: no", "rand: uniform_: no"), ("add", "add: no", "add: no"), ("add_", "add: no", "add: no"),
    ("add_", "add_: no", "add_: no"), ("max.dim", "max: no", "max: no"), ("max.dim", "amax: no", "max: amax: no"),
    ("t", "the matrix", "t: the matrix"),
  ])
  func naming(_ operation: String, _ text: String, _ expected: String) {
    let error = SNNError(.shape, text).naming(operation)
    #expect(error.message == expected && error.code == .shape)
  }

  @Test func foreignErrorsKeepTheirWords() {
    struct Odd: Error {}
    #expect(SNNError.from(Odd()) == SNNError(.callback, "Odd()"))
    #expect(SNNError.from(SNNError(.shape, "x")) == SNNError(.shape, "x"))
  }

  @Test func rangesAndChoicesAreSaid() {
    let range = message { _ = try Registry.apply("dropout", [.tensor(.ones([2])), .float(1.5)]) }
    #expect(range == "dropout: p must be between 0.0 and 1.0, got 1.5")
    let word = message {
      _ = try Registry.apply("gelu", [.tensor(.ones([2])), .string("fast")])
    }
    let source = message {
      _ = try Registry.apply(
        "index_reduce",
        [.tensor(.ones([3])), .int(0), .tensor(.zeros([1], .int64)), .tensor(.ones([])), .string("prod")])
    }
    #expect(source == "index_reduce: source of shape [] must have as many dimensions as input of shape [3]")
    let groups = message { _ = try Registry.apply("group_norm", [.tensor(.zeros([2, 0, 3])), .int(.max)]) }
    #expect(groups?.hasPrefix("group_norm: Expected number of channels") == true)
    #expect(word == "gelu: approximate must be one of none, tanh, got 'fast'")
  }
}
