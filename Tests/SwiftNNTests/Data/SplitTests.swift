import Testing

@testable import SwiftNN

/// The splits of scikit-learn: see Golden/splits/make.py.
@Suite struct SplitTests {
  private struct Case: Decodable {
    let kind: String
    let examples: Int
    let labels: Int
    let uneven: Bool
    let result: Int?
    let error: String?
    let nSplits: Int?
    let nRepeats: Int?
    let shuffle: Bool?
    let randomState: Int?
    let testSize: Double?
    let trainSize: Double?
    let maxTrainSize: Int?
    let gap: Int?

    /// A whole number counts, another is a share.
    private func share(_ size: Double?) -> Share? { size.map { $0 >= 1 ? .count(Int($0)) : .of($0) } }

    func made() throws(SNNError) -> Splits {
      let labels = (0..<examples).map { i in
        self.labels == 0
          ? 0 : max((i * i + i / 3) % self.labels, uneven ? (i + 5) % self.labels : 0)
      }
      let folds = nSplits ?? 5
      let seed = UInt32(randomState ?? 0)
      let repeats = nRepeats ?? 1
      let shuffles = shuffle ?? (repeats > 1)
      let shares = Shares(test: share(testSize), train: share(trainSize))
      switch kind {
      case "KFold", "RepeatedKFold":
        return try .kFold(examples: examples, folds: folds, shuffle: shuffles, repeats: repeats, seed: seed)
      case "StratifiedKFold", "RepeatedStratifiedKFold":
        return try .stratifiedKFold(classes: labels, folds: folds, shuffle: shuffles, repeats: repeats, seed: seed)
      case "GroupKFold": return try .groupKFold(groups: labels, folds: folds, shuffle: shuffles, seed: seed)
      case "LeaveOneOut": return try .leaveOneOut(examples: examples)
      case "LeaveOneGroupOut": return try .leaveOneGroupOut(groups: labels)
      case "ShuffleSplit": return try .shuffle(examples: examples, splits: folds, shares, seed: seed)
      case "StratifiedShuffleSplit": return try .stratifiedShuffle(classes: labels, splits: folds, shares, seed: seed)
      case "GroupShuffleSplit": return try .groupShuffle(groups: labels, splits: folds, shares, seed: seed)
      case "TimeSeriesSplit":
        return try .timeSeries(
          examples: examples, splits: folds, maxTrainSize: maxTrainSize, testSize: testSize.map { Int($0) },
          gap: gap ?? 0)
      default: throw SNNError(.name, "there is no \(kind)")
      }
    }
  }

  private func number(_ numbers: [Int]) -> Int {
    let modulus = (1 << 61) - 1
    return numbers.reduce(0) { value, item in
      let wide = value.multipliedFullWidth(by: 1_000_003)
      return (modulus.dividingFullWidth(wide).remainder + item + 1) % modulus
    }
  }

  @Test func allEqualThoseOfScikitLearn() throws {
    let cases: [Case] = try Golden.read("splits.json")
    #expect(cases.count > 400)
    for one in cases {
      do {
        let got = Array(try one.made()).flatMap { [number($0.train), number($0.test)] }
        #expect(number(got) == one.result, "\(one)")
      } catch {
        #expect(error.message == one.error, "\(one)")
      }
    }
  }

  @Test func mistakes() {
    func text(_ make: () throws(SNNError) -> Splits) -> String {
      do throws(SNNError) {
        _ = try make()
        return ""
      } catch { return error.message }
    }
    #expect(text { () throws(SNNError) in try .kFold(examples: 10, folds: 1) }.contains("n_splits=2 or more"))
    #expect(text { () throws(SNNError) in try .kFold(examples: 3, folds: 4) }.contains("n_samples=3"))
    #expect(text { () throws(SNNError) in try .kFold(examples: -1) }.contains("-1"))
    #expect(text { () throws(SNNError) in try .kFold(examples: .max) }.contains("2^30"))
    #expect(text { () throws(SNNError) in try .kFold(examples: 9, repeats: 0) }.contains("repetitions"))
    #expect(text { () throws(SNNError) in try .leaveOneOut(examples: 1) }.contains("n_samples=1"))
    #expect(text { () throws(SNNError) in try .leaveOneGroupOut(groups: [4, 4]) }.contains("fewer than 2"))
    #expect(text { () throws(SNNError) in try .groupKFold(groups: [1, 1, 2], folds: 3) }.contains("groups: 2"))
    #expect(text { () throws(SNNError) in try .shuffle(examples: 10, splits: 0) }.contains("n_splits"))
    #expect(text { () throws(SNNError) in try .shuffle(examples: 10, Shares(test: .of(1.5))) }.contains("1.5"))
    #expect(text { () throws(SNNError) in try .shuffle(examples: 10, Shares(test: .of(.nan))) }.contains("nan"))
    #expect(text { () throws(SNNError) in try .timeSeries(examples: 10, testSize: .max) }.contains("Too many"))
    #expect(text { () throws(SNNError) in try .timeSeries(examples: 10, gap: .max) }.contains("Too many"))
  }

  @Test(arguments: [0, 1, 9, 10, 11, 105, 1000]) func partsAreEightyTenAndTen(count: Int) throws {
    let parts = try Splits.parts(examples: count, seed: 3)
    #expect(parts.count == 3)
    #expect(parts.flatMap(\.self).sorted() == Array(0..<count))
    for (part, share) in zip(parts, [0.8, 0.1, 0.1]) { #expect(abs(Double(part.count) - share * Double(count)) <= 1) }
    let ordered = try Splits.parts(examples: count, shuffle: false)
    #expect(ordered.flatMap(\.self) == Array(0..<count))
  }

  @Test func partsKeepTheSharesOfClasses() throws {
    let classes = (0..<200).map { $0 % 20 == 0 ? 7 : -1 }
    let parts = try Splits.parts(examples: 200, classes: classes, seed: 1)
    #expect(parts.map(\.count) == [160, 20, 20])
    #expect(parts.map { part in part.count { classes[$0] == 7 } } == [8, 1, 1])
    #expect(parts.flatMap(\.self).sorted() == Array(0..<200))
    for shares in [[0.5], [0.5, 0.6], [-0.5, 1.5], [.nan, 1], []] {
      #expect(throws: SNNError.self) { try Splits.parts(examples: 10, shares) }
    }
    #expect(throws: SNNError.self) { try Splits.parts(examples: 10, classes: [1]) }
  }
}
