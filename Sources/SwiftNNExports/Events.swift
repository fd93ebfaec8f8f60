import CSwiftNN
import SwiftNN

/// Nil: now.
private func moment(_ time: Double) -> Double? { time.isNaN ? nil : time }

private func add(
  _ writer: OpaquePointer?, _ tag: UnsafePointer<CChar>?, _ function: StaticString, _ error: ErrorPointer,
  _ body: (EventWriter, String) throws(SNNError) -> Void
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let writer: EventWriter = try required(writer, function, "writer")
    try body(writer, String(cString: required(tag, function, "tag")))
  }
}

@_cdecl("snn_event_writer_open")
@implementation
public func snn_event_writer_open(
  _ folder: UnsafePointer<CChar>?, _ suffix: UnsafePointer<CChar>?, _ purge_step: Int64, _ time: Double,
  _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let folder = String(cString: try required(folder, "snn_event_writer_open", "folder"))
    let out = try required(out, "snn_event_writer_open", "out")
    let suffix = suffix.map { String(cString: $0) } ?? ""
    out.pointee = handle(
      try EventWriter(
        folder: folder, suffix: suffix, purgeStep: purge_step < 0 ? nil : Int(purge_step), time: moment(time)))
  }
}

@_cdecl("snn_event_writer_retain")
@implementation
public func snn_event_writer_retain(_ writer: OpaquePointer?) -> OpaquePointer? { retain(writer, EventWriter.self) }

@_cdecl("snn_event_writer_release")
@implementation
public func snn_event_writer_release(_ writer: OpaquePointer?) { release(writer, EventWriter.self) }

@_cdecl("snn_event_writer_path")
@implementation
public func snn_event_writer_path(
  _ writer: OpaquePointer?, _ out: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let writer: EventWriter = try required(writer, "snn_event_writer_path", "writer")
    try required(out, "snn_event_writer_path", "out").pointee = ownedText(writer.path)
  }
}

@_cdecl("snn_event_scalar")
@implementation
public func snn_event_scalar(
  _ writer: OpaquePointer?, _ tag: UnsafePointer<CChar>?, _ value: Double,
  _ precision: snn_event_precision, _ step: Int64, _ time: Double, _ error: ErrorPointer
) -> snn_status {
  add(writer, tag, "snn_event_scalar", error) { writer, tag throws(SNNError) in
    guard let known = EventWriter.Precision(rawValue: Int32(truncatingIfNeeded: precision.rawValue)) else {
      throw SNNError(.argument, "snn_event_scalar: there is no precision \(precision.rawValue)")
    }
    try writer.add(scalar: value, tag, step: Int(step), as: known, time: moment(time))
  }
}

@_cdecl("snn_event_text")
@implementation
public func snn_event_text(
  _ writer: OpaquePointer?, _ tag: UnsafePointer<CChar>?, _ text: UnsafePointer<CChar>?, _ step: Int64, _ time: Double,
  _ error: ErrorPointer
) -> snn_status {
  add(writer, tag, "snn_event_text", error) { writer, tag throws(SNNError) in
    let text = String(cString: try required(text, "snn_event_text", "text"))
    try writer.add(text: text, tag, step: Int(step), time: moment(time))
  }
}

@_cdecl("snn_event_histogram")
@implementation
public func snn_event_histogram(
  _ writer: OpaquePointer?, _ tag: UnsafePointer<CChar>?, _ values: OpaquePointer?, _ limits: UnsafePointer<Double>?,
  _ limit_count: Int, _ most_bins: Int64, _ step: Int64, _ time: Double, _ error: ErrorPointer
) -> snn_status {
  add(writer, tag, "snn_event_histogram", error) { writer, tag throws(SNNError) in
    let values: Tensor = try required(values, "snn_event_histogram", "values")
    let limits = limits == nil ? nil : try doubles(limits, limit_count, "snn_event_histogram", "limits")
    try writer.add(
      histogram: values, tag, step: Int(step), limits: limits, mostBins: most_bins == 0 ? nil : Int(most_bins),
      time: moment(time))
  }
}

@_cdecl("snn_event_image")
@implementation
public func snn_event_image(
  _ writer: OpaquePointer?, _ tag: UnsafePointer<CChar>?, _ image: OpaquePointer?, _ channels_first: Bool,
  _ step: Int64, _ time: Double, _ error: ErrorPointer
) -> snn_status {
  add(writer, tag, "snn_event_image", error) { writer, tag throws(SNNError) in
    let image: Tensor = try required(image, "snn_event_image", "image")
    try writer.add(image: image, tag, step: Int(step), channelsFirst: channels_first, time: moment(time))
  }
}

@_cdecl("snn_event_flush")
@implementation
public func snn_event_flush(_ writer: OpaquePointer?, _ error: ErrorPointer) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let writer: EventWriter = try required(writer, "snn_event_flush", "writer")
    try writer.flush()
  }
}
