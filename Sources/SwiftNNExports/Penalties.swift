import CSwiftNN
import SwiftNN

/// Parameters with their names.
private func named(
  _ names: UnsafePointer<UnsafePointer<CChar>?>?, _ handles: UnsafePointer<OpaquePointer?>?, _ count: Int,
  _ function: StaticString
) throws(SNNError) -> [(name: String, tensor: Tensor)] {
  let all = try tensors(handles, count, function, "parameters")
  let texts = try words(names, count, function, "names")
  return zip(texts, all).map { (name: $0, tensor: $1) }
}

func selection(_ given: UnsafePointer<snn_selection>?, _ function: StaticString) throws(SNNError)
  -> ParameterSelection
{
  guard let given = given?.pointee else { return ParameterSelection() }
  let patterns =
    given.patterns == nil ? [] : try words(given.patterns, given.pattern_count, function, "patterns")
  return ParameterSelection(patterns, includesVectors: given.vectors)
}

/// A penalty as its kind and its options say, without anchors.
func penalty(
  _ kind: UnsafePointer<CChar>?, _ strength: Double, _ options: UnsafePointer<snn_penalty_options>?,
  _ function: StaticString
) throws(SNNError) -> Penalty {
  let word = String(cString: try required(kind, function, "kind"))
  guard let kind = Penalty.Kind(rawValue: word) else {
    throw SNNError(.name, "penalty: there is no kind '\(word)'")
  }
  let given = options?.pointee
  let text = given?.scale.map { String(cString: $0) } ?? Penalty.Scale.whole.rawValue
  guard let scale = Penalty.Scale(rawValue: text) else {
    throw SNNError(.name, "penalty: there is no scale '\(text)'")
  }
  let examples = given?.examples ?? 0
  return try Penalty(
    kind, strength, scale: scale, examples: examples == 0 ? 1 : examples, ratio: given?.ratio ?? 0.5)
}

@_cdecl("snn_penalty")
@implementation
public func snn_penalty(
  _ kind: UnsafePointer<CChar>?, _ strength: Double, _ names: UnsafePointer<UnsafePointer<CChar>?>?,
  _ parameters: UnsafePointer<OpaquePointer?>?, _ count: Int, _ options: UnsafePointer<snn_penalty_options>?,
  _ selected: UnsafePointer<snn_selection>?, _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let penalty = try penalty(kind, strength, options, "snn_penalty")
    let out = try required(out, "snn_penalty", "out")
    let all = try named(names, parameters, count, "snn_penalty")
    let anchors = options?.pointee.anchors
    let ends = anchors == nil ? [] : try tensors(anchors, count, "snn_penalty", "anchors")
    out.pointee = handle(try penalty(all, anchors: ends, selection(selected, "snn_penalty")))
  }
}

@_cdecl("snn_proximal_l1")
@implementation
public func snn_proximal_l1(
  _ names: UnsafePointer<UnsafePointer<CChar>?>?, _ parameters: UnsafePointer<OpaquePointer?>?, _ count: Int,
  _ threshold: Double, _ selected: UnsafePointer<snn_selection>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    try Constraints.shrink(
      named(names, parameters, count, "snn_proximal_l1"), threshold: threshold, selection(selected, "snn_proximal_l1"))
  }
}

@_cdecl("snn_limit_norm")
@implementation
public func snn_limit_norm(
  _ names: UnsafePointer<UnsafePointer<CChar>?>?, _ parameters: UnsafePointer<OpaquePointer?>?, _ count: Int,
  _ max_norm: Double, _ p: Double, _ dim: Int64, _ selected: UnsafePointer<snn_selection>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    try Constraints.limitNorm(
      named(names, parameters, count, "snn_limit_norm"), maxNorm: max_norm, p, dim: Int(dim),
      selection(selected, "snn_limit_norm"))
  }
}

@_cdecl("snn_gradient_report")
@implementation
public func snn_gradient_report(
  _ names: UnsafePointer<UnsafePointer<CChar>?>?, _ parameters: UnsafePointer<OpaquePointer?>?, _ count: Int,
  _ thresholds: UnsafePointer<snn_gradient_thresholds>?, _ rows: UnsafeMutablePointer<snn_gradient_row>?,
  _ text: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    var limits = GradientReport.Thresholds()
    if let given = thresholds?.pointee {
      (limits.vanishing, limits.exploding, limits.dead) = (given.vanishing, given.exploding, given.dead)
    }
    let report = try GradientReport(named(names, parameters, count, "snn_gradient_report"), limits)
    if let rows {
      for (i, row) in report.rows.enumerated() {
        rows[i] = snn_gradient_row(
          norm: row.norm, gradient_norm: row.gradientNorm, gradient_size: row.gradientSize, zeros: row.zeros,
          verdict: snn_gradient_verdict(rawValue: UInt32(row.verdict.rawValue)))
      }
    }
    text?.pointee = ownedText(report.description)
  }
}
