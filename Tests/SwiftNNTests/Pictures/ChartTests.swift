import Foundation
import Testing

@testable import SwiftNN

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// Pictures: where marks stand, what is written, and that it is XML.
@Suite struct ChartTests {
  private func marks(_ low: Double, _ high: Double, log: Bool = false, whole: Bool = false) -> [String] {
    Ticks(low, high, count: 6, isLogarithmic: log, isWhole: whole).marks.map { mark in
      mark.text + (mark.power.map { "^\($0)" } ?? "")
    }
  }

  @Test func marksAreNice() {
    #expect(marks(0, 1) == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"])
    #expect(marks(-0.05, 1.05) == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"])
    #expect(marks(0, 1.4) == ["0.00", "0.25", "0.50", "0.75", "1.00", "1.25"])
    #expect(marks(1, 4, whole: true) == ["1", "2", "3", "4"])
    #expect(marks(0, 14, whole: true) == ["0", "5", "10"])
    #expect(marks(1e-9, 3e-9) == ["1.0", "1.5", "2.0", "2.5", "3.0"])
    #expect(marks(0.002, 50, log: true) == ["0.01", "0.1", "1", "10"])
    #expect(marks(1e-8, 1e8, log: true) == ["10^-8", "10^-5", "10^-2", "10^1", "10^4", "10^7"])
    #expect(marks(2, 9, log: true) == ["2", "4", "6", "8"])
  }

  @Test func numbersAreShort() {
    #expect(
      [0, -0.001, 1.5, 1.256, -12.04, 1e300, .nan].map(SVG.number) == ["0", "0", "1.5", "1.26", "-12.04", "30000", "0"])
  }

  private func isXML(_ chart: Chart) -> Bool {
    let parser = XMLParser(data: Data(chart.svg.utf8))
    return parser.parse()
  }

  @Test func chartsAreXML() throws {
    var options = Chart.Options(title: "a & <b> \"c\" \u{1}", xLabel: "x", yLabel: "y")
    options.hasLogarithmicX = true
    let series = Chart.Series("é <", y: [1, .nan, 3, 4])
    #expect(try isXML(.lines([series], options)))
    #expect(try isXML(.roc([Chart.Series("", x: [0, 1], y: [0, 1])], areas: [0.5])))
    #expect(try isXML(.precisionRecall([Chart.Series("m", x: [1, 0], y: [0.5, 1])], positives: 0.5)))
    #expect(try isXML(.confusion([1, 2, 3, 4], classes: 2, names: ["<", "&"], isNormalized: true)))
    #expect(try isXML(.residuals(actual: [1, 2, 3], predicted: [1, 2.5, 2])))
  }

  @Test func theSameNumbersGiveTheSameBytes() throws {
    let series = Chart.Series("a", y: (0..<5000).map { Double($0 % 97) })
    let svg = try Chart.lines([series]).svg
    #expect(try svg == Chart.lines([series]).svg)
    #expect(svg.utf8.count < 60_000)
  }

  @Test func lonePointsAndGaps() {
    let trace = Trace([(0, 0), (.nan, 0), (2, 1), (3, 2)], isSteps: false)
    #expect(trace.path == "M2 1L3 2" && trace.alone.map(\.x) == [0])
    #expect(Trace([(0, 0), (5, 1)], isSteps: true).path == "M0 0H5V1")
    // Of a column of pixels, what is first, last, lowest and highest.
    let thinned = Trace([(0, 5), (0.1, 9), (0.2, 6), (0.3, 1), (0.4, 3), (2, 2)], isSteps: false)
    #expect(thinned.path == "M0 5L0.1 9L0.3 1L0.4 3L2 2")
    #expect(Trace.apart([(0, 0), (1, 1), (2, 2), (.nan, 1), (9, 9)], cell: 2).map(\.x) == [0, 2, 9])
  }

  @Test func learningCurvesPairTheirColours() throws {
    var history = History()
    for epoch in 1...3 {
      let values = [("loss", 1.0), ("val_loss", 2), ("accuracy", 0.5), ("val_accuracy", 0.25)]
      history.rows.append(
        History.Row(epoch: epoch, step: epoch, seconds: 0, values: values.map { (name: $0, value: $1 / Double(epoch)) })
      )
    }
    let both = try Chart.learningCurves(history).svg
    #expect(both.contains(">val_loss<") && !both.contains("accuracy") && !both.contains(Colour.series[1]))
    let all = try Chart.learningCurves(history, names: history.names).svg
    #expect(all.contains(Colour.series[0]) && all.contains(Colour.series[1]) && !all.contains(Colour.series[2]))
    #expect(throws: SNNError.self) { try Chart.learningCurves(history, names: ["x"]) }
  }

  @Test func chartsAreSaved() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).svg").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let chart = try Chart.lines([Chart.Series("a", y: [1, 2])])
    try chart.save(to: path)
    #expect(try String(contentsOfFile: path, encoding: .utf8) == chart.svg)
    #expect(throws: SNNError.self) { try chart.save(to: "/none/a.svg") }
    #expect(throws: SNNError.self) { try Chart.lines([Chart.Series("a", x: [1], y: [1, 2])]) }
  }
}
