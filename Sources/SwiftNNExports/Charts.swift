import CSwiftNN
import SwiftNN

private func options(
  _ given: UnsafePointer<snn_chart_options>?, _ function: StaticString, _ standard: Chart.Options = Chart.Options()
) throws(SNNError) -> Chart.Options {
  var options = standard
  guard let given = given?.pointee else { return options }
  guard given.size >= MemoryLayout<snn_chart_options>.size else {
    throw SNNError(.argument, "\(function): 'options' of \(given.size) bytes are older than this library")
  }
  options.title = given.title.map { String(cString: $0) } ?? ""
  options.xLabel = given.x_label.map { String(cString: $0) }
  options.yLabel = given.y_label.map { String(cString: $0) }
  if given.width != 0 { options.width = given.width }
  if given.height != 0 { options.height = given.height }
  (options.hasLogarithmicX, options.hasLogarithmicY) = (given.log_x, given.log_y)
  options.xRange = given.x_range.map { ($0[0], $0[1]) }
  options.yRange = given.y_range.map { ($0[0], $0[1]) }
  return options
}

private func series(
  _ given: UnsafePointer<snn_series>?, _ count: Int, _ function: StaticString
) throws(SNNError) -> [Chart.Series] {
  guard count >= 0, count <= 1 << 16 else { throw SNNError(.argument, "\(function): got \(count) series") }
  if count == 0 { return [] }
  let given = try required(given, function, "series")
  var all: [Chart.Series] = []
  for i in 0..<count {
    let one = given[i]
    guard let style = Chart.Series.Style(rawValue: Int32(truncatingIfNeeded: one.style.rawValue)),
      (0...7).contains(one.colour)
    else { throw SNNError(.argument, "\(function): there is no style \(one.style.rawValue) of colour \(one.colour)") }
    let x = one.x == nil ? nil : try doubles(one.x, one.count, function, "x")
    all.append(
      Chart.Series(
        one.name.map { String(cString: $0) } ?? "", x: x, y: try doubles(one.y, one.count, function, "y"),
        style: style, colour: one.colour == 0 ? nil : Int(one.colour) - 1))
  }
  return all
}

/// Writes a chart to a file, or gives its bytes.
private func draw(
  _ path: UnsafePointer<CChar>?, _ data: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
  _ size: UnsafeMutablePointer<Int>?, _ function: StaticString, _ error: ErrorPointer,
  _ chart: () throws(SNNError) -> Chart
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let chart = try chart()
    if let path { return try chart.save(to: String(cString: path)) }
    try give(Array(chart.svg.utf8), data, size, function)
  }
}

@_cdecl("snn_chart_lines")
@implementation
public func snn_chart_lines(
  _ given: UnsafePointer<snn_series>?, _ count: Int, _ settings: UnsafePointer<snn_chart_options>?,
  _ path: UnsafePointer<CChar>?, _ data: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
  _ size: UnsafeMutablePointer<Int>?, _ error: ErrorPointer
) -> snn_status {
  draw(path, data, size, "snn_chart_lines", error) { () throws(SNNError) in
    try .lines(series(given, count, "snn_chart_lines"), options(settings, "snn_chart_lines"))
  }
}

@_cdecl("snn_chart_history")
@implementation
public func snn_chart_history(
  _ history: OpaquePointer?, _ names: UnsafePointer<UnsafePointer<CChar>?>?, _ count: Int,
  _ settings: UnsafePointer<snn_chart_options>?, _ path: UnsafePointer<CChar>?,
  _ data: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ size: UnsafeMutablePointer<Int>?, _ error: ErrorPointer
) -> snn_status {
  draw(path, data, size, "snn_chart_history", error) { () throws(SNNError) in
    let history: KeptHistory = try required(history, "snn_chart_history", "history")
    let names = names == nil ? nil : try words(names, count, "snn_chart_history", "names")
    return try .learningCurves(history.history, names: names, options(settings, "snn_chart_history"))
  }
}

@_cdecl("snn_chart_roc")
@implementation
public func snn_chart_roc(
  _ curves: UnsafePointer<snn_series>?, _ areas: UnsafePointer<Double>?, _ count: Int,
  _ settings: UnsafePointer<snn_chart_options>?, _ path: UnsafePointer<CChar>?,
  _ data: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ size: UnsafeMutablePointer<Int>?, _ error: ErrorPointer
) -> snn_status {
  draw(path, data, size, "snn_chart_roc", error) { () throws(SNNError) in
    let curves = try series(curves, count, "snn_chart_roc")
    let areas = areas == nil ? nil : try doubles(areas, count, "snn_chart_roc", "areas")
    return try .roc(curves, areas: areas, options(settings, "snn_chart_roc", Chart.square))
  }
}

@_cdecl("snn_chart_precision_recall")
@implementation
public func snn_chart_precision_recall(
  _ curves: UnsafePointer<snn_series>?, _ areas: UnsafePointer<Double>?, _ count: Int, _ positives: Double,
  _ settings: UnsafePointer<snn_chart_options>?, _ path: UnsafePointer<CChar>?,
  _ data: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ size: UnsafeMutablePointer<Int>?, _ error: ErrorPointer
) -> snn_status {
  draw(path, data, size, "snn_chart_precision_recall", error) { () throws(SNNError) in
    let curves = try series(curves, count, "snn_chart_precision_recall")
    let areas = areas == nil ? nil : try doubles(areas, count, "snn_chart_precision_recall", "areas")
    return try .precisionRecall(
      curves, areas: areas, positives: positives.isNaN ? nil : positives,
      options(settings, "snn_chart_precision_recall", Chart.square))
  }
}

@_cdecl("snn_chart_confusion")
@implementation
public func snn_chart_confusion(
  _ counts: UnsafePointer<Double>?, _ classes: Int, _ names: UnsafePointer<UnsafePointer<CChar>?>?,
  _ normalized: Bool, _ settings: UnsafePointer<snn_chart_options>?, _ path: UnsafePointer<CChar>?,
  _ data: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ size: UnsafeMutablePointer<Int>?, _ error: ErrorPointer
) -> snn_status {
  draw(path, data, size, "snn_chart_confusion", error) { () throws(SNNError) in
    guard (1...1 << 12).contains(classes) else {
      throw SNNError(.argument, "snn_chart_confusion: got \(classes) classes")
    }
    let names = names == nil ? nil : try words(names, classes, "snn_chart_confusion", "names")
    return try .confusion(
      doubles(counts, classes * classes, "snn_chart_confusion", "counts"), classes: classes, names: names,
      isNormalized: normalized, options(settings, "snn_chart_confusion", Chart.matrix))
  }
}

@_cdecl("snn_chart_residuals")
@implementation
public func snn_chart_residuals(
  _ actual: UnsafePointer<Double>?, _ predicted: UnsafePointer<Double>?, _ count: Int,
  _ settings: UnsafePointer<snn_chart_options>?, _ path: UnsafePointer<CChar>?,
  _ data: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ size: UnsafeMutablePointer<Int>?, _ error: ErrorPointer
) -> snn_status {
  draw(path, data, size, "snn_chart_residuals", error) { () throws(SNNError) in
    try .residuals(
      actual: doubles(actual, count, "snn_chart_residuals", "actual"),
      predicted: doubles(predicted, count, "snn_chart_residuals", "predicted"),
      options(settings, "snn_chart_residuals"))
  }
}
